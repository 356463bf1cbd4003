"""One pass over the teams' folder: list, read, plan, carry out; and what looks without writing.

It joins process, the store, team files and the summary, and knows nothing of the daemon.
"""
