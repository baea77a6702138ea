"""Opening an archive by its configuration."""

from __future__ import annotations

from ptx_followup.pacs.archive import Archive
from ptx_followup.pacs.nodes import DicomWebNode, DimseNode


def open_archive(name: str, node: DicomWebNode | DimseNode) -> Archive:
    """An archive by its configuration.

    Raises:
        UsageError: A secret or a certificate is missing, or the packages of the extra `pacs`.
    """
    if isinstance(node, DicomWebNode):
        from ptx_followup.pacs.dicomweb import DicomWebArchive

        return DicomWebArchive(name, node)
    from ptx_followup.pacs.dimse import DimseArchive

    return DimseArchive(name, node)
