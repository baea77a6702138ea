"""The output folders: pictures, masks, DICOM objects and result.json, with or without identity.

May import `files`, `dicom`, `radiograph`, `report`, `anatomy`, `measurement`, `dicom_objects`, `masks`,
`segmentation`, `followup`, `figures`, and what lies at the root.
"""
