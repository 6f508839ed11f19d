"""Public names, what their import costs, and documents that say what is true."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

import reelin
from reelin.cli.command import reelin as commands
from reelin.plugins.hooks import Hooks
from reelin.plugins.registry import Registry

ROOT = Path(__file__).parent.parent


def test_public_names_are_there_and_documented() -> None:
    assert dir(reelin) == sorted(reelin.__all__)
    for name in reelin.__all__:
        value = getattr(reelin, name)
        if isinstance(value, type) or inspect.isroutine(value):
            assert getattr(value, "__doc__", None), name
    everything: dict[str, object] = {}
    exec("from reelin import *", everything)
    assert everything.keys() - {"__builtins__"} == set(reelin.__all__)


def test_public_names_stand_once_and_are_loaded_when_they_are_used() -> None:
    facade = Path(reelin.__file__).read_text(encoding="utf-8")
    for name in reelin.__all__:
        assert len(re.findall(rf"^.* as {name}$|^{name} = ", facade, re.MULTILINE)) == 1, name
    script = (
        "import sys, reelin\nbefore = set(sys.modules)\nreelin.MediaItem\n"
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "reelin.model.item" in loaded
    assert not [name for name in loaded if name.startswith(("reelin.net", "reelin.run"))]


def test_type_checkers_see_the_public_names(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    names = [name for name in reelin.__all__ if name != "__version__"]
    uses = "\n".join(f"print(reelin.{name})" for name in names)
    program.write_text(
        f"import reelin\nfrom reelin import {', '.join(names)}\n{uses}\n"
        "item: reelin.MediaItem = MediaItem(url=3)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1 and "[arg-type]" in errors[0], done.stdout


def test_another_thread_may_import_meanwhile() -> None:
    """What is noted are the imports of the facade alone, whoever imports at the same moment."""
    script = (
        "import builtins, reelin, threading\n"
        "with reelin._Deferred():\n"
        "    import colorsys\n"
        "assert colorsys.rgb_to_hsv(0, 0, 0) == (0, 0, 0)\n"
        "assert builtins.__import__.__name__ == '__import__'\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_importing_reelin_costs_nothing() -> None:
    heavy = "aiohttp bs4 lxml rich click yt_dlp filelock"
    script = f"import sys, reelin; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_help_imports_no_engine() -> None:
    script = (
        "import sys\nfrom reelin.cli.exit_status import run\nrun(['--help'])\n"
        "heavy = ('aiohttp', 'lxml', 'bs4', 'rich', 'yt_dlp', 'filelock')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("[]")


def test_the_guide_knows_every_option() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    shown = CliRunner().invoke(commands, ["--help"]).output
    for option in set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help"}:
        assert f"`{option}" in guide or f"{option}`" in guide or f"{option} " in guide, option


def test_the_tutorial_knows_every_hook_and_shows_the_real_files() -> None:
    tutorial = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    for name in vars(Hooks):
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


def test_files_that_the_architecture_names_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", text)):
        homes = (ROOT / "core" / "reelin", ROOT)
        assert any((home / name).exists() for home in homes), name
    steps = text.partition("## One URL")[2].partition("## Where")[0]
    assert len(re.findall(r"^\d+\. `[\w/]+\.py`: ", steps, re.MULTILINE)) == 10
