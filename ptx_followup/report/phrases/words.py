"""Words and word groups: what a pneumothorax is called, its size, side, zone, extent and change."""

from ptx_followup.report.grammar import Rule

_NAMES = {
    "pneumothorax": Rule(
        shared=("pneumothorax",) * 12,
        train=("PTX", "pneumo", "hydropneumothorax"),
        validation=("ptx", "PNX", "Ptx"),
    ),
    "pneumothoraces": Rule(
        shared=("pneumothoraces",) * 3, train=("PTXs", "hydropneumothoraces"), validation=("pneumothoraxes",)
    ),
}

_SIZES = {
    "size tiny": Rule(
        shared=("tiny",) * 2,
        train=("trace", "minimal", "very small"),
        validation=("minute", "minuscule"),
    ),
    "size small": Rule(
        shared=("small",) * 6,
        train=("mild", "small-sized", "relatively small"),
        validation=("smallish", "small-volume", "fairly small"),
    ),
    "size moderate": Rule(
        shared=("moderate",) * 3,
        train=("moderate-sized", "medium-sized", "moderate sized"),
        validation=("moderately sized", "moderate-size", "medium-size", "intermediate-sized"),
    ),
    "size large": Rule(
        shared=("large",) * 3,
        train=("sizeable", "extensive", "very large", "massive"),
        validation=("sizable", "substantial", "quite large"),
    ),
}

_SIDES = {
    "adjective right": Rule(shared=("right",) * 4, train=("right-sided",), validation=("right sided",)),
    "adjective left": Rule(shared=("left",) * 4, train=("left-sided",), validation=("left sided",)),
    "letter right": Rule(train=("R", "R", "(R)", "Rt"), validation=("R", "rt", "RT", "R-sided")),
    "letter left": Rule(train=("L", "L", "(L)", "Lt"), validation=("L", "lt", "LT", "L-sided")),
    "on side": Rule(
        shared=("on the {bare side}",),
        train=("on the {bare side} side", "in the {bare side} hemithorax", "on the {bare side}"),
        validation=(
            "in the {bare side} pleural space",
            "within the {bare side} hemithorax",
            "in the {bare side} chest",
        ),
    ),
}

_ZONES = {
    "zone apical": Rule(shared=("apical",) * 3),
    "zone lateral": Rule(shared=("lateral",)),
    "zone basal": Rule(shared=("basilar",), train=("basal",), validation=("basal",)),
    "zone subpulmonic": Rule(shared=("subpulmonic",), validation=("subpulmonary",)),
    "zone medial": Rule(shared=("medial",), train=("paramediastinal",), validation=("juxtamediastinal",)),
    "zone anterior": Rule(shared=("anterior",)),
    "zone circumferential": Rule(shared=("circumferential",)),
    "zone apical lateral": Rule(
        shared=("apicolateral",),
        train=("apical and lateral", "lateral and apical"),
        validation=("apico-lateral", "apical/lateral"),
    ),
    "zone lateral basal": Rule(
        shared=("lateral and basal",),
        train=("lateral basilar", "basolateral"),
        validation=("laterobasal", "basal and lateral"),
    ),
    "zone apical basal": Rule(
        shared=("apical and basilar",), train=("apical and basal",), validation=("basal and apical",)
    ),
    "zone basal subpulmonic": Rule(
        shared=("subpulmonic", "basilar"), train=("basal subpulmonic",), validation=("basal", "subpulmonary")
    ),
    "zone apical basal subpulmonic": Rule(
        shared=("apical and subpulmonic", "apical and basilar"), validation=("subpulmonic and apical",)
    ),
    "at apical": Rule(
        shared=("at the {bare side} apex",),
        train=(
            "at the {bare side} lung apex",
            "overlying the {bare side} apex",
            "at the apex of the {bare side} lung",
            "in the {bare side} apex",
        ),
        validation=(
            "in the {bare side} apical region",
            "about the {bare side} apex",
            "over the {bare side} apex",
        ),
    ),
    "at lateral": Rule(
        train=("along the {bare side} lateral chest wall", "in the {bare side} lateral pleural space"),
        validation=(
            "along the {bare side} lateral pleural margin",
            "at the lateral aspect of the {bare side} lung",
        ),
    ),
    "at basal": Rule(
        shared=("at the {bare side} base",),
        train=("at the {bare side} lung base", "at the {bare side} costophrenic angle"),
        validation=("in the {bare side} basal region", "in the {bare side} costophrenic sulcus"),
    ),
    "at subpulmonic": Rule(
        shared=("in the {bare side} subpulmonic space",),
        train=("in a {bare side} subpulmonic location",),
        validation=("in a {bare side} subpulmonic distribution",),
    ),
    "at medial": Rule(
        shared=("along the {bare side} medial lung border",),
        train=("along the {bare side} mediastinal border",),
        validation=("along the medial surface of the {bare side} lung",),
    ),
    "at anterior": Rule(shared=("in the anterior {bare side} pleural space",)),
    "at circumferential": Rule(
        train=(
            "surrounding the {bare side} lung",
            "along the {bare side} apex, lateral chest wall and base",
            "circumferentially around the {bare side} lung",
        ),
        validation=(
            "encircling the {bare side} lung",
            "at the {bare side} apex, laterally and at the base",
            "around the whole {bare side} lung",
        ),
    ),
}

