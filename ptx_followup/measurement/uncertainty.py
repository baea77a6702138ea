"""What a measured size is worth, by what it was measured with: the network's error, or a person's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log1p, sqrt
from typing import TYPE_CHECKING, Any, Literal

from ptx_followup.measurement.outlines import Outline
from ptx_followup.measurement.reader_error import PUBLISHED_READERS, SAME_READER, ReaderError, Readers

if TYPE_CHECKING:
    from ptx_followup.network.change_error import ChangeError, FilmError

#: What a size was measured with: the network under a sentence that both films share, or under the film's own
#: words where they tell a size, or the outlines of a person.
ReadWith = Literal["images", "words", "reader"]


@dataclass(frozen=True)
class Size:
    """A measured size of one side.

    Attributes:
        percent: Of the hemithorax, 0..100.
        read_with: What measured it.
        view: Projection of the film: "PA", "AP", or another word where it is not known.
        told: Size that the film's own report tells, in percent of the hemithorax (`report.told_size`); counts
            where it was measured with words.
    """

    percent: float
    read_with: ReadWith = "images"
    view: str = "unknown"
    told: float = 0.0

    @property
    def told_in_words(self) -> float | None:
        """`told` where it counts."""
        return self.told if self.read_with == "words" else None

    def of(self, percent: float) -> Size:
        """Another size that was measured with the same, and told accordingly."""
        return replace(self, percent=percent, told=percent)


@dataclass(frozen=True)
class Uncertainty:
    """The errors of all that may measure a film.

    Attributes:
        model: Of the network, from its configuration.
        reader: Of a person.
        readers: Whether one person outlined both films.
    """

    model: ChangeError
    reader: ReaderError = PUBLISHED_READERS
    readers: Readers = "same"

    def outline(self, size: Size) -> Outline:
        """What one further expert would outline where this was measured."""
        if size.read_with == "reader":
            return Outline(log1p(size.percent), self.reader.sd_log1p, "log")
        error = self._of_network(size)
        measured = error.bias + error.slope * sqrt(size.percent)
        told = error.told * sqrt(size.told_in_words or 0.0)
        return Outline(measured + told, error.spread, "root")

    def wide_outline(self, size: Size) -> Outline:
        """The same as it enters 95 % intervals."""
        outline = self.outline(size)
        if size.read_with == "reader":
            return outline
        return outline.widened(self._of_network(size).widening.of(size.view))

    def _of_network(self, size: Size) -> FilmError:
        return self.model.words if size.read_with == "words" else self.model.images

    def correlation(self, first: Size, second: Size) -> float:
        """Of the errors of two films of one patient; a person's and a network's are independent."""
        kinds = {first.read_with, second.read_with}
        if kinds == {"reader"}:
            return SAME_READER if self.readers == "same" else 0.0
        if "reader" in kinds:
            return 0.0
        known = self.model.correlation
        return known.mixed if len(kinds) == 2 else known.words if kinds == {"words"} else known.images

    def readers_json(self) -> dict[str, Any]:
        """The `readers` object of the result files, where a person outlined a film."""
        return {
            "relation": self.readers,
            "correlation": SAME_READER if self.readers == "same" else 0.0,
            "correlation_is": "assumed, not measured",
            "sd_log1p": self.reader.sd_log1p,
            "source": self.reader.source,
            "sha256": self.reader.sha256 or None,
        }
