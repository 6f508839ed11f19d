"""Leaving a run, and several sessions in one loop: contract 1.2."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path

import pytest
from support.files import MIB, File, noise
from support.loopback import Answer, Loopback, reply, stalled
from support.outcomes import fetch
from support.runs import finals, holds

from reelin import (
    DiskSink,
    Finished,
    Found,
    Network,
    Progress,
    Report,
    Session,
    Started,
    UsageError,
    download,
    find,
)

BODY = noise(5000)
LARGE = File(noise(32 * MIB))


async def still(server: Loopback) -> None:
    """Wait until no connection is left, then see that nothing more is sent or asked."""
    async with asyncio.timeout(10):
        while server.connections:
            await asyncio.sleep(0.01)
    before = server.sent, len(server.requests)
    await asyncio.sleep(0.3)
    assert (server.sent, len(server.requests)) == before
    gc.collect()  # what was left open complains now, and pytest makes that a failure


@pytest.mark.parametrize("connections", [1, 4, None])
@pytest.mark.parametrize("at", [Found, Started, Progress])
async def test_leaving_stops_all_traffic(
    at: type, connections: int | None, server: Loopback, tmp_path: Path
) -> None:
    server.rate = 40e6
    links = [f"/{number}.mp4" for number in range(6)]
    for link in links:
        server.on(link, LARGE)
    async with Session(network=Network(connections=connections)) as session:
        async with session.run(server.page(*links), sink=DiskSink(tmp_path)) as run:
            async for event in run:
                if isinstance(event, at):
                    break
    await still(server)
    assert finals(tmp_path) == {}


@pytest.mark.parametrize("answer", [stalled, LARGE.stalling(MIB), reply(503, Retry_After="50")])
async def test_leaving_does_not_wait_for_the_server(
    answer: Answer, server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", answer)
    async with asyncio.timeout(10):
        async with Session() as session:
            async with session.run(server.page("/clip.mp4"), sink=DiskSink(tmp_path)):
                while not server.asked("/clip.mp4"):
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.1)
    await still(server)


async def test_leaving_while_the_page_is_fetched(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/page.html", stalled)
    async with asyncio.timeout(10):
        async with Session() as session, session.run(url, sink=DiskSink(tmp_path)):
            while not server.asked("/page.html"):
                await asyncio.sleep(0.01)
    await still(server)


async def test_leaving_ends_all_tasks_and_threads(server: Loopback, tmp_path: Path) -> None:
    server.rate = 20e6
    server.on("/clip.mp4", LARGE)
    async with Session() as session:
        async with session.run(server.page("/clip.mp4"), sink=DiskSink(tmp_path)) as run:
            async for event in run:
                if isinstance(event, Progress):
                    break
    gc.collect()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert [each.name for each in threading.enumerate() if each.name.startswith("reelin")] == []


async def test_an_error_of_the_reader_stops_the_run(server: Loopback, tmp_path: Path) -> None:
    server.rate = 20e6
    server.on("/clip.mp4", LARGE)
    with pytest.raises(KeyError, match="mine"):
        async with Session() as session:
            async with session.run(server.page("/clip.mp4"), sink=DiskSink(tmp_path)) as run:
                async for _ in run:
                    raise KeyError("mine")
    await still(server)


async def test_a_cancelled_reader_stops_the_run(server: Loopback, tmp_path: Path) -> None:
    server.rate = 20e6
    server.on("/clip.mp4", LARGE)
    page = server.page("/clip.mp4")
    reading = asyncio.create_task(fetch(page, tmp_path, network=Network()))
    while not server.asked("/clip.mp4"):
        await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await still(server)


async def test_leaving_one_session_does_not_touch_the_other(
    server: Loopback, tmp_path: Path
) -> None:
    server.rate = 40e6
    server.on("/clip.mp4", File(LARGE.body))
    page = server.page("/clip.mp4")
    other = asyncio.create_task(fetch(page, tmp_path / "stays", network=Network()))
    async with Session() as session:
        async with session.run(page, sink=DiskSink(tmp_path / "leaves")) as run:
            async for event in run:
                if isinstance(event, Progress):
                    break
    report, _ = await other
    assert report.ok and holds(tmp_path / "stays", clip=LARGE.body)
    assert finals(tmp_path / "leaves") == {}


async def test_sessions_share_no_cookies_breakers_or_pauses(
    server: Loopback, tmp_path: Path
) -> None:
    links = [f"/{number}.mp4" for number in range(30)]
    for link in links:
        server.on(link, reply(500))
    server.on("/good.mp4", reply(200, BODY, Set_Cookie="id=1; Path=/"))
    bad = server.page(*links, "/good.mp4")
    good = server.page("/good.mp4", path="/good.html")
    once = Network(retries=0, timeout=2)
    async with Session(network=once) as one, Session(network=once) as two:
        async with one.run(bad, sink=DiskSink(tmp_path / "bad")) as run:
            assert len((await run.finish()).failures) >= 30
        async with two.run(good, sink=DiskSink(tmp_path / "good")) as run:
            assert (await run.finish()).ok
    assert all("cookie" not in request.headers for request in server.asked("/good.html"))


async def test_two_runs_of_one_session_at_the_same_time(server: Loopback, tmp_path: Path) -> None:
    bodies = {f"{number}.mp4": noise(200_000, number) for number in range(10)}
    for name, body in bodies.items():
        server.on("/" + name, reply(200, body))
    page = server.page(*("/" + name for name in bodies))

    async def run(session: Session, folder: Path) -> Report:
        async with session.run(page, sink=DiskSink(folder)) as under_way:
            return await under_way.finish()

    async with Session() as session:
        reports = await asyncio.gather(*(run(session, tmp_path / name) for name in "ab"))
    assert all(report.ok for report in reports)
    assert finals(tmp_path / "a") == finals(tmp_path / "b") == bodies


async def test_two_runs_of_one_process_in_one_folder_take_turns(
    server: Loopback, tmp_path: Path
) -> None:
    server.rate = 40e6
    server.on("/clip.mp4", File(noise(4 * MIB)))
    page = server.page("/clip.mp4")
    results = await asyncio.gather(*(fetch(page, tmp_path) for _ in range(3)))
    assert [report.ok for report, _ in results] == [True] * 3
    assert len(server.asked("/clip.mp4")) == 1


async def test_finished_is_last_and_counts(server: Loopback, tmp_path: Path) -> None:
    server.on("/good.mp4", reply(200, BODY))
    report, events = await fetch(server.page("/good.mp4", "/gone.mp4"), tmp_path)
    assert isinstance(events[-1], Finished)
    assert (events[-1].found, events[-1].saved, events[-1].failed) == (2, 1, 1)
    assert not report.ok and report.size == len(BODY)
    assert [event.number for event in events] == sorted({event.number for event in events})


async def test_a_reader_that_is_slow_misses_no_fact(server: Loopback, tmp_path: Path) -> None:
    links = [f"/{number}.mp4" for number in range(150)]
    for link in links:
        server.on(link, reply(200, BODY))
    kinds: list[str] = []
    async with Session() as session:
        async with session.run(server.page(*links), sink=DiskSink(tmp_path)) as run:
            async for event in run:
                kinds.append(type(event).__name__)
                await asyncio.sleep(0.001)
    assert [kinds.count(kind) for kind in ("Found", "Started", "Saved", "Finished")] == [
        150,
        150,
        150,
        1,
    ]


def test_the_blocking_functions(server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", reply(200, BODY))
    page = server.page("/clip.mp4")
    assert [item.url for item in find(page)] == [server.url("/clip.mp4")]
    report = download(page, tmp_path, types={"video"})
    assert report.ok and finals(tmp_path) == {"clip.mp4": BODY}


async def test_the_blocking_functions_say_no_inside_a_loop(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Session"):
        download("http://127.0.0.1:1/", tmp_path)
