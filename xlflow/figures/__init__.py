"""What each figure is, the roll-up by SQL, and the rows behind a figure.

It reads the store and the meaning of deadlines, and writes nothing.
"""
