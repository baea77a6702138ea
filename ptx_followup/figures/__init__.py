"""Pictures for people: overlay, panel, timeline and their parts.

May import `files`, `radiograph`, `measurement`, `segmentation`, `registration`, `followup`,
and what lies at the root.
"""
