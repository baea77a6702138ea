"""Lines with boxes: what is ticked stays, what is not goes."""

from __future__ import annotations

import re
from itertools import pairwise

_BOX = re.compile(
    r"(?P<ticked><[xX]>|\[[ovYy]\]|\[ ?[xX*vV+\u2713\u2714\u2717\u2718] ?\]|\( ?[xX*vV\u2713\u2714\u2022] ?\)"
    r"|[\u2611\u2612\u2705\u25a0\u25c9\u25cf\u2b24\u25fc])"
    r"|(?P<empty>< >|\[[Nn]\]|\[[ _]{0,3}\]|\([ _]{1,3}\)|\(\)|[\u2610\u25a1\u25cb\u2b1c\u25fb])"
)
#: An option may be followed by the label of the next question: "no   Side:".
_NEXT_LABEL = re.compile(
    r"(?:[ \t]{2,}|[.;,|][ \t]+|^[ \t]*|[ \t])(?P<label>[A-Z][A-Za-z/]{0,20}(?:"
    r" [A-Za-z/]{1,20}){0,5}:)[ \t]*$"
)
_LABEL_BEHIND = re.compile(r"[ \t]*[A-Z][A-Za-z]{2,15}(?: [a-z]{1,12})?:[ \t]*\S")
_OPTION = re.compile(
    r"[ \t:](?P<option>yes|no|y|n|none|present|absent|left|right|r|l|lt|rt|bilateral|both|small|moderate"
    r"|large|tiny"
    r"|apical|basal)[ \t]*$",
    re.IGNORECASE,
)


def has_boxes(line: str) -> bool:
    """Whether a line has boxes to tick."""
    return _BOX.search(line) is not None


def ticked(line: str) -> str:
    """A line with boxes as labels and what was ticked, "; " between the questions; empty where nothing was.

    >>> ticked("Pneumothorax: [ ] none [x] left  Size: [x] small [ ] large"), ticked("[ ] Pneumothorax")
    ('Pneumothorax: left; Size: small', '')
    """
    boxes = list(_BOX.finditer(line))
    pieces = [line[before.end() : after.start()] for before, after in pairwise(boxes)]
    head, tail = line[: boxes[0].start()], line[boxes[-1].end() :]
    chosen = [box["ticked"] is not None for box in boxes]
    # A box stands before its option, or behind it where an option or nothing else is beside the last box.
    label, option = _label_and_option(head)
    behind = ":" not in head and _OPTION.search(head) and any("/" in piece for piece in pieces)
    if _OPTION.fullmatch(f" {option.strip()}") and _LABEL_BEHIND.match(tail):
        return f"{_answers(label, [option, *pieces], chosen)}; {tail.strip()}"
    if behind and label.strip(" \t:"):
        said = _answers(label, [option, *pieces], chosen)
        return f"{said.replace('/', '').strip()} {tail.strip(' —')}" if said else ""
    if tail.strip(" \t.,;|"):
        return _answers(head, [*pieces, tail], chosen)
    return _answers(label, [option, *pieces], chosen)


def _label_and_option(head: str) -> tuple[str, str]:
    colon = head.rfind(":")
    if colon >= 0:
        return head[: colon + 1], head[colon + 1 :]
    columns = re.split(r"[ \t]{2,}", head.strip())
    if len(columns) > 1:
        return f"{' '.join(columns[:-1])}:", columns[-1]
    match = _OPTION.search(head)
    return (f"{head[: match.start()]}:", match["option"]) if match else ("", head)


def _answers(label: str, options: list[str], chosen: list[bool]) -> str:
    """The ticked options under their labels."""
    answers: list[tuple[str, list[str]]] = [(label.strip(" \t:|"), [])]
    for option, is_chosen in zip(options, chosen, strict=True):
        following = _NEXT_LABEL.search(option)
        if following:
            option = option[: following.start()]
        if is_chosen and option.strip(" \t.,;:|"):
            answers[-1][1].append(option.strip(" \t.,;:|"))
        if following:
            answers.append((following["label"].strip(" \t:"), []))
    lines = (_answer(name, said) for name, said in answers if said)
    return "; ".join(lines)


def _answer(label: str, said: list[str]) -> str:
    return f"{label}: {', '.join(said)}" if label else "; ".join(said)
