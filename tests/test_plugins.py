"""Plugins: options, registry, safe running, the testing kit, and the example of the tutorial."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, ClassVar, Literal

import pytest
from support.outcomes import QUICK, fetch
from support.packages import forget, install
from support.site import Site

from reelin import (
    Alternative,
    DiskSink,
    Extractor,
    FetchError,
    Link,
    MediaItem,
    Network,
    Page,
    PluginError,
    Session,
    UsageError,
    Warned,
)
from reelin.cli.command import reelin as commands
from reelin.cli.demo import serve
from reelin.plugins import modules as installed_module
from reelin.plugins import registry as registry_module
from reelin.plugins.options import configure, options_of
from reelin.plugins.registry import Registry
from reelin.plugins.slot import Claim
from reelin.run import finder
from reelin.run.extraction import stream
from reelin.testing import check, extract, record

ROOT = Path(__file__).parent.parent
CLIPS = ROOT / "examples" / "reelin-clips"
WATCH = "https://clips.example/watch/42"
PAGE = Page("http://x.example/")


class Many(Extractor):
    """Has options of every kind."""

    name = "many"

    count: Annotated[int, "how many"] = 3
    ratio: float = 0.5
    deep: bool = False
    word: str = "a"
    mode: Literal["fast", "best"] = "fast"
    limit: int | None = None
    kinds: tuple[str, ...] = ("a",)

    def extract(self, page: Page) -> Iterator[MediaItem]:
        yield MediaItem(f"http://x.example/{self.count}")


def test_options_are_fields() -> None:
    first = options_of(Many)[0]
    assert (first.name, first.type, first.default, first.help) == ("count", int, 3, "how many")
    assert [each.type_name for each in options_of(Many)][4:] == [
        "one of fast, best",
        "a whole number",
        "a comma-separated list",
    ]
    assert Many(count=5).count == 5


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("count", "7", 7),
        ("count", 7, 7),
        ("ratio", "0.25", 0.25),
        ("ratio", 2, 2.0),
        ("deep", "yes", True),
        ("deep", "0", False),
        ("deep", True, True),
        ("word", "x", "x"),
        ("mode", "best", "best"),
        ("limit", "9", 9),
        ("limit", "none", None),
        ("kinds", "a,b", ("a", "b")),
        ("kinds", ["c"], ("c",)),
    ],
)
def test_option_values_are_read(name: str, value: object, read: object) -> None:
    assert getattr(configure(Many(), {name: value}), name) == read


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("count", "many", "a whole number"),
        ("count", 1.5, "a whole number"),
        ("deep", "maybe", "yes or no"),
        ("mode", "slow", "one of fast, best"),
        ("cuont", "1", "did you mean count"),
        ("count", True, "a whole number"),
    ],
)
def test_bad_option_values_are_told(name: str, value: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        configure(Many(), {name: value})


def test_an_extractor_is_immutable() -> None:
    with pytest.raises(AttributeError):
        Many().count = 4  # type: ignore[misc]


# The registry


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


GOOD = """
from reelin import Extractor, MediaItem, hookimpl
class Good(Extractor):
    "Good."
    name = "{name}"
    def extract(self, page):
        yield MediaItem("http://x.example/good.mp3")
@hookimpl
def {hook}():
    return [{returned}]
"""


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


# Running them


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


# Imported on use

CLAIMING = """
import sys
from typing import Annotated
from reelin import Extractor, MediaItem, hookimpl
{before}
class Claiming(Extractor):
    "Claims a site."
    name = "{name}"
    pattern = r"http://127\\.0\\.0\\.1:\\d+/{name}"
    examples = ["http://127.0.0.1:1/{name}"]
    far: Annotated[bool, "far"] = False
    def extract(self, page):
        yield MediaItem(page.absolute("/{name}.mp3"))
    {more}
@hookimpl
def reelin_extractors():
    {hook}
    return [Claiming()]
