"""Where a body ends: section 4 of the rules. Whatever a server sends, a file is whole or not there."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from support.files import MIB, File, noise
from support.loopback import Loopback, Request, Wire, chunked, endless, raw, reply, stalled
from support.outcomes import fetch, leftovers
from support.runs import finals

from reelin import Network

BODY = noise(2 * MIB)
HALF = len(BODY) // 2
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
PACKED = gzip.compress(BODY, 1)
IMPATIENT = Network(retries=1, timeout=1)
pytestmark = pytest.mark.timeout(20)


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nContent-Type: video/mp4\r\n" + b"".join(lines) + b"\r\n"


BROKEN = {
    "shorter than its length": raw(head(LENGTH), BODY[:HALF]),
    "shorter by a byte": raw(head(LENGTH), BODY[:-1]),
    "nothing of its length": raw(head(LENGTH)),
    "reset within its length": raw(head(LENGTH), BODY[:HALF], reset=True),
    "two lengths": raw(head(LENGTH, b"Content-Length: 10\r\n"), BODY),
    "two lengths in one line": raw(head(b"Content-Length: 10, %d\r\n" % len(BODY)), BODY),
    "a negative length": raw(head(b"Content-Length: -5\r\n"), BODY),
    "a length in words": raw(head(b"Content-Length: many\r\n"), BODY),
    "no last chunk": raw(head(CHUNKED), chunked(BODY)),
    "half a chunk": raw(head(CHUNKED), chunked(BODY)[:HALF]),
    "reset between chunks": raw(head(CHUNKED), chunked(BODY[:HALF]), reset=True),
    "a chunk size in words": raw(head(CHUNKED), chunked(BODY[:HALF]), b"big\r\n", BODY[HALF:]),
    "a negative chunk size": raw(head(CHUNKED), chunked(BODY[:HALF]), b"-5\r\n", BODY[HALF:]),
    "a wrong chunk size": raw(head(CHUNKED), b"5\r\n" + BODY + b"\r\n0\r\n\r\n"),
    "reset without a length": raw(head(), BODY[:HALF], reset=True),
    "half of a gzip body": raw(head(b"Content-Encoding: gzip\r\n"), PACKED[: len(PACKED) // 2]),
    "half of a chunked gzip body": raw(
        head(CHUNKED, b"Content-Encoding: gzip\r\n"),
        chunked(PACKED[: len(PACKED) // 2]) + b"0\r\n\r\n",
    ),
    "not gzip at all": raw(head(LENGTH, b"Content-Encoding: gzip\r\n"), BODY),
    "no status line": raw(b"hello\r\n\r\n" + BODY),
    "a status of letters": raw(head(LENGTH, status=b"abc"), BODY),
    "no headers": raw(b"HTTP/1.1 200 OK\r\nContent-Length"),
    "nothing": raw(),
    "reset before the answer": raw(reset=True),
    "silence": stalled,
    "silence within the body": File(BODY, etag=None).stalling(HALF),
    "endless headers": endless(b"HTTP/1.1 200 OK\r\n", [b"X-More: %b\r\n" % (b"x" * 4000)]),
    "informational answers for ever": endless(b"", [b"HTTP/1.1 102 Wait\r\n\r\n"], 0.02),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_broke_is_fetched_again(name: str, server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", BROKEN[name], reply(200, BODY))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=IMPATIENT)
    if report.ok:
        assert finals(tmp_path) == {"clip.mp4": BODY}
    else:
        assert finals(tmp_path) == {}
    assert report.ok, report.failures


@pytest.mark.parametrize("name", BROKEN)
async def test_what_stays_broken_is_no_file(name: str, server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", BROKEN[name])
    network = Network(retries=0, timeout=0.5)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=network)
    assert len(report.failures) == 1 and "\n" not in report.failures[0].error
    assert finals(tmp_path) == {} and leftovers(tmp_path) == []
    assert len(server.asked("/clip.mp4")) <= 2  # aiohttp asks once more on a stale connection


WHOLE = {
    "a length": raw(head(LENGTH), BODY),
    "chunks": raw(head(CHUNKED), chunked(BODY), b"0\r\n\r\n"),
    "chunks with extensions and a trailer": raw(
        head(CHUNKED), b"%x;a=b\r\n" % len(BODY) + BODY + b"\r\n0;last\r\nX-Sum: 5\r\n\r\n"
    ),
    "the end of the connection": raw(head(), BODY),
    "HTTP/1.0": raw(b"HTTP/1.0 200 OK\r\nContent-Type: video/mp4\r\n\r\n", BODY),
    "informational answers before": raw(
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3, head(LENGTH), BODY
    ),
    "more than its length": raw(head(LENGTH), BODY, b"and more"),
    "gzip with a length": raw(
        head(b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(PACKED)), PACKED
    ),
    "gzip without one": raw(head(b"Content-Encoding: gzip\r\n"), PACKED),
    "gzip in two members": raw(
        head(b"Content-Encoding: gzip\r\n"),
        gzip.compress(BODY[:MIB], 1) + gzip.compress(BODY[MIB:], 1),
    ),
    "gzip with rubbish behind it": raw(
        head(b"Content-Encoding: gzip\r\n"), PACKED + bytes(9) + b"rubbish"
    ),
    "deflate in chunks": raw(
        head(CHUNKED, b"Content-Encoding: deflate\r\n"),
        chunked(zlib.compress(BODY, 1)) + b"0\r\n\r\n",
    ),
    "a header of 60 KB": raw(head(b"X-Policy: " + b"a" * 60_000 + b"\r\n", LENGTH), BODY),
    "200 headers": raw(head(b"X-More: b\r\n" * 200, LENGTH), BODY),
    "a folded header": raw(head(b"X-More: b\r\n c\r\n", LENGTH), BODY),
    "line feeds alone": raw(head(LENGTH).replace(b"\r\n", b"\n"), BODY),
    "blanks behind the chunk size": raw(
        head(CHUNKED), b"%x  \r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"
    ),
    "a control character and Latin-1 in a header": raw(head(b"X-A: a\x01\xe9\r\n", LENGTH), BODY),
    "an encoding that is none": raw(head(b"Content-Encoding: identity\r\n", LENGTH), BODY),
}


@pytest.mark.parametrize("name", WHOLE)
async def test_what_is_whole_is_a_file(name: str, server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", WHOLE[name])
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=IMPATIENT)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"clip.mp4": BODY}
    (request,) = server.asked("/clip.mp4")
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("size", [1, 100, 70_000])
async def test_a_short_body_without_a_length_that_is_reset_is_no_file(
    size: int, server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", raw(head(), BODY[:size], reset=True))
    network = Network(retries=0, timeout=2)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=network)
    assert not report.ok and finals(tmp_path) == {}


async def test_a_body_without_a_length_is_never_continued(server: Loopback, tmp_path: Path) -> None:
    """Nothing bears out how much of it came, so not even a strong ETag helps."""
    tagged = head(b'ETag: "strong"\r\n')
    server.on("/clip.mp4", raw(tagged, BODY[:HALF], reset=True), File(BODY, etag='"strong"'))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=IMPATIENT)
    assert report.ok and finals(tmp_path) == {"clip.mp4": BODY}
    assert ["range" in request.headers for request in server.asked("/clip.mp4")] == [False, False]


async def test_chunks_that_broke_off_are_continued(server: Loopback, tmp_path: Path) -> None:
    """Their end is marked, so what came before it counts; the length comes with the range."""
    tagged = head(CHUNKED, b'ETag: "strong"\r\n')
    server.on("/clip.mp4", raw(tagged, chunked(BODY[:HALF])), File(BODY, etag='"strong"'))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=IMPATIENT)
    assert report.ok and finals(tmp_path) == {"clip.mp4": BODY}


async def test_an_encoded_body_that_broke_off_is_never_continued(
    server: Loopback, tmp_path: Path
) -> None:
    packed = File(PACKED, more={"Content-Encoding": "gzip"})
    server.on("/clip.mp4", packed.broken_off(len(PACKED) // 2), packed)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=IMPATIENT)
    assert report.ok and finals(tmp_path) == {"clip.mp4": BODY}
    assert ["range" in request.headers for request in server.asked("/clip.mp4")] == [False, False]


async def test_a_kept_connection_that_was_closed_meanwhile_costs_nothing(
    server: Loopback, tmp_path: Path
) -> None:
    """Each connection serves one answer, promises to stay, and is cut at the next request."""

    def one_only(request: Request, wire: Wire) -> None:
        reply(200, BODY[:1000])(request, wire)
        wire.reset()

    links = [f"/{number}.mp4" for number in range(12)]
    for link in links:
        server.on(link, one_only)
    report, _ = await fetch(server.page(*links), tmp_path, workers=2, network=Network(timeout=2))
    assert report.ok, report.failures
    assert set(finals(tmp_path).values()) == {BODY[:1000]} and len(finals(tmp_path)) == 12


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("breaks", [1, 3])
async def test_breaks_of_one_file_are_healed_by_ranges(
    reset: bool, breaks: int, server: Loopback, tmp_path: Path
) -> None:
    file = File(BODY)
    server.on("/clip.mp4", *[file.broken_off(MIB // 2, reset=reset)] * breaks, file)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=IMPATIENT)
    assert report.ok and finals(tmp_path) == {"clip.mp4": BODY}
    requests = server.asked("/clip.mp4")
    assert [request.first is not None for request in requests] == [False] + [True] * breaks
    assert sum(request.sent for request in requests) < len(BODY) + 100_000
