"""Forms in which other programs hand over reports: HL7, FHIR, CDA, HTML, RTF and DICOM structured reports."""
