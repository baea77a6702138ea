"""The house keeps its order: imports run down, nothing runs in a circle, every room says what it answers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ptx_followup"
PLAN = ROOT / "docs" / "development.md"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: Files at the root besides `__init__.py` and `errors.py`.
MOST_AT_THE_ROOT = 5
MOST_LINES = 300


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@dataclass(frozen=True)
class Import:
    """One module that a file takes something from."""

    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{MODULES[self.importer].relative_to(ROOT)}:{self.line} imports {self.imported}"


def imports_of(importer: str) -> Iterator[Import]:
    """Every import of the package's own modules, inside functions too, but not those for type checkers."""
    nodes: list[ast.AST] = [ast.parse(MODULES[importer].read_text("utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            nodes += node.orelse
            continue
        nodes += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield from _own(importer, whole if whole in MODULES else node.module, node.lineno)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _own(importer, alias.name, node.lineno)


def _own(importer: str, imported: str, line: int) -> Iterator[Import]:
    if imported in MODULES:
        yield Import(importer, imported, line)


IMPORTS = [one for importer in MODULES for one in imports_of(importer)]


def room(module: str) -> str | None:
    """The room of a module; None at the root."""
    name = module.removeprefix("ptx_followup").strip(".").partition(".")[0]
    return name if (PACKAGE / name).is_dir() and name else None


def layers() -> list[list[str]]:
    """The table of `docs/development.md`, from the top down."""
    rows = re.findall(r"^\| \d+ \| (.+?) \|", PLAN.read_text("utf-8"), re.MULTILINE)
    return [re.findall(r"`(\w+)/`", row) for row in rows]


LAYER = {name: number for number, names in enumerate(layers()) for name in names}


def test_the_plan_names_every_room_once() -> None:
    named = [name for names in layers() for name in names]
    assert sorted(named) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def test_imports_run_down() -> None:
    wrong = []
    for one in IMPORTS:
        importer, imported = room(one.importer), room(one.imported)
        upward = importer is None and imported is not None
        if importer is not None and imported is not None and importer != imported:
            upward = LAYER[importer] >= LAYER[imported]
        # The public names are looked up in the rooms when they are first used.
        if upward and one.importer != "ptx_followup":
            wrong.append(str(one))
    assert not wrong, "\n".join(wrong)


def test_no_file_is_part_of_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for one in IMPORTS:
        if one.imported != "ptx_followup":
            graph.setdefault(one.importer, set()).add(one.imported)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


@pytest.mark.parametrize("name", sorted(LAYER))
def test_a_room_says_what_it_may_import_and_keeps_to_it(name: str) -> None:
    docstring = ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_text("utf-8")))
    assert docstring
    statement = docstring.partition("May import ")[2]
    assert statement, "say what the room may import"
    allowed = set(LAYER) if statement.startswith("every room") else set(re.findall(r"`(\w+)`", statement))
    taken = {room(one.imported): one for one in IMPORTS if room(one.importer) == name}
    wrong = [str(one) for other, one in taken.items() if other not in {None, name} | allowed]
    assert not wrong, "\n".join(wrong)


def test_only_what_all_rooms_need_stands_at_the_root() -> None:
    others = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "errors"}
    assert len(others) <= MOST_AT_THE_ROOT, sorted(others)


def test_a_file_is_read_in_one_sitting() -> None:
    long = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


def documented_imports() -> Iterator[tuple[str, str]]:
    """Module and name of every import, and every dotted path, that README and docs show."""
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        for module, names in re.findall(r"^from (ptx_followup[\w.]*) import ([\w, ]+)$", text, re.MULTILINE):
            yield from ((module, name.strip()) for name in names.split(","))
        for path in re.findall(r"`(ptx_followup\.[\w.]+)", text):
            module, _, name = path.rstrip(".").rpartition(".")
            yield module, name


@pytest.mark.parametrize(("module", "name"), sorted(set(documented_imports())))
def test_what_the_documentation_imports_is_there(module: str, name: str) -> None:
    if f"{module}.{name}" in MODULES:
        import_module(f"{module}.{name}")
    else:
        assert hasattr(import_module(module), name)


def test_tests_stand_in_the_rooms_that_they_test() -> None:
    rooms = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert rooms - set(LAYER) <= {"fuzz", "integration"}


def test_files_of_tests_have_names_of_their_own() -> None:
    names = sorted(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert sorted(set(names)) == names
