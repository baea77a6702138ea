"""What became of one pneumothorax over two or more exams, up to the sentence that says it.

May import `files`, `radiograph`, `report`, `network`, `anatomy`, `measurement`, `dicom_objects`, `masks`,
`segmentation`, `registration`, and what lies at the root.
"""
