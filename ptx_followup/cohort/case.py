"""One case of a cohort: which exams are compared, under which terms, and how it ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ptx_followup import __version__
from ptx_followup.results.row import Row

if TYPE_CHECKING:
    from ptx_followup.measurement.reader_error import Readers

#: The columns of a manifest that name files, which are also the fields of a `Case`.
FILES = ("prior", "followup", "report", "followup_report", "prior_mask", "followup_mask")
#: Those that name exams in an archive.
ACCESSIONS = ("accession", "prior_accession")
#: Further columns, which number the exams of a patient by time.
EXAM_NUMBERS = ("prior_exam", "followup_exam")


@dataclass(frozen=True)
class Case:
    """A prior and a follow-up to be compared.

    Attributes:
        id: Name of its folder; unique in a cohort, whatever the capitals.
        prior: The earlier radiograph, a file or a study folder; None where an archive has it.
        followup: The later one.
        report: Report of the prior, where it does not lie beside it.
        followup_report: Of the follow-up; likewise.
        prior_mask: A known mask of the prior.
        followup_mask: Of the follow-up.
        accession: Accession number of the current exam in an archive.
        prior_accession: Of its prior, where a person chooses it.
        columns: Further columns of the manifest, carried along.
    """

    id: str
    prior: Path | None = None
    followup: Path | None = None
    report: Path | None = None
    followup_report: Path | None = None
    prior_mask: Path | None = None
    followup_mask: Path | None = None
    accession: str | None = field(default=None, repr=False)
    prior_accession: str | None = field(default=None, repr=False)
    columns: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def neighbours(self) -> bool:
        """Whether no exam of the patient was between the two, as far as the columns say."""
        numbers = [self.columns.get(name, "") for name in EXAM_NUMBERS]
        return not all(one.isdecimal() for one in numbers) or int(numbers[1]) - int(numbers[0]) < 2

    def to_json(self) -> dict[str, Any]:
        """For another process; of the columns that are carried along, those that the work asks for."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        values["columns"] = {name: self.columns[name] for name in EXAM_NUMBERS if name in self.columns}
        return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> Case:
        """From `to_json`."""
        paths = {name: None if stated[name] is None else Path(stated[name]) for name in FILES}
        return cls(**{**stated, **paths})


@dataclass(frozen=True)
class Options:
    """What is the same for every case, and changes its result; as the options of `ptx compare`.

    Attributes:
        model: Name of a model on board, or a model folder.
        device: auto, cpu, cuda or cuda:N.
        override: Contradictions to accept, with commas.
        reason: Why.
        no_report: Use no report of either exam.
        bspline: Allow a gentle elastic registration.
        readers: Whether one person gave both masks of a case.
        reader_error: How far a person's mask lies from another's: the JSON of a `ReaderError`, as a path
            would say nothing of what it held; None for that of published readings.
        with_lungs: Write the lungs as DICOM SEG too.
        deidentify: Write no patient, date, identifier or report text.
        pacs: The archive that accession numbers are of.
        pacs_config: Its configuration; the usual places if None.
    """

    model: str = "contextual-lite"
    device: str = "auto"
    override: str = ""
    reason: str = ""
    no_report: bool = False
    bspline: bool = False
    readers: Readers = "same"
    reader_error: str | None = None
    with_lungs: bool = False
    deidentify: bool = False
    pacs: str | None = None
    pacs_config: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    def without_words(self) -> Options:
        """As they may be written: for results without identity, without a person's words and paths."""
        return replace(self, reason="", pacs_config=None) if self.deidentify else self


@dataclass(frozen=True)
class Terms:
    """Under what a result counts as the same: program, model and options.

    Attributes:
        version: Of the program.
        model_sha256: Of the model's weights.
        options: Of every case.
    """

    version: str
    model_sha256: str
    options: Options

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal: equal for equal terms, wherever the model's folder lies."""
        options = self.options.without_words().to_json() | {"model": None, "pacs_config": None}
        stated = json.dumps([self.version, self.model_sha256, options], sort_keys=True)
        return hashlib.sha256(stated.encode()).hexdigest()


def terms_of(options: Options) -> Terms:
    """The terms of this program and its model.

    Raises:
        ModelError: The model is missing.
    """
    from ptx_followup.network.checkpoint import find_model, load_config

    folder = find_model(options.model)
    if folder == Path(options.model):  # no name on board; other processes may start elsewhere
        options = replace(options, model=str(folder.absolute()))
    return Terms(__version__, load_config(folder).weights_sha256, options)


@dataclass(frozen=True)
class Problem:
    """Why a case failed; nothing of the patient is in it.

    Attributes:
        code: The exit code that `ptx compare` would have given.
        kind: Name of the error's class, or what the process died of.
        message: What is wrong.
        hint: What to do.
    """

    code: int
    kind: str
    message: str
    hint: str


@dataclass(frozen=True)
class Outcome:
    """How a case ended.

    Attributes:
        case_id: Which.
        state: "done" or "failed".
        row: Its row of the table; empty where it failed.
        problem: Why it failed, or None.
        seconds: That it took.
    """

    case_id: str
    state: Literal["done", "failed"]
    row: Row = field(default_factory=dict)
    problem: Problem | None = None
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """For another process, and for the ledger."""
        return asdict(self)

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> Outcome:
        """From `to_json`."""
        problem = stated["problem"]
        return cls(**{**stated, "problem": None if problem is None else Problem(**problem)})