_EXTENT = {
    "extent": Rule(
        train=(
            ", measuring {length} in maximal width",
            " measuring up to {length}",
            ", approximately {length} in greatest thickness",
            " with a maximal pleural separation of {length}",
            ", {length} in maximum dimension",
            ", measuring about {length}",
            "{apical only} with {length} of apical separation",
            "{apical only}, measuring {length} at the apex",
        ),
        validation=(
            ", {length} in thickness",
            " with up to {length} of pleural separation",
            " (maximal depth {length})",
            ", <roughly|some> {length} wide",
            ", the pleural line lying {length} from the chest wall",
            "{apical only}, {length} at the apex",
        ),
    ),
    "share": Rule(
        train=(
            ", approximately {percent}%",
            ", estimated at {percent} percent",
            " of about {percent}%",
            ", occupying about {percent}% of the hemithorax",
        ),
        validation=(", on the order of {percent}%", " (~{percent}%)", ", {percent}% by visual estimate"),
    ),
}

_CHANGE = {
    "change stable": Rule(
        train=(
            ", unchanged",
            ", stable",
            ", stable from prior",
            ", not significantly changed since the prior exam",
            ", similar in size to the prior study",
            ", unchanged in size",
        ),
        validation=(
            ", similar to prior",
            " without significant interval change",
            ", essentially unchanged",
            ", as before",
        ),
    ),
    "change larger": Rule(
        train=(
            ", slightly increased since the prior exam",
            ", increased from prior",
            ", larger than on the prior study",
            ", increased in size",
            ", worsened in the interval",
        ),
        validation=(
            ", slightly larger than on the previous film",
            ", enlarged since the earlier radiograph",
            " which has increased",
        ),
    ),
    "change smaller": Rule(
        train=(
            ", decreased from prior",
            ", slightly decreased in size",
            ", smaller than on the prior exam",
            ", improved from the prior study",
            ", decreased in the interval",
        ),
        validation=(
            ", improved compared with the prior radiograph",
            ", smaller than previously",
            " which has decreased",
        ),
    ),
    "change new": Rule(
        train=(", new since the prior study", ", new from prior", ", not seen on the prior exam"),
        validation=(", new compared with the previous film", ", which is new"),
    ),
    "since": Rule(
        train=(
            "compared to the prior study, ",
            "in the interval, ",
            "since the previous examination, ",
            "compared to {date}, ",
            "when compared with the prior radiograph, ",
        ),
        validation=(
            "in comparison with the earlier radiograph, ",
            "relative to the last film, ",
            "as compared with {date}, ",
        ),
    ),
}

RULES = {**_NAMES, **_SIZES, **_SIDES, **_ZONES, **_EXTENT, **_CHANGE}
