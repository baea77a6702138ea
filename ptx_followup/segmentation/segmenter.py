"""Report-guided segmentation of one radiograph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.ahead import in_order
from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.anatomy.quality import doubt
from ptx_followup.errors import ModelError, PtxError
from ptx_followup.measurement.sizes import Measurement, measure
from ptx_followup.network.predictor import ImageReader, Predictor
from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.report.concordance import Concordance, concordance
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import PromptMode, prompt
from ptx_followup.report.terms import Report
from ptx_followup.segmentation.chest import find_chest
from ptx_followup.segmentation.result import ModelIdentity, Segmentation
from ptx_followup.sides import SIDES, both_found
from ptx_followup.timing import timed

if TYPE_CHECKING:
    from ptx_followup.network.engine import RunningModel

#: Cases in work at a time: one is read or measured while another is in the network.
WORKERS = 2
DEFAULT_MODEL = "contextual-lite"
NO_REPORT = "no report was given: the mask rests on the image alone"
DENIED = "the report denies a pneumothorax: the mask is empty without looking at the image"
SILENT = "the report does not mention a pneumothorax: the mask rests on the image"
CUT = "the report is longer than the language model reads: only the sentences on the pneumothorax were used"


class Segmenter:
    """A loaded model; make one, call it many times.

    Args:
        model: Name of a model on board, or a model folder.
        device: "auto", "cpu", "cuda" or "cuda:N".
        precision: Of the network: "auto", "float32", "bf16" or, on a CPU, "int8".

    Raises:
        ModelError: A model or text encoder is missing, altered, or of another task.
        UsageError: The device is not there, or cannot do that precision.
    """

    def __init__(self, model: str = DEFAULT_MODEL, device: str = "auto", precision: str = "auto") -> None:
        from ptx_followup.network.device import choose_device
        from ptx_followup.network.engine import open_model

        self.device = choose_device(device)
        self.model: RunningModel = open_model(model, self.device, precision)
        config = self.model.config
        if config.task != "pneumothorax":
            raise ModelError(f"model {config.name!r} does not find a pneumothorax", "name one that does")
        self.text_encoder = self.model.text_encoder
        self.predictor = Predictor(self.model)
        self.lung_finder = LungFinder(device=self.device)
        self.identity = _identity(self.model, self.device)
        self.lung_identity = _identity(self.lung_finder.model, self.device)

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
    ) -> tuple[Segmentation, ImageReader]:
        """As `segment`, and what reads the radiograph under other texts without encoding it again."""
        timing: dict[str, float] = {}
        if isinstance(image, Radiograph):
            radiograph = image
        else:
            with timed(timing, "read"):
                radiograph = read_radiograph(image)
        with timed(timing, "report"):
            report = None if report_text is None else understand(report_text)
            told, warnings = self._told(report, prompt_mode, ignore_negation)
        with timed(timing, "anatomy"):
            radiograph, anatomy = find_chest(radiograph, self.lung_finder)
        reader = ImageReader(self.predictor, radiograph.pixels)
        with timed(timing, "network"):
            probability = (
                np.zeros(radiograph.pixels.shape, np.float32) if told is None else reader.probability(told)
            )
        mask = self.binary(probability, anatomy.hemithoraces)
        measured = measure(mask, anatomy.hemithoraces, radiograph.trusted_spacing_mm)
        segmentation = Segmentation(
            radiograph=radiograph,
            report=report,
            told=told,
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
            warnings=(*radiograph.warnings, *warnings, *doubt(anatomy.quality)),
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

    def probabilities(self, pixels: Sequence[FloatImage], texts: Sequence[str]) -> list[FloatImage]:
        """Run the network: one probability map for each image and the text it is guided by.

        Args:
            pixels: float32, H x W each, 0..1, in standard orientation; sizes may differ.
            texts: One for each image; "" for none.

        Returns:
            float32, H x W, 0..1, on the grid of each image.
        """
        return list(self.predictor.probability_maps(pixels, list(enumerate(texts))))

    def binary(
        self, probability: FloatImage, hemithoraces: NDArray[np.uint8] | None = None
    ) -> NDArray[np.bool_]:
        """Threshold a probability map and drop pieces, as the model's configuration says.

        Args:
            probability: float32, H x W, 0..1.
            hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left. Where the
                configuration asks for it and both are there, pieces that touch neither are dropped.
        """
        post = self.model.config.postprocessing
        mask = probability >= post.threshold
        _, pieces, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        kept = statistics[:, cv2.CC_STAT_AREA] >= post.smallest_component * mask.size
        if post.touches_hemithorax and hemithoraces is not None and both_found(hemithoraces):
            kept &= np.bincount(pieces[hemithoraces > 0], minlength=len(kept)) > 0
        kept[0] = False  # the background
        return np.asarray(kept[pieces], bool)

    def calibrated(self, probability: FloatImage, mask: NDArray[np.bool_]) -> FloatImage:
        """The probabilities with the temperature that the model's configuration gives a mask of this size.

        Args:
            probability: float32, H x W, 0..1, as the network gives it; the mask was drawn from it.
            mask: bool, H x W.
        """
        temperature = self.model.config.calibration.temperature(float(mask.mean()))
        if temperature == 1:
            return probability
        inside, outside = probability ** (1 / temperature), (1 - probability) ** (1 / temperature)
        return np.asarray(inside / (inside + outside), np.float32)

    def _told(
        self, report: Report | None, mode: PromptMode, ignore_negation: bool
    ) -> tuple[str | None, list[str]]:
        """The text for the network, or None where the report denies a pneumothorax; and warnings."""
        if report is None:
            return "", [NO_REPORT]
        if report.present is False and not ignore_negation:
            return None, [DENIED]
        warnings = [SILENT] if report.present is None else []
        text = prompt(report, mode)
        if self.text_encoder is not None and mode == "full" and self.text_encoder.is_cut(text):
            return prompt(report, "focused"), [*warnings, CUT]
        return text, warnings


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


def _concordance(
    report: Report, mask: NDArray[np.bool_], hemithoraces: NDArray[np.uint8], measured: Measurement
) -> tuple[Concordance, ...]:
    percent = measured.hemithorax_percent
    sides = None if percent is None else {side: percent.of(side) for side in SIDES}
    return concordance(report, mask, hemithoraces, sides)


def _identity(model: RunningModel, device: str) -> ModelIdentity:
    config, engine = model.config, model.engine
    return ModelIdentity(
        name=config.name,
        version=config.version,
        sha256=config.weights_sha256,
        text_encoder=config.text_encoder.name if config.text_encoder else None,
        device=device,
        precision=engine.precision,
        engine=engine.name,
    )
