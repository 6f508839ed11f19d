"""`look` and `Layout.only`: a preview that is the layout of the archive that comes of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.files import File, noise
from support.loopback import Loopback, Request, Wire, reply
from support.zips import entries

from reelin import Event, Layout, MediaItem, Network, Session, UsageError, look

BODIES = [noise(size, size) for size in (5000, 40, 70_000, 900)]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        for number, body in enumerate(BODIES):
            running.on(f"/{number}.mp4", File(body))
        yield running


def items(server: Loopback, *names: str) -> list[MediaItem]:
    return [MediaItem(server.url(f"/{name}.mp4")) for name in names or ("0", "1", "2", "3")]


def unsized(request: Request, wire: Wire) -> None:
    wire.head(200, {"Content-Type": "video/mp4", "Connection": "close"})
    wire.send(noise(5000))
    wire.close()


async def look_at(items: list[MediaItem]) -> Layout:
    async with Session(network=Network(retries=0)) as session:
        return await look(session, items)


async def read(layout: Layout) -> bytes:
    async with Session(network=Network(retries=0)) as session:
        async with session.stream_zip(layout=layout) as archive:
            body = b"".join([chunk async for chunk in archive])
            assert archive.headers["ETag"] == layout.etag
    assert len(body) == layout.length
    return body


async def test_the_layout_of_items(server: Loopback) -> None:
    layout = await look_at(items(server))
    assert [each.begin.size for each in layout.entries] == list(map(len, BODIES))
    assert list(entries(await read(layout)).values()) == BODIES


@pytest.mark.parametrize("numbers", [[0], [3, 1], [2, 2, 0], range(4)])
async def test_what_is_picked_is_an_archive(server: Loopback, numbers: list[int]) -> None:
    layout = (await look_at(items(server))).only(numbers)
    asked = len(server.requests)
    assert list(entries(await read(layout)).values()) == [BODIES[n] for n in sorted({*numbers})]
    assert len(server.requests) == asked + len({*numbers})  # nothing is asked for twice


async def test_the_same_pick_is_the_same_archive(server: Loopback) -> None:
    one, other = await look_at(items(server)), await look_at(items(server))
    assert one.only([1, 2]).etag == other.only([2, 1]).etag != one.etag
    assert Layout.from_json(one.only([1]).to_json()) == one.only([1])


@pytest.mark.parametrize("numbers", [[], [4], [-1], [0, 9]])
async def test_picks_that_there_cannot_be(server: Loopback, numbers: list[int]) -> None:
    layout = await look_at(items(server))
    with pytest.raises(UsageError):
        layout.only(numbers)


async def test_what_has_no_size_or_is_not_there_is_named(server: Loopback) -> None:
    server.on("/gone.mp4", reply(404))
    server.on("/live.mp4", unsized)
    layout = await look_at(items(server, "0", "gone", "live", "1"))
    assert [each.item.url[-6:] for each in layout.entries] == ["/0.mp4", "/1.mp4"]
    assert [each.url for each in layout.unsized] == [server.url("/live.mp4")]
    assert len(layout.failed) == 2
    assert f"{server.url('/live.mp4')}: left out" in layout.failed[1]
    made = entries(await read(layout))
    assert b"/live.mp4" in made["_failed.txt"]
    assert Layout.from_json(layout.to_json()) == layout


async def test_its_events_are_told(server: Loopback) -> None:
    told: list[Event] = []
    async with Session(network=Network(retries=0)) as session:
        await look(session, items(server), tell=told.append)
    assert told
