"""The registry: which plugins there are, and which are for a URL."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from support.outcomes import QUICK
from support.packages import forget, install
from support.plugins import GOOD, Many, claiming
from support.site import Site

from reelin import Extractor, MediaItem, Page, PluginError, Session, UsageError
from reelin.plugins import registry as registry_module
from reelin.plugins.registry import Registry
from reelin.testing import check


class Site42(Extractor):
    """Claims a site."""

    name = "site42"
    pattern = r"https://42\.example/"
    examples = ["https://42.example/"]

    def extract(self, page: Page) -> Iterator[MediaItem]:
        yield MediaItem("https://42.example/a.mp3")


def test_patterns_come_before_general_extractors() -> None:
    registry = Registry([Many(), Site42()])
    assert [each.name for each in registry.choose("https://42.example/x")] == ["site42"]
    assert [each.name for each in registry.choose("https://43.example/x")] == ["many"]
    assert [each.name for each in registry.choose("https://43.example/x", "site42")] == ["site42"]
    with pytest.raises(UsageError, match="did you mean site42"):
        registry.choose("https://43.example/", "sit42")


def test_built_ins_are_there_and_keep_their_promises() -> None:
    registry = Registry.load()
    assert {"direct", "plyr"} <= set(registry.extractors)
    assert registry.problems == []
    for extractor in registry.extractors.values():
        check(extractor, seconds=60)  # the first question has yt-dlp import all its own
    assert {each.source for each in registry.describe() if each.name == "plyr"} == {"built in"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import nowhere_to_be_found", "nowhere_to_be_found"),
        ("raise SystemExit(3)", "SystemExit"),
        (GOOD.format(name="plyr", hook="reelin_extractors", returned="Good()"), "built in"),
        (
            GOOD.format(name="odd", hook="reelin_extractor", returned="Good()"),
            "mean reelin_extractors",
        ),
        (GOOD.format(name="odd", hook="reelin_extractors", returned="42"), "42 is no Extractor"),
        (GOOD.format(name="", hook="reelin_extractors", returned="Good()"), "no name"),
        (GOOD.format(name="odd", hook="reelin_extractors", returned="Good(), Good()"), "already"),
    ],
)
def test_a_broken_plugin_is_reported_and_left_out(
    source: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"stranger_{len(source)}_{len(words)}"
    good = GOOD.format(name="good", hook="reelin_extractors", returned="Good()")
    install(tmp_path, name, source)
    install(tmp_path, name + "_good", good)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    registry = Registry.load()
    assert len(registry.problems) == 1
    assert words in str(registry.problems[0]) and name in str(registry.problems[0])
    assert type(registry.extractors["plyr"]).__module__ == "reelin.extractors.plyr"
    assert "good" in registry.extractors


def test_without_means_that_the_other_plugins_of_the_module_come_without_it(packages: Path) -> None:
    other = "class Other(Claiming):\n    name = 'unwanted'\n@hookimpl"
    source = claiming("wanted").replace("@hookimpl", other)
    install(packages, "both", source.replace("[Claiming()]", "[Claiming(), Other()]"))
    Registry.load()
    forget(packages)
    registry = Registry.load(without=["unwanted"])
    assert registry.extractor("wanted").name == "wanted" and "unwanted" not in registry.names


async def test_a_plugin_that_does_not_load_says_so_when_it_is_asked_for(packages: Path) -> None:
    install(packages, "absent", "import nowhere_to_be_found")
    registry = Registry.load().configured({"absent": {"far": "1"}})
    with pytest.raises(PluginError, match="nowhere_to_be_found"):
        registry.choose("http://x.example/", "absent")
    assert Registry.load(without=["absent"]).problems == []


PLUGIN_FILES = "catalogue entries hooks index memory modules registry slot".split()


async def test_finding_the_plugins_for_a_page_takes_few_calls(site: Site, tmp_path: Path) -> None:
    """Calls from one of the files that load plugins to another one; each built-in one is loaded."""
    files = {str(Path(registry_module.__file__).with_name(f"{name}.py")) for name in PLUGIN_FILES}
    calls = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or frame.f_back is None:
            return
        caller, called = frame.f_back.f_code.co_filename, frame.f_code.co_filename
        if caller in files and called in files and caller != called:
            calls.append(f"{Path(caller).name}: {Path(called).name} {frame.f_code.co_name}")

    site.add("/a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "image/png")
    start = site.add("/", '<img src="/a.png">')
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        async with Session(network=QUICK) as session:
            report = await session.download(start, tmp_path / "run")
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert [each.name for each in report.saved] == ["a.png"]
    assert 31 <= len(calls) <= 60, "\n".join(calls)
