"""Bodies that are not read, not kept, or no files: filters on headers, bounds, and soft 404s."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.files import LONG_AGO, MIB, File, noise
from support.loopback import Loopback, Request, Wire, chunked, endless, raw, reply
from support.outcomes import fetch, leftovers
from support.runs import finals

from reelin import Date, Extension, Filter, MediaItem, Network, Session, Size, Skipped, Type

LARGE = bytes(48 * MIB)
IN_FLIGHT = 8 * MIB  # what buffers on both sides may hold of a body that nobody reads
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"


@pytest.mark.parametrize(
    ("refusing", "rule"),
    [
        (Size(most=1000), "size"),
        (Size(least=1 << 40), "size"),
        (Date(first=datetime(2020, 1, 1, tzinfo=UTC)), "date"),
        (Date(last=datetime(2010, 1, 1, tzinfo=UTC)), "date"),
        (Type({"image"}), "type"),
        (Extension(only={"png"}), "ext"),
    ],
    ids=["too large", "too small", "too old", "too new", "type", "extension"],
)
async def test_headers_are_enough_to_refuse(
    refusing: Filter, rule: str, server: Loopback, tmp_path: Path
) -> None:
    server.on("/media/5", File(LARGE, modified=LONG_AGO))
    page = server.on("/", reply(200, b'<video src="/media/5"></video>', "text/html"))
    report, events = await fetch(page, tmp_path, filters=[refusing])
    assert report.ok
    assert [event.rule for event in events if isinstance(event, Skipped)] == [rule]
    assert finals(tmp_path) == {} and leftovers(tmp_path) == []
    assert server.sent < IN_FLIGHT
    assert len(server.asked("/media/5")) <= 1  # no HEAD before, no second try


async def test_connections_of_refused_bodies_are_closed(server: Loopback, tmp_path: Path) -> None:
    links = [f"/{number}.mp4" for number in range(12)]
    for link in links:
        server.on(link, File(LARGE))
    report, _ = await fetch(server.page(*links), tmp_path, filters=[Size(most=1000)], workers=3)
    assert report.skipped == 12
    assert server.sent < 12 * IN_FLIGHT / 4


INFINITE = {
    "unframed": endless(HEAD + b"\r\n", [bytes(65536)]),
    "chunked": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", [chunked(bytes(65536))]),
    "one chunk": endless(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n", [bytes(65536)]
    ),
    "tagged": endless(
        HEAD + b'ETag: "x"\r\nTransfer-Encoding: chunked\r\n\r\n', [chunked(bytes(65536))]
    ),
    "packed": endless(
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(64 * MIB))[:-30],
        [b"\0"],
        0.01,
    ),
}


@pytest.mark.parametrize("kind", INFINITE)
@pytest.mark.parametrize("most", [100_000, 5 * MIB])
async def test_an_infinite_body_is_stopped(
    kind: str, most: int, server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", INFINITE[kind])
    report, events = await fetch(server.page("/clip.mp4"), tmp_path, filters=[Size(most=most)])
    assert [event.rule for event in events if isinstance(event, Skipped)] == ["size"]
    assert report.ok and finals(tmp_path) == {} and leftovers(tmp_path) == []
    assert server.sent < most + IN_FLIGHT
    assert len(server.asked("/clip.mp4")) == 1


@pytest.mark.parametrize("length", [b"9" * 18, b"9" * 25, b"9" * 5000])
async def test_an_absurd_length_costs_nothing(
    length: bytes, server: Loopback, tmp_path: Path
) -> None:
    server.on(
        "/clip.mp4", endless(HEAD + b"Content-Length: " + length + b"\r\n\r\n", [b"\0" * 99], 0.05)
    )
    network = Network(retries=0, timeout=1)
    report, _ = await fetch(
        server.page("/clip.mp4"), tmp_path, network=network, filters=[Size(most=10_000)]
    )
    assert finals(tmp_path) == {} and leftovers(tmp_path) == []
    assert report.skipped + len(report.failures) == 1


@pytest.mark.parametrize("size", [100, 2 * MIB])
async def test_a_body_found_too_small_at_its_end_is_dropped(
    size: int, server: Loopback, tmp_path: Path
) -> None:
    body = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(bytes(size)) + b"0\r\n\r\n"

    server.on("/clip.mp4", raw(body))
    filters = [Size(least=3 * MIB)]
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, filters=filters)
    assert report.skipped == 1 and report.ok
    assert finals(tmp_path) == {} and leftovers(tmp_path) == []


# What says 200 and is no file


SORRY = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Sorry</body></html>"
DENIED = b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'
NO_FILES = {
    "a page": ("/clip.mp4", reply(200, SORRY, "text/html")),
    "a page with a charset": ("/clip.mp4", reply(200, SORRY, "text/html; charset=utf-8")),
    "a page called video": ("/clip.mp4", reply(200, SORRY, "video/mp4")),
    "a page called nothing": ("/clip.mp4", reply(200, SORRY, "application/octet-stream")),
    "a page after a mark": ("/clip.mp4", reply(200, b"\xef\xbb\xbf\n  " + SORRY, "video/mp4")),
    "XHTML": ("/clip.mp4", reply(200, SORRY, "application/xhtml+xml")),
    "a large page": ("/clip.mp4", reply(200, SORRY * 40_000, "text/html")),
    "nothing": ("/clip.mp4", reply(200, b"")),
    "JSON for a picture": ("/a.jpg", reply(200, b'{"error": 1}', "application/json")),
    "a page for a picture": ("/a.jpg", reply(200, SORRY, "image/jpeg")),
    "a page for a document": ("/a.pdf", reply(200, SORRY, "text/html")),
    "JSON called a picture": ("/a.jpg", reply(200, b'{"error": "rate limited"}', "image/jpeg")),
    "JSON called nothing": ("/a.webp", reply(200, b' [{"code": 7}]\n', "application/octet-stream")),
    "JSON for an archive": ("/a.zip", reply(200, b'{"error": 1}', "application/json")),
    "XML called video": ("/a.webm", reply(200, DENIED, "video/webm")),
    "XML for a document": ("/a.pdf", reply(200, DENIED, "application/xml")),
    "XML for an archive": ("/a.7z", reply(200, DENIED, "binary/octet-stream")),
    "a piece of a page": ("/a.png", reply(200, b"\n<p>Please log in</p>", "image/png")),
    "a complaint of PHP": ("/a.mp3", reply(200, b"<br />\n<b>Warning</b>: x", "audio/mpeg")),
    "text for a picture": ("/a.gif", reply(200, b"hotlinking is forbidden", "text/plain")),
    "text for a film": (
        "/a.mkv",
        reply(200, "née ailleurs\n".encode(), "text/plain;charset=utf-8"),
    ),
    "text for an archive": ("/a.tar.gz", reply(200, b"Not Found", "text/plain")),
}
# Bytes that look like no media in their first character, and text that is meant to be some.
FILES = {
    "a drawing": ("/a.svg", b"<!-- made by hand --><svg xmlns='x'></svg>", "image/svg+xml"),
    "a drawing for a picture": ("/a.png", b"<!-- by hand --><svg></svg>", "image/svg+xml"),
    "a film that begins as markup": ("/a.mp4", b"<\0\1\2" + bytes(3000), "video/mp4"),
    "a film that begins as JSON": ("/a.mp4", b'{"\0\1' + bytes(3000), "text/plain"),
    "a program for a film": ("/app.ts", b"export const a = 1;\n", "text/plain"),
    "subtitles": ("/a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHi\n", "text/plain"),
    "a table": ("/a.csv", b"a,b\n1,2\n", "text/plain"),
    "a table of markup": ("/a.xls", b"<table><tr><td>1</table>", "application/vnd.ms-excel"),
}


@pytest.mark.parametrize("name", NO_FILES)
async def test_it_fails_at_once_and_leaves_nothing(
    name: str, server: Loopback, tmp_path: Path
) -> None:
    path, answer = NO_FILES[name]
    server.on(path, answer)
    report, _ = await fetch(server.page(path), tmp_path)
    assert len(report.failures) == 1 and report.failures[0].url == server.url(path)
    assert finals(tmp_path) == {} and leftovers(tmp_path) == []
    assert len(server.asked(path)) == 1


@pytest.mark.parametrize("name", FILES)
async def test_what_may_be_text_or_is_none_is_a_file(
    name: str, server: Loopback, tmp_path: Path
) -> None:
    path, body, mime = FILES[name]
    link = server.on(path, reply(200, body, mime))
    page = server.on("/", reply(200, f'<a download href="{link}">it</a>'.encode(), "text/html"))
    report, _ = await fetch(page, tmp_path)
    assert report.ok and [*finals(tmp_path).values()] == [body]


async def test_a_film_called_text_that_comes_letter_by_letter(
    server: Loopback, tmp_path: Path
) -> None:
    body = b"RIFF$\x10\0\0AVI LIST" + bytes(4000)

    def answer(request: Request, wire: Wire) -> None:
        wire.head(200, {"Content-Type": "text/plain", "Content-Length": len(body)})
        for start, end in ((0, 4), (4, 5), (5, None)):
            wire.send(body[start:end])
            wire.pause(0.1)

    server.on("/clip.avi", answer)
    report, _ = await fetch(server.page("/clip.avi"), tmp_path)
    assert report.ok and finals(tmp_path) == {"clip.avi": body}


async def test_a_document_that_is_a_page_is_a_file(server: Loopback, tmp_path: Path) -> None:
    """A person who wants `manual.html` gets it."""
    server.on("/manual.html", reply(200, SORRY, "text/html"))
    html = b'<a download href="/manual.html">manual</a>'
    report, _ = await fetch(server.on("/", reply(200, html, "text/html")), tmp_path)
    assert report.ok
    assert list(finals(tmp_path).values()) in ([], [SORRY])


async def test_an_item_too_large_by_its_page_is_not_asked_for(
    server: Loopback, tmp_path: Path
) -> None:
    item = MediaItem(server.url("/clip.mp4"), size=5 * MIB)
    assert Size(most=MIB).judge(item).keep is False
    server.on("/clip.mp4", reply(200, noise(5000)))
    async with (
        Session() as session,
        session.run(server.page("/clip.mp4"), sink=None, filters=[Size(most=MIB)]) as run,
    ):
        assert (await run.finish()).found == 1
    assert server.asked("/clip.mp4") == []
