"""Which segment of a mask is the pneumothorax, by its type and its label."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ptx_followup.errors import InputError

#: Words for the finding, in lower case without accents.
_FINDING = frozenset(
    {
        *("pneumothorax", "pneumothoraces", "ptx", "pnx", "hydropneumothorax", "hemopneumothorax"),
        *(
            "haemopneumothorax",
            "neumotorax",
            "pneumotorax",
            "pneumotorace",
            "pneumothoraks",
            "odma",
            "пневмоторакс",
        ),
    }
)
#: Words that take the finding away: "lung without pneumothorax" is the rest of the lung.
_AWAY = frozenset(
    {
        *("no", "non", "not", "without", "wo", "free", "minus", "excluding", "exclude", "excluded", "except"),
        *(
            "absent",
            "negative",
            "neg",
            "never",
            "outside",
            "beside",
            "kein",
            "keine",
            "ohne",
            "nicht",
            "sans",
        ),
        *("none", "nil", "nothing", "nor", "neither", "lack", "lacking", "keinen", "keinem", "keiner", "nie"),
        *(
            "ausgeschlossen",
            "negativ",
            "negativo",
            "pas",
            "aucun",
            "nessun",
            "ningun",
            "nenhum",
            "geen",
            "niet",
        ),
        *("ingen", "inte", "ikke", "ej", "brak", "nema", "neni", "нет"),
        *("sin", "sem", "senza", "bez", "zonder", "utan", "uden", "uten", "без"),
    }
)
#: Words for what a mask of a chest may show instead.
_OTHER = frozenset(
    {
        *(
            "lung",
            "lungs",
            "hemithorax",
            "heart",
            "cardiac",
            "mediastinum",
            "rib",
            "ribs",
            "clavicle",
            "effusion",
        ),
        *(
            "consolidation",
            "diaphragm",
            "trachea",
            "spine",
            "tube",
            "catheter",
            "background",
            "lunge",
            "poumon",
        ),
        *("pulmon", "polmone", "herz", "coeur", "corazon", "cuore"),
    }
)

#: Told where the one segment that is there has to be the pneumothorax.
UNNAMED = "the only segment of the mask does not say what it shows: it was taken for the pneumothorax"


@dataclass(frozen=True)
class Segment:
    """One segment of a mask's file.

    Attributes:
        label: As it is called; "" where it has no name.
        typed: Its coded type is pneumothorax.
    """

    label: str
    typed: bool = False


def chosen_segments(segments: Sequence[Segment], label: str) -> tuple[list[int], tuple[str, ...]]:
    """Which segments show the pneumothorax: those of that type, else of that name, else the only one.

    Args:
        segments: Of the file.
        label: The file's base name, for messages.

    Returns:
        Their places in `segments`, and warnings.

    Raises:
        InputError: That is left open, or they show something else.
    """
    for wanted in (
        [place for place, one in enumerate(segments) if one.typed],
        [place for place, one in enumerate(segments) if names_pneumothorax(one.label)],
    ):
        if wanted:
            return wanted, ()
    if len(segments) == 1 and not _names_something_else(segments[0].label):
        return [0], (UNNAMED,)
    count = "one segment" if len(segments) == 1 else f"{len(segments)} segments"
    raise InputError(
        f"{label} has {count} and none of a pneumothorax",
        "give one of them the type or the label Pneumothorax",
    )


def names_pneumothorax(label: str) -> bool:
    """Whether a label calls its segment a pneumothorax.

    Examples:
        >>> names_pneumothorax("Pneumothorax_left")
        True
        >>> names_pneumothorax("Lung without pneumothorax")
        False
    """
    words = _words(label)
    return bool(words & _FINDING) and not words & _AWAY


def _names_something_else(label: str) -> bool:
    words = _words(label)
    return bool(words & (_OTHER | _FINDING))


def _words(label: str) -> set[str]:
    letters = unicodedata.normalize("NFKD", label[:1024]).casefold()
    plain = "".join(character for character in letters if not unicodedata.combining(character))
    return set(re.findall(r"[^\W\d_]+", plain.replace("w/o", "without")))
