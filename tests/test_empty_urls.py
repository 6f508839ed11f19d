"""URLs of a run behind which nothing is: told by the report, however many others lead to much."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.loopback import Loopback, page, reply
from support.outcomes import QUICK

from reelin import MediaItem, Page, Session, Sink, Stored, Transfer, Type
from reelin.model.errors import FetchError
from reelin.model.item import Link
from reelin.plugins.extractor import Extractor, Finds
from reelin.plugins.registry import Registry
from reelin.run.starts import Starts
from reelin.run.visit import Visit

PNG = b"\x89PNG\r\n\x1a\n" + bytes(5000)
PAGES = {
    "items": '<a href="/a.png">a</a>',
    "others": '<a href="/b.png">b</a>',
    "nothing": "<p>nothing",
    "noise": '<img src="/track.gif" width="1" height="1">',
    "above": '<i data-to="/items">one</i>',
    "far": '<i data-to="/above">one</i>',
    "round": '<i data-to="/back">one</i>',
    "back": '<i data-to="/round">one</i>',
    "broken": '<i data-to="/gone">one</i>',
}


class Follow(Extractor):
    """Links as pages of tests have them, and files."""

    name = "follow"

    def extract(self, page: Page) -> Finds:
        for url in page.urls("[data-to]", "data-to"):
            yield Link(url)
        for url in page.urls("a", "href"):
            yield MediaItem(url)
        for url in page.urls("img", "src"):
            yield MediaItem(url, noise="placeholder")


class Nowhere(Sink):
    """Takes all."""

    name = "nowhere"

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        return Stored("x", 0)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        for name in "ab":
            running.on(f"/{name}.png", reply(200, PNG, "image/png"))
        for name, body in PAGES.items():
            running.on(f"/{name}", page(body))
        running.on("/gone", reply(404))
        running.on("/moved", reply(302, b"", Location="/items"))
        yield running


def session() -> Session:
    return Session(network=QUICK, registry=Registry([Follow()]))


@pytest.mark.parametrize(
    ("starts", "empty"),
    [
        (["items"], []),
        (["nothing"], ["nothing"]),
        (["items", "nothing"], ["nothing"]),
        (["nothing", "items", "nothing"], ["nothing"]),
        (["noise", "items"], ["noise"]),
        (["items", "moved"], []),
        (["items", "above", "far"], []),
        (["far", "above", "items"], []),
        (["round", "back", "others"], ["round", "back"]),
        (["broken", "gone", "nothing", "items"], ["nothing"]),
        (["gone"], []),
    ],
)
async def test_each_counts_for_itself(
    server: Loopback, starts: list[str], empty: list[str]
) -> None:
    urls = [server.url(f"/{each}") for each in starts]
    async with session() as ours:
        for sink in (Nowhere(), None):
            async with ours.run(*urls, sink=sink) as run:
                report = await run.finish()
            assert report.empty == tuple(server.url(f"/{each}") for each in empty)


async def test_what_filters_leave_out_was_found(server: Loopback) -> None:
    url = server.url("/items")
    async with session() as ours:
        async with ours.run(url, sink=None, filters=[Type(frozenset(["audio"]))]) as run:
            assert (await run.finish()).empty == ()


@pytest.mark.parametrize("sized", [False, True])
async def test_an_archive_says_so_too(server: Loopback, sized: bool) -> None:
    urls = [server.url("/items"), server.url("/nothing")]
    async with session() as ours:
        async with ours.stream_zip(*urls, sized=sized) as archive:
            async for _ in archive:
                pass
        assert archive.report.empty == (urls[1],)


async def test_a_run_that_is_left_calls_nothing_empty(server: Loopback) -> None:
    urls = [server.url("/gone"), server.url("/nothing")]
    async with session() as ours:
        async with ours.run(*urls, sink=None) as run:
            await anext(run)
            assert run.report.empty == ()


_NODES = st.integers(0, 7)


@given(st.lists(_NODES), st.sets(_NODES), st.sets(_NODES), st.dictionaries(_NODES, st.sets(_NODES)))
def test_by_any_way(
    starts: list[int], rich: set[int], failing: set[int], links: dict[int, set[int]]
) -> None:
    begun = Starts(map(str, starts))
    for node in range(8):
        visit = Visit(str(node), 0, has_items=node in rich)
        visit.links = {str(to): Link(f"http://x/{to}") for to in links.get(node, ())}
        if node in failing:
            visit.note(FetchError("gone"))
        begun.add(visit)

    def leads(node: int, before: frozenset[int] = frozenset()) -> bool:
        further = links.get(node, set()) - before
        known = before | {node}
        return node in rich | failing or any(leads(each, known) for each in further)

    assert begun.list_empty() == tuple(str(n) for n in dict.fromkeys(starts) if not leads(n))
