"""The output folder: made for its owner alone, filled in one step, and never over another result unasked."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ptx_followup.errors import InputError, UsageError, system_reason
from ptx_followup.files.storage import require_absent


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
    with _private_folder(out) as private:
        yield private
        _publish(private, out, names)


@contextmanager
def filled_at_once(out: Path) -> Iterator[Path]:
    """Give a private folder to write into, whose files become those of a new or empty folder at the end.

    Args:
        out: Holds nothing, or does not exist.

    Yields:
        A folder on the same disk, readable by its owner only; it is removed in any case.

    Raises:
        UsageError: `out` holds something or cannot be made, or in place of an error of the operating system.
        InputError: A new `out` cannot be written.
    """
    if not os.path.lexists(out):
        with new_folder(out) as private:
            yield private
        return
    prepare_folder(out)
    if any(out.iterdir()):
        raise UsageError(f"the output folder {out} is not empty", "give a new one with --out")
    with _private_folder(out) as private:
        yield private
        for file in private.iterdir():
            file.replace(out / file.name)


@contextmanager
def new_folder(destination: Path) -> Iterator[Path]:
    """Fill a folder under a temporary name beside it, then rename it, so that it is whole or absent.

    Args:
        destination: A folder that does not exist yet.

    Yields:
        The folder to fill (readable by the owner only).

    Raises:
        UsageError: The destination exists.
        InputError: Something could not be written (full disk, permissions).
    """
    require_absent(destination, "name a new folder, or remove it first")
    temporary: Path | None = None
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=destination.parent, prefix=f".{destination.name}."))
        yield temporary
        temporary.rename(destination)
    except OSError as error:
        raise InputError(
            f"{destination} cannot be written ({error.strerror})", "free space, or name another folder"
        ) from error
    finally:
        if temporary is not None and temporary.exists():
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _private_folder(out: Path) -> Iterator[Path]:
    try:
        with tempfile.TemporaryDirectory(dir=out, prefix=".ptx-", ignore_cleanup_errors=True) as private:
            yield Path(private)
    except OSError as error:
        raise UsageError(
            f"the results cannot be written to {out} ({system_reason(error)})",
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
