"""Lines that answer a label: "Pneumothorax (Y/N): N", "Pneumothorax  R: no  L: yes"."""

from __future__ import annotations

import re
from itertools import pairwise

from ptx_followup.report.templates.words import PNEUMOTHORAX, SIDE, kind_of, side_of, statement, subject
from ptx_followup.report.vocabulary import words

#: Between a label and its answer; dots, lines and arrows lead the eye there.
_SEPARATOR = re.compile(
    r"[ \t]{0,20}(?:\((?:[a-z]{1,9}[ \t]?(?:/|or)[ \t]?){1,4}[a-z]{1,9}\))?[ \t]{0,20}(?:\?["
    r" \t]*[:=\u2010-\u2015-]?|[:=|\uff1a]+|(?:\.[ \t]?){3,}:?|\u2026+"
    r"|_{3,}|-+>|\u2192"
    r"|\t+|[ \t]{2,}|[ \t][-\u2010-\u2015]{1,3}[ \t])[ \t]{0,20}",
    re.IGNORECASE,
)
#: What a form calls the field that a finding is put in.
NAMED_AS = re.compile(
    r"^(?:critical )?(?:finding|dx|obs|diagnosis|abnormality|what|type|pathology|result|entity|code)"
    r"(?: (?:code|type|name))?[ \t]*[:?=][ \t]*",
    re.IGNORECASE,
)
_CUTS = re.compile(
    r";[ \t]*|\t+|(?<![:=?.|_ \t])[ \t]{3,}|(?<=[a-zA-Z0-9])\.[ \t]+(?=[A-Z])"
    r"|,[ \t]*(?=[A-Z][a-z]+[ \t]?[:=])"
)
#: Where a line has another sentence.
_END = re.compile(r"(?<=[a-zA-Z0-9)])\.[ \t]+(?=[a-zA-Z])(?!(?:left|right|[lr]|[lr]t)\b)", re.IGNORECASE)
_LABELS_OF_PARTS = re.compile(
    r"(?:(?:(?:on )?which |what )?(?:side|laterality|size|location|zone|position|extent|region|site|degree"
    r"|grade"
    r"|volume|severity|measure\w*|depth|width"
    r"|lat|loc|sz|confidence|certainty|probability|sides|left/right|how large|how big|where"
    r"|tension|rim|separation|change|interval change|present|presence|status|comment|description"
    r"|type|current size|size now))[ \t]*"
    r"(?:\([^()]{1,20}\))?[ \t]*[:=?][ \t]*",
    re.IGNORECASE,
)
#: Words of a part that goes on about a label.
_PART_WORDS = words(
    "present absent yes no none seen left right bilateral tiny trace minimal small moderate large"
    " massive apical basal"
    " lateral anterior medial side sided on the at apex base about approximately cm mm % stable"
    " unchanged new resolved"
    " identified tension without and to"
)
_BETWEEN_WORDS = re.compile(r"[ \t,.;:/*\u2022-]+")
_NUMBER = re.compile(r"\d{1,4}(?:\.\d{1,3})?(?:[cm]m|%)?$", re.IGNORECASE)
_BETWEEN_SIDES = re.compile(r"[ \t]*(?:[:=]|[-\u2010-\u2015](?=[ \t]))?[ \t]*")
_PAIR = re.compile(
    r"\(?[ \t]*\b(right|left|r|l)[ \t]*/[ \t]*(right|left|r|l)\b[ \t]*(?:\)|(?=[:=]))", re.IGNORECASE
)
_OF_BEFORE = re.compile(
    r"\b(?:prior|previous|past|old|history of) (?:left |right )?p[nt]"
    r"|\bp(?:tx|nx|neumothorax)[ \t]+(?:prior|previous(?:ly)?|before|yesterday|last)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:there|is|are|was|were|has|have|both|bilateral)\b(?! there| (?:an?|any) )", re.IGNORECASE
)
_DOUBTFUL = re.compile(
    r"possib|probab|likely|suspect|questionab|equivocal|low|moderate|medium|indetermin|uncertain|doubt",
    re.IGNORECASE,
)
_CERTAINLY_NOT = re.compile(
    r"(?:definite(?:ly)? |certain(?:ly)? )?(?:absent|no(?:t|ne)?\b|excluded|ruled out|negative)", re.I
)
#: A pneumothorax that is told before the label of something else: "pneumothorax lt, no shift, rt side: nil".
_TOLD_BEFORE = re.compile(r"p(?:neumo|tx|nx).{0,40},.{0,40}\b(?:no|not|without)\b", re.IGNORECASE)
_SIDE_LAST = re.compile(
    r"(?P<value>.+?)[ \t]*\b(?:(?:on|in|at)[ \t]+)?(?:the[ \t]+)?(?P<side>right|left|rt|lt|[rl])(?: side)?$",
    re.IGNORECASE,
)
#: A label is no longer than this, in words.
_LABEL_WORDS = 8


