"""Synonyms from the user's own copy of RadLex (RSNA), read offline.

RadLex comes as OWL in RDF/XML and, from BioPortal, as CSV. Nothing of it is on board.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from ptx_followup.errors import InputError

if TYPE_CHECKING:
    from ptx_followup.report.augment import Synonyms

_MAX_WORDS = 4
_TERM = re.compile(r"[A-Za-z]+(?:[- ][A-Za-z]+)*")

# A term with one of these words decides what a report says of a pneumothorax; no synonym may touch it.
_DECIDING = re.compile(
    r"\b(?:right|left|bilateral|unilateral|both|side|ipsilateral|contralateral|apic\w*|apex|bas[ae]\w*"
    r"|basilar|lateral"
    r"|medial|anterior|posterior|superior|inferior|upper|middle|lower|lingul\w*|circumferential|sub\w*"
    r"|peripheral"
    r"|tiny|small|mild|minimal|trace|moderate|medium|large|severe|massive|extensive|complete|partial"
    r"|total|size"
    r"|no|not|none|without|absent|absence|negative|normal|abnormal|present|presence|positive"
    r"|possible|probable|likely|unlikely|definite|uncertain|suspected|equivocal|certain|clear"
    r"|new|old|prior|previous|stable|unchanged|increas\w*|decreas\w*|larger|smaller|resolv\w*|improv\w*"
    r"|wors\w*"
    r"|pneumo\w*|\w*thora\w*|tension|shift\w*|pleura\w*|air|gas|free|collapse\w*|lucen\w*|tube|drain"
    r"|a|an|and|or|of|to|in|on|at|by|with|for|is|are)\b",
    re.I,
)

# Names of the columns and elements, after their namespace, in the editions that circulate.
_PREFERRED = {"preferred label", "preferred_name", "label", "preflabel"}
_SYNONYM = {"synonyms", "synonym", "altlabel"}
_OBSOLETE = {"obsolete", "deprecated"}
_LONGEST_ENTITY = 256


def read_radlex(path: Path) -> Synonyms:
    """Read synonyms from a RadLex download.

    Terms of one to four words in plain letters are taken. A term with a word that decides what a report says
    of a pneumothorax (side, zone, size, denial, change ...) is left out.

    Args:
        path: CSV (BioPortal: columns "Preferred Label", "Synonyms" separated by "|") or OWL in RDF/XML.

    Returns:
        For each lower-case term what may stand for it.

    Raises:
        InputError: The file cannot be read, is neither of the two, or holds no synonym.
    """
    try:
        with path.open("rb") as file:
            is_xml = file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        groups = list(_owl_groups(path) if is_xml else _csv_groups(path))
    except OSError as error:
        raise InputError(f"cannot read {path.name}", error.strerror or "check the path") from error
    except (UnicodeDecodeError, csv.Error, expat.ExpatError) as error:
        raise InputError(f"{path.name} is not a readable CSV or XML file", "download it again") from error
    synonyms = _interchangeable(groups)
    if not synonyms:
        raise InputError(
            f"{path.name} holds no RadLex synonyms",
            'expected OWL in RDF/XML, or a CSV with the columns "Preferred Label" and "Synonyms"',
        )
    return synonyms


def _interchangeable(groups: Iterable[Iterable[str]]) -> Synonyms:
    table: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for group in groups:
        usable = [term for term in dict.fromkeys(name.strip() for name in group) if _is_usable(term)]
        for term in usable:
            table[term.lower()].update(dict.fromkeys(o for o in usable if o.lower() != term.lower()))
    return {term: tuple(others) for term, others in table.items() if others}


def _is_usable(term: str) -> bool:
    return (
        len(term) > 2
        and len(term.split()) <= _MAX_WORDS
        and _TERM.fullmatch(term) is not None
        and _DECIDING.search(term) is None
    )


def _csv_groups(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(1_000_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        kinds = [_kind(name) for name in next(rows, [])]
        for row in rows:
            cells = dict.fromkeys(("preferred", "synonym", "obsolete"), "")
            for kind, cell in zip(kinds, row, strict=False):
                if kind and cell:
                    cells[kind] = f"{cells[kind]}|{cell}" if cells[kind] else cell
            if "true" not in cells["obsolete"].lower():
                yield f"{cells['preferred']}|{cells['synonym']}".split("|")


def _kind(name: str) -> str | None:
    """What a column or element holds, by its local name."""
    local = re.split(r"[/# ](?=[^/# ]*$)", name)[-1].lower() if ":" in name else name.strip().lower()
    for kind, names in (("preferred", _PREFERRED), ("synonym", _SYNONYM), ("obsolete", _OBSOLETE)):
        if local in names:
            return kind
    return None


def _owl_groups(path: Path) -> Iterator[list[str]]:
    reader = _OwlReader()
    with path.open("rb") as file:
        reader.parse(file.read())
    yield from reader.groups


class _OwlReader:
    """Collects the names of each class of an RDF/XML file; entities in text are dropped, not expanded."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self._names: list[str] = []
        self._depth = 0
        self._kind: str | None = None
        self._text = ""
        self._obsolete = False

    def parse(self, data: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator="#")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        parser.DefaultHandler = lambda _: None  # without it expat would expand entities into the text
        parser.Parse(data, True)

    def _entity(self, name: str, _parameter: bool, value: str | None, *_: str | None) -> None:
        """Allow the namespace abbreviations that ontology editors write, and no more than those."""
        if value is None or len(value) > _LONGEST_ENTITY or "&" in value or "%" in value:
            raise InputError(
                "the RadLex file defines XML entities that are not namespaces", "download it again"
            )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 2:
            self._names, self._obsolete = [], False
        elif self._depth == 3:
            language = attributes.get("http://www.w3.org/XML/1998/namespace#lang", "en")
            self._kind = _kind(name) if language.lower().startswith("en") else None
            self._text = ""

    def _characters(self, text: str) -> None:
        if self._kind is not None and self._depth == 3:
            self._text += text

    def _end(self, _name: str) -> None:
        if self._depth == 3 and self._kind == "obsolete":
            self._obsolete |= self._text.strip().lower() == "true"
        elif self._depth == 3 and self._kind is not None:
            self._names.append(self._text)
        elif self._depth == 2 and not self._obsolete:
            self.groups.append(self._names)
        if self._depth == 3:
            self._kind = None
        self._depth -= 1
