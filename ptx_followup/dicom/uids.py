"""UIDs of what is written: the same input always gives the same UID, and an illegal one is replaced.

Both rules use name-based UUIDs (RFC 9562, version 5) under the root 2.25 (DICOM PS3.5 section B.2), in a
name space of this project, so that no registration is needed and every run, here or elsewhere, agrees.
"""

from __future__ import annotations

import uuid

from pydicom import config
from pydicom.uid import UID

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:ptx-followup:dicom")


def derived_uid(*parts: str) -> UID:
    """The UID of what `parts` name, in their order.

    >>> derived_uid("a", "b") == derived_uid("a", "b") != derived_uid("ab")
    True
    """
    # A length before each part keeps ("a", "b") and ("ab",) apart whatever characters the parts hold.
    name = "".join(f"{len(part)}:{part}" for part in parts)
    return UID(f"2.25.{uuid.uuid5(_NAMESPACE, name).int}")


def legal_uid(stated: str) -> UID:
    """`stated` if it is a legal UID (PS3.5 section 9.1), else one derived from it.

    Anonymised collections carry components with leading zeros (CANDID-PTX) or texts instead of numbers. Two
    files that state the same illegal UID still share the replacement, so series and studies stay together.

    >>> legal_uid("1.2.3")
    '1.2.3'
    >>> legal_uid("1.2.003").startswith("2.25.")
    True
    """
    uid = UID(stated, validation_mode=config.IGNORE)
    return uid if uid.is_valid else derived_uid("replaces", stated)
