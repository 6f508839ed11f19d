"""`content_length`: exact, or not given at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

import pytest
from support.files import MIB, File, noise
from support.loopback import Loopback, reply
from support.zips import entries, is_whole

from reelin import Network, Session, SinkLost
from reelin.archive.format import measure_archive
from reelin.archive.outlet import Outlet, StreamOutlet
from reelin.archive.thread import Begin, Job, ZipThread

BIG = 10 * MIB
DATE = datetime(2026, 1, 1)


class Counter(Outlet):
    """Counts what it is given."""

    count = 0

    def write(self, pieces: list[bytes]) -> None:
        self.count += sum(map(len, pieces))


@pytest.mark.parametrize("number", [0, 1, 65_534, 65_535, 65_536])
async def test_the_length_of_many_entries(number: int) -> None:
    """At 65,535 a directory needs ZIP64, which zipstream-ng's own length does not count."""
    begins = [Begin(f"{at}.é", DATE, at % 3) for at in range(number)]
    data = io.BytesIO()
    thread = ZipThread[None](StreamOutlet(data), lambda _: None, lambda _: None)
    for each in begins:
        thread.put(Job(None, [bytes(each.size or 0)], 0, each, ends=True))
    await thread.finish()
    assert measure_archive((each.name, each.size) for each in begins) == len(data.getvalue())
    with zipfile.ZipFile(data) as archive:
        assert archive.namelist() == [each.name for each in begins]


def zeros(size: int) -> Iterator[bytes]:
    """So many of them, in pieces."""
    piece = bytes(MIB)
    for at in range(0, size, MIB):
        yield piece[: size - at]


@pytest.mark.parametrize("size", [2**31 // 105 * 100, 2**31, 2**32])
async def test_the_length_of_large_entries(size: int) -> None:
    begins = [Begin("a", DATE, size), Begin("b", DATE, 5)]
    counter = Counter()
    thread = ZipThread[None](counter, lambda _: None, lambda _: None)
    for each in begins:
        thread.put(Job(None, zeros(each.size or 0), 0, each, ends=True))
    await thread.finish()
    assert measure_archive((each.name, each.size) for each in begins) == counter.count


async def test_it_is_known_when_all_sizes_are(server: Loopback) -> None:
    bodies = {f"{at}.mp4": noise(BIG if at == 2 else 5000 + at, at) for at in range(9)}
    for name, body in bodies.items():
        server.on(f"/{name}", File(body))
    server.on("/gone.mp4", reply(404))
    page = server.page("/gone.mp4", *[f"/{name}" for name in bodies])
    async with Session(network=Network(retries=0)) as session:
        async with session.stream_zip(page, sized=True) as archive:
            length = archive.content_length
            assert archive.headers["Content-Length"] == str(length)
            got = b"".join([chunk async for chunk in archive])
            assert [each.url for each in archive.report.failures] == [server.url("/gone.mp4")]
            assert len(archive.report.saved) == len(bodies)
    assert length == len(got)
    found = entries(got)
    assert b"gone.mp4" in found.pop("_failed.txt")
    assert found == bodies


async def test_it_is_none_where_one_size_is_not(server: Loopback) -> None:
    def close_delimited(request: object, wire: object) -> None:
        wire.head(200, {"Content-Type": "video/mp4", "Connection": "close"})  # type: ignore[attr-defined]
        wire.send(noise(700))  # type: ignore[attr-defined]
        wire.close()  # type: ignore[attr-defined]

    server.on("/a.mp4", File(noise(500)))
    server.on("/b.mp4", close_delimited)
    async with Session() as session:
        page = server.page("/a.mp4", "/b.mp4")
        async with session.stream_zip(page, sized=True) as archive:
            assert archive.content_length is None and "Content-Length" not in archive.headers
            got = b"".join([chunk async for chunk in archive])
    assert entries(got) == {"a.mp4": noise(500), "b.mp4": noise(700)}


@pytest.mark.parametrize("then", [reply(404), File(noise(6000)), File(noise(BIG))])
async def test_what_does_not_keep_its_size_ends_the_archive(server: Loopback, then: object) -> None:
    """Whoever was told a length would take anything of that length for whole."""
    server.on("/a.mp4", File(noise(500)))
    server.on("/b.mp4", File(noise(5000)), then)  # type: ignore[arg-type]
    got = b""
    async with Session(network=Network(retries=0)) as session:
        with pytest.raises(SinkLost):
            page = server.page("/a.mp4", "/b.mp4")
            async for chunk in session.stream_zip(page, sized=True):
                got += chunk
    assert not is_whole(got)
