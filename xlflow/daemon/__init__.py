"""What runs for months: events, debouncing, worker processes, heartbeat, event log, service.

It imports the pass and the notifications; only Excel's side and the command line import it.
"""
