"""A page on the loopback interface, where a person looks at a result, corrects it and saves it as a reader.

May import `files`, `dicom`, `radiograph`, `report`, `network`, `anatomy`, `measurement`, `dicom_objects`,
`masks`, `segmentation`, `registration`, `followup`, `figures`, `results`, `evaluation`, `pacs`,
and what lies at the root.
"""
