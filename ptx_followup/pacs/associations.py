"""Why an archive gives no association, or none that serves its purpose (PS3.8 section 9.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_followup.errors import PacsError
from ptx_followup.pacs.archive import ArchiveUnavailableError

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.pdu import A_ASSOCIATE_RJ
    from pynetdicom.presentation import PresentationContext


#: Study Root Query/Retrieve Information Model - GET (PS3.6 annex A).
_GET = "1.2.840.10008.5.1.4.1.2.2.3"


class NotOfferedError(PacsError):
    """The archive does not take the presentation context without which a request serves no purpose."""


def not_offered(name: str, needed: PresentationContext) -> NotOfferedError:
    """The error of an archive that takes an association, but not the context that is needed."""
    hint = "look at what is registered there for calling_ae_title"
    if needed.abstract_syntax == _GET:
        hint += ', or set retrieve = "move" and receive_port'
    return NotOfferedError(f"the archive {name} does not offer what is asked for, or not to us", hint)


def no_association(
    name: str, rejection: A_ASSOCIATE_RJ | None, association: Association, needed: PresentationContext
) -> PacsError:
    """The error of an association that was not made.

    Args:
        name: Of the node.
        rejection: As it arrived; None where there was none.
        association: As pynetdicom left it.
        needed: The context that serves the purpose.
    """
    if rejection is not None:
        # PS3.8 section 9.3.4: result 2 is transient, such as too many associations.
        if rejection.result == 2:
            return ArchiveUnavailableError(f"the archive {name} is busy", "run the same command again")
        return PacsError(
            f"the archive {name} rejected the association",
            "have calling_ae_title registered there, and check ae_title",
        )
    if association.rejected_contexts:
        return not_offered(name, needed)
    return ArchiveUnavailableError(
        f"the archive {name} cannot be reached", "check host, port, tls and the network"
    )
