"""A run that was killed is continued by segment, and never with segments of another stream."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

import pytest
from support import hls
from support.command import Command, Ended
from support.files import File
from support.hls import MIME, Cut, cut, decoded, playlist, put, segment_requests, served
from support.loopback import Loopback, reply
from support.outcomes import leftovers, names_in

from reelin import DiskSink, Session

SEGMENTS = 40
UNDER_WAY = 10  # requests that may be in the air, or just written, when a process is killed


def looped(made: Cut, times: int) -> Cut:
    """A longer stream of the same segments, which is enough where nobody looks at its clock."""
    return Cut(made.segments * times, made.durations * times, made.init)


def killed(server: Loopback, url: str, home: Path, after: int, folder: str = "") -> list[str]:
    """Kill the command line when so many segments were asked for; these."""
    server.rate = 400_000
    command = Command(url, "out", "--no-config", "--connections", "4", home=home)
    end = time.monotonic() + 30
    while len(segment_requests(server, folder or "x")) < after:
        assert time.monotonic() < end and command.process.poll() is None, command.end()
        time.sleep(0.01)
    command.kill()
    server.rate = None
    time.sleep(0.2)
    return segment_requests(server, folder or "x")


def rerun(url: str, home: Path, *options: str) -> Ended:
    return Command(url, "out", "--no-config", *options, home=home).end()


def twice(server: Loopback, folder: str = "x") -> list[str]:
    counts = Counter(segment_requests(server, folder))
    return [path for path, count in counts.items() if count > 1]


def clean(home: Path) -> bool:
    state = home / "downloads/out/.reelin"
    return sorted(each.name for each in state.iterdir()) == ["lock", "manifest.jsonl"]


@pytest.mark.parametrize("kind", ["ts", "m4s"])
def test_killed_and_continued(
    server: Loopback, ts: Cut, fmp4: Cut, tmp_path: Path, kind: str
) -> None:
    url = served(server, "x", looped(ts if kind == "ts" else fmp4, 10), kind=kind)
    before = killed(server, url, tmp_path, 20)
    assert names_in(tmp_path / "downloads/out") == []
    ended = rerun(url, tmp_path)
    assert ended.code == 0, ended.err
    assert len(twice(server)) <= UNDER_WAY and len(before) >= 20
    assert len(set(segment_requests(server, "x"))) == SEGMENTS + (kind == "m4s")
    if kind == "m4s":
        assert "/x/init.mp4" not in twice(server)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert rerun(url, fresh).code == 0
    one, other = tmp_path / "downloads/out/film.mp4", fresh / "downloads/out/film.mp4"
    assert one.read_bytes() == other.read_bytes()
    assert clean(tmp_path) and clean(fresh)


def test_killed_in_the_sound(server: Loopback, film: Path, tmp_path: Path) -> None:
    served(server, "pictures", cut(film, "m4s", "-map 0:v"), kind="m4s")
    served(server, "x", looped(cut(film, "m4s", "-map 0:a"), 10), kind="m4s")
    lines = (
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="x/film.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\npictures/film.m3u8\n'
    )
    url = server.on("/master.m3u8", reply(200, f"#EXTM3U\n{lines}".encode(), MIME))
    killed(server, url, tmp_path, 20)
    assert rerun(url, tmp_path).code == 0
    # Whether it is the same version is asked of its last segment.
    assert twice(server, "pictures") == ["/pictures/3.m4s"]
    assert len(twice(server)) <= UNDER_WAY
    assert clean(tmp_path)


def test_several_parts(server: Loopback, fmp4: Cut, tmp_path: Path) -> None:
    """Killed behind the second EXT-X-MAP."""
    long = looped(fmp4, 10)
    lines = long.lines(*put(server, "x", long.segments, "m4s"))
    server.on("/x/init.mp4", File(fmp4.init))
    server.on("/x/init2.mp4", File(fmp4.init))
    lines.insert(12, '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="/x/init2.mp4"')
    lines.insert(0, '#EXT-X-MAP:URI="/x/init.mp4"')
    url = server.on("/x/film.m3u8", reply(200, playlist(*lines), MIME))
    killed(server, url, tmp_path, 28)
    assert rerun(url, tmp_path).code == 0
    assert len(twice(server)) <= UNDER_WAY
    assert "/x/init.mp4" not in twice(server)
    assert hls.frames(tmp_path / "downloads/out/film.mp4") >= SEGMENTS * 10 - 2


def test_another_playlist_begins_anew(
    server: Loopback, media: Path, ts: Cut, tmp_path: Path
) -> None:
    url = served(server, "x", looped(ts, 10))
    killed(server, url, tmp_path, 20)
    other = cut(hls.film(media, "other", tone=880), "ts")
    server.on(
        "/x/film.m3u8", reply(200, playlist(*other.lines(*put(server, "y", other.segments))), MIME)
    )
    assert rerun(url, tmp_path).code == 0
    assert len(segment_requests(server, "y")) == 4
    path = tmp_path / "downloads/out/film.mp4"
    assert decoded(path, "a") == decoded(served(server, "plain", other), "a")
    assert clean(tmp_path)


def test_other_tokens_do_not_matter(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    long = looped(ts, 10)
    paths = put(server, "x", long.segments)
    answers = []
    for token in "ab":
        for path, body in zip(paths, long.segments, strict=True):
            server.on(f"{path}?{token}", File(body))
        lines = long.lines(*(f"{path}?{token}" for path in paths))
        answers.append(reply(200, playlist(*lines), MIME))
    # The page, and the transfer, of each run.
    url = server.on("/film.m3u8", answers[0], answers[0], answers[1])
    killed(server, url, tmp_path, 20)
    assert rerun(url, tmp_path).code == 0
    asked = [each.partition("?")[0] for each in segment_requests(server, "x")]
    assert sum(count > 1 for count in Counter(asked).values()) <= UNDER_WAY


def test_no_resume(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = served(server, "x", looped(ts, 10))
    before = set(killed(server, url, tmp_path, 20))
    assert rerun(url, tmp_path, "--no-resume").code == 0
    assert set(twice(server)) == before
    assert clean(tmp_path)


def test_a_missing_segment_comes_back(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = served(server, "x", looped(ts, 10))
    server.on("/x/30.ts", reply(404))
    assert rerun(url, tmp_path).code == 1
    server.on("/x/30.ts", File(ts.segments[2]))
    assert rerun(url, tmp_path).code == 0
    assert len(twice(server)) <= UNDER_WAY
    assert clean(tmp_path)


def test_torn_notes(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = served(server, "x", looped(ts, 10))
    killed(server, url, tmp_path, 20)
    (notes,) = (tmp_path / "downloads/out/.reelin").rglob("*.notes")
    notes.write_bytes(notes.read_bytes() + b'[30, 0, 99999999999]\n[31, -1, "x"]\n[32, 0')
    assert rerun(url, tmp_path).code == 0
    assert len(set(segment_requests(server, "x"))) == SEGMENTS
    assert hls.seconds(tmp_path / "downloads/out/film.mp4") > 0


def test_two_at_once(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = served(server, "x", looped(ts, 10))
    both = [Command(url, "out", "--no-config", home=tmp_path) for _ in range(2)]
    assert [each.end().code for each in both] == [0, 0]
    assert twice(server) == []
    assert names_in(tmp_path / "downloads/out") == ["film.mp4"] and clean(tmp_path)


async def test_a_run_that_is_left(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = served(server, "x", looped(ts, 10))
    server.rate = 400_000
    async with Session() as session:
        async with session.run(url, sink=DiskSink(tmp_path)) as run:
            reading = asyncio.create_task(run.finish())
            while len(segment_requests(server, "x")) < 15:
                await asyncio.sleep(0.01)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    server.rate = None
    async with Session() as session, session.run(url, sink=DiskSink(tmp_path)) as run:
        assert (await run.finish()).ok
    assert len(twice(server)) <= UNDER_WAY and leftovers(tmp_path) == []


def test_a_stream_that_is_signed_anew_is_continued_and_then_known(
    server: Loopback, ts: Cut, tmp_path: Path
) -> None:
    with urlopen(served(server, "x", looped(ts, 10))) as answer:
        list_of_segments = reply(200, answer.read(), MIME)
    first, second, third = (
        server.on(f"/x/film.m3u8?Expires={n}&Signature={n}&Key-Pair-Id=K", list_of_segments)
        for n in range(3)
    )
    killed(server, first, tmp_path, 20)
    assert rerun(second, tmp_path).code == 0
    assert len(twice(server)) <= UNDER_WAY
    before = len(segment_requests(server, "x"))
    ended = rerun(third, tmp_path)
    assert ended.code == 0 and "1 skipped" in ended.err, ended
    assert len(segment_requests(server, "x")) == before
    assert names_in(tmp_path / "downloads/out") == ["film.mp4"] and clean(tmp_path)
