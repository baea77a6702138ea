"""Whole reports with what a radiologist would take from them.

Each row is a text and its summary: `yes`, `no` or `silent`, then side (`bilateral` for both), zones and size
of what is present; `conflict` where the report contradicts itself. The expectations were written before the
code was run on them.
"""

from __future__ import annotations

REPORTS: list[tuple[str, str]] = [
    ("FINDINGS: Large left pneumothorax. IMPRESSION: Small left pneumothorax.", "yes left small"),
    (
        "FINDINGS: Large left apical pneumothorax.\nADDENDUM: The left pneumothorax is small and basal.",
        "yes left basal small",
    ),
    ("FINDINGS: Small left apical pneumothorax. IMPRESSION: Left pneumothorax.", "yes left apical small"),
    # Sections
    (
        "INDICATION: Rule out pneumothorax.\nFINDINGS: The lungs are clear.\nIMPRESSION: Normal chest.",
        "silent",
    ),
    (
        "INDICATION: Right pneumothorax.\nFINDINGS: Right pneumothorax no longer seen.\nIMPRESSION: Clear.",
        "no",
    ),
    ("CLINICAL HISTORY: ?PTX after line insertion\n\nFINDINGS:\nLine tip in the SVC. No pneumothorax.", "no"),
    ("Clinical details: fall, ?pneumothorax.\n\nThere is a large right pneumothorax.", "yes right large"),
    ("HISTORY: left pneumothorax 2010\nFINDINGS: Heart normal. Lungs clear.\nIMPRESSION: Normal.", "silent"),
    (
        "EXAM: Chest, PA and lateral\nCOMPARISON: Radiograph of yesterday showing a left pneumothorax\n"
        "FINDINGS: The left pneumothorax has decreased, now small.\nIMPRESSION: Smaller left pneumothorax.",
        "yes left small",
    ),
    (
        "COMPARISON: CT with right pneumothorax.\nFINDINGS: No pneumothorax is visible on this radiograph.",
        "no",
    ),
    (
        "Reason for exam: evaluate pneumothorax\nTechnique: AP upright\nFindings: Stable 1 cm left apical "
        "pneumothorax. Left chest tube in place.\nImpression: Stable left apical pneumothorax.",
        "yes left apical",
    ),
    (
        "FINDINGS: Lungs clear. No effusion. IMPRESSION: Tiny left apical pneumothorax.",
        "yes left apical tiny",
    ),
    ("Findings: small right pneumothorax. Impression: small right pneumothorax.", "yes right small"),
    ("IMPRESSION\nModerate left pneumothorax.\n\nFINDINGS\nHeart size normal.", "yes left moderate"),
    ("Conclusion: No pneumothorax. Recommend follow-up to exclude pneumothorax.", "no"),
    (
        "FINDINGS: Clear lungs.\nIMPRESSION: Normal.\nRECOMMENDATION: Repeat if pneumothorax is suspected.",
        "silent",
    ),
    ("Opinion: right hydropneumothorax.", "yes right"),
    ("REPORT: The right lung is collapsed. There is a large pneumothorax.", "yes right large"),
    # Findings against impression
    ("FINDINGS: Small left pneumothorax.\nIMPRESSION: No pneumothorax.", "silent conflict"),
    ("FINDINGS: No pneumothorax.\nIMPRESSION: Small left pneumothorax.", "silent conflict"),
    ("FINDINGS: Small right pneumothorax.\nIMPRESSION: Small left pneumothorax.", "yes left small conflict"),
    (
        "FINDINGS: Small right and tiny left apical pneumothoraces.\nIMPRESSION: Bilateral pneumothoraces.",
        "yes bilateral apical small",
    ),
    ("FINDINGS: Right pneumothorax, 2 cm.\nIMPRESSION: Pneumothorax as described.", "yes right"),
    (
        "FINDINGS: No right pneumothorax. Small left pneumothorax.\nIMPRESSION: Small left pneumothorax.",
        "yes left small",
    ),
    (
        "FINDINGS: Large left pneumothorax. No tension pneumothorax.\nIMPRESSION: Large left pneumothorax.",
        "yes left large",
    ),
    ("FINDINGS: Small left pneumothorax.\nIMPRESSION: No new pneumothorax.", "yes left small"),
    ("FINDINGS: No pneumothorax. Small right apical pneumothorax.", "yes right apical small conflict"),
    ("FINDINGS: Left pneumothorax.\nIMPRESSION: No large pneumothorax.", "yes left"),
    ("FINDINGS: Tiny right apical pneumothorax.\nIMPRESSION: No acute disease.", "yes right apical tiny"),
    ("FINDINGS: Bilateral pneumothoraces.\nIMPRESSION: No right pneumothorax.", "yes left conflict"),
    # Addenda
    (
        "IMPRESSION: No pneumothorax.\nADDENDUM: On review there is a tiny right apical pneumothorax.",
        "yes right apical tiny conflict",
    ),
    (
        "IMPRESSION: Small left pneumothorax.\nADDENDUM: The pneumothorax is on the right, not the left.",
        "yes right conflict",
    ),
    ("IMPRESSION: Left pneumothorax.\nADDENDUM #1: Discussed with the ward by telephone.", "yes left"),
    ("IMPRESSION: Left pneumothorax.\nAddendum: No pneumothorax; the line is a skin fold.", "no conflict"),
    # Free text
    ("The heart is normal. The lungs are clear. No pneumothorax or effusion.", "no"),
    ("Heart size is normal. Mediastinum is midline. Bones are intact.", "silent"),
    ("There is a pneumothorax. It is on the left and measures 2 cm at the apex.", "yes left apical"),
    ("Right apical pneumothorax again noted. This has increased since yesterday.", "yes right apical"),
    ("The right-sided chest tube has been removed. No pneumothorax is seen.", "no"),
    ("Chest tube on the right. Small apical pneumothorax persists on that side.", "yes right apical small"),
    (
        "status post left upper lobectomy. moderate left apical pneumothorax with chest tube in place.",
        "yes left apical moderate",
    ),
    ("heart normal\nlungs clear\nno pneumothorax", "no"),
    ("PORTABLE CHEST. LINES UNCHANGED. NO PNEUMOTHORAX. BIBASILAR ATELECTASIS.", "no"),
    ("LARGE RIGHT PNEUMOTHORAX WITH COLLAPSE OF THE RIGHT LUNG AND SHIFT TO THE LEFT.", "yes right large"),
    ("Left lung: clear.\nRight lung: small apical pneumothorax.\nHeart: normal.", "yes right apical small"),
    ("Lines: right IJ catheter\nPleura: no effusion\nPneumothorax: none\nBones: normal", "no"),
    ("Lines: left subclavian\nPneumothorax: small, left apical\nEffusion: none", "yes left apical small"),
    (
        "1. Stable small left apical pneumothorax.\n2. Right basal atelectasis.\n3. No effusion.",
        "yes left apical small",
    ),
    ("- no consolidation\n- no effusion\n- tiny right PTX", "yes right tiny"),
    ("Possible tiny left apical pneumothorax versus skin fold. Repeat film advised.", "yes left apical tiny"),
    ("Cannot exclude a small pneumothorax on this supine film.", "yes small"),
    ("Supine film. Evaluation for pneumothorax is limited.", "silent"),
    ("Right lower lobe pneumonia. Pneumomediastinum. No pneumothorax.", "no"),
    ("Pneumoperitoneum. Left lower lobe pneumonia.", "silent"),
    ("Previously seen left pneumothorax has resolved. Left effusion persists.", "no"),
    (
        "Almost complete resolution of the left pneumothorax, with a tiny apical residual.",
        "yes left apical tiny",
    ),
    (
        "There is no focal consolidation, pleural effusion or\npneumothorax. The heart is\nnormal in size.",
        "no",
    ),
    (
        "There is a small right apical\npneumothorax, which is unchanged compared\nwith the prior study.",
        "yes right apical small",
    ),
    # De-identified text, dictation and other quirks
    (
        "Compared to [DATE], the left apical pneumothorax is XXXX. Dr. [PERSONALNAME] was informed.",
        "yes left apical",
    ),
    (
        "FINDINGS: The ___ right pneumothorax is unchanged. IMPRESSION: Unchanged right pneumothorax.",
        "yes right",
    ),
    ("Heart normal.No effusion.Small left pneumothorax.Bones intact.", "yes left small"),
    ("no effusion no consolidation there is a moderate right pneumothorax no shift", "yes right moderate"),
    ("Effusion: No. Pneumothorax: Yes. Side: right.", "yes right"),
    ("**FINDINGS:** Small left pneumothorax.\n**IMPRESSION:** Small left pneumothorax.", "yes left small"),
    ("FINDINGS There is a small left pneumothorax. IMPRESSION Small left pneumothorax.", "yes left small"),
    (
        "Findings:\r\nSmall left pneumothorax.\r\n\r\nImpression:\r\nSmall left pneumothorax.",
        "yes left small",
    ),
    (
        "Bilateral chest tubes. Right pneumothorax is small; left pneumothorax is moderate.",
        "yes bilateral moderate",
    ),
    ("Small right hydropneumothorax with 3 cm air-fluid level. Left lung clear.", "yes right small"),
    ("Small right pneumothorax. The left lung is clear without pneumothorax.", "yes right small"),
    ("Subcutaneous emphysema on the left. No definite pneumothorax.", "no"),
    ("The right pneumothorax is larger. The left is unchanged.", "yes bilateral"),
    ("", "silent"),
]
