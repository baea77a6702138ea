"""What a run may leave in its folder."""

from __future__ import annotations

#: It comes last, and says that the folder is complete.
RESULT = "result.json"
MASK, OVERLAY = "mask.png", "overlay.png"
PANEL = "panel.png"
EXPLANATION = "explanation.png"
PRIOR_MASK, FOLLOWUP_MASK, PROJECTED_MASK = "prior_mask.png", "followup_mask.png", "projected_mask.png"
#: Of hemithoraces that a person outlined; those of the network follow from the film.
HEMITHORACES = "hemithoraces.png"
PRIOR_HEMITHORACES, FOLLOWUP_HEMITHORACES = "prior_hemithoraces.png", "followup_hemithoraces.png"

#: DICOM objects: entry of `outputs` and file, of one exam.
EXAM_FILES = {
    "dicom_seg": "segmentation.dcm",
    "dicom_presentation": "outlines.dcm",
    "lungs_dicom_seg": "lungs.dcm",
    "dicom_sr": "report.dcm",
}
#: The same of a comparison.
COMPARISON_FILES = {
    "prior_dicom_seg": "prior.seg.dcm",
    "followup_dicom_seg": "followup.seg.dcm",
    "projected_dicom_seg": "projected.seg.dcm",
    "prior_dicom_presentation": "prior.outlines.dcm",
    "followup_dicom_presentation": "followup.outlines.dcm",
    "prior_lungs_dicom_seg": "prior.lungs.dcm",
    "followup_lungs_dicom_seg": "followup.lungs.dcm",
    "dicom_sr": "report.dcm",
    "dicom_capture": "panel.dcm",
    "dicom_pdf": "panel.pdf.dcm",
}

EXPLANATION_RESULTS = (RESULT, EXPLANATION)
SEGMENTATION_RESULTS = (RESULT, MASK, OVERLAY, HEMITHORACES, *EXAM_FILES.values())
COMPARISON_RESULTS = (
    RESULT,
    PANEL,
    PRIOR_MASK,
    FOLLOWUP_MASK,
    PROJECTED_MASK,
    PRIOR_HEMITHORACES,
    FOLLOWUP_HEMITHORACES,
    *COMPARISON_FILES.values(),
)
