"""How well reports are read: real reports with their index terms, beside negspaCy.

Reads `reports/openi_reports.jsonl` in the folder that PTX_REAL_DATA names, prints figures and quotes no
report. The reference is the manual MeSH indexing. negspaCy (a NegEx for spaCy) is compared where it is
installed: a mention that it does not negate counts as a stated pneumothorax.

    PTX_REAL_DATA=... python benchmarks/report_reading.py

With `--texts FILE` it reads texts with their truth instead: a line of JSON each, with "id", "text" (as a file
would hold it), "present" (true, false or null), "sides", "zones" and "size" (or one "side" and "zone"). A
pneumothorax that is only suspected is present and uncertain to ptx; some call it open (null), and so it is
counted once more that way. It prints figures and the ids of what was read otherwise, and no text.

    python benchmarks/report_reading.py --texts texts.jsonl
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ptx_followup.errors import InputError
from ptx_followup.report.findings import understand
from ptx_followup.report.terms import Report
from ptx_followup.report.text import decode_report

HEADINGS = ("comparison", "indication", "findings", "impression")
BODY = ("findings", "impression")
INDEXED = re.compile(r"(Hydropneumothorax|Pneumothorax)(/|$)")
MENTION = re.compile(r"pneumothora|\bptx\b|\bpneumo\b|pleural air", re.IGNORECASE)

Row = dict[str, Any]


def text_of(row: Row, headings: tuple[str, ...] = HEADINGS) -> str:
    """The report with its headings."""
    return "\n".join(f"{heading.upper()}: {row[heading]}" for heading in headings if row[heading])


def indexed(row: Row) -> tuple[bool, str | None]:
    """Presence and side by the index terms."""
    terms = [term for term in row["mesh"] if INDEXED.match(term)]
    sides = {side for term in terms for side in ("left", "right", "bilateral") if side in term.split("/")}
    return bool(terms), sides.pop() if len(sides) == 1 else None


def score(rows: list[Row], stated: Callable[[Row], bool]) -> str:
    """Sensitivity, specificity and false statements per 1,000 reports."""
    start = time.process_time()
    answers = [(indexed(row)[0], stated(row)) for row in rows]
    took = time.process_time() - start
    hits = sum(truth and answer for truth, answer in answers)
    false = sum(answer and not truth for truth, answer in answers)
    positive = sum(truth for truth, _ in answers)
    negative = len(answers) - positive
    return (
        f"found {hits} of {positive}; specificity {1 - false / negative:.4f} ({false} false of {negative}, "
        f"{1000 * false / len(answers):.2f} per 1,000); {took:.1f} s"
    )


def negspacy_reader() -> Callable[[Row], bool]:
    """NegEx over a blank English pipeline with sentences and an entity ruler."""
    import spacy
    from negspacy.negation import Negex  # noqa: F401 - registers the pipe
    from negspacy.termsets import termset

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    words = ["pneumothorax", "pneumothoraces", "hydropneumothorax", "ptx", "pneumo"]
    pipeline.add_pipe("entity_ruler").add_patterns(
        [{"label": "FINDING", "pattern": [{"LOWER": word}]} for word in words]
    )
    pipeline.add_pipe("negex", config={"neg_termset": termset("en_clinical").get_patterns()})
    return lambda row: any(not entity._.negex for entity in pipeline(text_of(row, BODY)).ents)


def in_lists(row: Row) -> Row:
    """A row with its sides and zones as lists."""
    side, zone = row.get("side"), row.get("zone")
    sides = ["left", "right"] if side == "bilateral" else [side] if side else []
    zones = re.split(r"[ ,/+]+(?:and )?", zone) if isinstance(zone, str) else zone or []
    return {"sides": sides, "zones": zones, **row}


def is_suspected(report: Report | None) -> bool:
    """Whether a report states nothing but suspicions."""
    stated = report.binding if report else ()
    return bool(stated) and all(one.certainty == "uncertain" for one in stated)


def read(row: Row) -> Report | None:
    """The report of a text; None where it was refused."""
    try:
        return understand(decode_report(row["text"].encode(), row["id"]))
    except InputError:
        return None


def sides_of(report: Report | None) -> set[str]:
    """The sides that a report states."""
    side = report.side if report else None
    return {"left", "right"} if side == "bilateral" else {side} if side else set()


def overlap(pairs: Iterable[tuple[set[str], set[str]]]) -> str:
    """Precision and recall of sets, every element counted."""
    pairs = list(pairs)
    hits = sum(len(truth & said) for truth, said in pairs)
    said_all, truth_all = (sum(len(pair[index]) for pair in pairs) for index in (1, 0))
    exact = sum(truth == said for truth, said in pairs)
    figures = f"precision {share(hits, said_all)}, recall {share(hits, truth_all)}"
    return f"{figures}, all right {share(exact, len(pairs))}"


def share(part: int, whole: int) -> str:
    """A share as percent with its counts."""
    return f"{100 * part / whole:.1f} % ({part} of {whole})" if whole else "- (0 of 0)"


def measure_texts(rows: list[Row]) -> None:
    """Print how texts with a truth are read."""
    read_rows = [(row, read(row)) for row in rows]
    refused = [row["id"] for row, report in read_rows if report is None]
    presence = [(row, report.present if report else None) for row, report in read_rows]
    print(f"{len(rows)} texts, {len(refused)} refused")
    right = [row["present"] == said for row, said in presence]
    open_too = [row["present"] is None and is_suspected(report) for row, report in read_rows]
    print(f"presence right: {share(sum(right), len(rows))}")
    print(f"  suspected counted as open: {share(sum(map(max, right, open_too)), len(rows))}")
    for value, name in ((True, "present"), (False, "absent"), (None, "open")):
        hits = sum(row["present"] is value and said is value for row, said in presence)
        stated = sum(said is value for _, said in presence)
        true = sum(row["present"] is value for row in rows)
        print(f"  {name}: precision {share(hits, stated)}, recall {share(hits, true)}")
    present = [(row, report) for row, report in read_rows if row["present"]]
    denied = [row["id"] for row, report in present if report and report.present is False]
    print(f"present, and read as a denial: {share(len(denied), len(present))}")
    both = [(row, report) for row, report in present if report and report.present]
    print("side:", overlap((set(row.get("sides") or ()), sides_of(report)) for row, report in both))
    print("zone:", overlap((set(row.get("zones") or ()), set(report.zones)) for row, report in both))
    print("size:", overlap((listed(row.get("size")), listed(report.size)) for row, report in both))
    by_kind: dict[str, list[bool]] = {}
    for row, said in presence:
        by_kind.setdefault(str(row.get("kind", "")), []).append(row["present"] == said)
    print(
        "presence by kind:", {kind: f"{sum(right)}/{len(right)}" for kind, right in sorted(by_kind.items())}
    )
    print("refused:", *refused)
    print("denied although present:", *denied)
    print("presence wrong:", *(row["id"] for row, said in presence if row["present"] != said))
    print("side wrong:", *(row["id"] for row, one in both if set(row.get("sides") or ()) != sides_of(one)))
    print("zone wrong:", *(row["id"] for row, one in both if set(row.get("zones") or ()) != set(one.zones)))
    print("size wrong:", *(row["id"] for row, one in both if row.get("size") != one.size))


def listed(size: str | None) -> set[str]:
    """A size as a set."""
    return {size} if size else set()


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=Path, help="texts with their truth, a line of JSON each")
    return parser.parse_args()


def main() -> None:
    """Print the figures."""
    texts = arguments().texts
    if texts is not None:
        lines = texts.read_text(encoding="utf-8").splitlines()
        measure_texts([in_lists(json.loads(line)) for line in lines if line.strip()])
        return
    folder = os.environ.get("PTX_REAL_DATA")
    if not folder:
        sys.exit("set PTX_REAL_DATA to the folder of real data (see docs/real-data.md)")
    lines = (Path(folder) / "reports" / "openi_reports.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    mentioned = [row for row in rows if MENTION.search(text_of(row, BODY))]
    print(f"{len(rows)} reports, {len(mentioned)} mention a pneumothorax in findings or impression")
    print("ptx      ", score(rows, lambda row: understand(text_of(row)).present is True))
    reports = [(indexed(row), understand(text_of(row))) for row in rows]
    sided = [(side, report.side) for (_, side), report in reports if side and report.present]
    right = sum(truth == read for truth, read in sided)
    wrong = sum(read not in (truth, None) for truth, read in sided)
    print(f"side: {right} right, {wrong} wrong of {len(sided)}")
    left_open = sum(
        MENTION.search(text_of(row, BODY)) is not None and report.present is None
        for row, (_, report) in zip(rows, reports, strict=True)
    )
    conflicts = sum(bool(report.conflicts) for _, report in reports)
    print(f"mentioned and left open: {left_open}; conflicts: {conflicts}")
    doubtful = sum(any("may state" in line for line in report.conflicts) for _, report in reports)
    denials = doubtful + sum(report.present is False for _, report in reports)
    print(f"denials left open because something was not understood: {share(doubtful, denials)}")
    try:
        reader = negspacy_reader()
    except ImportError:
        print("negspaCy is not installed")
        return
    print("negspaCy ", score(rows, reader))


if __name__ == "__main__":
    main()
