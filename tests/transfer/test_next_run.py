"""What a later run does with the unfinished file of an earlier one: section 7 of the rules, by row.

Every unfinished file here is one that a run really left behind.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from support.files import LONG_AGO, MIB, File, noise
from support.loopback import Answer, Loopback, Request, Wire, reply
from support.outcomes import QUICK, fetch, leftovers
from support.runs import finals, interrupt

from reelin import DiskSink, Failed, Session

SIZE = 3 * MIB
KEPT = 3 * MIB // 2
OLD = File(noise(SIZE, seed=1), etag='"version-1"')
NEW = File(noise(SIZE, seed=2), etag='"version-2"')
SHORT = File(noise(KEPT // 2, seed=3), etag='"version-3"')
LONG = File(noise(2 * SIZE, seed=4), etag='"version-4"')


async def leave(
    server: Loopback, folder: Path, file: File, *then: Answer, size: int = KEPT
) -> tuple[str, int]:
    """Interrupt a first run, and set what the server answers from now on: page, bytes left."""
    server.on("/clip.mp4", file.trickling(KEPT))
    page = server.page("/clip.mp4")
    left = await interrupt(page, folder, size)
    assert finals(folder) == {}
    server.on("/clip.mp4", *then)
    return page, left


async def saved(server: Loopback, page: str, folder: Path) -> list[Request]:
    """Run again, to a good end; the requests for the file that this took."""
    before = len(server.asked("/clip.mp4"))
    report, events = await fetch(page, folder)
    assert report.ok, [each for each in events if isinstance(each, Failed)]
    assert leftovers(folder) == []
    return server.asked("/clip.mp4")[before:]


# Continued


@pytest.mark.parametrize(
    ("file", "if_range"),
    [
        (OLD, '"version-1"'),
        (File(OLD.body, etag=None, modified=LONG_AGO), LONG_AGO),
        (File(OLD.body, etag='"both"', modified=LONG_AGO), '"both"'),
        (File(OLD.body, etag='W/"weak"', modified=LONG_AGO), LONG_AGO),
    ],
    ids=["ETag", "Last-Modified", "both", "weak ETag, strong date"],
)
async def test_continued_with_a_strong_validator(
    file: File, if_range: str, server: Loopback, tmp_path: Path
) -> None:
    page, left = await leave(server, tmp_path, file, file)
    (request,) = await saved(server, page, tmp_path)
    assert request.headers["range"] == f"bytes={left}-"
    assert request.headers["if-range"] == if_range
    assert request.sent < SIZE - left + 1024
    assert finals(tmp_path) == {"clip.mp4": file.body}


async def test_continued_when_206_does_not_repeat_the_etag(
    server: Loopback, tmp_path: Path
) -> None:
    def silent(request: Request, wire: Wire) -> None:
        File(OLD.body, etag=None).part(request, wire)

    page, _ = await leave(server, tmp_path, OLD, silent)
    (request,) = await saved(server, page, tmp_path)
    assert request.first
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


async def test_continued_again_and_again(server: Loopback, tmp_path: Path) -> None:
    """Three runs, each of which adds something."""
    page, left = await leave(server, tmp_path, OLD, OLD.trickling(MIB))
    further = await interrupt(page, tmp_path, left + MIB)
    server.on("/clip.mp4", OLD)
    (request,) = await saved(server, page, tmp_path)
    assert request.first == further > left
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


async def test_a_part_that_is_whole_is_still_confirmed_by_the_server(
    server: Loopback, tmp_path: Path
) -> None:
    page, left = await leave(server, tmp_path, OLD, NEW)
    with (tmp_path / "clip.mp4.part").open("ab") as part:
        part.write(OLD.body[left:])
    await saved(server, page, tmp_path)
    assert finals(tmp_path) == {"clip.mp4": NEW.body}


# Begun anew: whatever the server says, the result is one version, whole


def says(value: str) -> Callable[[int, int], str]:
    """A Content-Range made of {n}, {last} and {total}."""
    return lambda start, total: value.format(n=start, last=total - 1, total=total, less=start - 1)


LIES = {
    "offset too low": OLD.lying(says("bytes {less}-{last}/{total}"), lambda b, n: b[n - 1 :]),
    "offset 0": OLD.lying(says("bytes 0-{last}/{total}"), lambda b, n: b),
    "offset 0, though the body fits": OLD.lying(says("bytes 0-{last}/{total}")),
    "offset too high": OLD.lying(
        lambda n, total: f"bytes {n + 1}-{total - 1}/{total}", lambda b, n: b[n + 1 :]
    ),
    "another total": OLD.lying(lambda n, total: f"bytes {n}-{total}/{total + 1}"),
    "total unknown": OLD.lying(says("bytes {n}-{last}/*")),
    "an end before the end": OLD.lying(
        lambda n, total: f"bytes {n}-{total - 2}/{total}", lambda b, n: b[n:-1]
    ),
    "another ETag": OLD.lying(says("bytes {n}-{last}/{total}"), ETag='"other"'),
    "a weak ETag": OLD.lying(says("bytes {n}-{last}/{total}"), ETag='W/"version-1"'),
    "no Content-Range": OLD.lying(lambda n, total: None),
    "another unit": OLD.lying(says("items {n}-{last}/{total}")),
    "garbage": OLD.lying(says("bytes from {n}")),
    "an encoding": OLD.lying(
        says("bytes {n}-{last}/{total}"),
        lambda b, n: gzip.compress(b[n:], 1),
        Content_Encoding="gzip",
    ),
    "a multipart body": OLD.lying(
        lambda n, total: None,
        lambda b, n: (
            b"--x\r\nContent-Range: bytes %d-/%d\r\n\r\n" % (n, len(b)) + b[n:] + b"\r\n--x--"
        ),
        Content_Type="multipart/byteranges; boundary=x",
    ),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_206_that_does_not_fit_is_discarded(
    lie: str, server: Loopback, tmp_path: Path
) -> None:
    page, _ = await leave(server, tmp_path, OLD, LIES[lie])
    requests = await saved(server, page, tmp_path)
    assert requests[0].first and requests[-1].first is None
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


def ignoring_if_range(file: File) -> Answer:
    """A server that does not know If-Range and serves ranges of whatever it has now."""
    return lambda request, wire: (file.whole if request.first is None else file.part)(request, wire)


@pytest.mark.parametrize(
    ("then", "final"),
    [
        (NEW, NEW),
        (SHORT, SHORT),
        (LONG, LONG),
        (ignoring_if_range(NEW), NEW),
        (ignoring_if_range(LONG), LONG),
        (OLD.whole, OLD),
        (File(NEW.body, etag=None), NEW),
        (File(NEW.body, etag=None, dated=False).whole, NEW),
    ],
    ids=[
        "200 of a new version",
        "200 of a shorter one",
        "200 of a longer one",
        "206 of a new one",
        "206 of a longer one",
        "200 of the same",
        "206 of a new one without validators",
        "200 of a new one without validators",
    ],
)
async def test_two_versions_are_never_mixed(
    then: Answer, final: File, server: Loopback, tmp_path: Path
) -> None:
    page, left = await leave(server, tmp_path, OLD, then)
    glued = OLD.body[:left] + final.body[left:]
    report, _ = await fetch(page, tmp_path)
    if report.ok:
        assert finals(tmp_path) != {"clip.mp4": glued} or glued == final.body
        assert finals(tmp_path) == {"clip.mp4": final.body}
    else:
        assert finals(tmp_path) == {}


async def test_a_file_changed_by_date_alone_is_begun_anew(server: Loopback, tmp_path: Path) -> None:
    later = "Sun, 14 Jul 2019 02:40:00 GMT"
    old = File(OLD.body, etag=None, modified=LONG_AGO)
    new = File(NEW.body, etag=None, modified=later)
    page, _ = await leave(server, tmp_path, old, ignoring_if_range(new))
    await saved(server, page, tmp_path)
    assert finals(tmp_path) == {"clip.mp4": NEW.body}


@pytest.mark.parametrize("status", [400, 403, 412, 416, 501])
@pytest.mark.parametrize("content_range", [None, "bytes */{n}", f"bytes */{SIZE}", "bytes */*"])
async def test_a_refused_range_is_begun_anew(
    status: int, content_range: str | None, server: Loopback, tmp_path: Path
) -> None:
    def refusing(request: Request, wire: Wire) -> None:
        if request.first is None:
            OLD.whole(request, wire)
            return
        more = {"Content-Range": content_range.format(n=request.first)} if content_range else {}
        wire.head(status, {"ETag": OLD.etag, "Content-Length": 0} | more)

    page, _ = await leave(server, tmp_path, OLD, refusing)
    first, second = await saved(server, page, tmp_path)
    assert first.first and second.first is None
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


# Not even asked for


@pytest.mark.parametrize(
    "file",
    [
        File(OLD.body, etag=None),
        File(OLD.body, etag='W/"weak"'),
        File(OLD.body, etag="unquoted"),
        File(OLD.body, etag=None, modified=LONG_AGO, dated=False),
        File(OLD.body, etag=None, modified="the day before yesterday"),
        File(OLD.body, etag=None, more={"Last-Modified": LONG_AGO, "Date": LONG_AGO}, dated=False),
    ],
    ids=[
        "no validator",
        "weak ETag",
        "no quotes",
        "no Date",
        "no date at all",
        "modified just now",
    ],
)
async def test_without_a_strong_validator_no_range_is_asked_for(
    file: File, server: Loopback, tmp_path: Path
) -> None:
    page, _ = await leave(server, tmp_path, file, NEW.whole)
    (request,) = await saved(server, page, tmp_path)
    assert "range" not in request.headers
    assert finals(tmp_path) == {"clip.mp4": NEW.body}


GARBAGE = {
    "missing": None,
    "empty": b"",
    "zeros": b"\0" * 300,
    "torn": b'{"url": "http://127',
    "a list": b"[1, 2]",
    "null": b"null",
    "a string": b'"abc"',
    "no token": b"{}",
    "deep": b"[" * 100_000,
    "huge numbers": b'{"size": ' + b"9" * 5000 + b"}",
    "not text": bytes(range(128, 256)),
}


@pytest.mark.parametrize("state", GARBAGE)
async def test_a_part_without_a_readable_sidecar_is_worth_nothing(
    state: str, server: Loopback, tmp_path: Path
) -> None:
    page, _ = await leave(server, tmp_path, OLD, NEW)
    content = GARBAGE[state]
    for path in (tmp_path / ".reelin").iterdir():
        if ".part" not in path.name:
            continue
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
    (request,) = await saved(server, page, tmp_path)
    assert "range" not in request.headers
    assert finals(tmp_path) == {"clip.mp4": NEW.body}


async def test_everything_in_the_state_folder_may_be_garbage(
    server: Loopback, tmp_path: Path
) -> None:
    page, _ = await leave(server, tmp_path, OLD, NEW)
    for path in (tmp_path / ".reelin").iterdir():
        path.write_bytes(b"\xff\xfe\0{[" * 100)
    await saved(server, page, tmp_path)
    assert finals(tmp_path) == {"clip.mp4": NEW.body}


async def test_a_part_longer_than_the_file_is_begun_anew(server: Loopback, tmp_path: Path) -> None:
    page, _ = await leave(server, tmp_path, OLD, OLD)
    with (tmp_path / "clip.mp4.part").open("ab") as part:
        part.write(bytes(SIZE))
    (request,) = await saved(server, page, tmp_path)
    assert "range" not in request.headers
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


async def test_a_part_that_is_missing_is_begun_anew(server: Loopback, tmp_path: Path) -> None:
    page, _ = await leave(server, tmp_path, OLD, OLD)
    (tmp_path / "clip.mp4.part").unlink()
    (request,) = await saved(server, page, tmp_path)
    assert "range" not in request.headers
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


async def test_an_encoded_body_is_begun_anew(server: Loopback, tmp_path: Path) -> None:
    packed = File(gzip.compress(OLD.body, 1), more={"Content-Encoding": "gzip"})
    page, _ = await leave(server, tmp_path, packed, packed, size=KEPT // 2)
    (request,) = await saved(server, page, tmp_path)
    assert "range" not in request.headers
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


async def test_no_resume_begins_anew(server: Loopback, tmp_path: Path) -> None:
    page, _ = await leave(server, tmp_path, OLD, OLD)
    async with Session(network=QUICK) as session:
        async with session.run(page, sink=DiskSink(tmp_path, resume=False)) as run:
            assert (await run.finish()).ok
    assert all(request.first is None for request in server.asked("/clip.mp4"))
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


# A rerun that fails keeps what was there


@pytest.mark.parametrize("status", [403, 404, 500, 503])
async def test_a_server_in_trouble_costs_nothing_of_what_was_kept(
    status: int, server: Loopback, tmp_path: Path
) -> None:
    page, left = await leave(server, tmp_path, OLD, reply(status, b"sorry", "text/plain"))
    report, _ = await fetch(page, tmp_path)
    assert not report.ok and finals(tmp_path) == {}
    server.on("/clip.mp4", OLD)
    (request,) = await saved(server, page, tmp_path)
    assert request.first == left
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


async def test_a_page_without_the_file_does_not_touch_its_part(
    server: Loopback, tmp_path: Path
) -> None:
    page, left = await leave(server, tmp_path, OLD, OLD)
    server.on("/other.mp4", reply(200, b"\0" * 100))
    report, _ = await fetch(server.page("/other.mp4", path="/second.html"), tmp_path)
    assert report.ok
    (request,) = await saved(server, page, tmp_path)
    assert request.first == left


async def test_two_unfinished_files_of_one_name_keep_their_own_bytes(
    server: Loopback, tmp_path: Path
) -> None:
    """The rerun meets them in the other order."""
    server.on("/a/clip.mp4", OLD.trickling(KEPT))
    server.on("/b/clip.mp4", NEW.trickling(KEPT))
    await interrupt(server.page("/a/clip.mp4", "/b/clip.mp4"), tmp_path, 2 * KEPT)
    server.on("/a/clip.mp4", OLD)
    server.on("/b/clip.mp4", NEW)
    report, _ = await fetch(server.page("/b/clip.mp4", "/a/clip.mp4"), tmp_path)
    assert report.ok
    assert server.asked("/a/clip.mp4")[-1].first and server.asked("/b/clip.mp4")[-1].first
    assert sorted(finals(tmp_path)) == ["clip (2).mp4", "clip.mp4"]
    assert set(finals(tmp_path).values()) == {OLD.body, NEW.body}


async def test_a_continued_file_keeps_its_name(server: Loopback, tmp_path: Path) -> None:
    renamed = File(OLD.body, more={"Content-Disposition": 'attachment; filename="other.mp4"'})
    page, left = await leave(server, tmp_path, OLD, renamed)
    (request,) = await saved(server, page, tmp_path)
    assert request.first == left
    assert finals(tmp_path) == {"clip.mp4": OLD.body}


async def test_206_to_a_request_without_range_is_no_file(server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", OLD.part)
    report, events = await fetch(server.page("/clip.mp4"), tmp_path)
    assert [each.item is not None for each in events if isinstance(each, Failed)] == [True]
    assert not report.ok
    assert finals(tmp_path) == {} and leftovers(tmp_path) == []


# Small bodies, which a run has in memory until they are whole

LITTLE = File(noise(900_000, seed=5), etag='"little"')
MOST = 630_000


async def leave_little(server: Loopback, folder: Path, file: File, *then: Answer) -> str:
    """Have a run fail after most of a small file came, then set the answers; the page."""
    server.on("/clip.mp4", file.broken_off(MOST), *then)
    page = server.page("/clip.mp4")
    report, _ = await fetch(page, folder)
    assert not report.ok and finals(folder) == {}
    server.on("/clip.mp4", file)
    return page


@pytest.mark.parametrize(
    "then", [reply(403), reply(503), LITTLE.stalling(0)], ids=["403", "503", "silence"]
)
async def test_most_of_a_small_file_is_kept_when_it_is_given_up(
    then: Answer, server: Loopback, tmp_path: Path
) -> None:
    page = await leave_little(server, tmp_path, LITTLE, then)
    (request,) = await saved(server, page, tmp_path)
    assert request.first == MOST and request.sent < len(LITTLE.body) - MOST + 1024
    assert finals(tmp_path) == {"clip.mp4": LITTLE.body}


async def test_most_of_a_small_file_is_kept_when_the_run_is_left(
    server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", LITTLE.stalling(MOST))
    page = server.page("/clip.mp4")
    async with Session(network=QUICK) as session:
        async with session.run(page, sink=DiskSink(tmp_path)) as run:
            reading = asyncio.create_task(run.finish())
            async with asyncio.timeout(20):
                while not server.asked("/clip.mp4") or server.asked("/clip.mp4")[0].sent < MOST:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # what was sent arrives
            reading.cancel()
    server.on("/clip.mp4", LITTLE)
    (request,) = await saved(server, page, tmp_path)
    assert request.first is not None and 0 < request.first <= MOST
    assert finals(tmp_path) == {"clip.mp4": LITTLE.body}


async def test_a_small_file_without_a_strong_validator_leaves_nothing(
    server: Loopback, tmp_path: Path
) -> None:
    file = File(LITTLE.body, etag=None)
    page = await leave_little(server, tmp_path, file, reply(403))
    assert leftovers(tmp_path) == []
    (request,) = await saved(server, page, tmp_path)
    assert request.first is None and finals(tmp_path) == {"clip.mp4": file.body}


async def test_a_small_file_that_changed_is_begun_anew(server: Loopback, tmp_path: Path) -> None:
    page = await leave_little(server, tmp_path, LITTLE, reply(403))
    new = File(noise(900_000, seed=6), etag='"new"')
    server.on("/clip.mp4", new)
    await saved(server, page, tmp_path)
    assert finals(tmp_path) == {"clip.mp4": new.body}
