"""What runs for months: events, debouncing, worker processes, heartbeat, event log, service.

It imports the pass and the notifications, and only the doors (Excel's and the command line) import it.
"""
