"""Image archives: finding the exams of a patient, fetching them, and sending results back.

May import `files`, `dicom`, `radiograph`, `report`, `dicom_objects`, `followup`, `results`, and what lies
at the root.
"""

import warnings

# pydicom warns of illegal values by quoting them, here from threads of the network; they name patients.
warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")
