"""Extractors at work: whatever they do costs their own items only."""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.outcomes import fetch
from support.packages import install
from support.plugins import GOOD
from support.site import Site

from reelin import Extractor, MediaItem, Page, PluginError
from reelin.run.extraction import stream

PAGE = Page("http://x.example/")


def broken(body: str) -> Extractor:
    """An extractor whose `extract` has this body."""
    space: dict[str, Any] = {"MediaItem": MediaItem, "asyncio": asyncio, "time": time, "sys": sys}
    exec(body, space)
    return type("Broken", (Extractor,), {"name": "broken", "extract": space["extract"]})()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("def extract(self, page):\n raise ValueError('oh no')", "ValueError: oh no"),
        (
            "def extract(self, page):\n yield MediaItem('http://x/1')\n raise SystemExit",
            "SystemExit",
        ),
        ("def extract(self, page):\n sys.exit(1)", "SystemExit"),
        ("def extract(self, page):\n raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def extract(self, page):\n time.sleep(3)\n yield 1", "no result within"),
        ("def extract(self, page):\n yield 42", "yielded int"),
        ("def extract(self, page):\n return None", "returned None"),
        ("async def extract(self, page):\n raise ValueError('oh no')\n yield", "ValueError: oh no"),
        ("async def extract(self, page):\n await asyncio.sleep(3)\n yield 1", "no result within"),
        ("async def extract(self, page):\n yield 'x'", "yielded str"),
    ],
)
async def test_whatever_an_extractor_does_is_an_error_of_its_own(body: str, words: str) -> None:
    finds = [each async for each in stream([broken(body)], PAGE, seconds=0.3, most=10)]
    problem = finds[-1][1]
    assert isinstance(problem, PluginError)
    assert words in str(problem)


@pytest.mark.parametrize("kind", ["def", "async def"])
async def test_what_never_ends_is_stopped(kind: str) -> None:
    endless = broken(f"{kind} extract(self, page):\n while True: yield MediaItem('http://x/1')")
    finds = [each async for _, each in stream([endless], PAGE, seconds=5, most=10)]
    assert len(finds) == 11 and "more than 10" in str(finds[-1])


@pytest.mark.parametrize("kind", ["def", "async def"])
async def test_what_an_extractor_found_before_it_failed_is_kept(kind: str) -> None:
    half = broken(f"{kind} extract(self, page):\n yield MediaItem('http://x/1')\n raise ValueError")
    finds = [each async for _, each in stream([half], PAGE, seconds=5, most=10)]
    assert [type(each) for each in finds] == [MediaItem, PluginError]


async def test_an_extractor_that_hangs_costs_no_other_one_its_items() -> None:
    hangs = broken("def extract(self, page):\n time.sleep(2)\n yield MediaItem('http://x/late')")
    works = broken("def extract(self, page):\n yield MediaItem('http://x/1')")
    finds = [each async for each in stream([works, hangs, works], PAGE, seconds=0.3, most=10)]
    assert [(extractor is hangs, type(each)) for extractor, each in finds] == [
        (False, MediaItem),
        (True, PluginError),
        (False, MediaItem),
    ]


async def test_a_failing_plugin_costs_its_own_items_only(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = GOOD.format(name="bad", hook="reelin_extractors", returned="Good()")
    install(tmp_path, "bad_one", source.replace("yield", "raise ValueError('oh');"))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    site.add("/a.mp3", b"ID3" + b"x" * 100, "audio/mpeg")
    report, _ = await fetch(site.add("/", '<audio src="/a.mp3"></audio>'), tmp_path / "run")
    assert [each.name for each in report.saved] == ["a.mp3"]
    assert [each.kind for each in report.failures] == ["PluginError"]


async def test_an_asynchronous_extractor_reads_on(site: Site, tmp_path: Path) -> None:
    class Pages(Extractor):
        """Two pages at once, and what they hold."""

        name = "pages"
        finds = "<p>"

        async def extract(self, page: Page) -> AsyncIterator[MediaItem]:
            further = await asyncio.gather(page.get(site.origin + "/2"), page.follow("/3"))
            last = await further[1].get(site.origin + "/2")
            for each in (*further, last):
                yield MediaItem(each.urls("audio", "src")[0])

    for number in "23":
        site.add(f"/{number}", f'<audio src="/{number}.mp3"></audio>')
        site.add(f"/{number}.mp3", b"ID3" + b"x" * 100, "audio/mpeg")
    report, _ = await fetch(site.add("/", "<p>"), tmp_path / "run", extractors=[Pages()])
    assert sorted(each.name for each in report.saved) == ["2.mp3", "3.mp3"]
    assert site.times_asked("/2") == 1
