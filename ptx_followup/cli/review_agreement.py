"""`ptx review --agreement`: how well do readers agree, and what is a reader's mask worth?"""

from __future__ import annotations

import json
from pathlib import Path

from ptx_followup.cli.output import Output


def tell_agreement(output: Output, folder: Path, out: Path | None, seed: int) -> None:
    """Print the figures of a read, and write them where a file is named.

    Args:
        output: Of the command.
        folder: In which the readers saved.
        out: JSON file to write, which must not be there; None for none.
        seed: Of the bootstrap over patients.
    """
    from rich.table import Table

    from ptx_followup.files import contained
    from ptx_followup.files.storage import require_absent, write_atomically

    contained.start("ptx_followup.dicom_objects.tracking")
    with output.working("reading"):
        from ptx_followup.review.agreement import agreement_of_readers, described

        if out is not None:
            require_absent(out, "name another file, or remove it first")
        figures = agreement_of_readers(folder, seed)
    if out is not None:
        text = json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        write_atomically(out, lambda file: file.write(text.encode()))
    for warning in figures["warnings"]:
        output.warn(warning)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in described(figures).items():
        table.add_row(name, value)
    output.result(figures, table)
    output.hint(figures["disclaimer"])
