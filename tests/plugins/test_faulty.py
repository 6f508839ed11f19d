"""Whatever a stranger's plugin does wrong costs its own items, and is told in words for its author."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from support.outcomes import QUICK
from support.packages import install
from support.site import Site

from reelin import (
    KEEP,
    Alternative,
    Audio,
    DiskSink,
    Event,
    Extractor,
    Failed,
    Filter,
    Head,
    Link,
    MediaItem,
    PluginError,
    Session,
    Sink,
    Stored,
    Transfer,
    UsageError,
)
from reelin.page.page import Page
from reelin.plugins.extractor import Finds
from reelin.plugins.options import make, options_of
from reelin.plugins.registry import Registry
from reelin.run import finder

HERE = Path(__file__).name
GOOD = "/good.mp3"


@pytest.fixture
def page(site: Site) -> str:
    site.add(GOOD, b"ID3" + b"x" * 100, "audio/mpeg")
    site.add("/other.mp3", b"ID3" + b"y" * 100, "audio/mpeg")
    return site.add("/page", "<p>")


class Yields(Extractor):
    """Yields what a test wants, and a good item."""

    name = "yields"
    finds = "<p>"
    wrong: ClassVar[Sequence[Any]] = ()

    def extract(self, page: Page) -> Finds:
        yield from self.wrong
        yield MediaItem(page.absolute(GOOD) or "")


def yielding(*wrong: Any) -> Extractor:
    kind: type[Extractor] = type("Child", (Yields,), {"wrong": wrong})
    return kind()


async def events_of(
    url: str,
    sink: Sink | None,
    *extractors: Extractor,
    filters: Sequence[Filter] = (),
) -> list[Event]:
    registry = Registry(extractors or [yielding()])
    async with Session(network=QUICK, registry=registry) as session:
        async with session.run(url, sink=sink, filters=filters) as run:
            return [event async for event in run]


def failures(events: Sequence[Event]) -> list[str]:
    return [each.error for each in events if isinstance(each, Failed)]


def item(**facts: Any) -> MediaItem:
    return MediaItem("/other.mp3", **facts)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (MediaItem(None), "url is None, and not text; page.absolute"),  # type: ignore[arg-type]
        (MediaItem(b"/a.mp3"), "url is bytes b'/a.mp3', and not text"),  # type: ignore[arg-type]
        (MediaItem(""), "'' is no http URL"),
        (MediaItem("javascript:void(0)"), "'javascript:void(0)' is no http URL"),
        (MediaItem("http://u@[::1/"), "'http://u@[::1/' is no http URL"),
        (MediaItem("/" + "x" * 100_000), "a URL of 100001 characters: /xxx"),
        (Link(None), "Link: url is None"),  # type: ignore[arg-type]
        (Link("/x", pages="many"), "pages is str 'many', and not a whole number"),  # type: ignore[arg-type]
        (item(title=42), "title is int 42, and not text"),
        (item(type="movie"), "type 'movie' is none of image, video"),
        (item(type=["video"]), "type is list ['video'], and not text"),
        (item(date="2024-01-01"), "date is str '2024-01-01', and not a datetime"),
        (item(date=datetime(2024, 1, 1)), "has no time zone"),
        (item(size="12"), "size is str '12', and not a whole number"),
        (item(headers=["a"]), "headers is list ['a'], and not a mapping"),
        (item(headers={"a": 1}), "headers dict {'a': 1} are not all text"),
        (item(alternatives=[Alternative("/b.mp3")]), "alternatives is list [Alt"),
        (item(alternatives=("/b.mp3",)), "str '/b.mp3' among its alternatives is no Alternative"),
        (item(alternatives=(Alternative("/b.mp3", width="x"),)), "Alternative: width is str 'x'"),  # type: ignore[arg-type]
        (item(audio="mp3"), "audio is str 'mp3', and not Audio"),
        (item(noise=True), "noise is bool True, and not text"),
        (None, "yielded None, and not a MediaItem or a Link"),
        ("/a.mp3", "yielded str '/a.mp3', and not"),
    ],
)
async def test_a_find_that_is_wrong_costs_itself(
    wrong: Any, words: str, page: str, tmp_path: Path
) -> None:
    events = await events_of(page, DiskSink(tmp_path), yielding(wrong))
    (told,) = failures(events)
    assert words in told and f"plugin yields on {page}" in told
    assert (tmp_path / "good.mp3").exists()


async def test_a_find_may_hold_all_there_is(page: str, tmp_path: Path) -> None:
    known = item(
        title="T", position=True, duration=3, headers={"A": "b"}, audio=Audio("mp3"), width=None
    )
    events = await events_of(page, None, yielding(known))
    assert failures(events) == []


async def test_halves_of_characters_are_mended(page: str, tmp_path: Path) -> None:
    halves = item(title="\ud83d\ude00 \ud800", filename="\udfff.mp3")
    events = await events_of(page, DiskSink(tmp_path), yielding(halves))
    assert failures(events) == []
    assert "\N{GRINNING FACE} \ufffd" in (tmp_path / ".reelin" / "manifest.jsonl").read_text()


async def test_many_faults_of_one_page_are_told_by_some(page: str) -> None:
    wrong = [MediaItem(f"javascript:{number}") for number in range(1000)]
    told = failures(await events_of(page, None, yielding(*wrong)))
    assert len(told) == finder.MOST_FAULTS and "further ones are not told" in told[-1]


async def test_what_is_left_out_for_its_number_is_a_failure(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "MOST_ITEMS", 10)
    many = [MediaItem(f"/{number}.mp3") for number in range(10)]
    (told,) = failures(await events_of(page, None, yielding(*many)))
    assert "finds more than 10; the rest is left out" in told


class Returns(Yields):
    """Its `extract` is a coroutine, as is its `transfer`."""

    async def extract(self, page: Page) -> Any:  # type: ignore[override]
        return [MediaItem("/other.mp3")]


async def test_a_coroutine_is_told_from_a_generator(page: str) -> None:
    (told,) = failures(await events_of(page, None, Returns()))
    assert "returned a coroutine" in told and "`yield`" in told


async def test_a_message_says_where_in_the_plugin(page: str) -> None:
    class Raises(Yields):
        """Raises deep within something else."""

        def extract(self, page: Page) -> Any:
            return importlib.import_module("nowhere_to_be_found")

    (told,) = failures(await events_of(page, None, Raises()))
    assert f"({HERE}, line " in told


def test_no_attribute_of_an_extractor_can_be_set() -> None:
    with pytest.raises(AttributeError, match="'count' cannot be set, as an extractor is immutable"):
        yielding().count = 1  # type: ignore[attr-defined]


# Transfers


class Throws(Transfer):
    """Goes wrong on the way."""

    async def open(self, landing: Any = None) -> Head:
        await self.admit(Head(self.item.url))
        return self.head

    async def chunks(self) -> Any:
        yield b"x"
        raise ZeroDivisionError("oh")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda self, order: "x", "transfer() returned str 'x', and not a Transfer or None"),
        (Returns.extract, "transfer() returned a coroutine"),
        (lambda self, order: Throws(order), f"ZeroDivisionError: oh ({HERE}, line "),
        (lambda self, order: sys.exit(3), f"SystemExit: 3 ({HERE}, line "),
    ],
)
async def test_a_transfer_that_is_wrong_costs_its_item(
    given: Any, words: str, page: str, tmp_path: Path
) -> None:
    class Own(Yields):
        """Has transfers of its own."""

        transfer = given

    (told,) = failures(await events_of(page, DiskSink(tmp_path), Own()))
    assert words in told


# Sinks


class Shelf(Sink):
    """Takes everything."""

    name = "shelf"

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        return Stored(item.url, 1)


def returning(value: Any) -> Any:
    async def write(self: Sink, item: MediaItem, transfer: Transfer) -> Any:
        return value if item.url.endswith("good.mp3") else Stored("other", 1)

    return write


def raising(error: BaseException) -> Any:
    async def method(self: Sink, *_: object) -> Any:
        raise error

    return method


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (returning(None), "write() returned None, and not a Stored"),
        (returning("done"), "write() returned str 'done', and not a Stored"),
        (returning(Stored(None, 1)), "and not a name and a size in bytes"),  # type: ignore[arg-type]
        (lambda self, item, transfer: Stored("x", 1) if "other" in item.url else 1, "await"),
    ],
)
async def test_a_sink_that_returns_nonsense_fails_that_item(
    write: Any, words: str, page: str
) -> None:
    sink = type("Odd", (Shelf,), {"write": write})()
    told = failures(await events_of(page, sink, yielding(item())))
    assert any(words in each and "good.mp3 into sink shelf" in each for each in told)


@pytest.mark.parametrize(
    "error", [ValueError("oh"), SystemExit(3), asyncio.CancelledError(), StopAsyncIteration()]
)
async def test_a_sink_that_raises_fails_its_items(error: BaseException, page: str) -> None:
    sink = type("Odd", (Shelf,), {"write": raising(error)})()
    told = failures(await events_of(page, sink, yielding(item())))
    assert len(told) == 2 and all(f"{type(error).__name__}" in each for each in told)


@pytest.mark.parametrize("error", [ValueError("oh"), SystemExit(3), asyncio.CancelledError()])
@pytest.mark.parametrize(
    ("method", "when"), [("__aenter__", "before the first"), ("__aexit__", "after the last")]
)
async def test_a_sink_that_cannot_be_entered_or_left_ends_the_run(
    error: BaseException, method: str, when: str, page: str
) -> None:
    sink = type("Odd", (Shelf,), {method: raising(error)})()
    with pytest.raises(PluginError, match=f"sink shelf, {when} item: {type(error).__name__}"):
        await events_of(page, sink)


# Filters


def judging(answer: Any) -> Filter:
    @dataclass(frozen=True)
    class Judges:
        """Judges oddly what is good."""

        name: ClassVar[str] = "judges"

        def judge(self, item: MediaItem) -> Any:
            if not item.url.endswith("good.mp3"):
                return KEEP
            return answer(item) if callable(answer) else answer

    return Judges()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "judge() returned None, and not KEEP"),
        (True, "judge() returned bool True, and not KEEP"),
        (lambda item: 1 / 0, f"ZeroDivisionError: division by zero ({HERE}, line "),
        (lambda item: sys.exit(3), f"SystemExit: 3 ({HERE}, line "),
        (lambda item: 1 / 0 if item.size else KEEP, "ZeroDivisionError"),
    ],
)
async def test_a_filter_that_is_wrong_costs_the_items_that_it_fails_on(
    answer: Any, words: str, page: str, tmp_path: Path
) -> None:
    extractor = yielding(item())
    events = await events_of(page, DiskSink(tmp_path), extractor, filters=[judging(answer)])
    (told,) = failures(events)
    assert words in told and told.startswith(f"filter judges on {page[:-4]}good.mp3")
    assert (tmp_path / "other.mp3").exists()


# Options


class Odd(Extractor):
    """Has options as they may be written."""

    name = "odd"
    helper: ClassVar["Nowhere"]  # type: ignore[name-defined]  # noqa: F821, UP037
    words: Annotated[list[str], "some"] = field(default_factory=lambda: ["a"])
    hidden: int = field(init=False, default=3)


def test_options_as_they_may_be_written() -> None:
    assert [(each.name, each.default, each.help) for each in options_of(Odd)] == [
        ("words", ["a"], "some")
    ]


@dataclass
class Choosy:
    """Takes some values only."""

    name: ClassVar[str] = "choosy"
    mode: str = "a"

    def __post_init__(self) -> None:
        if self.mode != "a":
            raise ValueError("mode should be a")


def test_a_value_that_a_class_refuses_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="filter choosy: mode should be a"):
        make(Choosy, "filter choosy", "b")


async def test_extractors_of_a_program(page: str) -> None:
    class Own(Yields):
        """With an option."""

        name = "plyr"
        path: str = GOOD

        def extract(self, page: Page) -> Finds:
            yield MediaItem(self.path)

    async with Session(network=QUICK, extractors=[Own(path="/other.mp3")]) as session:
        assert [each.url async for each in session.items(page)] == [page[:-4] + "other.mp3"]
        assert [each.name for each in session.extractors].count("plyr") == 1
    with pytest.raises(UsageError, match="is no Extractor"):
        Session(extractors=[Own])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="given to the registry"):
        Session(registry=Registry(), extractors=[Own()])


# Modules


MODULE = """
from dataclasses import dataclass
from typing import ClassVar
from reelin import Extractor, Sink, hookimpl

