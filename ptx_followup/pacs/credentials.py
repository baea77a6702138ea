"""Passwords and tokens of archives: from the environment, or the system's keyring; never from a file."""

from __future__ import annotations

import os

from ptx_followup.errors import UsageError

#: Service under which a keyring keeps them (`keyring set ptx NODE`).
_KEYRING_SERVICE = "ptx"


def variable_of(node: str) -> str:
    """The environment variable that holds a node's password or token.

    >>> variable_of("hospital-2")
    'PTX_PACS_HOSPITAL_2_PASSWORD'
    """
    return f"PTX_PACS_{node.upper().replace('-', '_')}_PASSWORD"


def secret_of(node: str) -> str:
    """The password or bearer token of a node.

    Raises:
        UsageError: There is none.
    """
    secret = os.environ.get(variable_of(node)) or _from_keyring(node)
    if not secret:
        raise UsageError(
            f"there is no secret for the node {node}",
            f"set {variable_of(node)}, or install keyring and use `keyring set {_KEYRING_SERVICE} {node}`",
        )
    return secret


def _from_keyring(node: str) -> str | None:
    try:
        import keyring
    except ImportError:
        return None
    try:
        stored = keyring.get_password(_KEYRING_SERVICE, node)
    except keyring.errors.KeyringError:  # locked, or there is no keyring on this machine
        return None
    return None if stored is None else str(stored)
