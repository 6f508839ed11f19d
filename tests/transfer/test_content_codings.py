"""Content-Encoding as object stores and careless servers send it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import sys
import zlib
from pathlib import Path

import brotli
import pytest
from multidict import CIMultiDict
from support.files import MIB, File, noise
from support.loopback import Loopback, raw, reply
from support.outcomes import fetch
from support.runs import finals

from reelin import Network
from reelin.net.decoder import codings_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY = noise(MIB)
PATIENT = Network(retries=2, timeout=5)
TEXT = b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 50
NO_CODINGS = [
    "",
    " ",
    ",",
    "utf-8",
    "UTF-8, aws-chunked",
    "aws-chunked,",
    "None",
    "null",
    "binary",
    "base64",
    "zip",
    "xz",
    "ISO-8859-1",
    "8bit",
    "application/octet-stream",
    "identity, identity",
    "gzip;q=0",
    "\u00fcnkn\u00f6wn",
]


@pytest.mark.parametrize("token", NO_CODINGS)
async def test_what_is_no_coding_changes_nothing(
    token: str, server: Loopback, tmp_path: Path
) -> None:
    digest = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    more = {"Content-Encoding": token, "Repr-Digest": f"sha-256=:{digest}:"}
    whole = File(BODY, more=more)
    server.on("/clip.mp4", whole.broken_off(len(BODY) // 2), whole)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=PATIENT)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"clip.mp4": BODY}
    # Its length and its ETag are those of the file, so the second answer goes on.
    assert ["range" in each.headers for each in server.asked("/clip.mp4")] == [False, True]


@pytest.mark.parametrize("token", ["UTF-8", "aws-chunked", "", "x-gzip", "gzip, aws-chunked"])
async def test_pages_are_read_whatever_their_coding_is_called(
    token: str, server: Loopback, tmp_path: Path
) -> None:
    html = b'<audio src="/a.mp3"></audio>'
    body = gzip.compress(html) if "gzip" in token else html
    server.on("/a.mp3", reply(200, b"ID3 music", "audio/mpeg"))
    start = server.on("/", reply(200, body, "text/html", Content_Encoding=token))
    report, _ = await fetch(start, tmp_path, network=PATIENT)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"a.mp3": b"ID3 music"}


PACKED = gzip.compress(b"many words " * 5000)


@pytest.mark.parametrize(
    ("path", "mime", "coding", "named"),
    [
        ("/a.tar.gz", "application/x-gzip", "gzip", "a.tar.gz"),
        ("/a.tar.gz", "application/gzip", "x-gzip", "a.tar.gz"),
        ("/a.tgz", "application/x-compressed-tar", "gzip", "a.tgz"),
        ("/a.tar.gz", "application/x-tar", "x-gzip", "a.tar.gz"),
        ("/a.csv.gz", "text/csv", "gzip", "a.csv.gz"),
        ("/a.tgz", "application/gzip", "gzip", None),
        ("/a.svgz", "image/svg+xml", "gzip", None),
        ("/a.gz", "application/octet-stream", "gzip", "a.gz"),
        ("/get?id=1", "application/gzip", "gzip, aws-chunked", None),
        ("/A.GZ?version=2", "binary/octet-stream", "GZIP", None),
    ],
)
async def test_what_is_packed_itself_stays_as_it_is(
    path: str, mime: str, coding: str, named: str | None, server: Loopback, tmp_path: Path
) -> None:
    digest = base64.b64encode(hashlib.sha256(PACKED).digest()).decode()
    more = {"Content-Encoding": coding, "Digest": f"sha-256={digest}"}
    url = server.on(path, reply(200, PACKED, mime, **more))
    report, _ = await fetch(url, tmp_path, network=PATIENT)
    assert report.ok, report.failures
    ((name, content),) = finals(tmp_path).items()
    assert content == PACKED
    assert named is None or name == named


RAW = zlib.compressobj(wbits=-15)
GZIP = gzip.compress(TEXT, mtime=0)  # tests are named by it, and a time would change their names


SONG = b"ID3\x04\0\0" + noise(5000)
HTML = (
    b'<html><body><audio src="/a.mp3"></audio></body></html>'
    + b" " * 100
    + noise(9000).hex().encode()
)
PAGES = {
    "gzip": gzip.compress(HTML, mtime=0),
    "deflate": zlib.compress(HTML),
    "br": brotli.compress(HTML),
    "zstd": zstd.compress(HTML),
}


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", GZIP),
        ("x-gzip", GZIP),
        ("gzip,aws-chunked", GZIP),
        ("aws-chunked, gzip", GZIP),
        ("gzip, gzip", GZIP),
        ("gzip, gzip", gzip.compress(GZIP, mtime=0)),
        ("gzip, gzip", gzip.compress(GZIP, mtime=0) + b"\0"),
        ("gzip", GZIP + b"what follows the end"),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstd.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW.compress(TEXT) + RAW.flush()),
        ("deflate", GZIP),
    ],
)
async def test_a_real_coding_is_undone(
    coding: str, body: bytes, server: Loopback, tmp_path: Path
) -> None:
    server.on("/a.svg", reply(200, body, "image/svg+xml", Content_Encoding=coding))
    report, _ = await fetch(server.page("/a.svg"), tmp_path, network=PATIENT)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"a.svg": TEXT}


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip", "gzip, deflate"])
async def test_what_cannot_be_undone_is_told_and_closes_its_connection(
    coding: str, server: Loopback, tmp_path: Path
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Encoding: {coding}\r\n\r\n"
    links = [server.on(f"/{number}.mp4", raw(head.encode(), BODY)) for number in range(3)]
    network = Network(retries=0, timeout=5, per_host=1)  # a leak would leave none for the next
    report, _ = await fetch(server.page(*links), tmp_path, network=network)
    assert len(report.failures) == 3
    assert all(repr(coding) in each.error for each in report.failures)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd", "compress"])
@pytest.mark.parametrize("html", [b"<!DOCTYPE html>", b""])
async def test_what_is_not_in_its_coding_is_given_as_it_is(
    coding: str, html: bytes, server: Loopback, tmp_path: Path
) -> None:
    page = html + b'<audio src="/a.mp3"></audio>'
    server.on("/a.mp3", reply(200, SONG, "audio/mpeg", Content_Encoding=coding))
    start = server.on("/", reply(200, page, "text/html", Content_Encoding=coding))
    report, _ = await fetch(start, tmp_path, network=PATIENT)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"a.mp3": SONG}


@pytest.mark.parametrize(
    ("coding", "tail"),
    [*((each, b"") for each in PAGES), ("gzip", b"\0\0"), ("deflate", b"more"), ("zstd", b"more")],
)
async def test_pages_come_in_every_coding(
    coding: str, tail: bytes, server: Loopback, tmp_path: Path
) -> None:
    server.on("/a.mp3", reply(200, SONG, "audio/mpeg"))
    start = server.on("/", reply(200, PAGES[coding] + tail, "text/html", Content_Encoding=coding))
    report, _ = await fetch(start, tmp_path, network=PATIENT)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"a.mp3": SONG}


@pytest.mark.parametrize("coding", PAGES)
async def test_a_page_that_is_cut_in_its_coding_is_no_whole_page(
    coding: str, server: Loopback, tmp_path: Path
) -> None:
    cut = PAGES[coding][:-9]
    start = server.on("/", reply(200, cut, "text/html", Content_Encoding=coding))
    report, _ = await fetch(start, tmp_path, network=Network(retries=0, timeout=5))
    assert [repr(coding) in each.error for each in report.failures] == [True]


async def test_the_disposition_names_an_archive_too(server: Loopback, tmp_path: Path) -> None:
    named = {"Content-Encoding": "gzip", "Content-Disposition": 'attachment; filename="a.tar.gz"'}
    url = server.on("/get", reply(200, PACKED, "application/octet-stream", **named))
    report, _ = await fetch(url, tmp_path, network=PATIENT)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"a.tar.gz": PACKED}


def test_codings_of_several_lines_are_one_list() -> None:
    lines = CIMultiDict([("content-encoding", "x-gzip"), ("Content-Encoding", "UTF-8, br")])
    assert codings_of(lines) == ["gzip", "br"]
