"""`ptx listen`: receive studies, compare each with its prior in the archive, and send the results there."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ptx_followup.cli.options import DeviceOption, ModelOption, QuietOption
from ptx_followup.cli.output import Output
from ptx_followup.cli.pacs import ConfigOption, connected
from ptx_followup.errors import PtxError, UsageError

if TYPE_CHECKING:
    from ptx_followup.pacs.nodes import ListenSettings
    from ptx_followup.pacs.queue import Case, StudyQueue
    from ptx_followup.segmentation.segmenter import Segmenter

#: Seconds between two looks into the queue.
_LOOK_S = 0.5


def listen(
    queue: Annotated[
        Path, typer.Option("--queue", help="Folder of the queue; made if missing.", show_default=False)
    ],
    config: ConfigOption = None,
    model: ModelOption = "contextual-lite",
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
) -> None:
    """Receive studies by C-STORE and compare each with its prior.

    See docs/pacs.md.

    One case at a time. The queue is on disk: what was acknowledged to a sender is worked on also after a
    restart. Ends at SIGTERM or SIGINT, after the case in work.
    """
    from ptx_followup.pacs.nodes import load_configuration
    from ptx_followup.pacs.queue import StudyQueue
    from ptx_followup.pacs.receiver import receiving
    from ptx_followup.segmentation.segmenter import Segmenter

    output = Output(quiet=quiet)
    settings = load_configuration(config).listen
    if settings is None:
        raise UsageError("the configuration has no section [listen]", "docs/pacs.md shows one")
    with connected(settings.pacs, config):
        pass  # a missing secret or certificate shows before anything is received
    segmenter = Segmenter(model, device)
    stop = _stop_at_signals()
    waiting = StudyQueue(queue, most_studies=settings.most_studies, least_free_mb=settings.least_free_mb)
    with waiting, receiving(settings, waiting):
        output.hint(
            f"listening as {settings.ae_title} on port {settings.port}, {len(waiting)} studies waiting"
        )
        while not stop.is_set():
            case = waiting.take(settings.quiet_s)
            if case is None:
                stop.wait(_LOOK_S)
            else:
                ended_well, words = _work(case, waiting, settings, config, segmenter)
                (output.hint if ended_well else output.warn)(f"case {case.name}: {words}")
    output.hint("ended")


def _work(
    case: Case, queue: StudyQueue, settings: ListenSettings, config: Path | None, segmenter: Segmenter
) -> tuple[bool, str]:
    """Bring a case to an end, or put it back; tell whether it ended well, and in words what became of it."""
    from ptx_followup.pacs.archive import ArchiveUnavailableError
    from ptx_followup.pacs.cases import follow_up

    try:
        with connected(settings.pacs, config) as archive:
            outcome = follow_up(sorted(case.folder.iterdir()), archive, segmenter)
    except ArchiveUnavailableError as error:
        queue.put_back(case, settings.retry_s)
        return False, f"{error.problem}; tried again in {settings.retry_s:g} s"
    except PtxError as error:
        queue.fail(case, error.problem)
        return False, f"failed: {error.problem}"
    except Exception as error:  # noqa: BLE001 - one case must not end the service; its message may quote a header
        queue.fail(case, f"unexpected {type(error).__name__}")
        return False, f"failed: unexpected {type(error).__name__}"
    queue.finish(case, asdict(outcome))
    if outcome.verdict is None:
        return True, outcome.outcome
    return True, f"{outcome.outcome}, {outcome.verdict}, {outcome.objects} objects in {settings.pacs}"


def _stop_at_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
