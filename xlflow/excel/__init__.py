"""What runs in Excel: worksheet functions and ribbon; the build and installation of both.

It imports everything below it; only the command line imports it.
"""
