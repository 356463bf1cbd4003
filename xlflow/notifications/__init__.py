"""What is told to people: digests, addresses, transport and delivery of what the outbox holds.

It imports the store's outbox and the sentences; who calls it decides when.
"""
