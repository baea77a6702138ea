"""How large, how sure, which way?

Sizes and distances of a mask, the agreement of two masks, the change between two sizes.

May import `radiograph`, and what lies at the root.
"""
