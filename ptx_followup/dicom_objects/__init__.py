"""DICOM objects that state a result: Segmentation, structured report, capture, and their tracking.

May import `files`, `dicom`, `radiograph`, `measurement`, and what lies at the root.
"""
