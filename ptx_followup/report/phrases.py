"""How reports word a pneumothorax. See `grammar` for the notation.

Slots that the writer fills: `size`, `zone`, `at zone` and `extent` are empty where the report leaves them out;
`size word`, `zone noun` and the like exist only where it does not.
"""

from ptx_followup.report.grammar import Rule

PNEUMOTHORAX = {
    "ptx": Rule(
        shared=("pneumothorax",) * 8,
        train=("pneumothorax", "PTX", "hydropneumothorax"),
        validation=("pneumothorax", "ptx", "pneumothorax component"),
    ),
    "ptxs": Rule(
        shared=("pneumothoraces",), train=("pneumothoraces", "PTXs"), validation=("pneumothoraces",)
    ),
    "tiny": Rule(
        shared=("tiny",),
        train=("trace", "minimal", "very small"),
        validation=("minute", "minuscule", "minimal"),
    ),
    "small": Rule(
        shared=("small",) * 3, train=("small", "small-sized", "mild"), validation=("smallish", "small-volume")
    ),
    "moderate": Rule(
        shared=("moderate",) * 2,
        train=("moderate-sized", "medium-sized", "moderate"),
        validation=("moderately sized", "moderate-size", "medium-size"),
    ),
    "large": Rule(
        shared=("large",) * 2,
        train=("sizeable", "extensive", "very large"),
        validation=("sizable", "massive"),
    ),
}

SIDES = {
    "side adjective right": Rule(
        shared=("right",) * 4,
        train=("right-sided", "right"),
        validation=("right sided", "rt", "right hemithoracic"),
    ),
    "side adjective left": Rule(
        shared=("left",) * 4,
        train=("left-sided", "left"),
        validation=("left sided", "lt", "left hemithoracic"),
    ),
    "side letter right": Rule(shared=("R",), train=("(R)", "Rt"), validation=("RT",)),
    "side letter left": Rule(shared=("L",), train=("(L)", "Lt"), validation=("LT",)),
    "side place right": Rule(
        shared=("on the right",),
        train=("on the right side", "in the right hemithorax"),
        validation=("in the right pleural space", "within the right hemithorax", "in the right chest"),
    ),
    "side place left": Rule(
        shared=("on the left",),
        train=("on the left side", "in the left hemithorax"),
        validation=("in the left pleural space", "within the left hemithorax", "in the left chest"),
    ),
}

ZONES = {
    "zone apical": Rule(shared=("apical",)),
    "zone lateral": Rule(shared=("lateral",)),
    "zone basal": Rule(shared=("basilar",), train=("basal",), validation=("lower zone", "basal")),
    "zone subpulmonic": Rule(shared=("subpulmonic",), validation=("subpulmonary",)),
    "zone medial": Rule(
        shared=("medial",), train=("paramediastinal",), validation=("mediastinal-side medial",)
    ),
    "zone circumferential": Rule(shared=("circumferential",)),
    "zone apical lateral": Rule(
        shared=("apicolateral",),
        train=("apical and lateral",),
        validation=("apico-lateral", "apical/lateral"),
    ),
    "zone lateral basal": Rule(
        shared=("lateral and basal",), train=("basolateral",), validation=("laterobasal",)
    ),
    "zone apical basal": Rule(shared=("apical and basilar",), train=("apical and basal",)),
    "place apical": Rule(
        shared=("at the apex",),
        train=("at the lung apex", "overlying the apex"),
        validation=("in the apical region", "about the apex"),
    ),
    "place lateral": Rule(
        shared=("laterally",),
        train=("along the lateral chest wall",),
        validation=("along the lateral pleural margin",),
    ),
    "place basal": Rule(
        shared=("at the base",),
        train=("at the lung base", "at the costophrenic angle"),
        validation=("in the basal region", "in the costophrenic sulcus"),
    ),
    "place subpulmonic": Rule(
        shared=("in the subpulmonic space",),
        train=("beneath the lung",),
        validation=("in a subpulmonic location",),
    ),
    "place medial": Rule(
        shared=("medially",),
        train=("along the mediastinum",),
        validation=("along the medial pleural surface",),
    ),
    "place circumferential": Rule(
        shared=("surrounding the lung",),
        train=("at the apex, laterally and at the base",),
        validation=("extending from apex to base",),
    ),
}

EXTENT = {
    "extent clause": Rule(
        train=(
            ", measuring {extent} in maximal width",
            " measuring up to {extent}",
            ", approximately {extent} in greatest thickness",
            " with a maximal pleural separation of {extent}",
        ),
        validation=(
            ", {extent} in thickness",
            " with up to {extent} of pleural separation",
            " (maximal depth {extent})",
        ),
    ),
    "percent clause": Rule(
        train=(", approximately {percent}%", ", estimated at {percent} percent", " of about {percent}%"),
        validation=(", on the order of {percent}%", " (~{percent}%)"),
    ),
}

CHANGE = {
    "change clause": Rule(
        train=(
            ", unchanged",
            ", stable from prior",
            ", slightly increased since the prior exam",
            ", decreased from prior",
            ", new since the prior study",
        ),
        validation=(
            ", similar to prior",
            ", not significantly changed",
            ", slightly larger than on the previous film",
            ", improved compared with the prior radiograph",
        ),
    ),
    "comparison": Rule(
        train=("compared to the prior study, ", "in the interval, ", "since the previous examination, "),
        validation=("in comparison with the earlier radiograph, ", "relative to the last film, "),
    ),
}

