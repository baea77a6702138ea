"""The configuration of archives, and where secrets come from."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from ptx_followup.errors import UsageError
from ptx_followup.pacs import credentials
from ptx_followup.pacs.nodes import DicomWebNode, DimseNode, configuration_path, load_configuration

WEB = '[nodes.web]\nprotocol = "dicomweb"\n'
DIMSE = '[nodes.old]\nprotocol = "dimse"\nhost = "pacs"\nae_title = "ARCHIVE"\n'
LISTEN = '[listen]\npacs = "old"\npeers = [{ae_title = "CR1", address = "10.0.0.1"}]\n'


def load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "pacs.toml"
    file.write_text(text, encoding="utf-8")
    return load_configuration(file)


def test_both_kinds_of_nodes(tmp_path: Path) -> None:
    file = tmp_path / "pacs.toml"
    file.write_text(WEB + 'url = "https://pacs.example.org/dicom-web"\n' + DIMSE + LISTEN, encoding="utf-8")
    configuration = load_configuration(file)
    assert isinstance(configuration.node("web"), DicomWebNode)
    assert isinstance(configuration.node("old"), DimseNode)
    assert configuration.listen is not None
    with pytest.raises(UsageError, match="no node other: it has: old, web"):
        configuration.node("other")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[nodes", "not TOML"),
        (WEB, "nodes.web.dicomweb.url: Field required"),
        (WEB + 'url = "ftp://pacs"', "not an http or https address"),
        (WEB + 'url = "https://pacs"\npassword = "x"', "password: Extra inputs are not permitted"),
        (WEB + 'url = "https://ptx:hidden@pacs"', "a secret does not belong into this file"),
        (WEB + 'url = "https://pacs"\nproxy = "http://ptx:hidden@proxy"', "a secret does not belong"),
        (WEB + 'url = "http://pacs"\nauth = "bearer"', "would be sent unencrypted"),
        (WEB + 'url = "https://pacs"\nauth = "basic"', "user go together"),
        (WEB + 'url = "https://pacs"\ncertificate = "a.pem"', "certificate and key go together"),
        (DIMSE + 'calling_ae_title = "LONGER THAN 16 CHARS"', "calling_ae_title"),
        (DIMSE + 'retrieve = "move"', "receive_port go together"),
        (DIMSE + 'ca_file = "a.pem"', "tls = true"),
        (DIMSE + 'tls = true\nretrieve = "move"\nreceive_port = 11113', "needs certificate and key"),
        (DIMSE.replace("old", "Old Node"), "names of nodes"),
        (DIMSE + LISTEN.replace('"old"', '"none"'), "listen.pacs names no node"),
        (DIMSE + LISTEN.replace("10.0.0.1", "cr1.local"), "address"),
    ],
)
def test_a_wrong_configuration_is_refused_in_one_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(tmp_path, text.replace("[nodes.Old Node]", '[nodes."Old Node"]'))
    assert problem in refused.value.problem
    assert "hidden" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_over_http_is_for_loopback_or_those_who_say_so(tmp_path: Path) -> None:
    for text in (
        'url = "http://127.0.0.1:8042/dicom-web"',
        'url = "http://pacs/dicom-web"\nplain_http = true',
    ):
        load(tmp_path, f'{WEB}{text}\nauth = "basic"\nuser = "ptx"')


def test_where_the_configuration_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PTX_PACS_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert configuration_path() == tmp_path / "ptx" / "pacs.toml"
    with pytest.raises(UsageError, match="cannot be read"):
        load_configuration()
    monkeypatch.setenv("PTX_PACS_CONFIG", str(tmp_path / "other.toml"))
    assert configuration_path() == tmp_path / "other.toml"


def test_a_secret_of_the_environment_counts_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    class KeyringError(Exception):
        pass

    stored = {("ptx", "pacs-1"): "from keyring"}
    keyring = SimpleNamespace(
        get_password=lambda service, name: stored.get((service, name)),
        errors=SimpleNamespace(KeyringError=KeyringError),
    )
    monkeypatch.setitem(__import__("sys").modules, "keyring", keyring)
    assert credentials.secret_of("pacs-1") == "from keyring"
    monkeypatch.setenv("PTX_PACS_PACS_1_PASSWORD", "from environment")
    assert credentials.secret_of("pacs-1") == "from environment"
    with pytest.raises(UsageError, match="PTX_PACS_PACS_2_PASSWORD"):
        credentials.secret_of("pacs-2")
