"""Understanding, checking and writing radiology reports."""
