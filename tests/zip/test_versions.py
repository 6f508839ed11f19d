"""What an archive of a layout must never be: made of two versions, or of other items."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Callable

import pytest
from support.files import File, noise
from support.loopback import Answer, Loopback, Request, Wire, redirect, reply
from support.zips import entries, is_whole, make_small, read

from reelin import (
    Audio,
    FetchError,
    Layout,
    MediaItem,
    Network,
    Session,
    SinkLost,
    UsageError,
    ZipSink,
)

KIB = 1024
ONCE = Network(retries=0)


@pytest.fixture(autouse=True)
def in_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to large bodies happens to these."""
    make_small(monkeypatch)


def late(then: Answer, seconds: float = 0.5) -> Answer:
    """An answer after a while."""

    def answer(request: Request, wire: Wire) -> None:
        wire.pause(seconds)
        then(request, wire)

    return answer


async def what_came(archive: AsyncIterator[bytes]) -> bytes:
    """All that a reader gets of an archive that is broken off."""
    got = b""
    with pytest.raises(SinkLost):
        async for chunk in archive:
            got += chunk
    return got


async def test_what_stands_behind_a_failure_is_not_written_in_its_place(server: Loopback) -> None:
    for number in range(6):
        server.on(f"/{number}.mp4", File(noise(20 * KIB + number, number)))
    page = server.page(*(f"/{number}.mp4" for number in range(6)))
    async with Session(network=ONCE) as session:
        whole, layout = await read(session, page)
        unknown = layout.with_checks([()] * 6)
        server.on("/2.mp4", late(reply(404)))
        archive = session.stream_zip(layout=unknown)
        got = await what_came(archive)
        assert whole.startswith(got)
        assert archive.layout is not None
        known = [each.checks for each in archive.layout.entries]
    assert known[2:] == [()] * 4
    assert known[:2] == [each.checks for each in layout.entries[:2]]


async def test_a_reader_who_leaves_while_one_is_waited_for(server: Loopback) -> None:
    """What is known of one entry is never taken for another's."""
    sizes = [5 * KIB, 300 * KIB, 4 * KIB, 5 * KIB]
    for number, size in enumerate(sizes):
        server.on(f"/{number}.mp4", File(noise(size, number)))
    page = server.page(*(f"/{number}.mp4" for number in range(4)))
    async with Session(network=ONCE) as session:
        whole, layout = await read(session, page)
        server.on("/1.mp4", File(noise(sizes[1], 1)).stalling(100 * KIB))
        async with session.stream_zip(layout=layout.with_checks([()] * 4)) as archive:
            async for _ in archive:
                await asyncio.sleep(0.3)
                break
        assert archive.layout is not None
        for now, then in zip(archive.layout.entries, layout.entries, strict=True):
            assert set(now.checks) <= set(then.checks)


async def test_a_version_that_comes_and_goes(server: Loopback) -> None:
    """Two servers behind one name. Nothing of the other version is sent, nor remembered."""
    one, two = File(noise(700 * KIB, 1), '"1"'), File(noise(700 * KIB, 2), '"2"')

    def half_of_two(request: Request, wire: Wire) -> None:
        wire.head(200, two.headers() | {"Content-Length": 700 * KIB})
        wire.send(two.body[: 400 * KIB])
        wire.pause(4)
        wire.send(two.body[400 * KIB :])

    a = File(noise(5 * KIB))
    server.on("/a.mp4", a, late(a, 2))
    server.on("/b.mp4", one, one.broken_off(100 * KIB), two, half_of_two, one)
    page = server.page("/a.mp4", "/b.mp4")
    async with Session() as session:
        # The second has broken off and begun anew before its turn comes.
        archive = session.stream_zip(page, sized=True)
        got = await what_came(archive)
        assert noise(700 * KIB, 2)[: 4 * KIB] not in got
        assert archive.layout is not None and archive.layout.entries[1].checks == ()
        rest, _ = await read(session, start=len(got), layout=archive.layout)
    assert entries(got + rest)["b.mp4"] == one.body


@pytest.mark.parametrize("number", [0, 1])
async def test_other_bytes_under_the_same_version(server: Loopback, number: int) -> None:
    """A server that names no versions, or lies about them. Checksums tell, where there are any."""
    etag = ['"1"', None][number]
    server.on("/a.mp4", File(noise(200 * KIB, 1), etag))
    page = server.page("/a.mp4")
    async with Session(network=ONCE) as session:
        _, layout = await read(session, page)
        server.on("/a.mp4", File(noise(200 * KIB, 2), etag))
        with pytest.raises(SinkLost, match=r"a\.mp4: not the bytes that came before"):
            await read(session, page, layout=layout)


