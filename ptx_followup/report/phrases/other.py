"""What else a chest radiograph report says, by topic.

Conditions, slots without text: `dry` (no effusion), `wet` (an effusion), `clear` (no opacity), `opaque`.
"""

from ptx_followup.report.grammar import Rule

RULES = {
    "any side": Rule(shared=("right", "left")),
    "mild": Rule(shared=("mild", "moderate"), train=("minimal",), validation=("slight",)),
    "heart": Rule(
        train=(
            "the heart is <normal in size|normal|enlarged|mildly enlarged|at the upper limits of normal"
            " in size>",
            "heart size is <normal|top normal|enlarged|mildly enlarged|stable|within normal limits>",
            "the cardiomediastinal silhouette is <unremarkable|within normal limits|stable|unchanged"
            "|enlarged but stable>",
            "{mild} cardiomegaly[ is unchanged]",
            "stable cardiomegaly",
            "the aorta is <tortuous|calcified|tortuous and calcified>",
            "normal heart size and mediastinal contours",
            "the cardiac silhouette is <mildly|moderately> enlarged",
            "the hilar contours are <normal|stable>",
            "cardiomediastinal contours are <normal|unchanged>",
            "the heart size and pulmonary vascularity appear within normal limits",
            "the mediastinum is <normal|not widened|unremarkable>",
        ),
        validation=(
            "cardiac silhouette is <not enlarged|borderline|globular but unchanged>",
            "mediastinal contours are <normal|unchanged>",
            "unfolded thoracic aorta",
            "{mild} enlargement of the heart",
            "cardiothoracic ratio is <normal|increased>",
            "the heart and mediastinum have a normal appearance",
            "heart is not enlarged",
            "atherosclerotic calcification of the aortic arch",
        ),
    ),
    "lungs": Rule(
        train=(
            "{clear}the lungs are <clear|otherwise clear|well expanded|grossly clear>",
            "{clear}no focal <consolidation|airspace disease|infiltrate|opacity>",
            "{clear}there is no <focal consolidation|acute airspace disease|pulmonary edema>",
            "{clear}<mildly |>hyperexpanded lungs",
            "{clear}emphysematous changes[ in the upper lobes]",
            "{clear}calcified granuloma in the {any side} <upper|lower> lobe",
            "{opaque}<patchy|hazy|streaky|ill-defined> <opacity|opacities> at the {any side} <base|lung"
            " base>",
            "{opaque}{any side} <lower|upper> lobe <opacity|consolidation|atelectasis|airspace disease>",
            "{opaque}<bibasilar|bibasal|left basilar|right basilar> atelectasis",
            "{opaque}low lung volumes with <bibasilar|dependent> atelectasis",
            "{opaque}{mild} pulmonary <vascular congestion|edema>",
            "{opaque}diffuse <interstitial|bilateral> opacities[, unchanged]",
            "{opaque}linear <scarring|atelectasis> in the {any side} <mid|lower> lung",
            "{opaque}retrocardiac opacity <likely atelectasis|which may represent atelectasis or pneumonia>",
            "{opaque}a <1|2|1.5|3> cm nodule in the {any side} <mid|upper|lower> lung",
            "{opaque}<RLL|LLL|RUL|LUL|RML> <atelectasis|opacity|infiltrate>",
        ),
        validation=(
            "{clear}hyperinflated lungs",
            "{clear}no pulmonary oedema",
            "{clear}the lung fields are clear",
            "{clear}no acute parenchymal abnormality",
            "{opaque}{any side} basal consolidation",
            "{opaque}subsegmental atelectasis in the {any side} lower zone",
            "{opaque}interstitial markings are <prominent|coarse>",
            "{opaque}volume loss in the {any side} lung",
            "{opaque}reticular shadowing in both lower zones",
            "{opaque}{any side} mid zone airspace shadowing",
            "{opaque}suture material in the {any side} <upper|lower> zone following resection",
        ),
    ),
    "effusion": Rule(
        train=(
            "{dry}no pleural effusion",
            "{dry}there is no <pleural effusion|effusion>",
            "{dry}no pleural effusion is <seen|identified>",
            "{wet}<small|moderate|trace|large> {any side} pleural effusion[, unchanged]",
            "{wet}blunting of the {any side} costophrenic angle",
            "{wet}small bilateral pleural effusions",
            "{wet}there is a <small|moderate> {any side} effusion with <adjacent|overlying> atelectasis",
            "{wet}{any side} pleural effusion has <increased|decreased>",
            "{wet}{any side} pleural thickening",
        ),
        validation=(
            "{dry}no pleural fluid",
            "{dry}costophrenic angles are sharp",
            "{dry}pleural spaces are dry",
            "{wet}{any side}-sided effusion, <small|unchanged>",
            "{wet}pleural fluid at the {any side} base",
            "{wet}bilateral effusions, {any side} greater",
        ),
    ),
    "devices": Rule(
        train=(
            "{any side} <chest tube|pigtail catheter|pleural catheter> <in place|remains in place|is"
            " unchanged in position>",
            "a {any side} <chest tube|pigtail catheter> is <present|noted|seen>",
            "<{any side} chest tube has been removed|interval removal of the {any side} chest tube>",
            "endotracheal tube <tip is|terminates> <3|4|5|3.5> cm above the carina",
            "{any side} <PICC|internal jugular line|subclavian line|IJ catheter|central venous catheter>"
            " <terminates|tip> "
            "in the <SVC|mid SVC|right atrium|cavoatrial junction>",
            "enteric tube <courses below the diaphragm|tip in the stomach>",
            "<median sternotomy wires|sternotomy wires and mediastinal clips> <are intact|are noted>",
            "{any side} <chest wall port|pacemaker|ICD> in place",
            "support devices are <unchanged|in standard position>",
            "lines and tubes are unchanged",
            "surgical clips project over the {any side} <axilla|hemithorax>",
        ),
        validation=(
            "{any side} <thoracostomy tube|intercostal drain> in situ",
            "nasogastric tube in the stomach",
            "ETT in satisfactory position",
            "{any side} port catheter tip at the cavoatrial junction",
            "dual-lead pacemaker",
            "monitoring leads overlie the chest",
            "tracheostomy tube in situ",
        ),
    ),
    "bones": Rule(
        train=(
            "<acute|healing|old|multiple|displaced> {any side} rib fractures",
            "fracture of the {any side} <fifth|sixth|seventh> rib",
            "degenerative changes of the <thoracic spine|spine|shoulders>",
            "no acute <osseous|bony> abnormality",
            "the osseous structures are <intact|unremarkable|stable>",
            "<subcutaneous emphysema|soft tissue gas> <in|along> the {any side} chest wall",
            "no displaced rib fracture",
            "{mild} <dextroscoliosis|levoscoliosis|scoliosis> of the thoracic spine",
            "the upper abdomen is unremarkable",
            "no free air under the diaphragm",
            "elevation of the {any side} hemidiaphragm",
        ),
        validation=(
            "{any side} clavicle fracture",
            "bony thorax is intact",
            "surgical emphysema over the {any side} chest wall",
            "spondylotic changes in the dorsal spine",
            "no bony injury",
            "{any side} hemidiaphragm is raised",
            "the visualised skeleton is unremarkable",
        ),
    ),
    "general": Rule(
        train=(
            "otherwise no <significant|relevant> change",
            "no other interval change",
            "otherwise stable exam",
        ),
        validation=("remainder of the examination is unchanged", "no further abnormality"),
    ),
    "unremarkable": Rule(
        train=(
            "no acute cardiopulmonary <process|abnormality|disease>",
            "no acute abnormality",
            "stable exam",
        ),
        validation=("no acute findings", "unremarkable study", "no acute intrathoracic pathology"),
    ),
}
