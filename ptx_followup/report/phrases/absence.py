"""Sentences that deny a pneumothorax.

Conditions, slots without text: `dry` (the report has no effusion), `clear` (nor any opacity), `resolved`
(there was a
pneumothorax before).
"""

from ptx_followup.report.grammar import Rule

RULES = {
    "denial": Rule(
        train=(
            "no pneumothorax",
            "no pneumothorax",
            "there is no pneumothorax",
            "there is no right or left pneumothorax",
            "no pneumothorax is <seen|identified|noted|present|visualized|evident>",
            "no <apparent|visible|discernible|appreciable> pneumothorax",
            "there is no <evidence of|visible|definite|apparent> pneumothorax",
            "there is no <evidence of|visible|definite> pneumothorax on <either side|this exam|this"
            " portable view>",
            "no evidence of <a|acute|residual|recurrent> pneumothorax",
            "no evidence of pneumothorax",
            "no PTX",
            "negative for pneumothorax",
            "no definite pneumothorax",
            "no <large|sizable|significant> pneumothorax",
            "no acute pneumothorax",
            "no new pneumothorax",
            "no pneumothorax post <procedure|line placement|chest tube removal|biopsy>",
            "no pneumothorax following <thoracentesis|biopsy|removal of the chest tube|line placement>",
            "<status post|following> chest tube removal without pneumothorax",
            "no pneumothoraces are <seen|identified>",
            "the lungs are well expanded with no pneumothorax",
            "both lungs are fully expanded. No pneumothorax",
            "there is neither pneumothorax nor mediastinal widening",
            "no apical pneumothorax",
            "{dry}no pneumothorax or <pleural effusion|effusion>",
            "{dry}no <pleural effusion|effusion> or pneumothorax",
            "{dry}there is no <pleural effusion|effusion> or pneumothorax",
            "{dry}no pneumothorax and no pleural effusion",
            "{dry}no evidence of pleural effusion or pneumothorax",
            "{dry}no pleural effusions or pneumothoraces",
            "{dry}without evidence of pneumothorax or effusion",
            "{clear}no focal <consolidation|airspace disease|infiltrate>, <pleural effusion|effusion>,"
            " or pneumothorax",
            "{clear}there is no focal <consolidation|opacity>, pleural effusion or pneumothorax",
            "{clear}lungs are clear without <focal consolidation, effusion, or|effusion or|> pneumothorax",
            "{clear}no pneumothorax, pleural effusion or focal airspace opacity",
            "{clear}the lungs are clear bilaterally. Specifically, no evidence of focal consolidation,"
            " pneumothorax, or "
            "pleural effusion",
            "{resolved}the <right|left> pneumothorax has resolved",
            "{resolved}interval resolution of the <right|left> <apical |>pneumothorax",
            "{resolved}no residual <right|left|> pneumothorax",
            "{resolved}previously <seen|noted> <right|left> pneumothorax has resolved",
        ),
        validation=(
            "pneumothorax is not <seen|identified|demonstrated>",
            "pneumothorax not seen",
            "no sign of pneumothorax",
            "no sign of pneumothorax on either side",
            "no convincing <evidence of|> pneumothorax",
            "no radiographic evidence of <a|> pneumothorax",
            "no features of pneumothorax",
            "lungs are fully inflated without pneumothorax",
            "no pneumothoraces",
            "no pneumothorax can be <seen|identified>",
            "there are no findings of pneumothorax",
            "no ptx identified",
            "neither lung shows a pneumothorax",
            "absence of pneumothorax",
            "no complicating pneumothorax",
            "pneumothorax is excluded",
            "no detectable pneumothorax",
            "free of pneumothorax",
            "no iatrogenic pneumothorax",
            "the pleural spaces are clear, without pneumothorax",
            "{dry}neither pneumothorax nor pleural effusion is seen",
            "{dry}no effusion and no pneumothorax",
            "{dry}pleural spaces show no effusion, no pneumothorax",
            "{dry}there is no visible pneumothorax or pleural fluid",
            "{clear}no collapse, consolidation or pneumothorax",
            "{clear}clear lungs, no pneumothorax",
            "{clear}no consolidation, no effusion, no pneumothorax",
            "{resolved}previously seen <right|left> pneumothorax is no longer <visualised|seen>",
            "{resolved}complete resolution of the <right|left> pneumothorax",
            "{resolved}the <right|left> pneumothorax is no longer visible",
        ),
    ),
    "telegraphic denial": Rule(
        train=(
            "no ptx",
            "no PTX",
            "no pneumothorax",
            "neg for ptx",
            "no pneumo",
            "{dry}no effusion/pneumothorax",
            "no PTX seen",
        ),
        validation=("nil pneumothorax", "PTX: none", "no PNX", "{dry}no ptx/effusion", "pneumothorax - no"),
    ),
    "no": Rule(
        train=("none", "no", "none seen", "absent", "none identified"),
        validation=("not present", "negative", "nil", "none visible"),
    ),
}
