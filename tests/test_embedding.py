"""What a program that embeds reelin relies on: its own loop, sockets, log and exit stay its own."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from support.files import File, noise
from support.loopback import Loopback, Request, Wire, reply, stalled
from support.outcomes import names_in

import reelin
from reelin import (
    Audio,
    DiskSink,
    Extractor,
    MediaItem,
    Network,
    Page,
    PluginError,
    Registry,
    Session,
    UsageError,
    Warned,
)

QUICK = Network(retries=0, timeout=5)
BODY = noise(50_000)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        running.on("/1.mp4", File(BODY))
        running.page("/1.mp4")
        yield running


# Its connections


async def test_a_connector_of_the_program(tmp_path: Path) -> None:
    """Nothing but that socket leads anywhere, and it is left open."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text='<video src="1.mp4"></video>', content_type="text/html")

    async def film(_: web.Request) -> web.Response:
        return web.Response(body=BODY, content_type="video/mp4")

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/1.mp4", film)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "socket")).start()
    try:
        async with aiohttp.UnixConnector(str(tmp_path / "socket")) as connector:
            async with Session(network=QUICK, connector=connector) as session:
                report = await session.download("http://films.example/", tmp_path / "out")
            assert not connector.closed
        assert report.ok and (tmp_path / "out" / "1.mp4").read_bytes() == BODY
    finally:
        await runner.cleanup()


async def test_a_connector_cannot_be_guarded() -> None:
    async with aiohttp.TCPConnector() as connector:
        with pytest.raises(UsageError, match="cannot refuse private addresses"):
            Session(network=Network(allow_private=False), connector=connector)


async def test_sessions_share_nothing(server: Loopback, tmp_path: Path) -> None:
    server.on("/in.html", reply(200, b"<p>in", "text/html", Set_Cookie="who=me; Path=/"))
    url = server.url("/page.html")
    one = Network(retries=0, timeout=5, headers={"X-Who": "one"})
    async with Session(network=one) as first, Session(network=QUICK) as second:
        async for _ in first.items(server.url("/in.html")):
            pass
        reports = await asyncio.gather(
            first.download(url, tmp_path / "1"), second.download(url, tmp_path / "2")
        )
    assert all(each.ok for each in reports)
    asked = server.asked("/page.html")
    told = {(each.headers.get("x-who"), each.headers.get("cookie")) for each in asked}
    assert told == {(None, None), ("one", "who=me")}


async def test_sessions_with_plugins_of_their_own(server: Loopback, tmp_path: Path) -> None:
    class Fixed(Extractor):
        """Always the same."""

        name = "fixed"

        def extract(self, page: Page) -> Iterator[MediaItem]:
            yield MediaItem(server.url("/1.mp4"), title="mine")

    url = server.url("/page.html")
    async with Session(registry=Registry([Fixed()])) as mine, Session() as usual:
        assert [each.name for each in mine.extractors] == ["fixed"]
        assert "fixed" not in [each.name for each in usual.extractors]
        assert [each.title async for each in mine.items(url)] == ["mine"]
        assert [each.title async for each in usual.items(url)] != ["mine"]


async def test_what_is_not_open_is_told(server: Loopback, tmp_path: Path) -> None:
    url, session = server.url("/page.html"), Session()
    with pytest.raises(UsageError, match="not open"):
        await session.download(url, tmp_path)
    async with session:
        with pytest.raises(UsageError, match="open already"):
            await session.__aenter__()
        run = session.run(url, sink=DiskSink(tmp_path))
        with pytest.raises(UsageError, match="is entered before"):
            await run.finish()
        async with run:
            assert (await run.finish()).ok
        with pytest.raises(UsageError, match="only once"):
            await run.__aenter__()
    with pytest.raises(UsageError, match="not open"):
        async for _ in session.items(url):
            pass


async def test_one_type_may_be_named_without_a_set(server: Loopback, tmp_path: Path) -> None:
    async with Session(network=QUICK) as session:
        report = await session.download(server.url("/page.html"), tmp_path, types="video")
    assert len(report.saved) == 1


# Its time


async def test_a_timeout_of_the_program(server: Loopback, tmp_path: Path) -> None:
    server.on("/1.mp4", stalled)
    async with Session(network=QUICK) as session:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await session.download(server.url("/page.html"), tmp_path)
        server.on("/1.mp4", File(BODY))
        report = await session.download(server.url("/page.html"), tmp_path)
    assert report.ok and names_in(tmp_path) == ["1.mp4"], "the session goes on"


async def test_a_cancelled_task_leaves_nothing_running(server: Loopback, tmp_path: Path) -> None:
    server.on("/1.mp4", stalled)
    before = asyncio.all_tasks()
    async with Session(network=QUICK) as session:
        task = asyncio.create_task(session.download(server.url("/page.html"), tmp_path))
        while not server.asked("/1.mp4"):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert asyncio.all_tasks() == before


