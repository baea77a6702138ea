"""The `ptx` command line: it assembles, prints, and holds no science.

May import every room; nothing imports it.
"""
