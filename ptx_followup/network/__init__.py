"""The networks that segment, the frozen language models that guide them, and the folders of their weights.

May import `files`, `report`, and what lies at the root.
"""
