"""Coded concepts of the standard that objects state: DICOM PS3.16, SNOMED CT and UCUM.

pydicom has a dictionary of all of them, which takes longer to import than a structured report to write.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A coded concept.

    Attributes:
        value: In its coding scheme.
        scheme_designator: Name of the scheme.
        meaning: For people.
    """

    value: str
    scheme_designator: str
    meaning: str


# Of DICOM itself.
ALGORITHM_FAMILY = Code("111000", "DCM", "Algorithm Family")
ALGORITHM_MANUFACTURER = Code("122405", "DCM", "Algorithm Manufacturer")
ALGORITHM_NAME = Code("111001", "DCM", "Algorithm Name")
ALGORITHM_PARAMETERS = Code("111002", "DCM", "Algorithm Parameters")
ALGORITHM_VERSION = Code("111003", "DCM", "Algorithm Version")
ARTIFICIAL_INTELLIGENCE = Code("123110", "DCM", "Artificial Intelligence")
BASIC_APPLICATION_CONFIDENTIALITY_PROFILE = Code("113100", "DCM", "Basic Application Confidentiality Profile")
COMMENT = Code("121106", "DCM", "Comment")
DEVICE = Code("121007", "DCM", "Device")
DEVICE_OBSERVER_MANUFACTURER = Code("121014", "DCM", "Device Observer Manufacturer")
DEVICE_OBSERVER_MODEL_NAME = Code("121015", "DCM", "Device Observer Model Name")
DEVICE_OBSERVER_NAME = Code("121013", "DCM", "Device Observer Name")
DEVICE_OBSERVER_SERIAL_NUMBER = Code("121016", "DCM", "Device Observer Serial Number")
DEVICE_OBSERVER_UID = Code("121012", "DCM", "Device Observer UID")
FINDING = Code("121071", "DCM", "Finding")
IMAGING_MEASUREMENTS = Code("126010", "DCM", "Imaging Measurements")
IMAGING_MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
IMPRESSION = Code("121073", "DCM", "Impression")
LANGUAGE_OF_CONTENT_ITEM_AND_DESCENDANTS = Code("121049", "DCM", "Language of Content Item and Descendants")
LONGITUDINAL_TEMPORAL_EVENT_TYPE = Code("128741", "DCM", "Longitudinal Temporal Event Type")
LONGITUDINAL_TEMPORAL_OFFSET_FROM_EVENT = Code("128740", "DCM", "Longitudinal Temporal Offset from Event")
MEASUREMENT_GROUP = Code("125007", "DCM", "Measurement Group")
OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
PERSON = Code("121006", "DCM", "Person")
PERSON_OBSERVER_NAME = Code("121008", "DCM", "Person Observer Name")
PROCEDURE_REPORTED = Code("121058", "DCM", "Procedure reported")
REFERENCED_SEGMENTATION_FRAME = Code("121214", "DCM", "Referenced Segmentation Frame")
SOURCE_IMAGE_FOR_IMAGE_PROCESSING_OPERATION = Code(
    "121322", "DCM", "Source image for image processing operation"
)
SOURCE_IMAGE_FOR_SEGMENTATION = Code("121233", "DCM", "Source image for segmentation")
SOURCE_OF_MEASUREMENT = Code("121112", "DCM", "Source of Measurement")
SUBJECT_TIME_POINT_IDENTIFIER = Code("126070", "DCM", "Subject Time Point Identifier")
TIME_POINT_ORDER = Code("126073", "DCM", "Time Point Order")
TRACKING_IDENTIFIER = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UNIQUE_IDENTIFIER = Code("112040", "DCM", "Tracking Unique Identifier")

# Of SNOMED CT.
ANATOMICAL_STRUCTURE = Code("91723000", "SCT", "Anatomical Structure")
ANTERO_POSTERIOR = Code("399348003", "SCT", "antero-posterior")
AREA = Code("42798000", "SCT", "Area")
BILATERAL = Code("51440002", "SCT", "Bilateral")
CHEST = Code("816094009", "SCT", "Chest")
FINDING_SITE = Code("363698007", "SCT", "Finding Site")
LATERALITY = Code("272741003", "SCT", "Laterality")
LEFT = Code("7771000", "SCT", "Left")
LUNG = Code("39607008", "SCT", "Lung")
MEASUREMENT_METHOD = Code("370129005", "SCT", "Measurement Method")
MORPHOLOGICALLY_ABNORMAL_STRUCTURE = Code("49755003", "SCT", "Morphologically Abnormal Structure")
NO = Code("373067005", "SCT", "No")
PNEUMOTHORAX = Code("36118008", "SCT", "Pneumothorax")
POSTERO_ANTERIOR = Code("272479007", "SCT", "postero-anterior")
RIGHT = Code("24028007", "SCT", "Right")
YES = Code("373066001", "SCT", "Yes")

# Units.
DAY = Code("d", "UCUM", "day")
DEGREE = Code("deg", "UCUM", "Degree")
MILLIMETER = Code("mm", "UCUM", "mm")
NO_UNITS = Code("1", "UCUM", "no units")
PERCENT = Code("%", "UCUM", "Percent")
SQUARE_MILLIMETER = Code("mm2", "UCUM", "square millimeter")
