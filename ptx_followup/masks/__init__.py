"""Masks that are not the network's: a person's, or an earlier result's, and whose they are.

May import `files`, `dicom`, `radiograph`, `dicom_objects`, and what lies at the root.
"""
