"""Changes to a report's wording that keep what it says: for training only.

Sentence order and synonyms change by chance, as in ConTEXTual Net. `swap_sides` goes with a horizontal flip:
the report of the mirror image.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from ptx_followup.report.mirror import swap_sides
from ptx_followup.report.sections import Sentence, split_sentences

__all__ = ["OWN_SYNONYMS", "SYNONYM_RATE", "Synonyms", "replace_synonyms", "shuffle_sentences", "swap_sides"]

Synonyms = Mapping[str, tuple[str, ...]]

#: Share of the words with a synonym that are replaced (ConTEXTual Net).
SYNONYM_RATE = 0.15

# Terms that stand for one another wherever they occur in a chest radiograph report.
_INTERCHANGEABLE = (
    ("seen", "noted", "identified", "visualized", "demonstrated"),
    ("opacity", "density"),
    ("opacities", "densities"),
    ("edema", "oedema"),
    ("radiograph", "film", "x-ray"),
    ("study", "examination", "exam"),
    ("prior", "previous"),
    ("stable", "unchanged"),
    ("basilar", "basal"),
    ("bibasilar", "bibasal"),
    ("large", "sizable", "sizeable"),
    ("minimal", "trace"),
    ("osseous", "bony"),
    ("portable", "bedside"),
    ("placement", "insertion"),
    ("scarring", "fibrosis"),
    ("cardiomegaly", "cardiac enlargement"),
    ("chest tube", "thoracostomy tube", "chest drain"),
    ("pigtail catheter", "pigtail drain"),
    ("central venous catheter", "central line"),
    ("endotracheal tube", "ETT"),
    ("nasogastric tube", "NG tube"),
    ("enteric tube", "feeding tube"),
    ("pleural effusion", "pleural fluid"),
    ("costophrenic angle", "costophrenic sulcus"),
    ("rib fracture", "fractured rib"),
    ("rib fractures", "fractured ribs"),
    ("subcutaneous emphysema", "surgical emphysema", "soft tissue emphysema"),
    ("vascular congestion", "venous congestion"),
    ("consolidation", "airspace disease"),
    ("evidence", "sign"),
)

#: The project's own small table.
OWN_SYNONYMS: Synonyms = {
    term: tuple(other for other in group if other != term) for group in _INTERCHANGEABLE for term in group
}

_LONGEST_TERM = 4
_WORD = re.compile(r"[A-Za-z]+(?:[-'][A-Za-z]+)*")
_LABEL = re.compile(r"[A-Za-z][A-Za-z /]{0,30}(?::| -)\s")
_LEANS_ON_PREVIOUS = re.compile(
    r"(?:it|its|this|these|that|those|they|which|the (?:latter|former)|here|also|otherwise|however)\b",
    re.I,
)
_MENTION = re.compile(r"pneumo|ptx|pnx|pleural (?:air|gas)|pn[eu]+mo", re.I)


def shuffle_sentences(text: str, rng: np.random.Generator) -> str:
    """Put the sentences of each section into another order.

    A sentence stays behind the one it leans on: one that begins with a pronoun, and the one after a mention
    of a pneumothorax (which may give its side). Headings, numbering and spacing stay where they are, and so
    do all the sentences of a section with template lines ("Pleura: ...").

    Args:
        text: The report.
        rng: Source of chance.
    """
    pieces = []
    position = 0
    for group in _by_section(split_sentences(text)):
        order = group if any(_LABEL.match(one.text) for one in group) else _shuffled(group, rng)
        for place, sentence in zip(group, order, strict=True):
            # The last sentence of a section may lack its stop, and would run on into what it now precedes.
            stop = "" if place is group[-1] or sentence.text.endswith((".", "!", "?")) else "."
            pieces += [text[position : place.start], sentence.text, stop]
            position = place.end
    return "".join(pieces) + text[position:]


def _by_section(sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    groups: list[list[Sentence]] = []
    for sentence in sentences:
        if groups and groups[-1][-1].section == sentence.section:
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return groups


def _shuffled(group: Sequence[Sentence], rng: np.random.Generator) -> list[Sentence]:
    units = [[group[0]]]
    for before, sentence in pairwise(group):
        if _MENTION.search(before.text) or _LEANS_ON_PREVIOUS.match(sentence.text):
            units[-1].append(sentence)
        else:
            units.append([sentence])
    # A mention at the end stays there, or another sentence would come to stand behind it.
    last = [units.pop()] if _MENTION.search(group[-1].text) else []
    order = [*(units[index] for index in rng.permutation(len(units))), *last]
    return [sentence for unit in order for sentence in unit]


def replace_synonyms(
    text: str,
    rng: np.random.Generator,
    synonyms: Synonyms = OWN_SYNONYMS,
    rate: float = SYNONYM_RATE,
) -> str:
    """Replace whole words and terms by synonyms, each independently, keeping capitals and articles right.

    Args:
        text: The report.
        rng: Source of chance.
        synonyms: Lower-case terms of up to four words, with what may stand for each.
        rate: Probability of replacing a term, 0..1.
    """
    words = list(_WORD.finditer(text))
    pieces: list[str] = []
    position = index = 0
    while index < len(words):
        length = _term_length(text, words[index : index + _LONGEST_TERM], synonyms)
        if length == 0:
            index += 1
            continue
        start, end = words[index].start(), words[index + length - 1].end()
        if rng.random() < rate:
            choices = synonyms[text[start:end].lower()]
            chosen = _in_case_of(text[start:end], choices[int(rng.integers(len(choices)))])
            pieces += [_with_article(text[position:start], chosen), chosen]
            position = end
        index += length
    return "".join(pieces) + text[position:]


def _term_length(text: str, words: Sequence[re.Match[str]], synonyms: Synonyms) -> int:
    """Number of words of the longest known term that begins here; 0 for none."""
    for length in range(len(words), 0, -1):
        if text[words[0].start() : words[length - 1].end()].lower() in synonyms:
            return length
    return 0


def _in_case_of(original: str, replacement: str) -> str:
    if original.isupper() and len(original) > 1:
        return replacement.upper()
    return replacement[:1].upper() + replacement[1:] if original[:1].isupper() else replacement


def _with_article(before: str, following: str) -> str:
    """The text before a word, its indefinite article made to fit the word."""
    match = re.search(r"\b([Aa])n?( +)$", before)
    if match is None:
        return before
    article = match[1] + ("n" if following[:1].lower() in "aeiou" else "")
    return before[: match.start()] + article + match[2]
