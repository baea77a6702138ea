"""HTML: paragraphs, lists and tables as lines of text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from ptx_followup.report.headings import section_named
from ptx_followup.report.vocabulary import words

_TAG = re.compile(
    r"</?(?:html|body|p|br|div|span|b|i|u|strong|em|ul|ol|li|table|tbody|thead|tr|td|th|h[1-6]|font|pre"
    r"|dl|dt|dd|su[bp]"
    r"|hr|a|s|del|small|big|center|tt|code|label|section|article|header|footer|form|input)\b[^<>]{0,400}>",
    re.IGNORECASE,
)
#: Elements of HTML, those of old too (WHATWG HTML sections 4 and 16.2).
HTML_ELEMENTS = words(
    "html head body title meta link style script base noscript template p br hr div span b i u s q a em"
    " strong small big sub sup del ins mark time tt code kbd samp var cite abbr acronym address dfn data"
    " ul ol li dl dt dd menu dir table caption colgroup col thead tbody tfoot tr td th h1 h2 h3 h4 h5 h6"
    " hgroup font pre center strike blockquote section article header footer main nav aside figure"
    " figcaption details summary form input label button select option optgroup textarea fieldset legend"
    " output progress meter dialog img picture source svg canvas video audio track iframe embed object"
    " param area map ruby rt rp bdi bdo wbr nobr xmp plaintext listing basefont slot search frame frameset"
    " noframes"
)
_BLOCKS = frozenset(
    [
        *(
            "p",
            "div",
            "br",
            "li",
            "tr",
            "table",
            "caption",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "ul",
            "ol",
            "pre",
        ),
        *(
            "dl",
            "dt",
            "dd",
            "section",
            "article",
            "header",
            "footer",
            "title",
            "blockquote",
            "tbody",
            "thead",
        ),
        *("paragraph", "item", "list", "text", "component"),
    ]
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "title"})
#: What is not shown: programs, and words that were struck out.
_HIDDEN = frozenset({"script", "style", "head", "del", "s", "strike", "template", "noscript"})
_CELLS = frozenset({"td", "th"})


def has_tags(text: str) -> bool:
    """Whether a text holds tags of HTML, as a document or in fragments."""
    return "<" in text and _TAG.search(text) is not None


class _Lines(HTMLParser):
    """Collects text, line by line; entities of a document type are never expanded."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0
        self._held: list[str] = []
        self._cells: list[list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "body":
            self._hide(0)  # the end tag of a head may be left out
        elif tag == "tr":
            self._end_row()
            self._cells = []
        elif tag in _CELLS and self._cells is not None:
            self._cells.append([])
        elif tag in _BLOCKS:
            self._add("\n- " if tag == "li" else "\n")
        elif tag == "input" and dict(attrs).get("type") in ("checkbox", "radio"):
            self._add("[x] " if "checked" in dict(attrs) else "[ ] ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hide(max(self._hidden - 1, 0))
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in _HEADINGS:
            self._add(":\n")
        elif tag in _BLOCKS:
            self._add("\n")

    def handle_data(self, data: str) -> None:
        if self._hidden:
            self._held.append(data)
        else:
            space = " " if data[:1].isspace() else ""
            after = " " if data[-1:].isspace() else ""
            self._add(space + " ".join(data.split()) + after if data.strip() else " ")

    def close(self) -> None:
        super().close()
        self._end_row()
        if self._hidden:  # without an end tag nobody knows what was struck out
            self.pieces += ["\n", *self._held]

    def _hide(self, hidden: int) -> None:
        self._hidden = hidden
        if not hidden:
            self._held.clear()

    def _add(self, piece: str) -> None:
        if self._cells:
            self._cells[-1].append(piece.replace("\n", " "))
        else:
            self.pieces.append(piece)

    def _end_row(self) -> None:
        if self._cells:
            self.pieces.append(f"\n{table_row([' '.join(''.join(cell).split()) for cell in self._cells])}\n")
        self._cells = None


def table_row(cells: list[str]) -> str:
    """A row as a line: a heading with its text, or the cells with bars between them."""
    if len(cells) == 2 and section_named(cells[0].rstrip(" :")):
        return f"{cells[0].rstrip(' :')}: {cells[1]}"
    return " | ".join(cells)


def html_text(text: str) -> str:
    r"""The text of an HTML document or fragment.

    >>> html_text("<h3>Impression</h3><p>No <b>pneumothorax</b>.</p>")
    'Impression:\nNo pneumothorax.'
    """
    parser = _Lines()
    parser.feed(text)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).split("\n"))
    return "\n".join(re.sub(r":{2,}$|(?<=[.;])\s*:$", ":", line) for line in lines if line.strip(" :-"))