def answered(line: str) -> str | None:
    """What a line says of a pneumothorax, as sentences; None where it is no answer to a label.

    >>> answered("Pneumothorax (Y/N): N"), answered("Pneumothorax  R: no  L: yes, small")
    ('no Pneumothorax', 'no right Pneumothorax; small left Pneumothorax')
    """
    if not PNEUMOTHORAX.search(line):
        return None
    sided = _per_side(line) or _choice(line)
    if sided is not None:
        return sided
    pieces = [piece for piece in _CUTS.split(line) if piece and piece.strip()]
    said = [_answer(piece) for piece in pieces]
    bare = NAMED_AS.sub("", pieces[0]).strip(" .") if pieces else ""
    if len(pieces) > 1 and said[0] is None and PNEUMOTHORAX.fullmatch(bare):
        said[0] = bare if all(part_of(piece) is not None for piece in pieces[1:]) else None
    if all(one is None for one in said):
        return _answer(line)
    sentences: list[str] = []
    for piece, one in zip(pieces, said, strict=True):
        part = part_of(piece)
        if one is None and part is not None and sentences:
            sentences[-1] = joined(sentences[-1], part)
        elif one != "":
            sentences.append(piece.strip() if one is None else one)
    return ". ".join(sentence.rstrip(" .") for sentence in sentences)


def _choice(line: str) -> str | None:
    """That nothing was chosen, where a label has both answers beside it: "Pneumothorax   No   Yes"."""
    label, *values = re.split(r"[ \t]{2,}|\t", line.strip())
    is_choice = PNEUMOTHORAX.search(label) and {kind_of(value) for value in values} == {"none", "yes"}
    return statement(subject(label), "not assessed") if is_choice else None


def _answer(piece: str) -> str | None:
    """The sentence of one label with its answer."""
    label, separator, value = _split(piece)
    if (
        separator is None
        or ". " in label
        or _TOLD_BEFORE.search(label)
        or not PNEUMOTHORAX.search(label)
        or len(label.split()) > _LABEL_WORDS
    ):
        return None
    kind = kind_of(value.partition(",")[0].partition(". ")[0].partition("(")[0])
    plain = (":" in separator or "\uff1a" in separator) and "(" not in separator
    value = _letter(value)
    about = subject(label)
    if _OF_BEFORE.search(label) and kind in ("yes", "none"):
        return f"history of {about}" if kind == "yes" else ""
    if kind == "open" and "?" in separator:
        return None
    if kind is None and (plain or not is_part(value) or "?" in separator or len(about.split()) > 2):
        return None
    return statement(about, value)


def _split(piece: str) -> tuple[str, str | None, str]:
    match = _SEPARATOR.search(piece.strip(), 1)
    while (
        match and match.end() < len(piece.strip()) and not PNEUMOTHORAX.search(piece.strip()[: match.start()])
    ):
        match = _SEPARATOR.search(piece.strip(), match.end())
    if match is None:
        return piece, None, ""
    return piece.strip()[: match.start()], match.group(0), piece.strip()[match.end() :]


def is_part(value: str) -> bool:
    """Whether a text is nothing but words of a part: "small, left"."""
    own = [word for word in _BETWEEN_WORDS.split(value.lower()) if word.strip("()")]
    return bool(own) and all(word in _PART_WORDS or _NUMBER.match(word) for word in own)


def _per_side(line: str) -> str | None:
    """The sentences of a label with one value a side."""
    name = PNEUMOTHORAX.search(line)
    before = line[: name.start()] if name else line
    if (
        name is None
        or PNEUMOTHORAX.search(line, name.end())
        or len(before.split()) >= _LABEL_WORDS
        or SIDE.search(before)
        or _TELLS.search(before)
    ):
        return None
    about, rest = subject(line[: name.end()]), line[name.end() :]
    pair = _PAIR.search(rest)
    if pair and not re.search(r"[:=]", rest[: pair.start()]):
        values = re.split(r"[ \t]*/[ \t]*", rest[pair.end() :].strip(" \t:=?"))
        if len(values) == 2:
            return _together(about, list(zip((pair[1], pair[2]), values, strict=True)))
    values_by_side = sides_in(rest.lstrip(" \t:=?|-\u2013.")) or _sides_behind(rest)
    return _together(about, values_by_side) if values_by_side else None


