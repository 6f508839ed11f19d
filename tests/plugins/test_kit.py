"""The testing kit: recording, replaying, and the promises that it checks."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from support.plugins import Many
from support.site import Site

from reelin import Alternative, Extractor, FetchError, Link, MediaItem, Page, PluginError
from reelin.plugins.registry import Registry
from reelin.testing import check, extract, record

ROOT = Path(__file__).parents[2]

CLIPS = ROOT / "examples" / "reelin-clips"


async def test_recording_and_replaying(site: Site, tmp_path: Path) -> None:
    body = '<title>T</title><audio src="a.mp3"></audio>'
    page = site.add("/p.html", body, headers={"Set-Cookie": "id=secret"})
    assert await record(page, tmp_path / "rec", plugin="direct") == [page]
    index = json.loads((tmp_path / "rec" / "index.json").read_text())
    assert index[page]["file"] == "p.html" and "secret" not in json.dumps(index)
    direct = Registry.load().extractors["direct"]
    found = await asyncio.to_thread(extract, direct, page, tmp_path / "rec")
    assert [each.url for each in found] == [site.origin + "/a.mp3"]
    await asyncio.to_thread(check, direct, recordings=tmp_path / "rec")


def test_what_is_not_recorded_is_told() -> None:
    with pytest.raises(FetchError, match="not recorded"):
        extract(Many(), "http://x.example/other", CLIPS / "recordings")


class Faulty(Extractor):
    """Something is wrong with each of its children."""

    name = "faulty"
    pattern = r"https://clips\.example/watch/\d+"
    examples = ["https://clips.example/watch/42"]

    def extract(self, page: Page) -> Any:
        yield MediaItem("https://clips.example/a.mp4")


def faulty(**changes: Any) -> Extractor:
    return type("Child", (Faulty,), {"__doc__": "A child.", **changes})()


def changes_the_tree(self: Extractor, page: Page) -> Any:
    page.tree.set("seen", "yes")
    return []


def never_the_same(self: Extractor, page: Page) -> Any:
    yield MediaItem(f"https://clips.example/{time.monotonic_ns()}")


async def is_slow(self: Extractor, page: Page) -> AsyncIterator[MediaItem]:
    for number in range(12):
        await asyncio.sleep(0.1)
        yield MediaItem(f"https://clips.example/{number}.mp4")


def hangs(self: Extractor, page: Page) -> Any:
    time.sleep(60)
    return []


def exits(self: Extractor, page: Page) -> Any:
    sys.exit(3)


def changes_the_soup(self: Extractor, page: Page) -> Any:
    page.soup.title.decompose()
    return []


def connects(self: Extractor, page: Page) -> Any:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    return []


def looks_up(self: Extractor, page: Page) -> Any:
    with suppress(OSError):
        socket.getaddrinfo("clips.example", 443)
    return []


async def connects_on_the_loop(self: Extractor, page: Page) -> AsyncIterator[MediaItem]:
    with suppress(OSError):
        await asyncio.open_connection("127.0.0.1", 9)
    yield MediaItem("https://clips.example/a.mp4")


def offers_beside(self: Extractor, page: Page) -> Any:
    return [MediaItem("https://clips.example/a.mp4", alternatives=(Alternative("b.mp4"),))]


def hangs_when_asked(self: Extractor, url: str) -> bool:
    time.sleep(60)
    return True


async def asks_elsewhere(self: Extractor, page: Page) -> AsyncIterator[MediaItem]:
    await page.get("https://clips.example/not-recorded")
    yield MediaItem("https://clips.example/a.mp4")


def takes_videos(self: Extractor, page: Page) -> Any:
    return [MediaItem(url) for url in page.urls("video", "src")]


def counts_its_calls(self: Extractor, page: Page) -> Any:
    self.calls = 1  # type: ignore[attr-defined]
    return []


def downloads_by_itself(self: Extractor, page: Page) -> Any:
    urllib.request.urlopen("https://clips.example/api")
    return []


def takes_the_first_video(self: Extractor, page: Page) -> Any:
    yield MediaItem(page.absolute("javascript:play()"))  # type: ignore[arg-type]


def has_a_naive_date(self: Extractor, page: Page) -> Any:
    yield MediaItem("https://clips.example/a.mp4", date=datetime(2026, 1, 1))


async def returns_a_list(self: Extractor, page: Page) -> Any:
    return [MediaItem("https://clips.example/a.mp4")]


def dates_as_text(self: Extractor, page: Page) -> Any:
    yield MediaItem("https://clips.example/a.mp4", date=page.title)  # type: ignore[arg-type]


def looks_for_what_is_not_there(self: Extractor, page: Page) -> Any:
    yield MediaItem(page.soup.find("video", id="main")["src"])  # type: ignore[index,arg-type]


GENERAL: dict[str, Any] = {"pattern": "", "examples": [], "extract": takes_videos}

WATCHES_41 = {
    "pattern": r"https://clips\.example/watch/41",
    "examples": ["https://clips.example/watch/41"],
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "Not A Name"}, "lower case"),
        ({"__doc__": None}, "docstring"),
        ({"pattern": "("}, "no regular expression"),
        ({"examples": []}, "examples"),
        ({"examples": ["https://other.example/"]}, "does not match"),
        ({"extract": Extractor.extract}, "no extract"),
        ({"extract": changes_the_tree}, "changed page.tree"),
        ({"extract": never_the_same}, "second time"),
        ({"extract": lambda self, page: [MediaItem("a.mp4")]}, "no absolute"),
        ({"extract": asks_elsewhere}, "not recorded"),
        ({"extract": exits}, "SystemExit: 3"),
        ({"extract": changes_the_soup}, "changed page.soup"),
        ({"extract": connects}, "connects to 127.0.0.1"),
        ({"extract": looks_up}, "connects to clips.example"),
        ({"extract": connects_on_the_loop}, "connects to 127.0.0.1"),
        ({"extract": offers_beside}, "'b.mp4' is no absolute"),
        (
            {"extract": lambda self, page: [MediaItem("https://a.example/", thumbnail="t.jpg")]},
            "t.jpg",
        ),
        ({"extract": lambda self, page: ["https://clips.example/a.mp4"]}, "yielded str"),
        ({"matches": lambda self, url: 1 / 0}, r"ZeroDivisionError.*line \d+"),
        ({"extract": counts_its_calls}, "'calls' cannot be set, as an extractor is immutable"),
        ({"extract": downloads_by_itself}, "connects to clips.example; only what page.get"),
        ({"extract": takes_the_first_video}, "url is None, and not text; page.absolute"),
        ({"extract": has_a_naive_date}, "has no time zone"),
        ({"extract": returns_a_list}, "returned a coroutine.*it should `yield` them"),
        ({"extract": dates_as_text}, "date is str 'A cat on a piano', and not a datetime"),
        (
            {"extract": looks_for_what_is_not_there},
            r"not subscriptable \(test_kit.py, line \d+",
        ),
        ({"pattern": re.compile("https://clips")}, "the pattern of faulty is Pattern re.compile"),
        ({"examples": "https://clips.example/watch/42"}, "examples of faulty is str.*not a list"),
        ({"examples": ["HTTPS://clips.example/watch/42"]}, "should be written 'https://clips"),
        ({"examples": ["clips.example/watch/42"]}, "is no absolute http URL"),
        (WATCHES_41, "matches no page that is"),
        ({"pattern": r"https?://"}, "claims https://site.example/music/ as well"),
        ({"finds": "<p>"}, "one with a pattern has examples"),
        ({"pattern": "", "examples": []}, "shows what a general extractor finds"),
        ({**GENERAL, "finds": "<video src=a.mp4>" + "\n" * 9}, "short"),
        ({**GENERAL, "finds": "<p>nothing</p>"}, "finds nothing on a page that holds"),
    ],
)
def test_the_kit_rejects_what_breaks_a_promise(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check(faulty(**changes), recordings=CLIPS / "recordings", seconds=60)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"extract": is_slow}, "took"),
        ({"extract": hangs}, "no result within"),
        ({"matches": hangs_when_asked}, "not done within"),
    ],
)
def test_the_kit_rejects_what_takes_too_long(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check(faulty(**changes), recordings=CLIPS / "recordings", seconds=1)


def test_the_kit_takes_the_extractor_and_not_its_class() -> None:
    with pytest.raises(AssertionError, match=r"Faulty is a class; the extractor is Faulty\(\)"):
        check(Faulty)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "nothing is recorded there"), ("{", "index.json: "), ("{}", "nothing is recorded")],
)
def test_the_kit_says_what_is_wrong_with_a_recording(
    text: str | None, words: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "index.json").write_text(text)
    with pytest.raises(AssertionError, match=words):
        check(faulty(), recordings=tmp_path)


class Lists(Extractor):
    """Reads on from list to list; its options are as unusual as they may be."""

    name = "lists"
    pattern = r"http://127\.0\.0\.1:\d+/list/\d+"
    examples = ["http://127.0.0.1:1/list/1"]

    most: Annotated[int | None, "lists"] = None
    words: Annotated[list[str], "some"] = field(default_factory=list)
    helper: ClassVar["Nowhere"]  # type: ignore[name-defined]  # noqa: F821, UP037

    @cached_property
    def known(self) -> dict[str, str]:
        """Made once."""
        return {"a": "b"}

    async def extract(self, page: Page) -> AsyncIterator[MediaItem | Link]:
        for number in range(2):
            for url in page.urls("a.film", "href"):
                yield MediaItem(url, title=self.known.get("a"))
            if number < 1:
                page = await page.follow(page.urls("a.next", "href")[0])
        yield Link(page.url)


async def test_the_kit_asks_only_for_pages_that_were_recorded_for_themselves(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        links = f'<a class=film href="{number}.mp4"></a><a class=next href="{number + 1}">next</a>'
        site.add(f"/list/{number}", links)
    monkeypatch.setattr(Registry, "load", lambda: Registry([Lists()]))
    first, second = site.origin + "/list/1", site.origin + "/list/2"
    assert await record(first, tmp_path) == [first, second]
    index = json.loads((tmp_path / "index.json").read_text())
    assert "from" not in index[first] and index[second]["from"] == first
    await asyncio.to_thread(check, Lists(), recordings=tmp_path)
    await record(second, tmp_path)
    index = json.loads((tmp_path / "index.json").read_text())
    assert "from" not in index[second]
    await asyncio.to_thread(check, Lists(), recordings=tmp_path)


async def test_what_a_failing_extractor_asked_for_is_recorded(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Registry, "load", lambda: Registry([Lists()]))
    page = site.add("/list/1", "<p>")
    with pytest.raises(PluginError, match="IndexError"):
        await record(page, tmp_path / "rec")
    assert page in json.loads((tmp_path / "rec" / "index.json").read_text())
    with pytest.raises(FetchError, match="404"):
        await record(site.origin + "/nowhere", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_kit_accepts_what_keeps_them() -> None:
    check(faulty(), recordings=CLIPS / "recordings")
    check(faulty(**GENERAL, finds="<video src=a.mp4></video>"))
