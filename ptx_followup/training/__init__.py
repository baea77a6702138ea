"""Training a network on a data set.

May import `files`, `report`, `network`, `anatomy`, `measurement`, `figures`, `data`, and what lies at the
root.
"""
