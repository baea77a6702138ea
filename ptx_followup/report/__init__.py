"""What does the radiologist say? Loading, understanding and writing reports, checking them against a mask.

May import `files`, `dicom`, and what lies at the root.
"""
