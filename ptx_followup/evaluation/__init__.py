"""How good a model is on a data set: figures of each case, what they add up to, and how sure that is.

May import `files`, `dicom`, `radiograph`, `report`, `network`, `measurement`, `segmentation`, `figures`,
`data`, and what lies at the root.
"""
