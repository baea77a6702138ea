"""What is on the film, and does it belong?

Pixels in standard orientation, view, spacing, date and identity; study folders; whether two exams belong
together.

May import `files`, `dicom`, and what lies at the root.
"""
