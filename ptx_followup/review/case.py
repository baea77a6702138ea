"""A case that is open: its exams, what was drawn on them, and the figures that follow."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.followup.editing import with_hemithoraces, with_mask
from ptx_followup.masks.source import MaskSource, edited
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.review.figures import figures_of
from ptx_followup.review.judging import judged_case
from ptx_followup.review.refusal import Refusal
from ptx_followup.review.strokes import Stroke, drawn_hemithorax, drawn_mask, stroke_of

if TYPE_CHECKING:
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.followup.exam import Exam
    from ptx_followup.followup.timeline import Timeline
    from ptx_followup.review.journal import Journal
    from ptx_followup.review.opening import Opened
    from ptx_followup.segmentation.retelling import Retelling, Told


@dataclass(eq=False)
class Drawing:
    """What was drawn on one exam; None where nothing was, or it is as it was at first.

    Attributes:
        mask: bool, H x W of `Radiograph.pixels`.
        hemithoraces: uint8, likewise: 0 background, 1 the patient's right, 2 the left.
    """

    mask: NDArray[np.bool_] | None = None
    hemithoraces: NDArray[np.uint8] | None = None


class OpenCase:
    """One case in memory; every method may be called from any thread.

    Args:
        opened: Its exams as the result states them.
        journal: Where its strokes are kept; those of a draft are drawn again.
    """

    def __init__(self, opened: Opened, journal: Journal) -> None:
        self.opened = opened
        self.journal = journal
        self.lock = threading.RLock()
        self.revision = 0
        self.drawings = [Drawing() for _ in opened.exams]
        self.exams: list[Exam] = list(opened.exams)
        self._figures: dict[str, Any] | None = None
        self._retellings: dict[int, tuple[Retelling, Told]] = {}
        for exam in opened.exams:
            exam.segmentation.hemithoraces.flags.writeable = False
        for stated in journal.strokes():
            self._draw(stroke_of(stated, self.shapes))
        self._measure(range(len(self.exams)))

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Rows and columns of each exam."""
        return [(exam.radiograph.rows, exam.radiograph.columns) for exam in self.opened.exams]

    @property
    def films(self) -> Sequence[Radiograph]:
        """The film of each exam."""
        return [exam.radiograph for exam in self.opened.exams]

    def edited(self, number: int) -> bool:
        """A person has drawn on an exam."""
        drawing = self.drawings[number]
        return drawing.mask is not None or drawing.hemithoraces is not None

    def draw(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """Take a stroke over, and measure what it changes.

        Args:
            stated: See `stroke_of`, with the `revision` that it follows.

        Returns:
            The figures after it.

        Raises:
            Refusal: It is no stroke, or follows another revision.
        """
        with self.lock:
            stroke = stroke_of(stated, self.shapes)
            if stated.get("revision") != self.revision:
                raise Refusal(409, "the case has changed meanwhile", "load it again", revision=self.revision)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self.journal.add({name: stated[name] for name in ("exam", "layer", "rect", "bits")} | {"at": now})
            self._draw(stroke)
            self._measure([stroke.exam])
            return self.figures()

    def figures(self) -> dict[str, Any]:
        """What the masks say as they are."""
        with self.lock:
            if self._figures is None:
                result = self.judged(place=False)
                found = figures_of(result, self.exams, self.opened.uncertainty)
                self._figures = {"revision": self.revision, **found}
            return self._figures

    def judged(self, *, place: bool) -> FollowUp | Timeline | None:
        """The case as its masks are; see `judged_case`."""
        return judged_case(self.opened, self.exams, self.opened.registrations, place=place)

    def measured(self, number: int, reader: str | None = None) -> Exam:
        """An exam with what was drawn on it, measured.

        Args:
            number: Of the exam, from 0.
            reader: Who drew.
        """
        exam, drawing = self.opened.exams[number], self.drawings[number]
        first, labels, mask = exam.segmentation, drawing.hemithoraces, drawing.mask
        if labels is not None:
            network = first.lung_model.name if first.hemithoraces.any() else None
            exam = with_hemithoraces(exam, labels, _drawn(labels, first.radiograph, reader, network))
        if mask is not None:
            network = first.model.name if first.standard_mask.any() else None
            exam = with_mask(exam, mask, _drawn(mask, first.radiograph, reader, network))
        return exam

    def retelling(self, number: int) -> tuple[Retelling, Told]:
        """The film of an exam, to be read under other reports, and what is drawn without one."""
        from ptx_followup.segmentation.retelling import Retelling

        with self.lock:
            shown = self.opened.exams[number].segmentation
            if number not in self._retellings:
                film = Retelling(self.opened.segmenter, shown.radiograph, shown.hemithoraces)
                self._retellings[number] = film, film.told(None)
            return self._retellings[number]

    def _draw(self, stroke: Stroke) -> None:
        """Change the drawing of an exam, in memory alone."""
        first, drawing = self.opened.exams[stroke.exam], self.drawings[stroke.exam]
        if stroke.layer == "mask":
            drawing.mask = drawn_mask(first.mask if drawing.mask is None else drawing.mask, stroke)
        else:
            before, drawn = first.segmentation.hemithoraces, drawing.hemithoraces
            labels = before if drawn is None else drawn
            drawing.hemithoraces = drawn_hemithorax(labels, stroke.layer, stroke)
        self.revision += 1

    def _settle(self, number: int) -> None:
        """What is as it was at first has not been drawn on."""
        first, drawing = self.opened.exams[number], self.drawings[number]
        if drawing.mask is not None and np.array_equal(drawing.mask, first.mask):
            drawing.mask = None
        before = first.segmentation.hemithoraces
        if drawing.hemithoraces is not None and np.array_equal(drawing.hemithoraces, before):
            drawing.hemithoraces = None

    def _measure(self, numbers: Sequence[int]) -> None:
        """Measure exams anew after they were drawn on."""
        for number in numbers:
            self._settle(number)
            self.exams[number] = self.measured(number)
        self._figures = None


def _drawn(
    drawing: NDArray[np.bool_ | np.uint8], film: Radiograph, reader: str | None, network: str | None
) -> MaskSource:
    """Whose a drawing is; it is hashed for what is saved under a reader's name alone, as that takes long."""
    hashed = drawing[:0] if reader is None else film.to_stored(drawing)
    return edited(hashed, reader, network)
