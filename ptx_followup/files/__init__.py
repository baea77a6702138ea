"""Files that come from outside and files that go out.

Bounds, the child process that reads, folders and files that are written whole.

May import what lies at the root alone.
"""
