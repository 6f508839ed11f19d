"""`--sink` and `--filter`: the plugin of the tutorial, installed as a stranger's would be."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import Command, Ended, wait_until
from support.files import File, noise
from support.loopback import Loopback, page

TUTORIAL = Path(__file__).parents[2] / "docs" / "plugins.md"
ONE, TWO = noise(30_000), noise(30_000, seed=2)


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment in which the plugin is installed."""
    blocks = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    (source,) = [each for each in blocks if "class Numbered(Sink)" in each]
    folder = tmp_path / "site"
    about = folder / "shelf-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "shelf.py").write_text(source)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[reelin]\nshelf = shelf\n")
    others = filter(None, [os.environ.get("PYTHONPATH")])
    return {"PYTHONPATH": os.pathsep.join([str(folder), *others])}


@pytest.fixture
def url() -> Iterator[str]:
    with Loopback() as server:
        server.on("/1.mp4", File(ONE))
        server.on("/2.mp4", File(TWO))
        html = (
            '<video src="/1.mp4" title="An octave later"></video>'
            '<video src="/2.mp4" title="A third"></video>'
        )
        yield server.on("/page.html", page(html))


BLOCKING = """
import sys, time
from reelin import KEEP, Sink, hookimpl

class Blocks(Sink):
    "Blocks the loop."
    name = "blocks"
    async def write(self, item, transfer):
        print("blocks now", file=sys.stderr, flush=True)
        time.sleep(1000)

class Judges:
    "Blocks the loop, too."
    name = "judges"
    def judge(self, item):
        print("blocks now", file=sys.stderr, flush=True)
        time.sleep(1000)

@hookimpl
def reelin_sinks():
    return [Blocks]

@hookimpl
def reelin_filters():
    return [Judges]
"""


@pytest.mark.parametrize("words", [["--sink", "blocks"], ["--filter", "judges"]])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_two_signals_end_what_a_plugin_blocks(
    words: list[str],
    number: signal.Signals,
    code: int,
    url: str,
    installed: dict[str, str],
    tmp_path: Path,
) -> None:
    (tmp_path / "site" / "shelf.py").write_text(BLOCKING)
    command = Command(url, *words, "--no-config", home=tmp_path, environment=installed)
    wait_until(lambda: "blocks now" in command.said)
    for _ in range(600):
        if command.process.poll() is None:  # the kernel makes one of two that come too close
            command.send(number)
            time.sleep(0.1)
    assert command.end().code == code


def run(tmp_path: Path, installed: dict[str, str], *words: object) -> Ended:
    return Command(*words, "--no-config", home=tmp_path, environment=installed).end()


def test_a_sink_and_a_filter(url: str, installed: dict[str, str], tmp_path: Path) -> None:
    sink = ("--sink", "numbered:folder=shelf,count=10")
    ended = run(tmp_path, installed, url, *sink, "--filter", "titled:words=fifth,octave")
    assert ended.code == 0, ended
    assert {each.name: each.read_bytes() for each in (tmp_path / "shelf").iterdir()} == {"11": ONE}
    assert not (tmp_path / "downloads").exists()


def test_the_first_option_needs_no_key(url: str, installed: dict[str, str], tmp_path: Path) -> None:
    ended = run(tmp_path, installed, url, "--sink", "numbered:a=b")
    assert ended.code == 2 and "option sink numbered.a: there is none" in ended.err
    assert run(tmp_path, installed, url, "--sink", "numbered:shelf").code == 0
    assert sorted(each.name for each in (tmp_path / "shelf").iterdir()) == ["1", "2"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--sink", "numberd:x"], "there is no sink 'numberd'; did you mean numbered?"),
        (["--filter", "title"], "there is no filter 'title'; did you mean titled?"),
        (["--sink", "numbered"], "sink numbered: missing 1 required positional argument: 'folder'"),
        (["--sink", "numbered:x,count=many"], "count: 'many' is not a whole number"),
        (["--filter", "titled:a,least=3"], "option filter titled.least: there is none"),
    ],
)
def test_mistakes(
    words: list[str], told: str, url: str, installed: dict[str, str], tmp_path: Path
) -> None:
    ended = run(tmp_path, installed, url, *words)
    assert ended.code == 2 and told in ended.err, ended


def test_a_plugin_that_does_not_load_is_told_where_it_is_missed(
    url: str, installed: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "site" / "shelf.py").write_text("from reelin import Nothing")
    ended = run(tmp_path, installed, url, "--sink", "numbered:x")
    assert ended.code == 2 and "there is no sink 'numbered'" in ended.err
    assert "plugin shelf of shelf does not load" in ended.err
    ended = run(tmp_path, installed, url, "-O", "stranger.x=1")
    assert ended.code == 2 and "option stranger.x: there is no plugin 'stranger'" in ended.err


def test_they_are_listed(installed: dict[str, str], tmp_path: Path) -> None:
    shown = run(tmp_path, installed, "--list-plugins").out
    assert "--sink numbered  (plugin shelf of shelf)" in shown
    assert "    count=0  a whole number: the number before the first" in shown
    assert "--filter titled  (plugin shelf of shelf)" in shown
