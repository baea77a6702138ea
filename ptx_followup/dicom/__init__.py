"""The DICOM format: elements, parsing, accepted objects, pixel decoding, UIDs.

No radiograph yet, and no result.

May import what lies at the root alone.
"""
