"""TLS for DIMSE associations (PS3.15 section B.1)."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from ptx_followup.errors import UsageError

if TYPE_CHECKING:
    from ptx_followup.pacs.nodes import DimseNode, ListenSettings


def client_tls(node: DimseNode) -> tuple[ssl.SSLContext, str]:
    """Context and host name for an association that we request; the archive must prove who it is.

    Raises:
        UsageError: A certificate or key cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=node.ca_file)
        if node.certificate is not None:
            context.load_cert_chain(node.certificate, node.key, _no_password)
    except (OSError, ValueError):
        raise _unreadable() from None
    return context, node.host


def server_tls(settings: ListenSettings | DimseNode) -> ssl.SSLContext | None:
    """Context for associations that others request, or None for connections that are not encrypted.

    With a `ca_file` the other side must show a certificate of that authority.

    Raises:
        UsageError: A certificate or key cannot be read.
    """
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.certificate, settings.key, _no_password)
        if settings.ca_file is not None:
            context.load_verify_locations(settings.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ValueError):
        raise _unreadable() from None
    return context


def _no_password() -> str:
    raise ValueError("an encrypted key would make OpenSSL ask on the terminal")


def _unreadable() -> UsageError:
    return UsageError(
        "a certificate or key of the configuration cannot be read",
        "ca_file, certificate and key are PEM files, the key without a password",
    )
