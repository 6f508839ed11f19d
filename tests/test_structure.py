"""The house stands as it was drawn: floors, public names, type aliases, documents."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import reelin
from reelin import hookspecs
from reelin.cli.command import reelin as commands
from reelin.registry import Registry

ROOT = Path(__file__).parent.parent
FLOORS = [
    "models events errors extractor verdict sink hookspecs media_types urls units names options network"
    " srcset javascript js_code js_joins js_values js_scalars devalue merge noise http_date html"
    " m3u8 page elements pictures attributes thumbs pagination tracks answer scripts player ytdlp ffmpeg renditions xml facts linked_data schema_org open_graph posts media_rss playlist sniff retry guard recording event_stream resume sidecar bounded report stopping atomic blame yielded entered __init__",
    "credentials client response failure decoder",
    "hls",
    "registry shelves installed offers transfer archive folder manifest lock fetcher filters offload watch",
    "extractors sinks",
    "finder source run session zip_stream testing tasks",
    "cli __main__",
]
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}
SOURCES = sorted((ROOT / "core").rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "core").parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """The rooms of core that a file imports when it runs; not those for type checkers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    found = set()
    depth = len(path.relative_to(ROOT / "core").parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            found |= (
                {node.module.split(".")[0]} if node.module else {each.name for each in node.names}
            )
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reelin."):
            found.add((node.module or "").split(".")[1])
    return found - {"__version__"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_downwards(path: Path) -> None:
    if path == ROOT / "core" / "__init__.py":
        return
    floor = FLOOR_OF[room_of(path)]
    for imported in imports_of(path):
        assert FLOOR_OF[imported] <= floor, f"{path.name} (floor {floor}) imports {imported}"


@pytest.mark.parametrize("folder", ["extractors", "sinks"])
def test_plugins_import_only_what_strangers_can(folder: str) -> None:
    for path in (ROOT / folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                module = node.module or ""
                assert module == "reelin" or not module.startswith("reelin."), (
                    f"{path.name}: {module}"
                )


def test_every_module_has_its_alias_for_type_checkers() -> None:
    for package, folder in (("core", "core"), ("extractors", "extractors"), ("sinks", "sinks")):
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            if parts[-1] == "__main__":
                continue
            below = () if package == "core" else (package,)
            alias = ROOT.joinpath("typings", "reelin", *below, *parts).with_suffix(".pyi")
            module = ".".join([package, *(part for part in parts if part != "__init__")])
            assert alias.read_text(encoding="utf-8") == f"from {module} import *\n"


def test_every_file_says_its_reason_first() -> None:
    for path in [*SOURCES, *(ROOT / "extractors").glob("*.py"), *(ROOT / "sinks").glob("*.py")]:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_public_names_are_there_and_documented() -> None:
    homes = {name for names in reelin._HOMES.values() for name in names.split()}
    assert set(reelin.__all__) == homes | set(reelin._MODULES) | {"__version__"}
    for name in reelin.__all__:
        value = getattr(reelin, name)
        if isinstance(value, type) or inspect.isroutine(value):
            assert getattr(value, "__doc__", None), name


def test_importing_reelin_costs_nothing() -> None:
    heavy = "aiohttp bs4 lxml rich click yt_dlp"
    script = f"import sys, reelin; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_help_imports_no_engine() -> None:
    script = (
        "import sys\nfrom reelin.cli.command import run\nrun(['--help'])\n"
        "print([m for m in ('aiohttp', 'lxml', 'bs4', 'rich', 'yt_dlp') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("[]")


def test_core_is_not_to_be_imported_by_that_name() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import core"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1 and "pip install" in done.stderr


def test_the_guide_knows_every_option() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    shown = CliRunner().invoke(commands, ["--help"]).output
    for option in set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help"}:
        assert f"`{option}" in guide or f"{option}`" in guide or f"{option} " in guide, option


def test_the_tutorial_knows_every_hook_and_shows_the_real_files() -> None:
    tutorial = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    for name in vars(hookspecs):
        if name.startswith("reelin_"):
            assert f"`{name}() -> " in tutorial
    example = ROOT / "examples" / "reelin-clips"
    for path in ("reelin_clips.py", "pyproject.toml", "tests/test_clips.py"):
        assert (example / path).read_text(encoding="utf-8").rstrip() in tutorial, path


def test_the_readme_says_what_each_extractor_finds() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("## What it finds") : readme.index("## What it promises")]
    for name, each in Registry.load().extractors.items():
        if each.name != "plyr" and isinstance(each, reelin.Player):
            player = (each.__doc__ or "").partition(":")[0].split()[0].removesuffix(".js")
            assert player.strip(",") in table, name
        else:
            assert f"`{name}`" in table, name


def test_links_between_documents_lead_somewhere() -> None:
    for path in [
        ROOT / "README.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
    ]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
