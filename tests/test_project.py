"""What holds of the project as a whole: light imports, version, models on board, pins, documentation."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement

import ptx_followup
from ptx_followup.cli.app import app, main
from ptx_followup.network.checkpoint import models_folder, names_on_board, verify
from ptx_followup.segmentation.segmenter import DEFAULT_MODEL

ROOT = Path(__file__).parents[1]
#: Packages that take long to import, and that no help page needs.
HEAVY = {"torch", "transformers", "SimpleITK", "matplotlib", "cv2", "numpy", "pydicom", "highdicom", "monai"}
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def loaded_after(code: str) -> set[str]:
    """Top-level modules in a new interpreter after `code` has run."""
    report = "; import sys; sys.stderr.write('\\n' + ' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the application with the words that call it."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_help_of_every_command_imports_nothing_heavy() -> None:
    calls = [["--help"], *([*words, "--help"] for words in COMMANDS)]
    loaded = loaded_after(f"from ptx_followup.cli.app import run; [run(call) for call in {calls!r}]")
    assert loaded & HEAVY == set()
    assert "typer" in loaded


def test_the_package_imports_nothing_before_it_is_used() -> None:
    loaded = loaded_after("import ptx_followup")
    assert loaded - set(sys.stdlib_module_names) <= {"ptx_followup", "__main__", *loaded_after("pass")}


def test_the_public_names_are_there_and_documented() -> None:
    functions = {"compare", "read_radiograph", "segment", "understand"}
    assert set(ptx_followup.__all__) == functions | {"DISCLAIMER", "FollowUp", "Segmentation", "Segmenter"}
    for name in ptx_followup.__all__:
        assert getattr(ptx_followup, name).__doc__, name
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = ptx_followup.no_such_name


def test_the_version_is_the_same_everywhere() -> None:
    printed = subprocess.run(
        [Path(sys.executable).parent / "ptx", "--version"], capture_output=True, text=True, check=True
    )
    assert printed.stdout == f"ptx {ptx_followup.__version__}\n"
    assert importlib.metadata.version("ptx-followup") == ptx_followup.__version__


def test_the_console_script_is_the_application() -> None:
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="ptx")
    assert script.load() is main


def test_the_default_model_is_on_board() -> None:
    assert DEFAULT_MODEL in names_on_board()


@pytest.mark.parametrize("name", names_on_board())
def test_a_model_on_board_is_whole_and_named_as_its_folder(name: str) -> None:
    folder = models_folder() / name
    config = verify(folder)
    assert config.name == name
    assert "research use only" in (folder / "README.md").read_text("utf-8").lower()
    # Nothing that could be executed when it is loaded.
    assert {file.suffix for file in folder.iterdir()} <= {".json", ".md", ".onnx", ".safetensors", ".toml"}


def test_every_dependency_is_pinned_to_a_version_it_allows() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = {normal(name): version for name, _, version in (line.partition("==") for line in lines)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = chain(project["dependencies"], *project["optional-dependencies"].values())
    for requirement in map(Requirement, asked):
        if requirement.name != project["name"]:
            assert requirement.specifier.contains(pins[normal(requirement.name)]), requirement


def normal(name: str) -> str:
    """A package name as indexes compare it."""
    return re.sub("[-_.]+", "-", name).lower()


def test_nothing_but_the_command_line_imports_the_command_line() -> None:
    package = ROOT / "ptx_followup"
    for source in set(package.rglob("*.py")) - set((package / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                module = getattr(node, "module", None) or ""
                names = {module, *(f"{module}.{alias.name}".strip(".") for alias in node.names)}
                assert not any(name.startswith("ptx_followup.cli") for name in names), source.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documentation_calls_only_commands_and_options_that_exist(document: Path) -> None:
    for call in re.findall(r"^\s*(?:\$ )?(ptx [a-z].*)$", document.read_text("utf-8"), re.MULTILINE):
        words = shlex.split(re.sub(r"[\[\]|]", " ", call), comments=True)[1:]
        name = next(name for name in (tuple(words[:2]), tuple(words[:1])) if name in COMMANDS)
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert {word for word in words if re.match("--?[a-z]", word)} <= known, call


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documentation_links_to_files_that_exist(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []
