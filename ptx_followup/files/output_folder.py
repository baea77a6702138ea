"""The output folder: made for its owner alone, filled in one step, and never over another result unasked."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ptx_followup.errors import UsageError


def prepare_folder(out: Path, names: Sequence[str] = (), *, overwrite: bool = False) -> None:
    """Make the output folder, readable by its owner only, before any work is done.

    Args:
        out: May exist. A symbolic link is refused: it would lead what is written to where its maker wants it.
        names: Files that will be written.
        overwrite: They may replace those of an earlier run.

    Raises:
        UsageError: It cannot be made or written to, or holds results already.
    """
    try:
        if out.is_symlink():
            raise UsageError(f"the output folder {out} is a symbolic link", "name the folder it leads to")
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        raise UsageError(f"the output folder {out} cannot be made", "give another one with --out") from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise UsageError(f"the output folder {out} cannot be written to", "give another one with --out")
    if not overwrite and any(os.path.lexists(out / name) for name in names):
        raise UsageError(
            f"the output folder {out} holds results already", "give another one with --out, or --overwrite"
        )


@contextmanager
def staged(out: Path, names: Sequence[str]) -> Iterator[Path]:
    """Give a private folder to write into; at the end its files move to `out`, and only then.

    Files of an earlier run stay until those of this one are complete, and then go, all of them: the files of
    a folder always belong together. Each is moved by renaming, so that no link in `out` is followed.

    Args:
        out: An existing folder.
        names: Every file that a run may leave; the first says that a result is complete: it is removed before
            the others are moved, and comes last.

    Yields:
        A folder inside `out` (on the same disk), readable by its owner only; it is removed in any case.

    Raises:
        UsageError: In place of an error of the operating system.
    """
    try:
        with tempfile.TemporaryDirectory(dir=out, prefix=".ptx-", ignore_cleanup_errors=True) as private:
            yield Path(private)
            _publish(Path(private), out, names)
    except OSError as error:
        raise UsageError(
            f"the results cannot be written to {out} ({error.strerror or type(error).__name__})",
            "free some space, or give another folder with --out",
        ) from None


def _publish(private: Path, out: Path, names: Sequence[str]) -> None:
    try:
        (out / names[0]).unlink(missing_ok=True)
        for name in reversed(names):
            if (private / name).exists():
                (private / name).replace(out / name)
            else:
                (out / name).unlink(missing_ok=True)
    except BaseException:
        for name in names:
            with suppress(OSError):
                (out / name).unlink(missing_ok=True)
        raise