POSITIVE = {
    "finding": Rule(
        train=(
            "there is a {size} {side} {zone} {ptx}{figure}{change}",
            "{size} {side} {zone} {ptx}{figure}{change}",
            "[{comparison}]a {size} {side} {zone} {ptx} is <seen|noted|present|identified|visualized>{figure}",
            "{size} {zone} {ptx} {side place}{figure}{change}",
            "there is a {size} {ptx} {side place}[ {at zone}]{figure}{change}",
            "there is <persistent|residual|a persistent|a residual> {size} {side} {zone} {ptx}{figure}",
            "[{comparison}]the {side} {zone} {ptx} is {size word}[, unchanged]",
            "{side} {ptx}, {size word}{figure}[, {zone noun} in location]",
            "lucency without lung markings {at zone} {side place}, <consistent|compatible> with a {size} {ptx}",
            "a visceral pleural line is visible {at zone} {side place}, consistent with {size} {ptx}",
            "again <seen|noted|demonstrated> is a {size} {side} {zone} {ptx}{figure}",
            "{size} {side} {ptx} {at zone}{figure}{change}",
            "{side place}, there is a {size} {zone} {ptx}{figure}",
        ),
        validation=(
            "a {size} {zone} {ptx} persists {side place}{figure}",
            "the {side} hemithorax shows a {size} {zone} {ptx}{figure}{change}",
            "{size} {ptx} {side place} {at zone}{figure}{change}",
            "evidence of a {size} {side} {zone} {ptx}{figure}",
            "interval <development|appearance> of a {size} {side} {zone} {ptx}",
            "{side} {zone} {ptx} <remains|is still> visible{figure}",
            "[{comparison}]{side} {zone} {ptx} again identified, {size word}",
            "we see a {size} {side} {zone} {ptx}{figure}{change}",
            "pleural air {at zone} {side place} in keeping with a {size} {ptx}",
            "findings of a {size} {side} {ptx}, <predominantly|mainly> {zone noun}",
        ),
    ),
    "telegraphic": Rule(
        train=(
            "{size} {side} {zone} {ptx}",
            "{side} {ptx}, {size word}",
            "{side} {zone} {ptx}[ {size}]",
            "+ {side} {zone} ptx, {size word}",
        ),
        validation=(
            "{ptx} {side}[, {zone noun}][, {size word}]",
            "{side} {zone} {ptx} present[ - {size word}]",
        ),
    ),
    "contralateral": Rule(
        train=(
            "no {other side} pneumothorax",
            "there is no pneumothorax on the {other side}",
            "no pneumothorax is seen on the {other side}",
            "the {other side} lung is fully expanded",
        ),
        validation=(
            "no evidence of pneumothorax in the {other side} hemithorax",
            "the {other side} side shows no pneumothorax",
            "{other side} lung well expanded without pneumothorax",
        ),
    ),
    "shift": Rule(
        train=("no mediastinal shift", "there is no evidence of tension", "mediastinum is midline"),
        validation=("no signs of tension", "no shift of the mediastinum"),
    ),
    "both": Rule(
        train=(
            "there are {size} bilateral {zone} {ptxs}{change}",
            "bilateral {size} {zone} {ptxs}",
            "{size} {zone} {ptxs} <are seen|are present> bilaterally",
            "{size} {ptxs} on both sides",
        ),
        validation=(
            "both hemithoraces show {size} {zone} {ptxs}",
            "{size} {zone} {ptxs} in both hemithoraces",
            "bilateral {ptxs}, {size word}",
        ),
    ),
    "both unlike": Rule(
        train=(
            "bilateral {ptxs}, {right} on the right and {left} on the left",
            "there are bilateral {ptxs}: {left} left and {right} right",
        ),
        validation=("{ptxs} on both sides, {left} on the left, {right} on the right",),
    ),
}

NEGATIVE = {
    "denial": Rule(
        train=(
            "no pneumothorax",
            "there is no pneumothorax",
            "no pneumothorax is <seen|identified|noted|present|visualized>",
            "there is no <evidence of|visible> pneumothorax",
            "no pneumothorax or <pleural effusion|effusion>",
            "no <pleural effusion|focal consolidation> or pneumothorax",
            "there is no focal consolidation, pleural effusion, or pneumothorax",
            "no PTX",
            "no right or left pneumothorax",
            "negative for pneumothorax",
            "no definite pneumothorax",
            "without evidence of pneumothorax or effusion",
            "the <right|left> pneumothorax has resolved, and no pneumothorax remains",
            "no residual pneumothorax",
        ),
        validation=(
            "pneumothorax is not <seen|identified>",
            "no sign of pneumothorax on either side",
            "neither pneumothorax nor pleural effusion is seen",
            "no convincing evidence of pneumothorax",
            "lungs are fully expanded without pneumothorax",
            "no pneumothoraces",
            "no discernible pneumothorax",
            "previously seen <right|left> pneumothorax is no longer visualized",
            "no large effusion or pneumothorax",
        ),
    ),
}
