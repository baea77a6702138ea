"""How well reports are read: real reports with their index terms, beside negspaCy.

Reads `reports/openi_reports.jsonl` in the folder that PTX_REAL_DATA names, prints figures and quotes no
report. The reference is the manual MeSH indexing. negspaCy (a NegEx for spaCy) is compared where it is
installed: a mention that it does not negate counts as a stated pneumothorax.

    PTX_REAL_DATA=... python benchmarks/report_reading.py
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ptx_followup.report.findings import understand

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


def main() -> None:
    """Print the figures."""
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
    try:
        reader = negspacy_reader()
    except ImportError:
        print("negspaCy is not installed")
        return
    print("negspaCy ", score(rows, reader))


if __name__ == "__main__":
    main()