def _sides_behind(rest: str) -> list[tuple[str, str]]:
    """Values with their sides behind them: ": none on right, 8 mm on left"."""
    label = _SEPARATOR.match(rest)
    parts = (
        re.split(r"[ \t]*[,;/][ \t]*(?:but |and )?|[ \t]+(?:and|but)[ \t]+", rest[label.end() :])
        if label
        else []
    )
    found = [_SIDE_LAST.match(part.strip(" .")) for part in parts]
    values = [(match["side"], match["value"]) for match in found if match]
    is_whole = len(values) == len(parts) > 1 and len({side_of(side) for side, _ in values}) == len(values)
    known = all(kind_of(value) is not None or is_part(value) for _, value in values)
    return values if is_whole and known else []


def sentence_spans(line: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of a line; a part stays with its label: "PTX: yes. Side: left"."""
    cuts = [0]
    for match in _END.finditer(line):
        following = line[match.end() :].partition(". ")[0]
        if part_of(following) is None:
            cuts.append(match.end())
    return list(pairwise([*cuts, len(line)]))


def sides_in(value: str) -> list[tuple[str, str]]:
    """Sides with their values, where a text is nothing but that: "R: no  L: yes, small"."""
    marks = [match for match in SIDE.finditer(value) if _opens(value, match)]
    if not marks or value[: marks[0].start()].strip():
        return []
    found: list[tuple[str, str]] = []
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(value)
        between = _BETWEEN_SIDES.match(value, mark.end(), end)
        start = between.end() if between else mark.end()
        said = value[start:end].strip(" \t,;.|/") or value[mark.end() : start].strip(" \t:=")
        if re.search(r"apex|apical", mark.group(0), re.IGNORECASE):
            said = f"apical, {said}" if kind_of(said) is None else said
        has_sign = start > mark.end() and value[mark.end() : start].strip() != ""
        if not said or not (
            has_sign
            or kind_of(said.partition(",")[0]) in ("none", "yes")
            or ((found or index + 1 < len(marks)) and is_part(said))
        ):
            return []
        found.append((mark["side"], said))
    return found


def _opens(value: str, match: re.Match[str]) -> bool:
    """Whether a side stands where one value begins."""
    before = value[: match.start()].rstrip(" \t")
    if before and before[-1].isalnum() and value[match.start() - 1 : match.start()] not in (" ", "\t"):
        return False
    after = value[match.end() : match.end() + 3].lstrip(" \t")
    begins = (
        not before
        or before[-1] in ",;.|/"
        or value[: match.start()].endswith(("  ", "\t"))
        or after[:1] in (":", "=")
    )
    return bool(begins)


def _together(about: str, values: list[tuple[str, str]]) -> str:
    said = (statement(about, value, side_of(side)) for side, value in values)
    return "; ".join(one for one in said if one)


def part_of(line: str) -> str | None:
    """A side, size or place that goes on about the label before it: "Side: left", "- small, apical"."""
    line = line.strip(" \t-*\u2022")
    label = _LABELS_OF_PARTS.match(line)
    if label:
        value = line[label.end() :].strip(" \t.")
        if label.group(0).lower().startswith("tension"):
            return "" if kind_of(value) == "none" else "tension"
        unchanged = kind_of(value) == "none" and "change" in label.group(0).lower()
        if label.group(0).lower().startswith(("confidence", "certainty", "probability")):
            return _certainty(value)
        return "" if unchanged or kind_of(value) == "open" else _letter(value)
    return line.strip(" .") if is_part(line) else None


def _certainty(value: str) -> str:
    """What a degree of certainty makes of a finding."""
    if _DOUBTFUL.match(value):
        return "possible"
    return "no" if _CERTAINLY_NOT.match(value) else ""


def _letter(value: str) -> str:
    if value.lower() in ("b", "both", "r+l", "l+r", "r & l", "l & r", "r and l", "l and r"):
        return "bilateral"
    if re.fullmatch(r"(?:[rl]|right|left)[ \t]*/[ \t]*(?:[rl]|right|left)", value.lower()):
        return ""  # nobody chose
    return side_of(value) if value.lower() in ("r", "l", "rt", "lt") else value


def joined(sentence: str, part: str) -> str:
    """A sentence with one more part."""
    kind = kind_of(part)
    unanswered = not part.strip(" -\u2013") or (kind == "none" and sentence.endswith(" is present"))
    if unanswered or kind == "yes":
        return sentence
    if kind == "none":
        return f"no {sentence}"
    if part == "possible":
        return f"possible {sentence.removesuffix(' is present')}"
    return f"{sentence.removesuffix(' is present')}, {part}"
