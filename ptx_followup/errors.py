"""The errors a user can meet, each with its exit code.

Every error is one line: what is wrong, with which input, and what to do. Messages never carry a value
that identifies a patient: they name fields, not contents.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line; they are part of the public interface."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    INPUT = 3
    MISMATCH = 4
    GATE = 5
    MODEL = 6
    BATCH = 7
    PACS = 8


class PtxError(Exception):
    """A problem the user can act on.

    Args:
        problem: What is wrong, and with which input, in one sentence without a full stop.
        hint: What to do about it, in one sentence without a full stop.
    """

    exit_code = ExitCode.UNEXPECTED

    def __init__(self, problem: str, hint: str) -> None:
        self.problem = problem
        self.hint = hint
        super().__init__(f"{problem}: {hint}")


class UsageError(PtxError):
    """The options contradict each other or one is missing."""

    exit_code = ExitCode.USAGE


class InputError(PtxError):
    """A file cannot be read, or is of a kind that is not supported."""

    exit_code = ExitCode.INPUT


class NotARadiographError(InputError):
    """A readable file of another kind: a report, a segmentation, a CT."""


class MismatchError(PtxError):
    """Two exams do not belong together: another patient, or the wrong order."""

    exit_code = ExitCode.MISMATCH


class QualityGateError(PtxError):
    """The input is readable but unfit: a lateral view, a failed registration."""

    exit_code = ExitCode.GATE


class ModelError(PtxError):
    """A model is missing, altered, or of another architecture."""

    exit_code = ExitCode.MODEL


class BatchError(PtxError):
    """Some cases of a batch failed while others were done."""

    exit_code = ExitCode.BATCH


class PacsError(PtxError):
    """An image archive refused, timed out, or does not hold what was asked for."""

    exit_code = ExitCode.PACS


def system_reason(error: OSError) -> str:
    """What the operating system says of an error; pydicom raises it anew with a text alone.

    >>> system_reason(FileNotFoundError(2, "No such file or directory")), system_reason(OSError("anew"))
    ('No such file or directory', 'OSError')
    """
    while not error.strerror and isinstance(error.__cause__, OSError):
        error = error.__cause__
    return error.strerror or type(error).__name__
