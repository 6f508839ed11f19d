"""What the documents show is what happens: each command and program in them is run."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.shell import environment

from reelin import Network, Session
from reelin.cli.demo import find_site, serve
from reelin.testing import check

SITE = find_site()
ROOT = Path(__file__).parent.parent
EXAMPLE = "https://example.com"
ALBUM = f"{EXAMPLE}/album"  # what the programs ask for: any page with media


@pytest.fixture
def site() -> Iterator[str]:
    with serve(SITE) as address:
        yield address


def blocks(document: str, language: str) -> list[str]:
    """The code blocks of a document in that language."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, list[str]]]:
    """Each command that the README shows, with the lines below it."""
    (shown,) = [block for block in blocks("README.md", "") if block.startswith("$ ")]
    told = []
    for part in shown.split("$ ")[1:]:
        command, *lines = part.strip().splitlines()
        told.append((command, lines))
    return told


def comparable(lines: list[str]) -> list[str]:
    """Lines without times, and in any order: downloads end as they like."""
    return sorted(re.sub(r"in \d+\.\d s", "in a moment", line) for line in lines)


def test_the_commands_print_what_the_readme_shows(site: str, tmp_path: Path) -> None:
    assert len(sessions()) == 4
    for command, lines in sessions():
        python, main, *arguments = command.replace(EXAMPLE, site).split()
        assert (python, main) == ("python", "main.py")
        done = subprocess.run(
            [sys.executable, str(ROOT / main), *arguments],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
        )
        printed = comparable((done.stdout + done.stderr).replace(site, EXAMPLE).splitlines())
        wanted = comparable([line for line in lines if line != "…"])
        assert done.returncode == 0, done.stderr
        if "…" in lines:
            assert set(wanted) <= set(printed)
        else:
            assert printed == wanted


def program(document: str, start: str) -> str:
    (found,) = [each for each in blocks(document, "python") if each.startswith(start)]
    return found


@pytest.mark.parametrize(
    ("document", "start"),
    [
        ("README.md", "import reelin"),
        ("README.md", "import asyncio"),
        ("docs/embedding.md", "import reelin"),
        ("docs/embedding.md", "import asyncio"),
    ],
)
def test_the_programs_run_as_they_stand(
    document: str, start: str, site: str, tmp_path: Path
) -> None:
    source = program(document, start)
    assert ALBUM in source
    done = subprocess.run(
        [sys.executable, "-c", source.replace(ALBUM, f"{site}/audiobook.html")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "An octave later" in done.stdout
    assert len(list((tmp_path / "music").glob("*.wav"))) == 5


def test_the_plugin_of_the_readme_keeps_all_promises() -> None:
    names: dict[str, Any] = {}
    exec(program("README.md", "from reelin import Extractor"), names)
    (clips,) = names["reelin_extractors"]()
    check(clips)
    assert clips.matches("https://clips.example/watch/42")


@pytest.mark.parametrize(
    ("start", "name"),
    [("from reelin import Player\n", "Tune"), ("from reelin import Player, ", "TuneList")],
)
def test_the_players_of_the_tutorial_keep_all_promises(start: str, name: str) -> None:
    names: dict[str, Any] = {"__name__": "tutorial"}
    exec(program("docs/plugins.md", start), names)
    check(names[name]())


def test_the_sink_and_the_filter_work(site: str) -> None:
    names: dict[str, Any] = {}
    for start in ("from reelin import Sink", "from dataclasses import dataclass"):
        exec(program("docs/embedding.md", start), names)
    sink, long = names["Memory"](), names["Long"](least=60)

    async def fetch() -> None:
        async with Session(network=Network(retries=0)) as session:
            async with session.run(f"{site}/gallery.html", sink=sink, filters=[long]) as run:
                assert (await run.finish()).ok

    asyncio.run(fetch())
    pictures = {Path(url).name: body for url, body in sink.files.items()}
    assert pictures == {
        path.name: path.read_bytes() for path in (SITE / "pictures").glob("rings?.png")
    }


def test_the_download_manager_works(site: str, tmp_path: Path) -> None:
    """As it is printed, and again: the second time nothing is left to be done."""
    (second,) = (SITE / "pictures").glob("rings2.png")
    source = program("docs/embedding.md", "from reelin import DownloadManager")
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", source.replace(EXAMPLE, site)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("completed None") == 2
        assert f"{tmp_path}/pictures/first.png completed None" in done.stdout
        assert "'verified': True" in done.stdout
    assert (tmp_path / "pictures" / "second.png").read_bytes() == second.read_bytes()


def test_the_zip_of_stored_files_works(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(program("docs/embedding.md", "from reelin import Kept, archive_of"), names)
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")
    status, headers, chunks = asyncio.run(names["answer"]([path], {"Range": "bytes=35-39"}))
    assert (status, headers["Content-Length"], b"".join(chunks)) == (206, "5", b"hello")


def test_all_examples_are_run() -> None:
    """Whoever adds an example here adds a test above."""
    counted = [len(blocks(name, "python")) for name in ("README.md", "docs/embedding.md")]
    assert counted == [3, 10]
