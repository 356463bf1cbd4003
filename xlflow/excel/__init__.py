"""Excel's side: worksheet functions, ribbon, and how master and add-in are built and installed.

It imports everything below it; only the command line imports it.
"""
