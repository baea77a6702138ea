"""Lines with boxes: what is ticked is said; left empty on a form that was filled in, a finding is denied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from ptx_followup.report.templates.answers import is_part
from ptx_followup.report.templates.words import PNEUMOTHORAX, SIDE, kind_of, side_of, subject
from ptx_followup.report.vocabulary import words

_TICK = "xX*vV+\u2713\u2714\u2717\u2718\u2022"
_BOX = re.compile(
    rf"(?P<ticked><[xX]>|\[[ovYy]\]|\{{ ?[xX] ?\}}|_{{1,3}}[xX\u2713\u2714]_{{1,3}}|\[ ?[{_TICK}] ?\]"
    r"|\( ?[xX*vV\u2713\u2714\u2022] ?\)|(?<!:)(?<!: )\((?:Y|YES|Yes)\)"
    r"|[\u2611\u2612\u2705\u25a0\u25c9\u25cf\u2b24\u25fc])"
    r"|(?P<refused>\[[Nn]\]|\[-\]|(?<!:)(?<!: )\((?:N|NO|No)\))|(?P<asked>\[ ?\? ?\])"
    r"|(?P<empty>< >|\{ ?\}|\[[ _.]{0,3}\]|\([ _.]{1,3}\)|\(\)|[\u2610\u25a1\u25cb\u2b1c\u25fb])"
)
#: Marks without a box: one kind says yes and the other no.
_CHECKS, _CROSSES = "\u2713\u2714", "\u2717\u2718"
#: "[R x]", "[None ]": the option stands in its box.
_INSIDE = re.compile(rf"\[(?![{_TICK}YyNn] )(?P<word>[A-Za-z]{{1,8}}) +(?P<mark>[{_TICK}]?) *\]")
#: "____ left pneumothorax" on a form where other blanks are ticked.
_BLANK = re.compile(r"^([ \t]*)_{2,}(?= ?\w)")
_TICKED_BLANK = re.compile(r"_[xX\u2713\u2714]_")
#: An option may be followed by the label of the next question: "no   Side:".
_NEXT_LABEL = re.compile(
    r"(?:[ \t]{2,}|[.;,|][ \t]+|^[ \t]*|[ \t])(?P<label>[A-Z][A-Za-z/]{0,20}(?:"
    r" [A-Za-z/]{1,20}){0,5}:)[ \t]*$"
)
_OPTION = re.compile(
    r"[ \t:](?P<option>yes|no|y|n|none|present|absent|left|right|r|l|lt|rt|bilateral|both|small|moderate"
    r"|large|tiny|apical|basal)[ \t]*$",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:not \w+|(?:r|l|rt|lt|sm|mod|lg|both|larger|smaller|same|increased|decreased|resolved|new)\b)",
    re.IGNORECASE,
)
_COLUMNS = re.compile(r"[ \t]{2,}|[ \t]*/[ \t]*$")
_NEGATIVE = re.compile(r"(?:no|without|absence of)\b|.*\b(?:absent|none|no)$", re.IGNORECASE)
#: What a form may say of the film, so that an empty box says nothing.
_POOR = re.compile(
    r"diagnostic|poor|limited|repeat|assess|inadequate|suboptimal|unable|cannot|not (?:done|read|reviewed)",
    re.IGNORECASE,
)
#: What may stand beside the name in an option that is denied by leaving it empty.
_PLAIN = words(
    "left right new acute simple spontaneous iatrogenic traumatic side sided present seen r l"
    " rt lt or any a the"
)
_WORD = re.compile(r"[a-z]+")
_TRAILING_LABEL = re.compile(
    r"[ \t]*[-\u2013(,][ \t]*(?:side|size|location|where|which)\b[^:]{0,20}:?$|[:_, ]+$", re.I
)
#: "small (<2 cm)" measures nothing.
_LIMIT = re.compile(r"[ \t]*\((?:<|>|\u2264|\u2265|up to|less|more)[^()]{0,20}\)")
_NUMBER = re.compile(r"^\d{1,2} (?=[A-Za-z])")
_BRACKETED_SIDE = re.compile(r"\((right|left|rt|lt|r|l)(?: side)?\)", re.IGNORECASE)


@dataclass(frozen=True)
class _Option:
    label: str
    words: str
    state: str
    note: str = ""

    @property
    def is_chosen(self) -> bool:
        return self.state == "ticked"

    @property
    def said(self) -> str:
        asked = "possible " if self.state == "asked" else ""
        return f"{asked}{self.words}{', ' if self.note and self.words else ''}{self.note}"

    @property
    def is_finding(self) -> bool:
        """Whether it is the bare name of a pneumothorax, with its side or without."""
        name = PNEUMOTHORAX.search(self.words)
        if name is None or _NEGATIVE.match(self.words):
            return False
        rest = self.words[: name.start()] + " " + self.words[name.end() :]
        return all(word in _PLAIN for word in _WORD.findall(rest.lower()))


def has_boxes(line: str) -> bool:
    """Whether a line has boxes to tick."""
    return next(_boxes(_with_boxes(line)), None) is not None


def is_filled_in(text: str) -> bool:
    """Whether a form was filled in, so that a finding whose box is empty is denied.

    It is not where nothing is ticked, where the box of its denial is empty too, or where the film is said to
    be poor.
    """
    options = [one for line in text.split("\n") if has_boxes(line) for one in _options(line)]
    chosen = [one for one in options if one.is_chosen]
    refused = any(
        not one.is_chosen and PNEUMOTHORAX.search(one.words) and _NEGATIVE.match(one.words) for one in options
    )
    return bool(chosen) and not refused and not any(_POOR.search(one.words) for one in chosen)


def ticked(line: str, *, filled_in: bool = False) -> str:
    """A line with boxes as labels and what was ticked, "; " between the questions; empty where nothing was.

    >>> ticked("Pneumothorax: [ ] none [x] left  Size: [x] small [ ] large"), ticked("[ ] Pneumothorax")
    ('Pneumothorax: left; Size: small', '')
    >>> ticked("[ ] Pneumothorax [x] Effusion", filled_in=True)
    'no Pneumothorax; Effusion'
    """
    said: list[str] = []
    label: str | None = None
    open_finding = False
    for option in _options(line):
        if option.words and PNEUMOTHORAX.search(option.words) and not PNEUMOTHORAX.search(option.label):
            side = SIDE.fullmatch(option.label.strip())
            statement = _finding(option, side_of(side["side"]) if side else "", filled_in=filled_in)
            said += [statement] if statement else []
            label, open_finding = None, True
        elif option.state in ("ticked", "asked") and option.said:
            if said and (option.label == label or (open_finding and is_part(option.words))):
                joins = not said[-1].startswith("no ")
                said[-1] = f"{said[-1]}, {option.said}" if joins else f"{said[-1][3:]} cannot be assessed"
            else:
                said.append(f"{option.label}: {option.said}" if option.label else option.said)
                label, open_finding = option.label or None, False
    return "; ".join(said)


def _finding(option: _Option, side: str, *, filled_in: bool) -> str:
    """What the box of a finding says."""
    if option.state in ("ticked", "asked"):
        return f"{side} {option.said}".strip()
    if option.is_finding and (filled_in or option.state == "refused"):
        bracketed = _BRACKETED_SIDE.search(option.words)
        about = subject(_BRACKETED_SIDE.sub("", option.words))
        own = side_of(bracketed[1]) if bracketed else "" if SIDE.search(about) else side
        return " ".join(word for word in ("no", own, about) if word)
    return ""


def _boxes(line: str) -> Iterator[re.Match[str]]:
    return _BOX.finditer(line)


def _with_boxes(line: str) -> str:
    """A line whose marks, blanks and words in brackets are written as boxes."""
    line = _INSIDE.sub(lambda match: f"[{match['mark'] or ' '}] {match['word']}", line)
    if any(sign in line for sign in _CHECKS) and any(sign in line for sign in _CROSSES):
        line = re.sub(rf"(?<![\[(])[{_CHECKS}](?![\])])", "[x]", line)
        line = re.sub(rf"(?<![\[(])[{_CROSSES}](?![\])])", "[n]", line)
    return line


def with_blanks_as_boxes(text: str) -> str:
    """A section in which blanks before options are boxes, where one of them is ticked.

    Its lines keep their lengths.
    """
    if not _TICKED_BLANK.search(text):
        return text
    return "\n".join(
        _BLANK.sub(lambda match: match[1] + "[ ]".ljust(len(match[0]) - len(match[1])), line)
        for line in text.split("\n")
    )


def _options(line: str) -> Iterator[_Option]:
    line = _with_boxes(line)
    boxes = list(_boxes(line))
    pieces = [line[before.end() : after.start()] for before, after in pairwise(boxes)]
    head, tail = line[: boxes[0].start()], line[boxes[-1].end() :]
    states = [str(box.lastgroup) for box in boxes]
    label, first = _label_and_option(head)
    if _stand_before(first, [*pieces, tail], under_label=bool(label)):
        label = f"{label} {first}".strip(" \t:|-\u2022")
        options = [_Option("", words, state) for words, state in zip([*pieces, tail], states, strict=True)]
    else:
        label = label.strip(" \t:|")
        options = _behind([first, *pieces, tail], states)
    return _labelled(label, options)


def _stand_before(first: str, behind: list[str], *, under_label: bool) -> bool:
    """Whether boxes stand before their options and not behind them."""
    first = first.strip(" \t-*\u2022|")
    if not behind[-1].strip(" \t.,;|"):
        return not first and len(behind) == 1
    if not first:
        return True
    if under_label and is_part(first) and not first.endswith(","):
        return False
    answer = _COLUMNS.split(behind[0].strip(" \t.,;|"))[0]
    answer = answer.partition(",")[0].partition("(")[0].strip()
    return kind_of(first) is None and (
        kind_of(answer) is not None or is_part(answer) or bool(_ANSWER.match(answer))
    )


def _label_and_option(head: str) -> tuple[str, str]:
    colon = head.rfind(":")
    if colon >= 0:
        return head[: colon + 1], head[colon + 1 :]
    columns = re.split(r"[ \t]{2,}", head.strip())
    if len(columns) > 1:
        return f"{' '.join(columns[:-1])}:", columns[-1]
    match = _OPTION.search(head)
    return (f"{head[: match.start()]}:", match["option"]) if match else ("", head)


def _behind(pieces: list[str], states: list[str]) -> list[_Option]:
    """Options with the boxes behind them; what stands between a tick and the next column is a note."""
    options = []
    words = pieces[0]
    for index, (state, piece) in enumerate(zip(states, pieces[1:], strict=True)):
        note, following = "", piece
        columns = _COLUMNS.split(piece.strip())
        if index == len(states) - 1:
            note, following = piece, ""
        elif len(columns) > 1 and piece[:2].strip() and state == "ticked":
            note, following = columns[0], " ".join(columns[1:])
        options.append(_Option("", words.strip(" /"), state, note.strip(" ()-\u2014")))
        words = following
    return options


def _labelled(label: str, options: Iterable[_Option]) -> Iterator[_Option]:
    """Options under the label before them, which an option may end with."""
    for option in options:
        words = option.words
        following = _NEXT_LABEL.search(words)
        if following:
            words = words[: following.start()]
        words = _LIMIT.sub("", words)
        words = _TRAILING_LABEL.sub("", words.strip(" \t.,;:|")).partition(";")[0]
        yield replace(option, label=label, words=_NUMBER.sub("", words))
        if following:
            label = following["label"].strip(" \t:")
