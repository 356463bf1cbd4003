"""Notices to people: digests, addresses, transport, and delivery of what is in the outbox.

It imports the store's outbox and the sentences; its callers decide when to send.
"""
