"""`--sink` and `--filter`: the plugin of the tutorial, installed as a stranger's would be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import Command, Ended
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
    return {"PYTHONPATH": str(folder)}


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


def test_they_are_listed(installed: dict[str, str], tmp_path: Path) -> None:
    shown = run(tmp_path, installed, "--list-plugins").out
    assert "--sink numbered  (plugin shelf of shelf)" in shown
    assert "    count=0  a whole number: the number before the first" in shown
    assert "--filter titled  (plugin shelf of shelf)" in shown
