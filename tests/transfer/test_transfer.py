"""Bodies over HTTP, from servers that behave and from servers that do not."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import time
from pathlib import Path

import pytest
from support.hostile import Drip, HostileServer, Request, Reset, answer
from support.outcomes import QUICK, fetch, leftovers, names_in
from support.site import Site

from reelin import DiskSink, Failed, Network, Saved, Session, Size, Skipped, Started

BODY = os.urandom(3_000_000)
OTHER = os.urandom(3_000_000)
MP3 = {"content_type": "audio/mpeg"}
TAG = {**MP3, "ETag": '"v1"', "Accept_Ranges": "bytes"}


def part(body: bytes, start: int, **more: str) -> bytes:
    """The answer to a request for the rest of a body."""
    headers = {**TAG, "Content_Range": f"bytes {start}-{len(body) - 1}/{len(body)}", **more}
    return answer(206, body[start:], **headers)


def start_of(request: Request) -> int:
    return int(request.headers["range"].removeprefix("bytes=").rstrip("-"))


def cut(body: bytes, at: int, **headers: str) -> Reset:
    """An answer that promises the whole body and breaks off."""
    return Reset(answer(200, body[:at], length=len(body), **(headers or TAG)))


async def saved_bytes(url: str, folder: Path, **more: object) -> bytes:
    report, events = await fetch(url, folder, **more)  # type: ignore[arg-type]
    assert report.ok, [each for each in events if isinstance(each, Failed)]
    assert leftovers(folder) == []
    return (folder / report.saved[0].name).read_bytes()


# Breaks within one process


async def test_a_break_is_continued_with_a_validated_range(
    hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/a.mp3", [cut(BODY, 2_000_000), lambda r: part(BODY, start_of(r))])
    assert await saved_bytes(url, tmp_path) == BODY
    second = hostile.asked("/a.mp3")[1]
    assert second.headers["if-range"] == '"v1"'
    assert 0 < start_of(second) <= 2_000_000


WRONG_ANSWERS = {
    "200, another version": lambda r: answer(200, OTHER, **{**TAG, "ETag": '"v2"'}),
    "206 of another version": lambda r: part(OTHER, start_of(r), ETag='"v2"'),
    "206 at another offset": lambda r: part(BODY, start_of(r) + 1),
    "206 with another total": lambda r: part(BODY + b"x", start_of(r)),
    "206 without Content-Range": lambda r: answer(206, BODY[start_of(r) :], **TAG),
    "206 multipart": lambda r: answer(
        206, b"--x", **{**TAG, "content_type": "multipart/byteranges"}
    ),
    "416": lambda r: answer(416, b"", **TAG),
    "412": lambda r: answer(412, b"", **TAG),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
async def test_another_answer_to_a_range_starts_anew(
    name: str, hostile: HostileServer, tmp_path: Path
) -> None:
    final = OTHER if "version" in name else BODY
    whole = answer(200, final, **{**TAG, "ETag": '"v2"' if final is OTHER else '"v1"'})
    wrong = WRONG_ANSWERS[name]
    url = hostile.on("/a.mp3", lambda r: wrong(r) if "range" in r.headers else first_then(whole))
    turns = iter([cut(BODY, 2_000_000)])

    def first_then(then: bytes) -> bytes | Reset:
        return next(turns, then)  # type: ignore[arg-type]

    assert await saved_bytes(url, tmp_path) == final


async def test_without_a_validator_nothing_is_continued(
    hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/a.mp3", [cut(BODY, 2_000_000, **MP3), answer(200, OTHER, **MP3)])
    assert await saved_bytes(url, tmp_path) == OTHER
    assert all("range" not in request.headers for request in hostile.asked("/a.mp3"))


async def test_a_server_that_always_cuts_ends_as_a_failure(
    hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/a.mp3", cut(BODY, 100_000, **MP3))
    report, _ = await fetch(url, tmp_path)
    assert not report.ok
    assert names_in(tmp_path) == []
    assert len(hostile.asked("/a.mp3")) <= 5


async def test_206_to_no_range_is_no_file(hostile: HostileServer, tmp_path: Path) -> None:
    report, _ = await fetch(hostile.on("/a.mp3", part(BODY, 0)), tmp_path)
    assert not report.ok
    assert not list(tmp_path.glob("*.mp3"))


# Framing


@pytest.mark.parametrize(
    "broken",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 9\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 50\r\n\r\nhello",
        b"HTTP/1.1 nonsense\r\n\r\n",
        b"\x00\x01\x02",
        b"",
    ],
)
async def test_broken_framing_is_never_a_file(
    broken: bytes, hostile: HostileServer, tmp_path: Path
) -> None:
    page = hostile.on("/", answer(200, b'<a href="/a.mp3">a</a>', content_type="text/html"))
    hostile.on("/a.mp3", broken)
    report, _ = await fetch(page, tmp_path, network=Network(retries=0, timeout=2))
    assert len(report.failures) == 1
    assert names_in(tmp_path) == []


async def test_an_unframed_body_that_is_reset_is_no_file(
    hostile: HostileServer, tmp_path: Path
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n"
    url = hostile.on("/a.mp3", Reset(head + BODY[:200_000]))
    report, _ = await fetch(url, tmp_path, network=Network(retries=1, timeout=2))
    assert not report.ok
    assert names_in(tmp_path) == []


async def test_an_unframed_body_that_is_closed_is_a_file(
    hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/a.mp3", answer(200, BODY, length=None, **MP3))
    assert await saved_bytes(url, tmp_path) == BODY


async def test_informational_answers_for_ever_end(hostile: HostileServer, tmp_path: Path) -> None:
    url = hostile.on("/a.mp3", Drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"))
    report, _ = await fetch(url, tmp_path, network=Network(retries=0, timeout=0.3))
    assert "silent" in report.failures[0].error


async def test_a_stalled_body_ends(hostile: HostileServer, tmp_path: Path) -> None:
    url = hostile.on(
        "/a.mp3", Drip(answer(200, b"x", length=100, **MP3), b"", seconds=0.1, times=100)
    )
    report, _ = await fetch(url, tmp_path, network=Network(retries=0, timeout=0.3))
    assert not report.ok


async def test_an_encoded_answer_is_decoded_and_not_resumed(site: Site, tmp_path: Path) -> None:
    text = b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 5000 + b"</svg>"
    url = site.add(
        "/a.svg", gzip.compress(text), "image/svg+xml", headers={"Content-Encoding": "gzip"}
    )
    page = site.add("/", f'<img src="{url}">')
    assert await saved_bytes(page, tmp_path) == text


async def test_media_is_asked_for_unencoded(site: Site, tmp_path: Path) -> None:
    site.add("/a.mp3", BODY, "audio/mpeg")
    await fetch(site.add("/", '<audio src="/a.mp3"></audio>'), tmp_path)
    asked = [headers for path, headers in site.asked if path == "/a.mp3"]
    assert [each["accept-encoding"] for each in asked] == ["identity"]


# What is no file


@pytest.mark.parametrize(
    "sorry",
    [
        answer(200, b"<!doctype html><title>Please log in</title>", content_type="text/html"),
        answer(200, b"  <html><body>not found", content_type="audio/mpeg"),
        answer(200, b"<!-- x --><!DOCTYPE html>", content_type="application/octet-stream"),
        answer(200, b'{"error": "no"}', content_type="application/json"),
        answer(200, b"", content_type="audio/mpeg"),
        answer(204, b""),
    ],
)
async def test_a_page_that_says_sorry_is_no_file(
    sorry: bytes, hostile: HostileServer, tmp_path: Path
) -> None:
    page = hostile.on("/", answer(200, b'<audio src="/a.mp3">', content_type="text/html"))
    hostile.on("/a.mp3", sorry)
    report, _ = await fetch(page, tmp_path)
    assert len(report.failures) == 1
    assert names_in(tmp_path) == []


async def test_a_promised_checksum_is_checked(hostile: HostileServer, tmp_path: Path) -> None:
    import base64

    promise = base64.b64encode(hashlib.sha256(b"good").digest()).decode()
    page = b'<audio src="/good.mp3"></audio><audio src="/bad.mp3"></audio>'
    headers = {**MP3, "Repr_Digest": f"sha-256=:{promise}:"}
    hostile.on("/good.mp3", answer(200, b"good", **headers))
    hostile.on("/bad.mp3", answer(200, b"evil", **headers))
    report, _ = await fetch(hostile.on("/", answer(200, page, content_type="text/html")), tmp_path)
    assert names_in(tmp_path) == ["good.mp3"]
    assert "sha256" in report.failures[0].error


# Filters on headers


async def test_a_body_that_a_filter_refuses_is_not_read(
    hostile: HostileServer, tmp_path: Path
) -> None:
    hostile.on("/big.mp3", Drip(answer(200, b"", length=10**9, **MP3), b"x" * 65536))
    page = hostile.on("/", answer(200, b'<audio src="/big.mp3">', content_type="text/html"))
    report, events = await fetch(page, tmp_path, filters=[Size(most=1_000_000)])
    skipped = [each for each in events if isinstance(each, Skipped)]
    assert [each.rule for each in skipped] == ["size"]
    assert report.ok
    assert hostile.sent < 10_000_000


async def test_an_endless_body_is_stopped_at_the_largest_size(
    hostile: HostileServer, tmp_path: Path
) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n"
    url = hostile.on("/a.mp3", Drip(endless, b"x" * 65536, seconds=0))
    report, events = await fetch(url, tmp_path, filters=[Size(most=1_000_000)])
    assert [each.rule for each in events if isinstance(each, Skipped)] == ["size"]
    assert leftovers(tmp_path) == []
    assert names_in(tmp_path) == []


async def test_too_small_is_seen_at_the_end_when_the_length_is_not_told(
    hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/a.mp3", answer(200, b"short", length=None, **MP3))
    report, events = await fetch(url, tmp_path, filters=[Size(least=1000)])
    assert [each.rule for each in events if isinstance(each, Skipped)] == ["size"]
    assert names_in(tmp_path) == []


# Retries


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_passing_troubles_are_tried_again(
    status: int, hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/a.mp3", [answer(status, b"busy"), answer(200, BODY[:1000], **MP3)])
    assert await saved_bytes(url, tmp_path) == BODY[:1000]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501, 505])
async def test_lasting_troubles_are_not(
    status: int, hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/a.mp3", answer(status, b"no"))
    report, _ = await fetch(url, tmp_path)
    assert str(status) in report.failures[0].error
    assert len(hostile.asked("/a.mp3")) == 1


async def test_retries_are_counted(hostile: HostileServer, tmp_path: Path) -> None:
    url = hostile.on("/a.mp3", answer(500, b"no"))
    await fetch(url, tmp_path, network=Network(retries=2, timeout=2))
    assert len(hostile.asked("/a.mp3")) == 3


async def test_retry_after_is_kept(hostile: HostileServer, tmp_path: Path) -> None:
    url = hostile.on("/a.mp3", [answer(503, b"", Retry_After="1"), answer(200, b"x" * 10, **MP3)])
    await saved_bytes(url, tmp_path)
    first, second = hostile.asked("/a.mp3")[:2]
    assert second.at - first.at >= 1


async def test_a_long_retry_after_fails_at_once(hostile: HostileServer, tmp_path: Path) -> None:
    url = hostile.on("/a.mp3", answer(429, b"", Retry_After="3600"))
    report, _ = await fetch(url, tmp_path)
    assert len(hostile.asked("/a.mp3")) == 1
    assert "3600" in report.failures[0].error


async def test_a_pause_is_for_the_whole_host(hostile: HostileServer, tmp_path: Path) -> None:
    page = b"".join(b'<audio src="/%d.mp3"></audio>' % number for number in range(6))
    hostile.on("/", answer(200, page, content_type="text/html"))
    hostile.on("/0.mp3", [answer(429, b"", Retry_After="1"), answer(200, b"x" * 10, **MP3)])
    for number in range(1, 6):
        hostile.on(f"/{number}.mp3", answer(200, b"x" * 10, **MP3))
    report, _ = await fetch(hostile.origin + "/", tmp_path, workers=1)
    assert report.ok
    limited = hostile.asked("/0.mp3")[0].at
    later = [each.at for each in hostile.requests if each.at > limited]
    assert min(later) - limited >= 1


async def test_a_host_that_always_fails_is_left_alone(
    hostile: HostileServer, tmp_path: Path
) -> None:
    page = b"".join(b'<audio src="/%d.mp3"></audio>' % number for number in range(60))
    hostile.on("/", answer(200, page, content_type="text/html"))
    for number in range(60):
        hostile.on(f"/{number}.mp3", answer(500, b""))
    report, _ = await fetch(hostile.origin + "/", tmp_path, network=Network(retries=0, timeout=2))
    assert len(report.failures) == 60
    assert len(hostile.requests) < 40


# Parallel ranges


@pytest.mark.parametrize("connections", [2, 5])
async def test_ranges_make_the_same_file(connections: int, site: Site, tmp_path: Path) -> None:
    body = os.urandom(21_000_001)
    url = site.add("/a.mp4", body, "video/mp4")
    network = Network(connections=connections, retries=2, timeout=5)
    assert await saved_bytes(url, tmp_path, network=network) == body
    ranges = [headers["range"] for path, headers in site.asked if "range" in headers]
    assert len(ranges) >= 4


async def test_a_file_that_changes_between_ranges_is_never_glued(
    site: Site, tmp_path: Path
) -> None:
    old, new = os.urandom(20_000_000), os.urandom(20_000_000)
    url = site.add("/a.mp4", old, "video/mp4", pause=0.004)

    async def change() -> None:
        while site.sent < 6_000_000:
            await asyncio.sleep(0.01)
        site.add("/a.mp4", new, "video/mp4")

    changing = asyncio.create_task(change())
    data = await saved_bytes(url, tmp_path, network=Network(connections=4, timeout=5))
    await changing
    assert data == new


async def test_a_slow_file_gets_more_connections_by_itself(site: Site, tmp_path: Path) -> None:
    body = os.urandom(24_000_000)
    url = site.add("/a.mp4", body, "video/mp4", pause=0.02)
    assert await saved_bytes(url, tmp_path, network=Network(timeout=5)) == body
    assert any("range" in headers for _, headers in site.asked)


# Leaving and coming back


async def leave_early(session: Session, url: str, folder: Path, seconds: float) -> None:
    """Leave a run some time after its first transfer began."""
    async with session.run(url, sink=DiskSink(folder)) as run:
        async for event in run:
            if isinstance(event, Started):
                await asyncio.sleep(seconds)
                break


async def test_leaving_the_run_stops_it_and_a_rerun_continues(site: Site, tmp_path: Path) -> None:
    body = os.urandom(8_000_000)
    url = site.add("/a.mp4", body, "video/mp4", pause=0.02)
    async with Session(network=QUICK) as session:
        await leave_early(session, url, tmp_path, 0.5)
        sent = site.sent
        await asyncio.sleep(0.2)
        assert site.sent - sent < 2_000_000
    assert leftovers(tmp_path) == ["a.mp4.part", "a.mp4.part.json"]
    site.asked.clear()
    assert await saved_bytes(url, tmp_path) == body
    assert any(int(h["range"][6:].rstrip("-")) > 0 for _, h in site.asked if "range" in h)


@pytest.mark.parametrize("damage", ["sidecar missing", "sidecar garbled", "part longer", "changed"])
async def test_what_cannot_be_trusted_is_fetched_anew(
    damage: str, site: Site, tmp_path: Path
) -> None:
    body = os.urandom(8_000_000)
    url = site.add("/a.mp4", body, "video/mp4", pause=0.02)
    async with Session(network=QUICK) as session:
        await leave_early(session, url, tmp_path, 0.4)
    sidecar = tmp_path / ".reelin" / "a.mp4.part.json"
    if damage == "sidecar missing":
        sidecar.unlink()
    elif damage == "sidecar garbled":
        sidecar.write_bytes(b'{"url": \xff')
    elif damage == "part longer":
        (tmp_path / "a.mp4.part").write_bytes(b"x" * 9_000_000)
    else:
        body = os.urandom(8_000_000)
    site.add("/a.mp4", body, "video/mp4")
    assert await saved_bytes(url, tmp_path) == body


async def test_a_rerun_asks_for_nothing_that_is_complete(site: Site, tmp_path: Path) -> None:
    site.add("/a.mp3", BODY, "audio/mpeg")
    site.add("/b.mp3", BODY[:5000], "audio/mpeg")
    page = site.add("/", '<audio src="/a.mp3"></audio><audio src="/b.mp3"></audio>')
    await fetch(page, tmp_path)
    report, events = await fetch(page, tmp_path)
    assert report.ok and report.skipped == 2
    assert site.times_asked("/a.mp3") == site.times_asked("/b.mp3") == 1


async def test_a_file_that_somebody_changed_is_put_aside(site: Site, tmp_path: Path) -> None:
    site.add("/a.mp3", BODY, "audio/mpeg")
    page = site.add("/", '<audio src="/a.mp3"></audio>')
    await fetch(page, tmp_path)
    (tmp_path / "a.mp3").write_bytes(b"mine")
    await fetch(page, tmp_path)
    assert names_in(tmp_path) == ["a.mp3"] and (tmp_path / "a.mp3").read_bytes() == BODY
    assert (tmp_path / ".reelin" / "replaced" / "a.mp3").read_bytes() == b"mine"
    report, _ = await fetch(page, tmp_path)
    assert report.skipped == 1


async def test_overwrite_replaces(site: Site, tmp_path: Path) -> None:
    url = site.add("/a.mp3", BODY, "audio/mpeg")
    await fetch(url, tmp_path)
    site.add("/a.mp3", OTHER, "audio/mpeg")
    await fetch(url, tmp_path, overwrite=True)
    assert names_in(tmp_path) == ["a.mp3"]
    assert (tmp_path / "a.mp3").read_bytes() == OTHER


async def test_equal_names_stay_apart_also_in_a_rerun(site: Site, tmp_path: Path) -> None:
    page = "".join(f'<a href="/{n}/A.jpg">x</a><a href="/{n}b/a.JPG">x</a>' for n in range(3))
    for number in range(3):
        site.add(f"/{number}/A.jpg", b"\xff\xd8\xff\xe0 one %d" % number, "image/jpeg")
        site.add(f"/{number}b/a.JPG", b"\xff\xd8\xff\xe0 two %d" % number, "image/jpeg")
    url = site.add("/", page)
    report, _ = await fetch(url, tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.glob("*.*") if path.is_file()}
    assert len(first) == 6 and len({name.casefold() for name in first}) == 6
    await fetch(url, tmp_path)
    assert {path.name for path in tmp_path.glob("*.*") if path.is_file()} == set(first)


@pytest.mark.parametrize(
    "disposition",
    [
        'attachment; filename="../../evil.mp3"',
        "attachment; filename*=UTF-8''..%2F..%2Fevil.mp3",
        'attachment; filename="C:\\\\evil.mp3"',
    ],
)
async def test_names_from_the_server_stay_in_the_folder(
    disposition: str, hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/x", answer(200, b"ID3 data", **MP3, Content_Disposition=disposition))
    await fetch(url, tmp_path / "run")
    assert names_in(tmp_path / "run") == ["evil.mp3"]
    assert names_in(tmp_path) == ["run"]


async def test_a_symlink_in_place_of_a_part_is_not_followed(site: Site, tmp_path: Path) -> None:
    url = site.add("/a.mp4", BODY, "video/mp4")
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "outside").write_bytes(b"precious")
    (folder / "a.mp4.part").symlink_to(tmp_path / "outside")
    report, _ = await fetch(url, folder)
    assert (tmp_path / "outside").read_bytes() == b"precious"
    assert not report.ok


async def test_rate_is_one_total_for_the_run(site: Site, tmp_path: Path) -> None:
    for number in range(4):
        site.add(f"/{number}.mp3", BODY[:500_000], "audio/mpeg")
    page = site.add("/", "".join(f'<audio src="/{n}.mp3"></audio>' for n in range(4)))
    started = time.monotonic()
    report, _ = await fetch(page, tmp_path, network=Network(limit_rate=1_000_000, timeout=5))
    assert report.ok
    assert time.monotonic() - started > 1.5


async def test_two_sessions_in_one_loop_are_independent(site: Site, tmp_path: Path) -> None:
    good = site.add("/a.mp3", BODY, "audio/mpeg")
    results = await asyncio.gather(
        fetch(good, tmp_path / "one"), fetch(site.origin + "/gone.mp3", tmp_path / "two")
    )
    assert [report.ok for report, _ in results] == [True, False]


async def test_events_are_numbered_and_end_with_finished(site: Site, tmp_path: Path) -> None:
    site.add("/a.mp3", BODY, "audio/mpeg")
    _, events = await fetch(site.add("/", '<audio src="/a.mp3"></audio>'), tmp_path)
    assert [each.number for each in events] == sorted(each.number for each in events)
    kinds = [type(each).__name__ for each in events if type(each).__name__ != "Progress"]
    assert kinds == ["Found", "Started", "Saved", "Finished"]
    saved = next(each for each in events if isinstance(each, Saved))
    assert saved.stored.sha256 == hashlib.sha256(BODY).hexdigest()
