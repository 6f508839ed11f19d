"""A plugin project of one's own, the example, and the tutorial's commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from support.outcomes import QUICK
from support.site import Site

from reelin import Session, UsageError
from reelin.cli.command import reelin as commands
from reelin.cli.demo import serve

ROOT = Path(__file__).parents[2]

CLIPS = ROOT / "examples" / "reelin-clips"

WATCH = "https://clips.example/watch/42"


def run(*command: object, folder: Path, **more: str) -> str:
    """Run a command that should succeed; what it printed."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), **more}
    done = subprocess.run(
        [*map(str, command)], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def new_plugin(name: str, folder: Path) -> Path:
    run(sys.executable, "-m", "reelin", "plugin", "new", name, folder=folder)
    return folder / f"reelin-{name}"


def files_of(project: Path) -> dict[str, str]:
    paths = [path for path in project.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {path.relative_to(project).as_posix(): path.read_text() for path in paths}


def fresh_environment(folder: Path) -> Path:
    """An environment that has what this one has, and nothing yet of its own; its python."""
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", folder=folder)
    (packages,) = (folder / "env").glob("lib/python*/site-packages")
    here = sysconfig.get_path("purelib")
    (packages / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    return folder / "env" / "bin" / "python"


def test_the_example_is_what_is_made_for_its_name(tmp_path: Path) -> None:
    assert files_of(new_plugin("clips", tmp_path)) == files_of(CLIPS)


@pytest.mark.parametrize("name", ["clips", "my-own-site2"])
def test_a_plugin_project_is_installed_and_tested_as_made(name: str, tmp_path: Path) -> None:
    project = new_plugin(name, tmp_path)
    python = fresh_environment(tmp_path)
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps"),
        *("--no-build-isolation", "--disable-pip-version-check", project),
        folder=tmp_path,
    )
    shown = run(python, "-m", "reelin", "--list-plugins", folder=tmp_path)
    assert f"{name}  (plugin {name} of reelin-{name})\n    Videos on {name}.example." in shown
    assert f"-O {name}.trailers=false  yes or no: take trailers too" in shown
    (project / f"reelin_{name.replace('-', '_')}.py").unlink()  # what is installed is tested
    told = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder=project)
    assert "3 passed" in told


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plyr", "already"),
        ("reelin-plyr", "already"),
        ("taken", "exists already, and nothing is overwritten"),
        ("My_Site", "such as my-site"),
        ("a--b", "such as my-site"),
        ("9x", "such as my-site"),
        ("../x", "such as my-site"),
        ("media-item", "such as my-site"),
        ("path", "such as my-site"),
        ("none", "such as my-site"),
        ("x" * 41, "at most 40"),
        ("", "such as my-site"),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reelin-taken").mkdir()
    with pytest.raises(UsageError, match=words):
        commands(["plugin", "new", name], standalone_mode=False)
    assert [path.name for path in tmp_path.rglob("*")] == ["reelin-taken"]


def test_the_fixtures_find_the_recordings(tmp_path: Path) -> None:
    project = new_plugin("clips", tmp_path)
    (project / "tests" / "test_clips.py").write_text(
        "from reelin_clips import Clips\n"
        "def test_it(reelin_replay, reelin_check):\n"
        "    assert len(reelin_replay(Clips(), 'https://clips.example/watch/42')) == 1\n"
        "    reelin_check(Clips())\n"
    )
    assert "1 passed" in run(sys.executable, "-m", "pytest", "-q", folder=project)


NOT_RUN = ("python3 -m venv", "pip install reelin", "twine ")  # what needs the network


def test_the_commands_of_the_tutorial_work_one_after_another(tmp_path: Path) -> None:
    python = fresh_environment(tmp_path)
    tutorial = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", tutorial, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    with serve(CLIPS / "recordings") as address:
        script = [
            "set -eux",
            'pip() { python -m pip "$@"; }',
            'reelin() { python -m reelin "$@"; }',
            *(line for line in lines if not line.startswith(NOT_RUN)),
        ]
        told = run(
            *("bash", "-c", "\n".join(script).replace(WATCH, f"{address}/42.html")),
            folder=tmp_path,
            PATH=f"{python.parent}:{os.environ['PATH']}",
            PIP_NO_INDEX="1",
            PIP_NO_DEPS="1",
            PIP_NO_BUILD_ISOLATION="0",  # as pip reads it: without
        )
        assert f"{address}/media/42.mp4\n" in told
    assert told.count("3 passed") == 2
    project = tmp_path / "reelin-clips"
    assert [path.name for path in (project / "dist").iterdir()] == [
        "reelin_clips-0.1.0-py3-none-any.whl"
    ]
    assert f"{address}/42.html" in (project / "recordings" / "index.json").read_text()


async def test_the_list_of_the_tutorial_leads_to_its_pages(site: Site) -> None:
    tutorial = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    (source,) = re.findall(
        r"^```python\n([^`]*?class Films[^`]*?)^```$", tutorial, re.MULTILINE | re.DOTALL
    )
    names: dict[str, Any] = {}
    exec(source.replace(r"https://films\.example", re.escape(site.origin)), names)
    site.add("/film/1", '<title>One</title><video><source src="/1.mp4"></video>')
    site.add("/film/2", '<title>Two</title><video><source src="/2.mp4"></video>')
    site.add("/list/2", '<a class="film" href="/film/2">two</a>')
    start = site.add("/list/1", '<a class="film" href="/film/1">one</a><a rel="next" href="2">')
    async with Session(network=QUICK, extractors=[names["Films"]()]) as session:
        found = [(each.url, each.title) async for each in session.items(start)]
    assert found == [(f"{site.origin}/1.mp4", "One"), (f"{site.origin}/2.mp4", "Two")]
