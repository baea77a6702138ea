"""The configuration file: which archives there are, and how `ptx listen` is reached.

Secrets are not in it; see `credentials`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from ptx_followup.errors import UsageError

#: PS3.5 section 6.2, AE: at most 16 characters of the default repertoire, no backslash.
AeTitle = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[ -\[\]-~]{1,16}$")]
Port = Annotated[int, Field(ge=1, le=65535)]

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Connection(_Strict):
    """What both kinds of node share.

    Attributes:
        ca_file: Certificates of the authorities to trust, PEM; if None, the system's.
        certificate: The client's own, PEM, where the archive asks for one.
        key: Its private key, PEM, not encrypted.
        timeout_s: Seconds without a byte from the archive after which it counts as gone.
        attempts: How often a request is made before giving up on a connection.
    """

    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    timeout_s: float = Field(default=30, gt=0)
    attempts: int = Field(default=3, ge=1, le=10)

    @model_validator(mode="after")
    def _key_of_certificate(self) -> _Connection:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self


class DicomWebNode(_Connection):
    """An archive reached by DICOMweb (PS3.18).

    Attributes:
        url: Where the services QIDO-RS, WADO-RS and STOW-RS begin ("https://pacs.example.org/dicom-web").
        auth: How the client shows who it is.
        user: Name for basic authentication.
        proxy: URL of a proxy; without one the connection is direct, whatever the environment says.
        plain_http: A password may be sent over a connection that is not encrypted.
    """

    protocol: Literal["dicomweb"]
    url: str
    auth: Literal["none", "basic", "bearer"] = "none"
    user: str | None = None
    proxy: str | None = None
    plain_http: bool = False

    @model_validator(mode="after")
    def _safe(self) -> DicomWebNode:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url is not an http or https address")
        if parts.username or parts.password or (self.proxy and urlsplit(self.proxy).password):
            raise ValueError("a secret does not belong into this file")
        if (self.auth == "basic") != (self.user is not None):
            raise ValueError('auth = "basic" and user go together')
        encrypted = parts.scheme == "https" or _is_loopback(parts.hostname)
        if self.auth != "none" and not encrypted and not self.plain_http:
            raise ValueError("the password would be sent unencrypted; use https, or state plain_http = true")
        return self


class DimseNode(_Connection):
    """An archive reached by the older DICOM network protocol (PS3.7, PS3.8).

    Attributes:
        host: Name or address.
        port: TCP port.
        ae_title: Of the archive.
        calling_ae_title: Ours; archives ask for it to be registered with them.
        retrieve: C-GET brings images over the same connection; C-MOVE makes the archive open one to
            `receive_port`, under our AE title, which has to be registered there with our address.
        receive_port: TCP port for C-MOVE.
        tls: Encrypt the connection (PS3.15 section B.1); with C-MOVE also the one that the archive opens, for
            which we are the server and need a certificate.
    """

    protocol: Literal["dimse"]
    host: str = Field(min_length=1)
    port: Port = 104
    ae_title: AeTitle
    calling_ae_title: AeTitle = "PTX"
    retrieve: Literal["get", "move"] = "get"
    receive_port: Port | None = None
    tls: bool = False

    @model_validator(mode="after")
    def _port_of_move(self) -> DimseNode:
        if (self.retrieve == "move") != (self.receive_port is not None):
            raise ValueError('retrieve = "move" and receive_port go together')
        if not self.tls and (self.ca_file or self.certificate):
            raise ValueError("certificates need tls = true")
        if self.tls and self.retrieve == "move" and self.certificate is None:
            raise ValueError('retrieve = "move" with tls = true needs certificate and key')
        return self


Node = Annotated[DicomWebNode | DimseNode, Field(discriminator="protocol")]


class Peer(_Strict):
    """A sender that `ptx listen` accepts.

    Attributes:
        ae_title: Its calling AE title.
        address: Its IP address; an AE title alone is easily pretended.
    """

    ae_title: AeTitle
    address: str

    @model_validator(mode="after")
    def _is_address(self) -> Peer:
        ipaddress.ip_address(self.address)
        return self


class ListenSettings(_Strict):
    """How `ptx listen` receives.

    Attributes:
        ae_title: Ours.
        port: TCP port.
        address: Of the network interface; all of them with "0.0.0.0".
        peers: Who may send.
        pacs: Node in which priors are found and to which results are sent.
        quiet_s: A study is complete when nothing of it has come for so many seconds.
        most_studies: Studies in the queue at most; beyond it senders are told to come back later.
        least_free_mb: Free space below which nothing more is received.
        retry_s: Seconds until a case is tried again after the archive could not be reached.
        certificate, key: For TLS, PEM; without them connections are not encrypted.
        ca_file: Authorities whose certificates senders must show, PEM.
    """

    ae_title: AeTitle = "PTX"
    port: Port = 11112
    address: str = "127.0.0.1"
    peers: tuple[Peer, ...] = Field(min_length=1)
    pacs: str
    quiet_s: float = Field(default=60, gt=0)
    most_studies: int = Field(default=500, gt=0)
    least_free_mb: int = Field(default=1000, ge=0)
    retry_s: float = Field(default=60, gt=0)
    certificate: Path | None = None
    key: Path | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _tls_is_whole(self) -> ListenSettings:
        if (self.certificate is None) != (self.key is None) or (self.ca_file and not self.certificate):
            raise ValueError("certificate and key go together, and ca_file needs them")
        return self


class Configuration(_Strict):
    """The whole file: archives by name, and the settings of `ptx listen` if it is used."""

    nodes: dict[str, Node] = Field(default_factory=dict)
    listen: ListenSettings | None = None

    @model_validator(mode="after")
    def _names(self) -> Configuration:
        if not all(_NAME.fullmatch(name) for name in self.nodes):
            raise ValueError("names of nodes are lower case letters, digits and hyphens")
        if self.listen is not None and self.listen.pacs not in self.nodes:
            raise ValueError("listen.pacs names no node")
        return self

    def node(self, name: str) -> DicomWebNode | DimseNode:
        """The node of this name.

        Raises:
            UsageError: There is none.
        """
        if name not in self.nodes:
            known = ", ".join(sorted(self.nodes)) or "none"
            raise UsageError(f"the configuration has no node {name}", f"it has: {known}")
        return self.nodes[name]


def configuration_path() -> Path:
    """`PTX_PACS_CONFIG`, or ptx/pacs.toml in the user's configuration folder."""
    if stated := os.environ.get("PTX_PACS_CONFIG"):
        return Path(stated)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "ptx" / "pacs.toml"


def load_configuration(path: Path | None = None) -> Configuration:
    """Read the configuration file, by default at `configuration_path()`.

    Raises:
        UsageError: It is missing, is not TOML, or has an unknown or invalid key.
    """
    path = path or configuration_path()
    try:
        return Configuration.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"the configuration {path} cannot be read", "docs/pacs.md shows one") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name} is not TOML ({error})", "correct the file") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(f"{path.name}: {key}: {first['msg']}", "docs/pacs.md has every key") from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
