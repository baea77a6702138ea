"""Where does the prior lie on the follow-up?

The stages of the alignment, its quality, and the regions that come of it.

May import `radiograph`, `anatomy`, and what lies at the root.
"""
