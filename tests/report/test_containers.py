"""What is taken from containers, what never is, and what is refused."""

from __future__ import annotations

import base64
import json

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage
from test_text import content, dicom

from ptx_followup.cli.app import run
from ptx_followup.errors import ExitCode, InputError
from ptx_followup.report.containers.escapes import unescaped
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import MODES, prompt
from ptx_followup.report.text import decode_report

HEAD = "MSH|^~\\&|RIS|C|PACS|C|1||ORU^R01|1|P|2.5\rPID|1||ID77^^^C||GRAU^ELSE||19600101|F\r"
ORDER = "PV1|1|I|W3^12||||DOC^WHITE\rORC|RE|A\rOBR|1|A|A|X^Chest^L||||||||||LEFT PNEUMOTHORAX\r"


def observation(number: int, text: str, status: str = "F", kind: str = "TX", name: str = "X^Chest") -> str:
    return f"OBX|{number}|{kind}|{name}||{text}||||||{status}\r"


def message(*observations: str) -> bytes:
    return (HEAD + ORDER + "".join(observations)).encode()


def named(item: Dataset, code: str) -> Dataset:
    item.ConceptNameCodeSequence[0].CodeValue = code
    return item


def section(code: str, *items: Dataset) -> Dataset:
    container = named(content("CONTAINER", "Any name"), code)
    container.ContentSequence = list(items)
    return container


def finding(text: str) -> Dataset:
    return named(content("TEXT", "Finding", TextValue=text), "121071")


def structured(*sections: Dataset) -> bytes:
    return dicom(EnhancedSRStorage, ContentSequence=list(sections))


def test_patient_order_and_request_of_a_message_are_no_part_of_the_report() -> None:
    text = decode_report(message(observation(1, "Lungs clear.")), "a.hl7")
    assert text == "Lungs clear."
    assert [prompt(understand(text), mode) for mode in MODES] == ["Lungs clear.", "", ""]


