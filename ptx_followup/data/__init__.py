"""Data sets: their layouts, checks, conversions and splits.

May import `files`, `radiograph`, `report`, `phantom`, and what lies at the root.
"""
