"""The frames of whole reports.

Slots: `findings` and `impression` (sentences), `list` (impression as numbered lines), `pneumothorax
sentences`,
`pneumothorax answer`, a sentence for each topic (`heart sentence` ...), `telegram` (fragments), `date`.
Conditions:
`prior`, `no prior`.
"""

from ptx_followup.report.grammar import Rule

RULES = {
    "frame": Rule(
        train=(
            "{findings}",
            "{findings}",
            "{exam}. {findings}",
            "{exam}\n\n{findings}",
            "FINDINGS: {findings}\n\nIMPRESSION: {impression}",
            "FINDINGS: {findings} IMPRESSION: {impression}",
            "Findings:\n{findings}\n\nImpression:\n{list}",
            "FINDINGS:\n{findings}\n\nIMPRESSION:\n{list}",
            "{exam}\n\nINDICATION: {indication}\n\nCOMPARISON: {comparison}\n\nFINDINGS: {findings}\n\n"
            "IMPRESSION: {impression}",
            "EXAM: {exam}\nHISTORY: {indication}\nCOMPARISON:"
            " {comparison}\nFINDINGS:\n{findings}\nIMPRESSION:\n{list}",
            "INDICATION: {indication}.\nFINDINGS: {findings}",
            "{exam}\n\n{findings}\n\nIMPRESSION:\n{list}\n\n{closing}",
            "IMPRESSION: {pneumothorax sentences}",
            "Impression:\n1. {pneumothorax sentences}\n2. {lungs sentence}",
            "FINDINGS:\nLines/tubes: {devices sentence}\nLungs: {lungs sentence}\nPleura: {pneumothorax"
            " sentences}\n"
            "Heart and mediastinum: {heart sentence}\nBones: {bones sentence}\n\nIMPRESSION: {impression}",
            "Lungs: {lungs sentence}\nPneumothorax: {answer sentence}\nPleural effusion: {effusion"
            " sentence}\n"
            "Cardiac silhouette: {heart sentence}\nOther: {bones sentence}",
            "Support devices: {devices sentence}\nHeart: {heart sentence}\nLungs: {lungs sentence}"
            " {pneumothorax sentences}\n"
            "Bones: {bones sentence}",
            "{telegram}",
            "{telegram}",
            "{exam}: {telegram}",
            "Comparison: {comparison}.\n{findings}\n{closing}",
        ),
        validation=(
            "REPORT: {findings}\n\nCONCLUSION: {impression}",
            "{exam}\n{findings}\nConclusion: {list}",
            "Clinical details: {indication}\n\n{findings}",
            "{findings}\n\nOPINION:\n{impression}",
            "{findings} {closing}",
            "Reason for exam: {indication}\nPrior: {comparison}\n\n{findings}\n\nSUMMARY: {impression}",
            "PLEURA: {pneumothorax sentences}\nLUNGS: {lungs sentence}\nHEART: {heart"
            " sentence}\nDEVICES: {devices sentence}",
            "Pneumothorax - {answer sentence}\nEffusion - {effusion sentence}\nLungs - {lungs sentence}",
            "SUMMARY\n{pneumothorax sentences}\n{heart sentence}",
            "{exam} - {telegram}",
            "- {bullets}",
        ),
    ),
    "exam": Rule(
        train=(
            "AP portable chest",
            "CHEST 1 VIEW",
            "PA chest radiograph",
            "Portable AP chest radiograph",
            "CHEST (PORTABLE AP)",
            "XR CHEST 2 VIEWS",
            "Single frontal view of the chest",
            "Portable semi-upright chest radiograph",
        ),
        validation=(
            "Mobile chest X-ray",
            "CXR",
            "Frontal chest radiograph",
            "Chest, erect PA",
            "Bedside chest film",
        ),
    ),
    "indication": Rule(
        train=(
            "chest pain",
            "shortness of breath",
            "status post chest tube placement",
            "<rule out|evaluate for|assess for> pneumothorax",
            "<34|58|71>-year-old <man|woman> with <dyspnea|trauma|hypoxia>",
            "post <biopsy|thoracentesis|line placement>",
            "follow up pneumothorax",
            "fall",
            "XXXX-year-old with XXXX",
        ),
        validation=(
            "? pneumothorax",
            "breathlessness",
            "road traffic collision",
            "post pacemaker insertion",
            "pneumothorax follow-up",
            "interval change",
        ),
    ),
    "comparison": Rule(
        train=(
            "{no prior}<None|None available|No prior studies available>",
            "{prior}<Chest radiograph|Radiograph|Prior chest radiograph> <of|dated|from> {date}",
            "{prior}{date}",
        ),
        validation=(
            "{no prior}nil available",
            "{no prior}no previous imaging",
            "{prior}film of {date}",
            "{prior}last film, {date}",
        ),
    ),
    "closing": Rule(
        train=(
            "Findings were <discussed with|communicated to> the <team|referring physician|clinical team>"
            " by <telephone|phone>.",
            "Electronically signed.",
            "Continued radiographic follow-up is suggested.",
            "Correlate clinically.",
        ),
        validation=(
            "Dictated and reviewed.",
            "The ward has been informed.",
            "Clinical correlation advised.",
        ),
    ),
    "date": Rule(
        train=("earlier today", "yesterday", "one day prior", "XXXX", "3/14/2017", "11/02"),
        validation=("the previous day", "14 March", "___", "6 hours earlier"),
    ),
}
