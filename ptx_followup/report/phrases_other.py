"""The rest of a chest radiograph report: other findings, headings, frames. See `grammar` for the notation."""

from ptx_followup.report.grammar import Rule

OTHER = {
    "any side": Rule(shared=("right", "left")),
    "other": Rule(
        train=(
            "{heart}",
            "{heart}",
            "{lungs}",
            "{lungs}",
            "{effusion}",
            "{device}",
            "{device}",
            "{bones}",
        ),
        validation=("{heart}", "{lungs}", "{lungs}", "{effusion}", "{device}", "{bones}"),
    ),
    "heart": Rule(
        train=(
            "the heart is normal in size",
            "the cardiomediastinal silhouette is <unremarkable|within normal limits|stable>",
            "<mild|moderate> cardiomegaly",
            "heart size is <normal|top normal|enlarged|mildly enlarged>",
            "the aorta is tortuous",
        ),
        validation=(
            "cardiac silhouette is <not enlarged|enlarged|borderline>",
            "mediastinal contours are <normal|unchanged>",
            "unfolded thoracic aorta",
        ),
    ),
    "lungs": Rule(
        train=(
            "the lungs are otherwise clear",
            "{any side} <lower|upper> lobe <opacity|consolidation|atelectasis>",
            "bibasilar atelectasis",
            "patchy opacity at the {any side} base",
            "no focal <consolidation|airspace disease>",
            "low lung volumes",
            "mild pulmonary vascular congestion",
            "emphysematous changes[ in the upper lobes]",
        ),
        validation=(
            "{any side} basal consolidation",
            "subsegmental atelectasis in the {any side} lower zone",
            "interstitial markings are prominent",
            "hyperinflated lungs",
            "no pulmonary oedema",
        ),
    ),
    "effusion": Rule(
        train=(
            "<small|moderate|trace> {any side} pleural effusion",
            "no pleural effusion",
            "blunting of the {any side} costophrenic angle",
        ),
        validation=(
            "{any side}-sided effusion, <small|unchanged>",
            "no pleural fluid",
            "costophrenic angles are sharp",
        ),
    ),
    "device": Rule(
        train=(
            "{any side} chest tube in place",
            "a {any side} pigtail catheter is <present|unchanged in position>",
            "endotracheal tube tip is <3|4|5> cm above the carina",
            "{any side} <PICC|internal jugular line|subclavian line> terminates in the SVC",
            "enteric tube courses below the diaphragm",
            "median sternotomy wires",
        ),
        validation=(
            "{any side} thoracostomy tube in situ",
            "nasogastric tube in the stomach",
            "ETT in satisfactory position",
            "{any side} port catheter tip at the cavoatrial junction",
            "dual-lead pacemaker",
        ),
    ),
    "bones": Rule(
        train=(
            "<acute|healing|old> {any side} rib fractures",
            "degenerative changes of the thoracic spine",
            "no acute osseous abnormality",
            "subcutaneous emphysema in the {any side} chest wall",
        ),
        validation=(
            "{any side} clavicle fracture",
            "bony thorax is intact",
            "surgical emphysema over the {any side} chest wall",
        ),
    ),
}

FRAMES = {
    "frame": Rule(
        train=(
            "{findings}",
            "{findings}",
            "FINDINGS: {findings}\n\nIMPRESSION: {impression}",
            "Findings:\n{findings}\n\nImpression:\n{impression}",
            "{exam}\n\n{findings}\n\nIMPRESSION:\n1. {impression}",
            "IMPRESSION: {impression}",
            "{exam}. {findings}",
        ),
        validation=(
            "REPORT: {findings}\n\nCONCLUSION: {impression}",
            "{exam}\n{findings}\nConclusion: {impression}",
            "Indication: {indication}\n\n{findings}",
            "{findings}\n\nOPINION:\n{impression}",
        ),
    ),
    "exam": Rule(
        train=("AP portable chest", "CHEST 1 VIEW", "PA chest radiograph", "Portable AP chest radiograph"),
        validation=("Mobile chest X-ray", "CXR", "Frontal chest radiograph"),
    ),
    "indication": Rule(
        shared=("chest pain", "shortness of breath", "post procedure", "trauma", "line placement")
    ),
}
