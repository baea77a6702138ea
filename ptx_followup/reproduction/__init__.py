"""The experiments of the ConTEXTual Net paper, run again on the user's own copy of its data set.

May import `files`, `report`, `network`, `measurement`, `segmentation`, `data`, `training`, `evaluation`,
and what lies at the root.
"""
