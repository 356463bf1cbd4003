"""Workbooks that xlflow makes to be filled in: team, master, and the demo's samples.

They follow from the schema, the look and the sentences alone.
"""
