"""The concepts of the structured reports: standard codes where there are any, else the project's own scheme.

The coding scheme 99PTX is private (DICOM PS3.16 section 8): its codes mean what their names say, and every
report that uses one names the scheme in its Coding Scheme Identification Sequence.
"""

from __future__ import annotations

from typing import Final

from ptx_followup.dicom import codes
from ptx_followup.dicom.codes import Code
from ptx_followup.measurement.change import Verdict
from ptx_followup.sides import Side

SCHEME: Final = "99PTX"
SCHEME_NAME: Final = "ptx-followup measurements of a pneumothorax"

PIXELS = Code("{pixels}", "UCUM", "pixels")
PERCENT_PER_DAY = Code("%/d", "UCUM", "percent per day")
PERCENT, MM, MM2 = codes.PERCENT, codes.MILLIMETER, codes.SQUARE_MILLIMETER
RATIO_UNIT, DEGREE, DAY = codes.NO_UNITS, codes.DEGREE, codes.DAY

PNEUMOTHORAX: Code = codes.PNEUMOTHORAX
AREA: Code = codes.AREA
CHEST_RADIOGRAPH = Code("399208008", "SCT", "Plain chest X-ray")
ENGLISH = Code("en-US", "RFC5646", "English (United States)")
TIME_POINT = Code("C2348792", "UMLS", "Time Point")
QUALITATIVE_EVALUATIONS = Code("C0034375", "UMLS", "Qualitative Evaluations")


def private(value: str, meaning: str) -> Code:
    """A concept of the project's own coding scheme; the value has at most 16 characters."""
    return Code(value, SCHEME, meaning)


# Sizes of one exam.
HEMITHORAX_PERCENT = private("HEMI-PERCENT", "Area of the pneumothorax in percent of its hemithorax")
APEX_CUPOLA = private("APEX-CUPOLA", "Apex-cupola distance")
INTERPLEURAL_HILUM = private("INTERPL-HILUM", "Interpleural distance at the hilum")
INTERPLEURAL_MEAN = private("INTERPL-MEAN", "Mean interpleural distance")
VOLUME_PERCENT = private("VOLUME-PERCENT", "Pneumothorax in percent of the volume of the hemithorax")
OUTLINE_QUALITY = private("LUNG-QUALITY", "Quality of the lung outlines, 0 to 1")
SEGMENTED = private("SEGMENTED", "Pneumothorax segmented")
ORIGIN = private("MASK-ORIGIN", "Origin of the mask")

# Methods.
AREA_OF_MASK = private("MASK-AREA", "Area of the mask that is shown")
MATCHED = private("MATCHED-PROMPT", "Both exams under one sentence, by area")
OWN_WORDS = private("OWN-WORDS", "Each exam under its own report, by area")
GIVEN_MASKS = private("GIVEN-MASKS", "Masks that were given, by area")
BAUMANN = private("BAUMANN-2001", "Baumann, Chest 2001;119:590")
MACDUFF = private("MACDUFF-2010", "MacDuff, Thorax 2010;65:ii18")
RHEA = private("RHEA-1982", "Rhea, Radiology 1982;144:733")
COLLINS = private("COLLINS-1995", "Collins, AJR 1995;165:1127")
PROJECTED = private("PROJECTED", "Mask of the prior exam, laid on this image by registration")

# Change between two exams.
PRIOR_PERCENT = private("PRIOR-PERCENT", "Percentage of the hemithorax, prior exam")
FOLLOWUP_PERCENT = private("FOLLOWUP-PERCENT", "Percentage of the hemithorax, follow-up exam")
DIFFERENCE = private("DIFFERENCE", "Follow-up minus prior, percentage points of the hemithorax")
DIFFERENCE_PER_DAY = private("DIFF-PER-DAY", "Follow-up minus prior a day, percentage points")
RATIO = private("RATIO", "Follow-up over prior")
LOWER_LIMIT = private("CI95-LOWER", "Lower limit of the 95 % interval")
UPPER_LIMIT = private("CI95-UPPER", "Upper limit of the 95 % interval")
VERDICT = private("VERDICT", "Change since the prior exam")
VERDICTS: dict[Verdict, Code] = {
    "larger": Code("15454001", "SCT", "Increased size"),
    "smaller": Code("19776001", "SCT", "Decreased size"),
    "unchanged": Code("260388006", "SCT", "No change"),
    "resolved": Code("413322009", "SCT", "Problem resolved"),
    "indeterminate": Code("82334004", "SCT", "Indeterminate"),
}

LEANING = private("LEANING", "Probable change since the prior exam (80 % or more)")
#: Of what one further expert would outline; entries of `probability` in the result files.
PROBABILITIES: dict[str, Code] = {
    "increase": private("P-LARGER", "Probability that it is larger"),
    "decrease": private("P-SMALLER", "Probability that it is smaller"),
    "within_5_points": private("P-WITHIN-5", "Probability of a change by at most 5 points"),
}
WOULD_DECIDE = private("WOULD-DECIDE", "What would give a direction")
REPORTED_CHANGE = private("REPORTED-CHANGE", "Change by the report of the follow-up")

# Registration and regions, all on the follow-up image.
ACCEPTED = private("REG-ACCEPTED", "Registration accepted")
REGISTRATION: dict[str, tuple[Code, Code]] = {
    "lung_dice_before": (private("DICE-BEFORE", "Overlap of the lungs before (Dice)"), RATIO_UNIT),
    "lung_dice_after": (private("DICE-AFTER", "Overlap of the lungs after (Dice)"), RATIO_UNIT),
    "surface_distance_px": (private("SURFACE-PX", "Mean distance of the lung borders"), PIXELS),
    "surface_distance_mm": (private("SURFACE-MM", "Mean distance of the lung borders"), MM),
    "scale_x": (private("SCALE-X", "Width in the prior over width in the follow-up"), RATIO_UNIT),
    "scale_y": (private("SCALE-Y", "Height in the prior over height in the follow-up"), RATIO_UNIT),
    "rotation_deg": (private("ROTATION", "Rotation of the chest"), DEGREE),
    "shear": (private("SHEAR", "Cosine of the angle between the axes"), RATIO_UNIT),
    "jacobian_min": (private("JACOBIAN-MIN", "Least local change of area"), RATIO_UNIT),
    "jacobian_max": (private("JACOBIAN-MAX", "Greatest local change of area"), RATIO_UNIT),
    "inverse_consistency_px": (private("INVERSE-PX", "Distance by which both ways fail to meet"), PIXELS),
}
SIDE_DICE: dict[Side, Code] = {
    "right": private("DICE-RIGHT", "Overlap of the right lungs after (Dice)"),
    "left": private("DICE-LEFT", "Overlap of the left lungs after (Dice)"),
}
PROJECTION_AREA = private("PROJECTED-AREA", "Area of the prior mask on the follow-up")
REGIONS: dict[str, Code] = {
    "persistent_px": private("PERSISTENT", "Persistent area"),
    "new_px": private("NEW", "New area"),
    "resolved_px": private("RESOLVED", "Resolved area"),
}

# Texts.
SENTENCE = codes.IMPRESSION
COMMENT = codes.COMMENT
REASON = private("REASON", "Reason")
MATCHED_PROMPT = private("MATCHED-SENT", "Sentence under which both exams were measured")
REPORT_SENTENCE = private("REPORT-SENTENCE", "Sentence of the radiology report")
WARNING = private("WARNING", "Warning")
