"""Streams without an end: recorded from now on, in order, nothing twice, and no loss hidden."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from support import hls
from support.command import Command, wait_until
from support.hls import MIME
from support.live import QUICK, recorded, saved
from support.loopback import Answer, Loopback, reply, stalled

from reelin import DiskSink, Progress, Session


def body(number: int) -> bytes:
    return b"\x47\x40\0\x10" + bytes([number]) * 184  # taken for MPEG-TS


def window(numbers: Sequence[int], *, ends: bool = False, restart: int = 0) -> Answer:
    """A playlist that shows these segments of a fifth of a second."""
    head = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{numbers[0] - restart}\n"
    lines = "".join(f"#EXTINF:0.2,\n/{number}.ts\n" for number in numbers)
    text = head + lines + ("#EXT-X-ENDLIST\n" if ends else "")
    return reply(200, text.encode(), MIME)


def stream(server: Loopback, *windows: Answer, segments: int = 12) -> str:
    """A live playlist, with a window for each time that it is asked for; the last one stays."""
    for number in range(segments):
        server.on(f"/{number}.ts", reply(200, body(number)))
    return server.on("/live.m3u8", *windows)


async def test_a_window_that_slides(server: Loopback, tmp_path: Path) -> None:
    # The first answer is for the look into the playlist, the second for the transfer.
    first = window([0, 1, 2])
    url = stream(server, first, first, window([1, 2, 3]), window([1, 2, 3]), window([3, 4, 5, 6]))
    report = await recorded(url, tmp_path, 1.2)
    assert report.failures == ()
    assert saved(tmp_path) == b"".join(map(body, range(6)))
    assert all(len(server.asked(f"/{number}.ts")) == 1 for number in range(6))
    assert server.asked("/6.ts") == []


async def test_its_end_ends_it(server: Loopback, tmp_path: Path) -> None:
    first = window([0, 1, 2])
    url = stream(server, first, first, window([2, 3], ends=True))
    report = await recorded(url, tmp_path, 60)
    assert report.failures == ()
    assert saved(tmp_path) == b"".join(map(body, range(4)))


async def test_segments_that_were_gone_too_soon_are_told(server: Loopback, tmp_path: Path) -> None:
    first = window([0, 1])
    url = stream(server, first, first, window([4, 5], ends=True))
    report = await recorded(url, tmp_path, 60)
    (failed,) = report.failures
    assert "2 segments were gone" in failed.error and "the rest is saved as" in failed.error
    assert saved(tmp_path) == b"".join(map(body, [0, 1, 4, 5]))


async def test_a_stream_that_stalls_is_told(server: Loopback, tmp_path: Path) -> None:
    url = stream(server, window([0, 1, 2]))
    report = await recorded(url, tmp_path, 60)
    (failed,) = report.failures
    assert "nothing new" in failed.error
    assert saved(tmp_path) == b"".join(map(body, range(3)))


async def test_numbers_that_begin_anew(server: Loopback, tmp_path: Path) -> None:
    first = window([6, 7, 8])
    again = window([9, 10], restart=9, ends=True)
    report = await recorded(stream(server, first, first, again), tmp_path, 60)
    assert report.failures == ()
    assert saved(tmp_path) == b"".join(map(body, [6, 7, 8, 9, 10]))


async def test_ended_by_the_program(server: Loopback, tmp_path: Path) -> None:
    url = stream(server, window([0, 1, 2]), window([0, 1, 2]), window([1, 2, 3]))
    async with (
        Session(network=QUICK) as session,
        session.run(url, sink=DiskSink(tmp_path), live=600) as run,
    ):
        assert not run.end_recordings(), "nothing is being recorded yet"
        async for event in run:
            if isinstance(event, Progress):
                run.end_recordings()
    assert run.report.ok
    whole = b"".join(map(body, range(4)))
    assert saved(tmp_path) and whole.startswith(saved(tmp_path))


def test_ended_by_ctrl_c(server: Loopback, tmp_path: Path) -> None:
    url = stream(server, window([0, 1, 2]), window([0, 1, 2]), window([1, 2, 3]))
    environment = hls.without_ffmpeg(tmp_path)
    words = (url, "out", "--live", "600", "--no-config")
    command = Command(*words, home=tmp_path, environment=environment)
    wait_until(lambda: bool(server.asked("/3.ts")))
    command.send(signal.SIGINT)
    ended = command.end()
    assert ended.code == 0, ended
    assert "the recording ends here" in ended.err
    whole = b"".join(map(body, range(4)))
    assert whole.startswith(saved(tmp_path / "downloads" / "out"))


def test_given_up_by_another_ctrl_c(server: Loopback, tmp_path: Path) -> None:
    server.on("/1.ts", stalled)
    url = server.on("/live.m3u8", window([0, 1, 2]))
    server.on("/0.ts", reply(200, body(0)))
    words = (url, "out", "--live", "600", "--no-config")
    command = Command(*words, home=tmp_path, environment=hls.without_ffmpeg(tmp_path))
    wait_until(lambda: bool(server.asked("/1.ts")))
    command.send(signal.SIGINT)
    wait_until(lambda: "the recording ends here" in command.said)
    command.send(signal.SIGINT)
    assert command.end().code == 130
