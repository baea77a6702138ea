"""Words for a projection in the languages that consoles speak."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Projection = Literal["PA", "AP", "lateral", "oblique", "unknown"]

#: Words, in upper case without accents; what other characters stand between them is one blank.
_WORDS: dict[Literal["PA", "AP", "lateral", "oblique", "frontal", "several"], tuple[str, ...]] = {
    "PA": (
        *("PA", "P A", "POSTERO ?ANTERIOR", "POSTERIOR ANTERIOR", "POSTERO ?ANTERIORE", "POSTERO ?ANTERIEUR"),
        *("DORSO ?VENTRAL", "TYLNO ?PRZEDNI[AE]", "ZADO ?PREDNI", "ACHTER ?VOORWAARTS"),
    ),
    "AP": (
        *("AP", "A P", "ANTERO ?POSTERIOR", "ANTERIOR POSTERIOR", "ANTERO ?POSTERIORE", "ANTERO ?POSTERIEUR"),
        *("VENTRO ?DORSAL", "PRZEDNIO ?TYLN[AE]", "PREDO ?ZADNI", "VOOR ?ACHTERWAARTS"),
    ),
    "lateral": (
        # English, and the Latin word in its other endings
        *(
            "LAT",
            "LATS",
            "LLAT",
            "RLAT",
            "LATERAA?L(?!IT)[A-Z]*",
            "LATERO ?LATERAL[A-Z]*",
            "LL",
            "L L",
            "SAGITTAL[A-Z]*",
        ),
        *(
            "PROFIL",
            "PROFILO",
            "PROFILE",
            "PROFILN[AIOY]",
            "PERFIL",
            "DE COTE",
            "DE LADO",
        ),  # Romance, South Slavic
        *("SEITL", "SEITLICH[A-Z]*", "SEIT(?:EN)?(?:AUFNAHME|BILD|ANSICHT)", "STL"),  # German
        *("ZIJDELINGSE?", "ZIJ", "ZIJWAARTSE?", "ZIJAANZICHT", "DWARSE?", "PROFIEL"),  # Dutch
        *(
            "SIDA",
            "SIDOBILD",
            "SIDBILD",
            "SIDEBILDE",
            "SIDEBILLEDE",
            "SIDEOPTAGELSE",
            "SIDEOPPTAK",
            "(?:THORAX|TORAKS|TORAX|BRYSTKASSE) SIDE",
        ),  # Scandinavian
        *(
            "SIVU",
            "SIVUKUVA",
            "SIVULTA",
            "SIVUSUUNTA",
            "KULG",
            "KULGVAADE",
            "KULGVOTE",
            "KULGULESVOTE",
        ),  # Finnish, Estonian
        *("BOCZN[AEY]", "BOK", "BOCN[AEIOY]", "STRANSK[AIO]"),  # Polish, Czech, Slovak, South Slavic
        *("SONIN[AEI][A-Z]*", "SANU", "SANSKATS?"),  # Lithuanian, Latvian
        *("OLDALIRANYU", "OLDALNEZETI?", "OLDALFELVETEL", "OLDAL"),  # Hungarian
        *("YAN", "YANDAN"),  # Turkish
        *("NGHIENG",),  # Vietnamese
        *("БОК", "БОКОВ[А-Я]*", "БІЧН[А-Я]*", "ПРОФИЛ[А-Я]*", "СТРАНИЧН[А-Я]*", "ЛАТЕРАЛ[А-Я]*"),
        *("ПРОФІЛ[А-Я]*", "ЛЛ", "ΠΛΑΓΙΑ", "ΠΡΟΦΙΛ"),
    ),
    "oblique": (
        *(
            "OBL",
            "OBLIQUE",
            "OBLIQUA",
            "OBLICUA",
            "OBLIQUO",
            "LAO",
            "RAO",
            "LPO",
            "RPO",
            "LLO",
            "RLO",
            "OAD",
            "OAG",
        ),
        *("SCHRAG", "SCHRAEG", "SKOSN[AEY]", "SIKM[AEOY]", "КОС[А-Я]{2}"),
    ),
    "frontal": (
        *(
            "FRONTAL[A-Z]*",
            "FACE",
            "FRENTE",
            "FRONT",
            "FAS",
            "CELNI",
            "PREDNI",
            "ПРЯМ[А-Я]{2}",
            "ФРОНТАЛ[А-Я]*",
        ),
        *("ФАС", "ΠΡΟΣΘΙΑ", "ΜΕΤΩΠΙΑΙΑ", "THANG"),
    ),
    "several": (
        r"(?:2|TWO|BOTH|3|THREE) ?(?:VIEWS?|VWS?|V|PROJECTIONS?)",
        r"(?:2|ZWEI|BEIDEN?|3|DREI) ?(?:EB|EBENEN?|RICHTUNGEN)",
        r"(?:2|DEUX|DOS|DUE|DUAS|DOUA|DWIE|DVE|DVIJE|TWEE|TVA|TO|KET|IKI|ДВЕ|ДВУХ|ДВОХ) "
        r"?(?:INC|INCIDENCES?|INCIDENCIAS?|INCIDENTE|PROY?|PROYECCIONES|PROIEZIONI|PROJ|PROJECOES|PROJEKCJE|"
        r"PROJEKCIJE?|PROJEKCE|RICHTINGEN|PROJEKTIONER|PROJEKSJONER|IRANY\w*|YON\w*|ПРОЕКЦИ\w*|ПРОЕКЦІ\w*)",
    ),
}
#: Scripts that set no blanks between words, and those of one word for it; without marks above letters.
_UNSPACED: dict[Literal["PA", "AP", "lateral", "oblique", "frontal", "several"], tuple[str, ...]] = {
    "PA": ("后前位", "後前位", "後前", "后前", "背腹"),
    "AP": ("前后位", "前後位", "前後", "前后", "腹背"),
    "lateral": ("側面", "側位", "侧位", "侧面", "측면", "측방", "جانبي", "צידי", "פרופיל", "ดานขาง"),
    "oblique": ("斜位", "斜め", "사위", "مائل"),
    "frontal": ("正面", "正位", "정면", "أمامي", "חזית", "ดานหนา"),
    "several": ("2方向", "二方向", "両方向", "正側", "正侧", "双位"),
}
_PATTERNS = {
    view: re.compile(rf"\b(?:{'|'.join(words)})\b|{'|'.join(_UNSPACED[view])}")
    for view, words in _WORDS.items()
}
#: Letters with a stroke, which Unicode takes for letters of their own.
_STRUCK = str.maketrans("ŁØĐ", "LOD")
#: Somebody who lies on the side, whose film is frontal: the beam is horizontal. A "decúbito supino" is on the
#: back.
DECUBITUS = re.compile(
    r"\b(DE[CK]UB\w*(?! (?:SUPIN|DORSAL|PRON|VENTRAL))|LLD|RLD|SEITENLAGE|ZIJLIGGING)\b|側臥位|侧卧位"
)


def view_in_words(words: str) -> Projection:
    """Find the one view that a text names.

    A text that names several views ("chest PA and lateral" for the whole exam) names none.

    Examples:
        >>> view_in_words("W 34 Thorax p.a.")
        'PA'
        >>> view_in_words("XR CHEST PA AND LATERAL")
        'unknown'
        >>> view_in_words("Klatka piersiowa, zdjęcie boczne")
        'lateral'
    """
    normal = normalised(words)
    found = {view for view, pattern in _PATTERNS.items() if pattern.search(normal)}
    if DECUBITUS.search(normal):
        found.discard("lateral")
    if found == {"lateral"}:
        return "lateral"
    if found == {"oblique"}:
        return "oblique"
    found.discard("frontal")
    if found == {"PA"}:
        return "PA"
    return "AP" if found == {"AP"} else "unknown"


def normalised(words: str) -> str:
    """Upper case without accents, every run of other characters than letters and digits as one blank."""
    letters = unicodedata.normalize("NFKD", words[:1024].upper())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    # Hangul, taken apart above, is put together again.
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", plain).translate(_STRUCK))
