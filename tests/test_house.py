"""The house stands as docs/architecture.md draws it: packages on floors, imports downwards, no circles."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
HOME = ROOT / "core" / "reelin"
FACADE = HOME / "__init__.py"
SOURCES = sorted(HOME.rglob("*.py"))
MAPPED = ("extractors", "sinks")  # folders beside core/, packages of reelin all the same
FACES = {"cli"}  # may say `from .. import DiskSink`, as programs do


def read_floors() -> dict[str, int]:
    """The floor of each package, as the drawing in docs/architecture.md has it."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawing = text.partition("```\n")[2].partition("```")[0]
    floors = {}
    for number, packages in re.findall(r"^(\d)  ((?:\w+/ +)+)", drawing, re.MULTILINE):
        floors |= dict.fromkeys(re.findall(r"\w+", packages), int(number))
    return floors


FLOORS = read_floors()


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Each module or name of reelin that a file imports, whole, with its line.

    Those inside functions and for type checkers count.
    """
    here = ("reelin", *path.relative_to(HOME).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            above = list(here[: len(here) - node.level + 1]) if node.level else []
            base = [*above, *(node.module.split(".") if node.module else [])]
            if base[0] == "reelin":
                yield from ((".".join([*base, each.name]), node.lineno) for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                (each.name, node.lineno) for each in node.names if each.name.startswith("reelin")
            )


def test_all_packages_have_a_floor_and_no_module_lies_beside_them() -> None:
    packages = {path.name for path in HOME.iterdir() if any(path.glob("*.py"))}
    assert packages == {name for name in FLOORS if name not in MAPPED}
    assert {path.name for path in HOME.glob("*.py")} == {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(HOME)))
def test_imports_go_to_floors_below(path: Path) -> None:
    room = path.relative_to(HOME).parts[0]
    if room not in FLOORS:
        return  # the facade and __main__
    for module, line in imports_of(path):
        package = module.split(".")[1]
        if package in MAPPED:
            raise AssertionError(f"line {line}: {module} is a plugin: core names none")
        if package not in FLOORS:
            assert room in FACES or package == "__version__", (
                f"line {line}: {module} of the facade, which nobody inside imports"
            )
        elif package != room:
            assert FLOORS[package] < FLOORS[room], f"line {line}: {module} is not below {room}"


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {path: files_of(path) for path in SOURCES if path != FACADE}
    for path in graph:
        below, todo = set[Path](), [path]
        while todo:
            new = graph[todo.pop()] - below
            below |= new
            todo += new
        assert path not in below, f"{path.relative_to(ROOT)} is imported by what it imports"


def files_of(path: Path) -> set[Path]:
    """The files of core that one imports from."""
    found = set()
    for module, _ in imports_of(path):
        parts = module.split(".")[1:]
        for kept in (parts, parts[:-1]):
            file = HOME.joinpath(*kept)
            if (target := file.with_suffix(".py")).is_file() and kept:
                found.add(target)
                break
            if (target := file / "__init__.py").is_file():
                found.add(target)
                break
    return found - {FACADE, path}


@pytest.mark.parametrize("folder", MAPPED)
def test_plugins_import_only_what_strangers_can(folder: str) -> None:
    """As a stranger's plugin does that has several files: the facade, and what lies beside them."""
    for path in (ROOT / folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                top, *below = module.split(".")
                assert top not in MAPPED and not (top == "reelin" and below), (
                    f"{path.name}: {module}"
                )
                beside = node.level == 1 and path.with_name(f"{module}.py").is_file()
                assert node.level == 0 or beside, f"{path.name}: {'.' * node.level}{module}"


def test_each_file_says_its_reason_first() -> None:
    for path in [*SOURCES, *(ROOT / "extractors").glob("*.py"), *(ROOT / "sinks").glob("*.py")]:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_stubs_are_there_for_the_sinks_of_the_facade_alone() -> None:
    """Only core reads sinks/ under the name reelin.sinks; they import each other as they lie."""
    stubs = {path.stem for path in (ROOT / "typings").rglob("*.pyi")}
    named = re.findall(r"from \.sinks\.(\w+) import", FACADE.read_text(encoding="utf-8"))
    assert stubs == {"__init__", *named}


# Sizes: what is longer has begun to do a second thing.

ALL = [
    path for folder in ("core/reelin", *MAPPED) for path in sorted((ROOT / folder).rglob("*.py"))
]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in ALL}
LONGEST_FILE, LONGEST_CLASS, LONGEST_FUNCTION = 300, 250, 40  # lines
USUAL_FUNCTION = 20  # lines that nine of ten functions keep to
MOST_PARAMETERS = 8  # of what is ours alone to call


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, Any]]:
    """Each node of these kinds in all sources, with where it stands."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, kinds):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


FUNCTIONS = list(nodes(ast.FunctionDef, ast.AsyncFunctionDef))


def lines(node: Any) -> int:
    return int(node.end_lineno - node.lineno + 1)


def test_no_file_is_long() -> None:
    long = [path for path in ALL if path.read_text(encoding="utf-8").count("\n") > LONGEST_FILE]
    assert not long


def test_no_class_is_long() -> None:
    assert not [where for where, node in nodes(ast.ClassDef) if lines(node) > LONGEST_CLASS]


def test_no_function_is_long_and_most_are_short() -> None:
    assert not [where for where, node in FUNCTIONS if lines(node) > LONGEST_FUNCTION]
    lengths = sorted(lines(node) for _, node in FUNCTIONS)
    assert lengths[len(lengths) * 9 // 10] <= USUAL_FUNCTION


def test_no_private_function_has_many_parameters() -> None:
    for where, node in FUNCTIONS:
        parameters = [each.arg for each in (*node.args.args, *node.args.kwonlyargs)]
        of_ours = [each for each in parameters if each not in ("self", "cls")]
        assert not node.name.startswith("_") or len(of_ours) <= MOST_PARAMETERS, where


def test_no_class_name_stands_twice() -> None:
    places: dict[str, list[str]] = {}
    for where, node in nodes(ast.ClassDef):
        places.setdefault(node.name.lstrip("_"), []).append(where)
    assert not [each for each in places.values() if len(each) > 1]