"""


NUMBER = count()  # a module that hangs while it is imported holds the lock on its name


def claiming(name: str, *, before: str = "", more: str = "", hook: str = "") -> str:
    return CLAIMING.format(name=name, before=before, more=more, hook=hook)


def rewrite(path: Path, text: str) -> None:
    """Another version of a module, for which nothing compiled is left."""
    shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)
    path.write_text(text)


def test_two_hundred_installed_plugins_are_imported_on_use(packages: Path) -> None:
    for number in range(200):
        install(packages, f"dummy{number:03}", claiming(f"dummy{number:03}"))
    Registry.load()
    forget(packages)
    registry = Registry.load()
    assert len([name for name in registry.names if name.startswith("dummy")]) == 200
    (chosen,) = registry.choose("http://127.0.0.1:80/dummy077")
    assert chosen.name == "dummy077"
    assert [name for name in sys.modules if name.startswith("dummy")] == ["dummy077"]


def test_a_changed_module_is_asked_again(packages: Path) -> None:
    install(packages, "moves", claiming("before"))
    assert "before" in Registry.load().names
    forget(packages)
    rewrite(packages / "moves.py", claiming("afterwards"))
    assert "afterwards" in Registry.load().names


def test_what_a_module_offers_by_the_day_is_found_out_when_it_is_used(packages: Path) -> None:
    source = claiming("kept").replace('name = "kept"', "name = sys.kept_name")
    sys.kept_name = "monday"  # type: ignore[attr-defined]
    install(packages, "weekdays", source)
    assert "monday" in Registry.load().names
    forget(packages)
    sys.kept_name = "tuesday"  # type: ignore[attr-defined]
    registry = Registry.load()
    with pytest.raises(UsageError, match="there is no plugin 'monday'"):
        registry.extractor("monday")
    assert "tuesday" in Registry.load().names


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 1}', '{"modules": [], "version": "'])
def test_a_memory_that_is_damaged_is_as_none(packages: Path, text: str) -> None:
    install(packages, "recalled", claiming("recalled"))
    Registry.load()
    (memory,) = (packages.parent / "cache").rglob("plugins.json")
    memory.write_text(text)
    assert "recalled" in Registry.load().names
    assert "recalled" in json.loads(memory.read_text())["modules"].popitem()[0]


def test_without_a_cache_folder_all_is_imported(packages: Path) -> None:
    (packages.parent / "cache").write_text("no folder")
    install(packages, "homeless", claiming("homeless"))
    assert "homeless" in Registry.load().extractors


def test_what_is_known_of_the_built_in_ones_is_true() -> None:
    registry = Registry.load()
    known = {name: registry._index.slots["extractor", name].claim for name in registry.names}
    assert {each.name: Claim.of(each) for each in registry.extractors.values()} == known
    built_in = ("disk", "objects", "stdout", "zip")
    assert {name: each.name for name, each in registry.sinks.items()} == {
        name: name for name in built_in
    }


def test_a_site_that_yt_dlp_knows_is_whose_pattern_claims_it() -> None:
    script = (
        "import sys; from reelin import Extractor; from reelin.plugins.registry import Registry\n"
        "class Films(Extractor):\n"
        "    'Films.'\n"
        "    name = 'films'; pattern = r'https://vimeo\\.com/7'\n"
        "    examples = ['https://vimeo.com/7']\n"
        "    def extract(self, page): yield from ()\n"
        "registry = Registry.load(extractors=[Films()])\n"
        "names = lambda url: [each.name for each in registry.choose(url)]\n"
        "print(names('https://vimeo.com/7'), 'yt_dlp' in sys.modules)\n"
        "print(names('https://vimeo.com/8'))\n"
        "from reelin.testing import check; check(Films())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["['films'] False", "['ytdlp']"], done.stderr


def test_one_plugin_asked_for_is_the_one_that_is_imported(site: Site, tmp_path: Path) -> None:
    script = (
        "import sys; from reelin import Session\n"
        "Session()._registry.choose('http://x.example/', 'direct')\n"
        "print([m for m in sys.modules if m.startswith('reelin.extractors.')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "['reelin.extractors.direct']"


class Tally(Extractor):
    """Has an option that not every value suits."""

    name = "tally"
    finds = "<p>"

    most: int = 1

    def __post_init__(self) -> None:
        if self.most > 9:
            raise ValueError("too many")

    def extract(self, page: Page) -> Iterator[MediaItem]:
        yield from ()


def test_options_of_one_session_are_not_those_of_the_next() -> None:
    registry = Registry([Many(), Tally()])
    first = registry.configured({"many": {"count": "7"}, "tally": {"most": "10"}})
    assert [each.name for each in first.general] == ["many"] and len(first.problems) == 1
    assert first.configured({"many": {"deep": "yes"}}).extractor("many") == Many(count=7, deep=True)
    assert first.extractor("many") == Many(count=7)
    assert list(registry.extractors.values()) == [Many(), Tally()] and registry.problems == []
    second = registry.for_session(Network()).configured({"many": {"count": "8"}})
    assert second.extractor("many") == Many(count=8)


def test_without_means_that_the_other_plugins_of_the_module_come_without_it(packages: Path) -> None:
    other = "class Other(Claiming):\n    name = 'unwanted'\n@hookimpl"
    source = claiming("wanted").replace("@hookimpl", other)
    install(packages, "both", source.replace("[Claiming()]", "[Claiming(), Other()]"))
    Registry.load()
    forget(packages)
    registry = Registry.load(without=["unwanted"])
    assert registry.extractor("wanted").name == "wanted" and "unwanted" not in registry.names


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


# What strangers may do to a run


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"before": "raise ValueError('oh')"}, "ValueError: oh"),
        ({"before": "sys.exit('bye')"}, "SystemExit: bye"),
        ({"before": "raise KeyboardInterrupt"}, "KeyboardInterrupt"),
        ({"before": "import time; time.sleep(60)"}, "not done within"),
        ({"hook": "raise ValueError('oh')"}, "ValueError: oh"),
        ({"hook": "sys.exit(3)"}, "SystemExit: 3"),
        ({"hook": "import time; time.sleep(60)"}, "not done within"),
        ({"more": "def for_session(self, *settings): sys.exit(3)"}, "SystemExit: 3"),
        ({"more": "def matches(self, url): 'faulty' in url and sys.exit(3)"}, "SystemExit: 3"),
        ({"more": "def matches(self, url): return 'faulty' in url and 1 / 0"}, "ZeroDivisionError"),
        ({"more": "def matches(self, url): import time; time.sleep(60)"}, "not done within"),
        ({"more": "def extract(self, page): sys.exit(3)"}, "SystemExit: 3"),
        ({"more": "def extract(self, page): import time; time.sleep(60)"}, "no result within"),
        ({"more": "async def extract(self, page):\n        sys.exit(3); yield"}, "SystemExit: 3"),
        (
            {
                "more": "async def extract(self, page):\n"
                "        import asyncio; await asyncio.sleep(60); yield"
            },
            "no result within",
        ),
        (
            {
                "more": "async def extract(self, page):\n        import time; time.sleep(60)\n        yield"
            },
            "no result within",
        ),
        (
            {
                "more": "async def extract(self, page):\n"
                "        import asyncio\n"
                "        async def ends(): sys.exit(3)\n"
                "        await asyncio.create_task(ends())\n"
                "        yield"
            },
            "SystemExit: 3",
        ),
    ],
)
async def test_a_faulty_plugin_spoils_no_other_ones_url(
    bad: dict[str, str],
    words: str,
    packages: Path,
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module, limit in (
        (installed_module, "LOAD"),
        (registry_module, "MATCH"),
        (finder, "EXTRACT"),
    ):
        monkeypatch.setattr(module, f"{limit}_SECONDS", 1.0)
    name = f"faulty{next(NUMBER)}"
    install(packages, name, claiming(name, **bad))
    await told_of_faulty(name, packages, site, tmp_path, words)


@pytest.mark.parametrize("what", ["before", "hook"])
async def test_a_plugin_that_was_well_once_and_is_no_more(
    what: str, packages: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = {what: "if 'faulty is ill' in sys.argv: sys.exit(3)"}
    name = f"faulty{next(NUMBER)}"
    install(packages, name, claiming(name, **bad))
    assert name in Registry.load().names
    forget(packages)
    monkeypatch.setattr(sys, "argv", ["faulty is ill"])
    await told_of_faulty(name, packages, site, tmp_path, "SystemExit: 3")


async def told_of_faulty(name: str, packages: Path, site: Site, tmp_path: Path, words: str) -> None:
    """Its page is read as any other one, others are theirs, and everybody is told why."""
    install(packages, "good", claiming("good"))
    for path in "/good.mp3", "/general.mp3":
        site.add(path, b"ID3" + b"x" * 100, "audio/mpeg")
    faulty = site.add(f"/{name}", '<audio src="/general.mp3"></audio>')
    good = site.add("/good", "<p>")
    async with Session(network=QUICK) as session:
        async with session.run(faulty, good, sink=DiskSink(tmp_path / "run")) as run:
            events = [event async for event in run]
    assert sorted(each.name for each in run.report.saved) == ["general.mp3", "good.mp3"]
    told = [each.message for each in events if isinstance(each, Warned)]
    assert len(told) == 1 and words in told[0] and name in told[0]
    assert run.report.ok


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


async def test_a_plugin_that_does_not_load_says_so_when_it_is_asked_for(packages: Path) -> None:
    install(packages, "absent", "import nowhere_to_be_found")
    registry = Registry.load().configured({"absent": {"far": "1"}})
    with pytest.raises(PluginError, match="nowhere_to_be_found"):
        registry.choose("http://x.example/", "absent")
    assert Registry.load(without=["absent"]).problems == []


# The testing kit


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
            r"not subscriptable \(test_plugins.py, line \d+",
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


# A project of one's own


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
