"""Touching people's files without losing an edit: opening, guarded replacing, lock files, mounts.

It imports the file format and the errors, and knows nothing of the store.
"""