async def test_who_is_cancelled_while_leaving_a_run_is_cancelled(
    server: Loopback, tmp_path: Path
) -> None:
    """And what was under way is cleaned up to its end before that."""
    file = File(noise(2_000_000))
    server.on("/1.mp4", file.stalling(1_500_000), file)
    went_on = False

    async def work() -> None:
        nonlocal went_on
        run = session.run(server.url("/page.html"), sink=DiskSink(tmp_path))
        async with run:
            part = tmp_path / "1.mp4.part"
            while not part.exists() or part.stat().st_size < 1_000_000:
                await asyncio.sleep(0.01)
            asyncio.get_running_loop().call_soon(leaving.cancel)
        went_on = True

    async with Session(network=QUICK) as session:
        before = asyncio.all_tasks()
        leaving = asyncio.create_task(work())
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert not went_on and asyncio.all_tasks() == before
        assert (await session.download(server.url("/page.html"), tmp_path)).ok
    assert [each.first for each in server.asked("/1.mp4")] == [None, 1_500_000]


def test_in_another_thread_than_the_main_one(server: Loopback, tmp_path: Path) -> None:
    reports: list[reelin.Report] = []

    def work() -> None:
        reports.append(reelin.download(server.url("/page.html"), tmp_path, network=QUICK))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert reports and reports[0].ok


# Its events, its log, its process


async def test_observers_are_functions_of_the_program(server: Loopback, tmp_path: Path) -> None:
    heard: dict[str, list[str]] = {"bar": [], "socket": []}
    async with Session(network=QUICK) as session:
        sink = DiskSink(tmp_path)
        async with session.run(server.url("/page.html"), sink=sink) as run:
            async for event in run:
                for names in heard.values():
                    names.append(type(event).__name__)
    assert heard["bar"] == heard["socket"]
    assert [each for each in heard["bar"] if each != "Progress"] == [
        "Found",
        "Started",
        "Saved",
        "Finished",
    ]


async def test_its_log_hears_ours(
    server: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.on("/1.mp4", reply(404))
    with caplog.at_level(logging.DEBUG, logger="reelin"):
        async with Session(network=QUICK) as session:
            await session.download(server.url("/page.html"), tmp_path)
    assert {each.name.split(".")[0] for each in caplog.records} <= {"reelin", "asyncio"}
    logger = logging.getLogger("reelin")
    assert [type(each) for each in logger.handlers] in ([logging.NullHandler], [])
    assert logger.propagate


SILENT = """
import asyncio, logging, signal, sys
import reelin
before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
report = reelin.download(sys.argv[1], sys.argv[2])
assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
assert logging.getLogger().handlers == [], "the root logger is the program's"
sys.exit(0 if report.ok else 1)
"""


def test_it_prints_nothing_and_leaves_signals_alone(server: Loopback, tmp_path: Path) -> None:
    words = [sys.executable, "-c", SILENT, server.url("/page.html"), str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


WARNED = """
import asyncio, sys
from reelin import DownloadManager
manager = DownloadManager()
for _ in range(2):
    manager.add_download(sys.argv[1], sys.argv[2])
asyncio.run(manager.start_downloads())
"""


def test_a_warning_is_not_printed_where_no_log_is_heard(server: Loopback, tmp_path: Path) -> None:
    """The second task waits for the first, as both become the same file, and the log says so."""

    def slow(request: Request, wire: Wire) -> None:
        wire.pause(0.3)
        File(BODY)(request, wire)

    words = [sys.executable, "-c", WARNED, server.on("/slow", slow), str(tmp_path / "a")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# What a run without a sink tells


async def test_audio_that_is_wanted_is_told_where_nothing_is_fetched(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding needs no ffmpeg; whatever fetches does, and says so before anything is fetched."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    url, wish = server.url("/page.html"), Audio("mp3", "192k")
    async with Session(network=QUICK) as session:
        async with session.run(url, sink=None, audio=wish) as run:
            found = [event.item.audio async for event in run if isinstance(event, reelin.Found)]
        assert found == [wish]
        with pytest.raises(UsageError, match="ffmpeg"):
            session.run(url, sink=DiskSink(tmp_path / "x"), audio=wish)
        with pytest.raises(UsageError, match="ffmpeg"):
            session.stream_zip(url, audio=wish)


async def test_a_plugin_that_goes_wrong_before_a_run_is_entered_is_told_once(
    server: Loopback,
) -> None:
    registry = Registry.load()
    async with Session(network=QUICK, registry=registry) as session:
        run = session.run(server.url("/page.html"), sink=None)
        registry.problems.append(PluginError("it went wrong meanwhile"))
        async with run:
            warnings = [event.message async for event in run if isinstance(event, Warned)]
    assert warnings == ["it went wrong meanwhile"]


async def test_a_run_that_nobody_reads_holds_up_no_other(server: Loopback, tmp_path: Path) -> None:
    """Its downloads stand still with the connections that they have; another run has its own."""
    song = reply(200, b"ID3" + bytes(400_000), "audio/mpeg")
    names = [server.on(f"/{number}.mp3", song) for number in range(150)]
    crowd, one = server.page(*names, path="/crowd.html"), server.page(names[0], path="/one.html")
    async with Session(network=QUICK, workers=2) as session:
        async with session.run(crowd, sink=DiskSink(tmp_path / "crowd")) as unread:
            await anext(unread)
            asked = 0
            while asked != (asked := len(server.requests)):
                await asyncio.sleep(1)  # until it stands still
            async with asyncio.timeout(60):
                async with session.run(one, sink=DiskSink(tmp_path / "one")) as run:
                    assert (await run.finish()).ok
