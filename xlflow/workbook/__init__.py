"""The file format: safe opening, lossless reading and writing, templates and summaries."""