async def test_a_body_that_is_not_what_its_checksum_says(server: Loopback) -> None:
    """Nothing is continued behind what came damaged."""
    body = noise(700 * KIB, 1)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    good = File(body, more={"Repr-Digest": f"sha-256=:{digest}:"})
    bad = File(b"".join([body[:9000], b"!", body[9001:]]), more=good.more)
    server.on("/a.mp4", good, bad, good)
    server.rate = 2e6
    async with Session(network=ONCE) as session:
        archive = session.stream_zip(server.page("/a.mp4"), sized=True)
        got = await what_came(archive)
        assert len(got) > 9100
        assert archive.layout is not None and archive.layout.entries[0].checks == ()
        rest, _ = await read(session, start=len(got), layout=archive.layout)
    with zipfile.ZipFile(io.BytesIO(got + rest)) as made:
        assert made.testzip() == "a.mp4"


def by_date(body: bytes) -> File:
    return File(body, etag=None, modified="Sat, 01 Jan 2022 00:00:00 GMT")


def weak(body: bytes) -> File:
    return File(body, etag='W/"1"', modified="Sat, 01 Jan 2022 00:00:00 GMT")


@pytest.mark.parametrize("kind", [File, by_date, weak])
async def test_a_server_that_knows_no_ranges(
    server: Loopback, kind: Callable[[bytes], File]
) -> None:
    """The same version comes from its beginning: what nobody wants of it is dropped."""
    file = kind(noise(700 * KIB, 1))
    server.on("/a.mp4", file.whole)
    server.on("/b.mp4", File(noise(50 * KIB, 2)))
    page = server.page("/a.mp4", "/b.mp4")
    async with Session(network=ONCE) as session:
        whole, layout = await read(session, page)
        for cut in (300 * KIB, 650 * KIB):
            rest, _ = await read(session, start=cut, layout=layout)
            assert whole[:cut] + rest == whole
        changed = File(noise(700 * KIB, 3), '"2"', "Sun, 02 Jan 2022 00:00:00 GMT")
        lying = changed.lying(lambda start, size: f"bytes {start}-{size - 1}/{size}")
        for answer in (changed.whole, changed, lying):
            server.on("/a.mp4", answer)
            with pytest.raises((FetchError, SinkLost), match=r"changed|another version"):
                await read(session, start=300 * KIB, layout=layout)


async def test_a_cut_behind_a_redirect(server: Loopback) -> None:
    with Loopback() as other:
        url = other.on("/a.mp4", File(noise(700 * KIB, 1)))
        server.on("/a.mp4", redirect(url))
        async with Session(network=ONCE) as session:
            whole, layout = await read(session, server.page("/a.mp4"))
            rest, _ = await read(
                session, start=500 * KIB, layout=Layout.from_json(layout.to_json())
            )
    assert whole[: 500 * KIB] + rest == whole


async def test_a_layout_is_for_its_own_items_in_their_order(server: Loopback) -> None:
    for name in "ab":
        server.on(f"/{name}.mp4", File(noise(500, ord(name)), etag=None))
    pages = {
        "the same": server.page("/a.mp4", "/b.mp4", path="/1.html"),
        "turned": server.page("/b.mp4", "/a.mp4", path="/2.html"),
        "short": server.page("/a.mp4", path="/3.html"),
        "long": server.page("/a.mp4", "/b.mp4", "/c.mp4", path="/4.html"),
    }
    async with Session(network=ONCE) as session:
        whole, layout = await read(session, pages["the same"])
        for which, page in pages.items():
            made = io.BytesIO()
            sink = ZipSink(made, layout=layout)
            async with session.run(page, sink=sink) as run:
                if which == "the same":
                    assert (await run.finish()).ok and made.getvalue() == whole
                    continue
                with pytest.raises(SinkLost, match="the archive is to hold"):
                    await run.finish()
            assert not is_whole(made.getvalue())


def test_the_rest_of_an_archive_is_no_file() -> None:
    with pytest.raises(UsageError, match=r"a\.zip"):
        ZipSink("a.zip", start=5)


async def test_a_layout_as_text_is_the_same_layout(server: Loopback) -> None:
    server.on("/a.mp4", File(noise(500)))
    async with Session(network=ONCE) as session:
        _, layout = await read(session, server.page("/a.mp4"))
    (planned,) = layout.entries
    item = MediaItem(
        "https://a.example/😀.mp4",
        "audio",
        title="\U0001f600 \ud800",
        format="137",
        audio=Audio("mp3", "192k"),
        headers={"Authorization": "x"},
    )
    from dataclasses import replace

    layout = replace(layout, entries=(replace(planned, item=item),))
    again = Layout.from_json(layout.to_json())
    assert again == layout and again.etag == layout.etag


async def test_one_that_was_closed_cannot_be_read(server: Loopback) -> None:
    server.on("/a.mp4", File(noise(500)))
    async with Session() as session:
        archive = session.stream_zip(server.page("/a.mp4"))
        await archive.aclose()
        with pytest.raises(UsageError, match="read or closed"):
            _ = [chunk async for chunk in archive]
    assert server.requests == []