@pytest.mark.parametrize("option", [(), ("--json",), ("--deidentify",), ("--html", "page.html")])
def test_the_name_of_a_patient_appears_in_no_output(
    option: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path_factory.mktemp("message")
    monkeypatch.chdir(folder)
    (folder / "a.hl7").write_bytes(message(observation(1, "Small left pneumothorax.")))
    assert run(["report", "a.hl7", *option]) == ExitCode.DONE
    printed = capsys.readouterr()
    written = "".join(path.read_text() for path in folder.glob("*.html"))
    for word in ("GRAU", "ELSE", "ID77", "WHITE", "19600101"):
        assert word not in printed.out + printed.err + written


def test_a_sentence_over_two_observations_is_one_sentence() -> None:
    data = message(observation(1, "There is no evidence of"), observation(2, "pneumothorax."))
    assert understand(decode_report(data, "a")).present is False


@pytest.mark.parametrize(
    ("first", "second", "present"),
    [("P", "C", False), ("P", "F", False), ("F", "C", False), ("D", "F", False)],
)
def test_a_later_status_outweighs_an_earlier_one(first: str, second: str, present: bool) -> None:
    data = message(
        observation(1, "Small left pneumothorax.", first), observation(2, "No pneumothorax.", second)
    )
    assert understand(decode_report(data, "a")).present is present


def test_an_unfinished_escape_loses_nothing() -> None:
    assert unescaped("Left \\pneumothorax") == "Left \\pneumothorax"
    assert unescaped("a\\.br\\b\\T\\c\\X0D0A\\d\\H\\e\\N\\") == "a\nb&c\nde"


def test_sections_of_a_structured_report_are_known_by_their_codes() -> None:
    clear = section("121070", finding("The lungs are clear."))
    for code in ("121068", "121066", "121109", "121062", "121060", "18834-2", "55114-3"):
        report = understand(
            decode_report(structured(section(code, finding("Left pneumothorax.")), clear), "a")
        )
        assert report.present is None, code
        assert not report.conflicts, code
    stated = structured(section("59776-5", finding("Left pneumothorax.")))
    assert understand(decode_report(stated, "a")).side == "left"


def test_a_whole_earlier_report_in_a_section_opens_nothing() -> None:
    earlier = finding("FINDINGS: Large left pneumothorax.\nIMPRESSION: Left pneumothorax.")
    data = structured(section("121068", earlier), section("121070", finding("Lungs clear.")))
    assert understand(decode_report(data, "a")).present is None


def test_an_addendum_keeps_its_rank() -> None:
    data = structured(
        section("121078", finding("On review there is no pneumothorax.")),
        section("121070", finding("Small left pneumothorax.")),
    )
    assert understand(decode_report(data, "a")).present is False


def nested(levels: int) -> Dataset:
    item = finding("Left pneumothorax.")
    for _ in range(levels):
        item = section("121070", item)
    return item


FHIR = {"resourceType": "DiagnosticReport", "code": {"text": "Chest"}, "conclusion": "Left pneumothorax."}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (HEAD.encode(), "without a report"),
        (message(observation(1, "Clear.")) * 2, "2 HL7 messages"),
        (message(observation(1, "x^TEXT^PDF^Base64^JVBERg==", kind="ED")), "without a report"),
        (b'{"resourceType": "Patient", "name": [{"text": "GRAU"}]}', "no FHIR DiagnosticReport"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "JSON"),
        (json.dumps({"resourceType": "Bundle", "entry": [{"resource": FHIR}] * 2}).encode(), "more than one"),
        (json.dumps(FHIR | {"status": "entered-in-error"}).encode(), "withdrawn"),
        (
            json.dumps(FHIR | {"presentedForm": [{"contentType": "text/plain", "data": "\u00e9"}]}).encode(),
            "damaged document",
        ),
        (message(observation(1, "x^TEXT^TXT^Base64^abc", kind="ED")), "damaged document"),
        (b'<?xml version="1.0"?><report><findings>Left pneumothorax.</report>', "well formed"),
        (b'<?xml version="1.0"?><r>' + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</r>", "60 levels"),
        (b'<?xml version="1.0"?><!DOCTYPE r [' + b" " * 40_000 + b'<!ENTITY a "b">]><r>&a;</r>', "entities"),
        (
            json.dumps(FHIR | {"conclusionCode": [{"text": "Left pneumothorax"}] * 2_001}).encode(),
            "2000 items",
        ),
        (structured(nested(50)), "40 levels"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_line(data: bytes, word: str) -> None:
    with pytest.raises(InputError) as refused:
        decode_report(data, "report.bin")
    assert word in refused.value.problem
    assert "report.bin" in refused.value.problem
    assert "GRAU" not in f"{refused.value.problem}{refused.value.hint}"
    assert refused.value.hint


def test_entities_of_a_document_type_are_not_expanded() -> None:
    entities = '<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">'
    bomb = f'<?xml version="1.0"?><!DOCTYPE r [{entities}]><r>&b; Left pneumothorax.</r>'
    with pytest.raises(InputError):
        decode_report(bomb.encode(), "report.xml")


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>Ward 3</title><body><p>Left pneumothorax.</p></body></html>",
        "<p>Chest.</p><p><s>Lungs clear.</p><p>Left pneumothorax.</p>",
        "<p>Chest. <del>Lungs <s>clear.</del> Left pneumothorax.</p>",
    ],
    ids=["no end of the head", "no end of what is struck out", "one of two ends"],
)
def test_html_without_an_end_tag_loses_no_finding(page: str) -> None:
    assert understand(decode_report(page.encode(), "a.html")).side == "left"


def test_what_is_struck_out_of_html_is_no_finding() -> None:
    text = decode_report(b"<p><del>Left pneumothorax.</del> Lungs clear.</p>", "a.html")
    assert text == "Lungs clear."


def test_a_message_with_a_damaged_attachment_is_refused() -> None:
    """A finding could stand there."""
    damaged = [{"contentType": "text/plain", "data": "é" * 8}]
    report = json.dumps(FHIR | {"presentedForm": damaged}).encode()
    data = message(observation(1, "^TEXT^^Base64^é", kind="ED"), observation(2, "Left pneumothorax."))
    for name, sent in (("a.json", report), ("a.hl7", data)):
        with pytest.raises(InputError, match="holds a damaged document"):
            decode_report(sent, name)


HISTORY = "Left pneumothorax."


@pytest.mark.parametrize(
    "document",
    [
        f'<section><code code="10164-2"/><title>Anamnese</title><text>{HISTORY}</text></section>',
        f'<section xmlns="urn:hl7-org:v3"><code code="11329-0"/><text>{HISTORY}</text></section>',
        f'<section label="History">{HISTORY}</section>\n<section label="Findings">Clear lungs.</section>',
        f'<?xml version="1.0"?><form><field label="History">{HISTORY}</field></form>',
        f"<article><indication>{HISTORY}</indication><findings>Clear lungs.</findings></article>",
        f"<Section><Heading>History</Heading><Body>{HISTORY}</Body></Section>",
        f"<table><history>{HISTORY}</history><findings>Clear lungs.</findings></table>",
        f"<report><part><heading>History</heading><result>{HISTORY}</result></part></report>",
    ],
)
def test_xml_whose_elements_html_has_too_keeps_its_sections(document: str) -> None:
    """A history is not today's finding, whatever the root is called."""
    assert understand(decode_report(document.encode(), "report.xml")).present is None


@pytest.mark.parametrize(
    "document",
    [
        "<section><h2>Impression</h2><p>Left <b>pneumothorax</b>.<br>No effusion.</section>",
        "<p class=MsoNormal>FINDINGS: Left pneumothorax.<o:p></o:p></p>",
        '<section class="findings"><p>There is a <b>left</b> pneumothorax.</p></section>',
        "<p>Left pneumothorax of <size> mm.</p>",
    ],
)
def test_html_stays_html(document: str) -> None:
    report = understand(decode_report(document.encode(), "report.html"))
    assert (report.present, report.side) == (True, "left")


def test_words_that_rtf_does_not_show_are_no_text() -> None:
    document = rb"{\rtf1 No pneumothorax{\deleted  on the left}. \v Large right pneumothorax.\v0  Clear.}"
    assert " ".join(decode_report(document, "report").split()) == "No pneumothorax. Clear."


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "utf-8"])
def test_an_attached_text_is_read_in_its_charset(charset: str) -> None:
    words = "Left pneumothorax, café."
    data = base64.b64encode(words.encode(charset)).decode()
    form = {"contentType": f"text/plain; charset={charset}", "data": data}
    report = {"resourceType": "DiagnosticReport", "status": "final", "presentedForm": [form]}
    assert decode_report(json.dumps(report).encode(), "report").strip() == words


def test_a_document_in_a_message_is_read_in_the_charset_of_the_message() -> None:
    data = base64.b64encode("Left pneumothorax, café.".encode("iso-8859-2")).decode()
    message = f"MSH|^~\\&|A|B|C|D|1||ORU^R01|1|P|2.5||||||8859/2\rOBX|1|ED|X||^TEXT^^Base64^{data}||||||F"
    assert "café" in decode_report(message.encode(), "report")