class One(Extractor):
    "One."
    name = "one"
    {more}

@dataclass
class Place(Sink):
    "A place."
    name: ClassVar[str] = "place"

@hookimpl
def {hook}():
    return {returned}
"""


def module(returned: str, hook: str = "reelin_extractors", more: str = "") -> str:
    return MODULE.format(returned=returned, hook=hook, more=more)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (module("[One()]").replace("@hookimpl", ""), "no hook in it"),
        (module("[One]"), "One is a class; the extractor is One()"),
        (module("One()"), "reelin_extractors returned One(), and not a list"),
        (module("None"), "reelin_extractors returned None, and not a list"),
        (module("[One()]", more="pattern = None"), "the pattern of one is None, and not text"),
        (module("[One()]", more="reads = 'a/b'"), "reads of one is str 'a/b', and not a list"),
        (module("[One()]", more="examples = None"), "examples of one is None, and not a list"),
        (module("[One()]", more="x: 'Nowhere' = 1"), "the options of One: NameError"),
        (module("[One()]", more="x: int"), "missing 1 required keyword-only argument: 'x'"),
        (module("[Place()]", "reelin_sinks"), "Place(), and not a class that derives from Sink"),
        (module("[One]", "reelin_sinks"), "and not a class that derives from Sink"),
        (module("[Place]", "reelin_sinks").replace("name: C", "n: C"), "Place has no name"),
        (module("[Place]", "reelin_filters"), "the filter Place has no judge()"),
        ("raise ValueError('a\\nb')", "ValueError: a b (odd_module.py, line 1)"),
    ],
)
def test_a_module_that_is_wrong_is_left_out(source: str, words: str, packages: Path) -> None:
    install(packages, "odd_module", source)
    (told,) = map(str, Registry.load().problems)
    assert words in told and "plugin odd_module of odd_module" in told
    with pytest.raises(UsageError, match=r"there is no sink 'place'.*plugin odd_module"):
        Registry.load().sink("place")


@pytest.mark.parametrize("entry", [b"[reelin]\n\xe9\xff = odd\n", b"[reelin]\nodd\n"])
def test_metadata_that_cannot_be_read_cost_nobody_else(entry: bytes, packages: Path) -> None:
    install(packages, "unreadable", "", entry)
    install(packages, "well", module("[One()]"))
    assert "one" in Registry.load().names


def test_an_entry_point_that_names_no_module(packages: Path) -> None:
    install(packages, "unnamed", "", b"[reelin]\nunnamed = a b c\n")
    (told,) = map(str, Registry.load().problems)
    assert "its entry point 'a b c' is not the name of a module" in told


def test_a_memory_that_cannot_be_replaced_leaves_nothing_behind(packages: Path) -> None:
    (packages.parent / "cache" / "reelin" / "plugins.json").mkdir(parents=True)
    install(packages, "recalls", module("[One()]"))
    assert "one" in Registry.load().names
    assert [each.name for each in (packages.parent / "cache" / "reelin").iterdir()] == [
        "plugins.json"
    ]


@pytest.mark.parametrize("damage", [('"pattern": ""', '"pattern": "("'), ('"one"', "5")])
def test_a_memory_with_damaged_claims_is_as_none(damage: tuple[str, str], packages: Path) -> None:
    install(packages, "recalls", module("[One()]"))
    Registry.load()
    (memory,) = (packages.parent / "cache").rglob("plugins.json")
    text = memory.read_text()
    assert damage[0] in text
    memory.write_text(text.replace(*damage))
    chosen = Registry.load().choose("http://x.example/")
    assert "one" in [each.name for each in chosen]
