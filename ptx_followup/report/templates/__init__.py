"""Templates of reports: boxes, tables, lists under a denial, and one value a side."""
