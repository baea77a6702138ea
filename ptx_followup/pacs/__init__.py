"""Image archives: finding the exams of a patient, fetching them, and sending results back."""
