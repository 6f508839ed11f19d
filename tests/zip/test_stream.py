"""`session.stream_zip`: bytes as they come, at the reader's pace, for as long as he stays."""

from __future__ import annotations

import asyncio
import gc
import threading

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.files import MIB, File, noise
from support.loopback import Loopback, Request, Wire, reply
from support.zips import entries, is_whole

from reelin import ExtractError, FetchError, Network, Session, SinkLost, UsageError

BIG = 10 * MIB


async def still(server: Loopback, *, closed: bool = True) -> None:
    """Wait until no connection is left, then see that nothing more is sent or asked."""
    async with asyncio.timeout(10):
        while closed and server.connections:
            await asyncio.sleep(0.01)
    before = server.sent, len(server.requests)
    await asyncio.sleep(0.3)
    assert (server.sent, len(server.requests)) == before
    gc.collect()  # what was left open complains now, and pytest makes that a failure


async def test_the_contract_of_one_loop(server: Loopback) -> None:
    bodies = {f"{number}.mp4": noise(5000 + number, number) for number in range(20)}
    for name, body in bodies.items():
        server.on(f"/{name}", File(body))
    async with Session() as session:
        got = b""
        async for chunk in session.stream_zip(server.page(*[f"/{name}" for name in bodies])):
            got += chunk
    assert entries(got) == bodies


@pytest.mark.parametrize("first", [5000, BIG])
async def test_first_bytes_come_before_the_second_item_is_complete(
    server: Loopback, first: int
) -> None:
    """Of a small first item all, of a large one what is there."""
    go_on = threading.Event()
    body = noise(first)

    def waiting(request: Request, wire: Wire) -> None:
        wire.head(200, {"Content-Type": "video/mp4", "Content-Length": 5000})
        while not go_on.wait(0.05):
            wire.pause(0)
        wire.send(noise(5000))

    server.on("/a.mp4", File(body))
    server.on("/b.mp4", waiting)
    async with Session() as session, asyncio.timeout(30):
        async with session.stream_zip(server.page("/a.mp4", "/b.mp4")) as archive:
            got = b""
            async for chunk in archive:
                got += chunk
                if len(got) >= first:
                    assert body[: first - 100] in got
                    go_on.set()
    assert entries(got) == {"a.mp4": body, "b.mp4": noise(5000)}


async def test_a_slow_reader_sets_the_pace(server: Loopback) -> None:
    """The server is not read from any further, and no more waits in memory than is allowed."""
    links = [f"/{number}.mp4" for number in range(30)]
    for number, link in enumerate(links):
        server.on(link, File(noise(BIG if number % 2 else 4 * MIB, number)))
    async with Session(workers=8) as session:
        async with session.stream_zip(server.page(*links)) as archive:
            before = -1
            while before != server.sent:
                before = server.sent
                await asyncio.sleep(0.7)
            # What may wait in the archive, its thread and its pipe, and in the connections.
            assert server.sent < (16 + 9 + 6) * MIB + 8 * 4 * MIB
            got = b"".join([chunk async for chunk in archive])
    assert len(entries(got)) == 30


