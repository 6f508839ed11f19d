"""Live streams whose servers forget, stumble, hide and lie: what was there is kept and told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.hls import KEY, MIME, cut, encrypted, playlist, put, seconds
from support.live import QUICK, recorded, saved
from support.loopback import Answer, Loopback, Request, Wire, redirect, reply
from support.outcomes import leftovers, names_in

from reelin import Audio, DiskSink, Report, Session


def body(number: int) -> bytes:
    return b"\x47\x40\0\x10" + bytes([number]) * 184  # taken for MPEG-TS


def bodies(*numbers: int) -> bytes:
    return b"".join(map(body, numbers))


def show(
    *lines: str, first: int = 0, target: object = 1, ends: bool = False, tags: Sequence[str] = ()
) -> Answer:
    """A playlist: a number is a segment of a fifth of a second, all else stands there as it is."""
    text = [
        *("#EXTM3U", f"#EXT-X-TARGETDURATION:{target}", f"#EXT-X-MEDIA-SEQUENCE:{first}", *tags),
        *(f"#EXTINF:0.2,\n/{each}.ts" if each.isdigit() else each for each in lines),
        *(["#EXT-X-ENDLIST"] if ends else []),
    ]
    return reply(200, "\n".join(text).encode(), MIME)


def stream(server: Loopback, first: Answer, *later: Answer) -> str:
    """A live playlist: the first answer is for the look into it, and again for the transfer."""
    for number in range(20):
        server.on(f"/{number}.ts", reply(200, body(number)))
    return server.on("/live.m3u8", first, first, *later)


def problem(report: Report) -> str:
    (failed,) = report.failures
    assert "the rest is saved as" in failed.error
    return failed.error


# Its playlist


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(404), "404"),
        (reply(500), "500"),
        (reply(200, b"<html>the show is over", "text/html"), "not a playlist"),
        (reply(200, b"", MIME), "nothing new"),
        (show("5", "6", first=5, tags=["#EXT-X-SKIP:SKIPPED-SEGMENTS=3"]), "leaves out 3"),
    ],
)
async def test_a_playlist_that_goes_away_leaves_what_was_recorded(
    server: Loopback, tmp_path: Path, answer: Answer, words: str
) -> None:
    url = stream(server, show("0", "1", "2"), show("1", "2", "3", first=1), answer)
    assert words in problem(await recorded(url, tmp_path))
    assert saved(tmp_path) == bodies(0, 1, 2, 3)


async def test_a_playlist_that_comes_back_is_followed(server: Loopback, tmp_path: Path) -> None:
    last = show("1", "2", "3", first=1, ends=True)
    report = await recorded(stream(server, show("0", "1"), reply(404), last), tmp_path)
    assert report.failures == () and saved(tmp_path) == bodies(0, 1, 2, 3)


@pytest.mark.parametrize("target", ["0", "-5", "-1e99", "x", "", "99999999999", "0.0001"])
async def test_a_nonsensical_target_duration(server: Loopback, tmp_path: Path, target: str) -> None:
    first, last = show("0", "1", target=target), show("2", "3", first=2, target=target, ends=True)
    report = await recorded(stream(server, first, show("0", "1", target=target), last), tmp_path)
    assert report.failures == () and saved(tmp_path) == bodies(0, 1, 2, 3)


async def test_segments_longer_than_the_target(server: Loopback, tmp_path: Path) -> None:
    """The wait for a segment is as long as segments are, whatever the target duration says."""
    long = "#EXTINF:1.2,\n/{}.ts"
    first = show(long.format(0), target="0.1")
    last = show(long.format(1), first=1, target="0.1", ends=True)
    report = await recorded(stream(server, first, first, first, first, first, last), tmp_path)
    assert report.failures == () and saved(tmp_path) == bodies(0, 1)


async def test_durations_of_nothing_end_as_well(server: Loopback, tmp_path: Path) -> None:
    nothing = [f"#EXTINF:0.0000001,\n/{number % 20}.ts" for number in range(200)]
    report = await recorded(stream(server, show(*nothing)), tmp_path, 2)
    assert report.failures == () and len(saved(tmp_path)) == 40 * 188


async def test_a_redirect_is_asked_for_each_time(server: Loopback, tmp_path: Path) -> None:
    """Where it leads holds a token that is good for a moment."""
    stream(server, show("0", "1"))
    server.on("/a.m3u8", show("0", "1"), show("0", "1"), reply(403))
    server.on("/b.m3u8", show("1", "2", first=1, ends=True))
    first = redirect("/a.m3u8")
    url = server.on("/start.m3u8", first, first, redirect("/b.m3u8"))
    report = await recorded(url, tmp_path)
    assert report.failures == () and saved(tmp_path) == bodies(0, 1, 2)


async def test_few_numbers_that_begin_anew(server: Loopback, tmp_path: Path) -> None:
    """Its numbers go back by less than the length of the playlist, to other segments."""
    url = stream(server, show("5", "6", "7", first=1), show("10", "11", "12", first=0, ends=True))
    report = await recorded(url, tmp_path)
    assert report.failures == () and saved(tmp_path) == bodies(5, 6, 7, 10, 11, 12)


async def test_an_old_copy_is_not_taken_for_a_beginning(server: Loopback, tmp_path: Path) -> None:
    old, last = (
        show("#EXTINF:0.2,\n/2.ts?a", "#EXTINF:0.2,\n/3.ts?a", first=2),
        show("3", "4", first=3, ends=True),
    )
    url = stream(server, show("2", "3", first=2), show("1", "2", first=1), old, last)
    report = await recorded(url, tmp_path)
    assert report.failures == () and saved(tmp_path) == bodies(2, 3, 4)


# What it shows


async def test_gaps_are_told(
    server: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = stream(
        server, show("0", "#EXT-X-GAP", "1", "2", ends=False), show("2", first=2, ends=True)
    )
    report = await recorded(url, tmp_path)
    assert report.failures == () and saved(tmp_path) == bodies(0, 2)
    assert "1 is marked as missing" in caplog.text and server.asked("/1.ts") == []


async def test_protection_that_begins_later(server: Loopback, tmp_path: Path) -> None:
    """What it hides begins as MPEG-TS does, so only its key tells."""
    key = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"'
    url = stream(server, show("0", "1"), show("1", "2", key, "3", "4", first=1, ends=True))
    assert "protected by FairPlay" in problem(await recorded(url, tmp_path))
    assert saved(tmp_path) == bodies(0, 1, 2) and server.asked("/3.ts") == []


async def test_keys_that_change_and_come_late(server: Loopback, tmp_path: Path) -> None:
    """A key that is not there yet costs its segment, and not all that follow."""
    other = bytes(reversed(KEY))
    server.on("/1", reply(200, KEY))
    server.on("/2", reply(404), reply(200, other))
    keys = [f'#EXT-X-KEY:METHOD=AES-128,URI="/{each}"' for each in "12"]
    first = show(keys[0], "7", "8", first=7)
    url = stream(server, first, show(keys[0], "8", keys[1], "9", "10", first=8, ends=True))
    for number, key in ((7, KEY), (8, KEY), (9, other), (10, other)):
        server.on(f"/{number}.ts", reply(200, encrypted(body(number), number, key)))
    assert "1 segments were gone" in problem(await recorded(url, tmp_path))
    assert saved(tmp_path) == bodies(7, 8, 10)
    assert len(server.asked("/1")) == 1 and len(server.asked("/2")) == 2


def slow(answer: Answer, seconds: float) -> Answer:
    def answered(request: Request, wire: Wire) -> None:
        wire.pause(seconds)
        answer(request, wire)

    return answered


def sliding(length: int, seconds: float, last: int) -> Answer:
    """A window over segments that appear by the clock, from the first request on."""
    begun: list[float] = []

    def answer(request: Request, wire: Wire) -> None:
        begun.append(time.monotonic())
        end = min(last, length + int((time.monotonic() - begun[0]) / seconds))
        lines = [f"#EXTINF:{seconds},\n/{number}.ts" for number in range(end - length, end)]
        show(*lines, first=end - length, ends=end == last)(request, wire)

    return answer


async def test_segments_that_take_almost_as_long_as_they_last(
    server: Loopback, tmp_path: Path
) -> None:
    """The playlist is due again a segment after it was asked for, not after all were fetched."""
    url = stream(server, sliding(2, 1.0, 12))
    for number in range(12):
        server.on(f"/{number}.ts", slow(reply(200, body(number)), 0.72))
    report = await recorded(url, tmp_path)
    assert report.failures == ()
    assert bodies(*range(12)).endswith(saved(tmp_path)) and len(saved(tmp_path)) >= 10 * 188


async def test_sound_of_what_was_recorded(server: Loopback, film: Path, tmp_path: Path) -> None:
    """It is converted although a segment is missing, which is told."""
    made = cut(film, "ts")
    lines = made.lines(*put(server, "x", made.segments))
    first = reply(200, playlist(*lines[:2], ends=False), MIME)
    url = stream(server, first, reply(200, playlist(*lines), MIME))
    server.on("/x/2.ts", reply(404))
    async with Session(network=QUICK) as session:
        async with session.run(url, sink=DiskSink(tmp_path), live=60, audio=Audio("mp3")) as run:
            report = await run.finish()
    assert "1 segments were gone" in problem(report) and "saved as live.mp3" in problem(report)
    assert names_in(tmp_path) == ["live.mp3"] and leftovers(tmp_path) == []
    assert seconds(tmp_path / "live.mp3") > 2
