"""The `ptx` command line."""