async def test_a_reader_who_rests_for_long(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that nobody reads are given back, and taken up by Range: those few that there
    are suffice for the entry that all others wait for."""
    monkeypatch.setattr("reelin.archive.queue.PATIENCE_SECONDS", 0.3)
    links = [f"/{number}.mp4" for number in range(6)]
    for number, link in enumerate(links):
        server.on(link, File(noise(20 * MIB, number)))
    async with Session(workers=6, network=Network(per_host=3)) as session:
        async with session.stream_zip(server.page(*links)) as archive:
            async with asyncio.timeout(20):
                while server.connections:
                    await asyncio.sleep(0.05)
            got = b"".join([chunk async for chunk in archive])
            assert archive.report.ok
    assert entries(got) == {f"{number}.mp4": noise(20 * MIB, number) for number in range(6)}


async def test_a_rest_costs_nothing_that_cannot_be_resumed(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has begun and could not go on is held on to; what has not begun begins anew."""
    monkeypatch.setattr("reelin.archive.queue.PATIENCE_SECONDS", 0.2)
    for number in range(4):
        server.on(f"/{number}.mp4", File(noise(20 * MIB, number), etag=None))
    async with Session(workers=4) as session:
        links = [f"/{number}.mp4" for number in range(4)]
        async with session.stream_zip(server.page(*links)) as archive:
            await asyncio.sleep(2)
            got = b"".join([chunk async for chunk in archive])
    assert entries(got) == {f"{number}.mp4": noise(20 * MIB, number) for number in range(4)}
    assert len(server.asked("/0.mp4")) == 1


async def test_it_is_read_once(server: Loopback) -> None:
    server.on("/a.mp4", File(noise(500)))
    async with Session() as session:
        archive = session.stream_zip(server.page("/a.mp4"))
        assert [chunk async for chunk in archive]
        with pytest.raises(UsageError):
            _ = [chunk async for chunk in archive]


@pytest.mark.parametrize("how", ["break", "aclose", "cancel", "forget"])
@pytest.mark.parametrize("size", [5000, BIG])
async def test_whoever_leaves_stops_all_traffic(server: Loopback, how: str, size: int) -> None:
    server.rate = 20e6
    links = [f"/{number}.mp4" for number in range(200)]
    file = File(noise(size))
    for link in links:
        server.on(link, file)
    page = server.page(*links)
    async with Session() as session:
        archive = session.stream_zip(page)
        if how == "break":
            async with archive:
                async for _ in archive:
                    break
        elif how == "aclose":
            await archive.open()
            await archive.aclose()
        elif how == "cancel":

            async def read() -> None:
                async for _ in archive:
                    reading.set()

            reading = asyncio.Event()
            task = asyncio.create_task(read())
            await reading.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        else:
            async for _ in archive:
                break
            del archive
            gc.collect()
        await asyncio.sleep(0.2)  # what was on its way arrives
        await still(server, closed=size == BIG)  # idle ones the session keeps for the next


@pytest.mark.parametrize("opened", [False, True])
async def test_nothing_found_is_told_before_the_first_byte(server: Loopback, opened: bool) -> None:
    server.on("/gone.html", reply(404))
    async with Session(network=Network(retries=0)) as session:
        for url, error in ((server.page(), ExtractError), (server.url("/gone.html"), FetchError)):
            archive = session.stream_zip(url)
            with pytest.raises(error):
                if opened:
                    await archive.open()
                else:
                    async for _ in archive:
                        pass
        with pytest.raises(UsageError):
            session.stream_zip("ftp://x.example/")


async def test_a_broken_archive_ends_with_an_error(server: Loopback) -> None:
    server.on("/a.mp4", File(noise(BIG)).broken_off(9 * MIB), reply(404))
    got = b""
    async with Session(network=Network(retries=0)) as session:
        with pytest.raises(SinkLost):
            async for chunk in session.stream_zip(server.page("/a.mp4")):
                got += chunk
    assert got and not is_whole(got)


async def test_names_and_headers(server: Loopback) -> None:
    server.on("/a.mp4", File(noise(500)))
    page = server.page("/a.mp4", path="/die%20B%C3%BCcher.html")
    async with Session() as session, session.stream_zip(page) as archive:
        assert archive.filename.endswith("-die Bücher.zip")
        assert archive.headers["Content-Type"] == "application/zip"
        assert archive.headers["Content-Disposition"].endswith("-die%20B%C3%BCcher.zip")
        assert [chunk async for chunk in archive]


async def test_a_response_of_aiohttp_whose_client_goes_away(server: Loopback) -> None:
    server.rate = 20e6
    for number in range(50):
        server.on(f"/{number}.mp4", File(noise(BIG)))
    page = server.page(*[f"/{number}.mp4" for number in range(50)])

    async def serve(request: web.Request) -> web.StreamResponse:
        async with session.stream_zip(page) as archive:
            response = web.StreamResponse(headers=archive.headers)
            await response.prepare(request)
            async for chunk in archive:
                await response.write(chunk)
            return response

    app = web.Application()
    app.router.add_get("/", serve)
    async with Session() as session, TestServer(app, handler_cancellation=True) as front:
        async with aiohttp.ClientSession() as client:
            async with client.get(front.make_url("/")) as answer:
                assert answer.headers["Content-Type"] == "application/zip"
                assert (await answer.content.readany())[:4] == b"PK\x03\x04"
        await still(server)
