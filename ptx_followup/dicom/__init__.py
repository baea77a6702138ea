"""The DICOM format: elements, parsing, accepted objects, pixel decoding, UIDs.

No radiograph yet, and no result.

May import what lies at the root alone.
"""

import sys


def _import_pydicom() -> None:
    """Import pydicom without the libraries through which it would fetch its example files.

    They take a third of the time, and no reader needs a network. Who wants them later gets them.
    """
    kept_away = {"requests", "tqdm"} - sys.modules.keys()
    for name in kept_away:
        sys.modules[name] = None  # type: ignore[assignment]  # pydicom does without what cannot be imported
    try:
        import pydicom  # noqa: F401
    finally:
        for name in kept_away:
            del sys.modules[name]


_import_pydicom()
