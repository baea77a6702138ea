"""Report-guided segmentation of one radiograph."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptx_followup.ahead import in_order
from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.anatomy.quality import doubt
from ptx_followup.errors import ModelError, PtxError
from ptx_followup.masks.source import NETWORK, KnownHemithoraces
from ptx_followup.measurement.sizes import Measurement, measure
from ptx_followup.network.engine import Networks, open_networks
from ptx_followup.network.predictor import ImageReader, Predictor
from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.report.concordance import Concordance, concordance
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import PromptMode
from ptx_followup.report.terms import Report
from ptx_followup.segmentation.chest import find_chest
from ptx_followup.segmentation.drawing import calibrate, draw
from ptx_followup.segmentation.hemithorax_reader import HemithoraxReader
from ptx_followup.segmentation.result import ModelIdentity, Segmentation
from ptx_followup.segmentation.telling import Telling, sides_of_text, telling
from ptx_followup.sides import SIDES
from ptx_followup.timing import timed

#: Cases in work at a time: one is read or measured while another is in the network.
WORKERS = 2
#: What reads one radiograph under any text.
Reader = ImageReader | HemithoraxReader
DEFAULT_MODEL = "contextual-lite"


class Segmenter:
    """A loaded model; make one, call it many times.

    Args:
        model: Name of a model on board, or a model folder; or networks that are open, wherever that is.
        device: "auto", "cpu", "cuda" or "cuda:N".
        precision: Of the network: "auto", "float32", "bf16" or, on a CPU, "int8".

    Raises:
        ModelError: A model or text encoder is missing, altered, or of another task.
        UsageError: The device is not there, or cannot do that precision.
    """

    def __init__(
        self, model: str | Networks = DEFAULT_MODEL, device: str = "auto", precision: str = "auto"
    ) -> None:
        networks = open_networks(model, device, precision) if isinstance(model, str) else model
        self.device = networks.device
        self.model = networks.pneumothorax
        config = self.model.config
        if config.task != "pneumothorax":
            raise ModelError(f"model {config.name!r} does not find a pneumothorax", "name one that does")
        self.text_encoder = self.model.text_encoder
        self.predictor = Predictor(self.model)
        self.lung_finder = LungFinder(networks.lungs)
        self.identity = ModelIdentity.of(self.model, self.device)
        self.lung_identity = ModelIdentity.of(self.lung_finder.model, self.device)

    def segment(
        self,
        image: Radiograph | str | Path,
        report_text: str | None,
        *,
        prompt_mode: PromptMode = "focused",
        ignore_negation: bool = False,
    ) -> Segmentation:
        """Segment the pneumothorax of one radiograph.

        Args:
            image: A radiograph, or the path of a file to read.
            report_text: Its report; None for no report.
            prompt_mode: What the network is told of the report; see `report.prompts`.
            ignore_negation: Run the network even where the report denies a pneumothorax.

        Raises:
            InputError: The file cannot be read.
            QualityGateError: It is not a frontal chest radiograph, or a negative either way.
        """
        return self.segment_and_reader(
            image, report_text, prompt_mode=prompt_mode, ignore_negation=ignore_negation
        )[0]

    def segment_and_reader(
        self,
        image: Radiograph | str | Path,
        report_text: str | None,
        *,
        prompt_mode: PromptMode = "focused",
        ignore_negation: bool = False,
        hemithoraces: KnownHemithoraces | None = None,
    ) -> tuple[Segmentation, Reader]:
        """As `segment`, and what reads the radiograph under other texts without encoding it again.

        Hemithoraces that a person outlined replace those that the network would find.
        """
        timing: dict[str, float] = {}
        if isinstance(image, Radiograph):
            radiograph = image
        else:
            with timed(timing, "read"):
                radiograph = read_radiograph(image)
        with timed(timing, "report"):
            report = None if report_text is None else understand(report_text)
            told = telling(report, prompt_mode, self.model, ignore_negation=ignore_negation)
        with timed(timing, "anatomy"):
            radiograph, anatomy = find_chest(radiograph, self.lung_finder, hemithoraces)
        reader = self.reader(radiograph.pixels, anatomy.hemithoraces)
        with timed(timing, "network"):
            probability = _read(reader, told)
        mask = self.binary(probability, anatomy.hemithoraces)
        measured = measure(mask, anatomy.hemithoraces, radiograph.trusted_spacing_mm, told.looked_at)
        segmentation = Segmentation(
            radiograph=radiograph,
            report=report,
            told=told.text,
            standard_probability=self.calibrated(probability, mask),
            standard_mask=mask,
            hemithoraces=anatomy.hemithoraces,
            anatomy_quality=anatomy.quality,
            measurement=measured,
            concordance=() if report is None else _concordance(report, mask, anatomy.hemithoraces, measured),
            threshold=self.model.config.postprocessing.threshold,
            model=self.identity,
            lung_model=self.lung_identity,
            timing_s=timing,
            warnings=(*radiograph.warnings, *told.warnings, *doubt(anatomy.quality)),
            hemithorax_source=NETWORK if hemithoraces is None else hemithoraces.source,
            told_by_side=told.by_side,
        )
        return segmentation, reader

    def segment_batch(
        self, cases: Sequence[tuple[Radiograph | str | Path, str | None]]
    ) -> list[Segmentation]:
        """Segment (image, report) pairs; see `segment` for both, and what is raised."""
        return list(in_order(self._case, cases, WORKERS))

    def stream(
        self, cases: Iterable[tuple[Radiograph | str | Path, str | None]]
    ) -> Iterator[Segmentation | PtxError]:
        """Segment any number of (image, report) pairs, for cohorts.

        While the caller writes one result, the next files are read and go through the network. No more
        than `WORKERS` results wait, so memory does not grow with the number of cases.

        Args:
            cases: See `segment` for both; a pair is asked for when its turn has come.

        Yields:
            In the order of the cases, the segmentation, or the error by which the case was refused: one
            film that cannot be read must not end a cohort.
        """
        return in_order(self._case_or_refusal, cases, WORKERS)

    def _case(self, case: tuple[Radiograph | str | Path, str | None]) -> Segmentation:
        image, report_text = case
        return self.segment(image, report_text)

    def _case_or_refusal(self, case: tuple[Radiograph | str | Path, str | None]) -> Segmentation | PtxError:
        try:
            return self._case(case)
        except PtxError as error:
            return error

    @property
    def looks_at_hemithoraces(self) -> bool:
        """Whether the network looks at one hemithorax at a time, and not at the whole film."""
        return self.model.config.preprocessing.view == "hemithorax"

    def reader(self, pixels: FloatImage, hemithoraces: NDArray[np.uint8]) -> Reader:
        """What reads a radiograph under any text; it is encoded once.

        Args:
            pixels: float32, H x W, 0..1, in standard orientation.
            hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left.
        """
        if self.looks_at_hemithoraces:
            return HemithoraxReader(self.predictor, pixels, hemithoraces)
        return ImageReader(self.predictor, pixels)

    def probabilities(
        self,
        pixels: Sequence[FloatImage],
        texts: Sequence[str],
        hemithoraces: Sequence[NDArray[np.uint8]] | None = None,
    ) -> list[FloatImage]:
        """Run the network: one probability map for each image and the text it is guided by.

        Args:
            pixels: float32, H x W each, 0..1, in standard orientation; sizes may differ.
            texts: One for each image; "" for none.
            hemithoraces: Of each image, as `Anatomy.hemithoraces`; found where they are needed and not given.

        Returns:
            float32, H x W, 0..1, on the grid of each image.
        """
        return list(self.probability_maps(pixels, list(enumerate(texts)), hemithoraces))

    def probability_maps(
        self,
        pixels: Sequence[FloatImage],
        pairs: Sequence[tuple[int, str]],
        hemithoraces: Sequence[NDArray[np.uint8]] | None = None,
    ) -> Iterator[FloatImage]:
        """As `probabilities`, for pairs of an index into `pixels` and a text; each image is encoded once.

        Pairs of one image must follow one another.
        """
        if not self.looks_at_hemithoraces:
            yield from self.predictor.probability_maps(pixels, pairs)
            return
        for place, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
            image = pixels[place]
            found = self.lung_finder.find(image) if hemithoraces is None else hemithoraces[place]
            reader = HemithoraxReader(self.predictor, image, found)
            yield from reader.under([sides_of_text(text) for _, text in group])

    def binary(
        self, probability: FloatImage, hemithoraces: NDArray[np.uint8] | None = None
    ) -> NDArray[np.bool_]:
        """Threshold a probability map and drop pieces, as the model's configuration says.

        Args:
            probability: float32, H x W, 0..1.
            hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left. Where the
                configuration asks for it and both are there, pieces that touch neither are dropped.
        """
        return draw(probability, self.model.config.postprocessing, hemithoraces)

    def calibrated(self, probability: FloatImage, mask: NDArray[np.bool_]) -> FloatImage:
        """The probabilities with the temperature that the model's configuration gives a mask of this size.

        Args:
            probability: float32, H x W, 0..1, as the network gives it; the mask was drawn from it.
            mask: bool, H x W.
        """
        return calibrate(probability, mask, self.model.config.calibration)


def segment(
    image: Radiograph | str | Path,
    report: str | None,
    *,
    model: str = DEFAULT_MODEL,
    device: str = "auto",
    precision: str = "auto",
) -> Segmentation:
    """Segment one radiograph under the guidance of its report; see `Segmenter` for more than one.

    Args:
        image: A radiograph, or the path of a file to read.
        report: The report's text; None for no report.
        model: Name of a model on board, or a model folder.
        device: "auto", "cpu", "cuda" or "cuda:N".
        precision: See `Segmenter`.
    """
    return Segmenter(model, device, precision).segment(image, report)


def _read(reader: Reader, told: Telling) -> FloatImage:
    """The probability map under what a network is told; all 0 where it is not run."""
    if told.text is None:
        return np.zeros(reader.pixels.shape, np.float32)
    if isinstance(reader, HemithoraxReader) and told.by_side is not None:
        return reader.under([told.by_side])[0]
    return reader.probability(told.text)


def _concordance(
    report: Report, mask: NDArray[np.bool_], hemithoraces: NDArray[np.uint8], measured: Measurement
) -> tuple[Concordance, ...]:
    percent = measured.hemithorax_percent
    if percent is None:
        return concordance(report, mask, hemithoraces)
    known = {side: value for side in SIDES if (value := percent.of(side)) is not None}
    return concordance(report, mask, hemithoraces, known)
