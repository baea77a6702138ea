"""How far does what a model says of a change lie from what one further expert would say?

May import `files`, `radiograph`, `report`, `network`, `anatomy`, `measurement`, `segmentation`, `figures`,
`data`, `evaluation`, and what lies at the root.
"""
