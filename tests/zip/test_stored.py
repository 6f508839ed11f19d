"""`archive_of`: files that are stored already as one ZIP, of which any part is cheap."""

from __future__ import annotations

import asyncio
import json
import os
import random
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.files import File
from support.loopback import Loopback
from support.zips import opened, readers

from reelin import (
    DiskSink,
    Kept,
    Network,
    Saved,
    Session,
    SinkError,
    SinkLost,
    Skipped,
    UsageError,
    archive_of,
    list_stored,
)

DATE = datetime(2021, 3, 4, 5, 6, 8, tzinfo=UTC)
KIB = 1024


def noise(size: int, seed: int = 0) -> bytes:
    return b"\0\0\0\x20"[:size] + random.Random(seed).randbytes(max(0, size - 4))


class Shelf:
    """Stored files, and which of them was opened at which byte."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, int]] = []

    def put(self, name: str, body: bytes, *, sent: bytes | None = None, piece: int = 7000) -> Kept:
        """A file; `sent`: what is read of it in truth."""
        there = body if sent is None else sent

        async def give(offset: int) -> AsyncIterator[bytes]:
            self.opened.append((name, offset))
            for at in range(offset, len(there), piece):
                yield there[at : min(at + piece, len(there))]

        return Kept(name, len(body), crc32(body), DATE, give)


SIZES = [5000, 0, 1, 300 * KIB, 12 * KIB, 3]


def fill(shelf: Shelf) -> list[Kept]:
    return [shelf.put(f"album/{n} ä.bin", noise(size, n)) for n, size in enumerate(SIZES)]


async def read(files: list[Kept], start: int = 0, stop: int | None = None) -> bytes:
    async with archive_of(files, start=start, stop=stop) as archive:
        body = b"".join([chunk async for chunk in archive])
        assert len(body) == archive.content_length
    return body


async def test_it_is_a_zip_of_these_files(tmp_path: Path) -> None:
    body = await read(fill(Shelf()))
    with zipfile.ZipFile(BytesIO(body)) as archive:
        assert archive.testzip() is None
        known = {each.filename: archive.read(each) for each in archive.infolist()}
        assert {each.date_time for each in archive.infolist()} == {DATE.timetuple()[:6]}
    assert known == {f"album/{n} ä.bin": noise(size, n) for n, size in enumerate(SIZES)}


@pytest.mark.parametrize("program", readers())
async def test_programs_take_it(program: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(await read(fill(Shelf())))
    assert opened(program, path).returncode == 0


WHOLE = asyncio.run(read(fill(Shelf())))


@given(st.lists(st.integers(0, len(WHOLE)), max_size=6))
def test_any_parts_glued_are_the_whole(cuts: list[int]) -> None:
    places = sorted({0, *cuts, len(WHOLE)})
    files = fill(Shelf())

    async def glue() -> bytes:
        ends = pairwise(places)
        return b"".join([await read(files, start, stop) for start, stop in ends])

    assert asyncio.run(glue()) == WHOLE


async def test_nothing_is_read_that_lies_outside() -> None:
    shelf = Shelf()
    files = fill(shelf)
    at = WHOLE.index(noise(SIZES[3], 3)) + 1000
    assert await read(files, at, at + 500) == WHOLE[at : at + 500]
    assert shelf.opened == [("album/3 ä.bin", 1000)]
    shelf.opened.clear()
    assert await read(files, len(WHOLE) - 50) == WHOLE[-50:]  # of the directory
    assert shelf.opened == []


async def test_the_first_byte_waits_for_no_file() -> None:
    async def never(offset: int) -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with archive_of([Kept("a", 5, 0, DATE, never)]) as archive:
        async for chunk in archive:
            assert chunk.startswith(b"PK\x03\x04")
            break


async def test_headers_are_exact_and_lasting() -> None:
    files = fill(Shelf())
    async with archive_of(files, filename="Büro.zip") as archive:
        assert archive.status == 200
        assert archive.headers["Content-Length"] == str(len(WHOLE))
        assert archive.headers["Content-Disposition"].endswith("B%C3%BCro.zip")
        etag = archive.headers["ETag"]
        assert etag == archive.etag
    async with archive_of(fill(Shelf()), start=10, stop=30, etag=etag) as archive:
        assert archive.status == 206
        assert archive.headers["Content-Range"] == f"bytes 10-29/{len(WHOLE)}"
    async with archive_of(files[1:], start=10, etag=etag) as archive:
        assert (archive.status, archive.start) == (200, 0)
    async with archive_of(files, start=len(WHOLE), etag=etag) as archive:
        assert archive.status == 416
        assert archive.headers["Content-Range"] == f"bytes */{len(WHOLE)}"
        assert [chunk async for chunk in archive] == []


@pytest.mark.parametrize(
    "sent",
    [noise(4999), noise(5001), b"", noise(5000)[:-1] + b"!", noise(9000)],
    ids=["shorter", "longer", "gone", "other", "much longer"],
)
async def test_another_file_than_was_promised_breaks_it(sent: bytes) -> None:
    shelf = Shelf()
    files = [shelf.put("a", noise(5000), sent=sent, piece=1000), shelf.put("b", b"b")]
    came = b""
    with pytest.raises(SinkLost, match="broken off: a: "):
        async for chunk in archive_of(files):
            came += chunk
    assert len(came) < 30 + 1 + 5000  # also whoever wants only this file sees that it is not whole


@pytest.mark.parametrize("size", [4999, 5001])
async def test_a_part_that_ends_with_such_a_file_is_broken_too(size: int) -> None:
    files = [Shelf().put("a", noise(5000), sent=noise(size), piece=1000)]
    with pytest.raises(SinkLost):
        await read(files, 2000, 31 + 5000)


async def test_an_empty_file_that_is_not_empty_breaks_it() -> None:
    with pytest.raises(SinkLost):
        await read([Shelf().put("a", b"", sent=b"x"), Shelf().put("b", b"b")])


async def test_open_may_be_awaited() -> None:
    async def give() -> AsyncIterator[bytes]:
        yield b"hello"

    async def begin(offset: int) -> AsyncIterator[bytes]:
        await asyncio.sleep(0)
        return give()

    body = await read([Kept("a", 5, crc32(b"hello"), DATE, begin)])
    assert zipfile.ZipFile(BytesIO(body)).read("a") == b"hello"


async def test_an_error_of_the_store_leads_out_as_it_is() -> None:
    async def fail(offset: int) -> AsyncIterator[bytes]:
        raise ConnectionError("the store is gone")
        yield b""

    with pytest.raises(ConnectionError):
        await read([Kept("a", 5, 0, DATE, fail)])


async def test_files_on_the_disk(tmp_path: Path) -> None:
    body = noise((2 << 20) + 5)
    path = tmp_path / "a.bin"
    path.write_bytes(body)
    known = Kept.of_file(path, crc32=crc32(body), name="x/a.bin")
    assert known == Kept("x/a.bin", len(body), Kept.of_file(path).crc32, known.date, known.open)
    whole = await read([known])
    assert zipfile.ZipFile(BytesIO(whole)).read("x/a.bin") == body
    assert await read([known], 1_500_000) == whole[1_500_000:]


@pytest.mark.parametrize("change", ["other time", "longer", "gone"])
async def test_a_file_on_the_disk_that_changes_breaks_it(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(noise(3 << 20))
    known = Kept.of_file(path)
    came = 0
    with pytest.raises(SinkLost, match="broken off: a"):
        async for chunk in archive_of([known]):
            if not came and change == "gone":
                path.unlink()
            elif not came and change == "longer":
                path.write_bytes(noise(4 << 20))
            elif not came:
                os.utime(path, (1, 1))
            came += len(chunk)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(SinkError, match="nowhere"):
        Kept.of_file("nowhere/a")


@pytest.mark.parametrize(
    "name", ["", "/a", "../a", "a/../b", "a//b", "a\\b", "a\0", "a/", ".", "\udce4", "x" * 70_000]
)
def test_names_that_no_entry_may_have(name: str) -> None:
    with pytest.raises(UsageError):
        Shelf().put(name, b"")


async def test_two_files_of_one_name() -> None:
    with pytest.raises(UsageError, match="two files"):
        await read([Shelf().put("a", b"1"), Shelf().put("a", b"2")])


@pytest.mark.parametrize(("start", "stop"), [(-1, None), (5, 5), (5, 2)])
def test_parts_that_there_cannot_be(start: int, stop: int | None) -> None:
    with pytest.raises(UsageError):
        archive_of([], start=start, stop=stop)


@pytest.mark.parametrize(("size", "crc"), [(-1, 0), (1, -1), (1, 1 << 32)])
def test_figures_that_there_cannot_be(size: int, crc: int) -> None:
    with pytest.raises(UsageError):
        Kept("a", size, crc, DATE, Shelf().put("a", b"").open)


@pytest.mark.parametrize("count", [0, 65_534, 65_535, 65_536, 70_000])
async def test_many_entries(count: int) -> None:
    shelf = Shelf()
    body = await read([shelf.put(str(number), b"x") for number in range(count)])
    with zipfile.ZipFile(BytesIO(body)) as archive:
        assert len(archive.infolist()) == count
        assert not count or archive.read(str(count - 1)) == b"x"


@pytest.mark.parametrize("size", [(1 << 31) - 1, 1 << 31, 1 << 32, 5 << 30])
async def test_large_files_are_measured(size: int) -> None:
    async def zeros(offset: int) -> AsyncIterator[bytes]:
        yield bytes(min(100, size - offset))

    last = Shelf().put("last", b"last")
    files = [Kept("large", size, 0, DATE, zeros), last]
    async with archive_of(files) as archive:
        length = archive.content_length
    assert length is not None
    tail = await read(files, size)  # the second entry and the directory
    with zipfile.ZipFile(_Ending(length, tail)) as found:
        assert [each.file_size for each in found.infolist()] == [size, 4]
        assert found.read("last") == b"last"


class _Ending(BytesIO):
    """A file of `length` bytes that ends with `tail`; what lies before is not there."""

    def __init__(self, length: int, tail: bytes) -> None:
        super().__init__(tail)
        self._before = length - len(tail)

    def tell(self) -> int:
        return super().tell() + self._before

    def seek(self, offset: int, whence: int = 0) -> int:
        return super().seek(offset - self._before if whence == 0 else offset, whence) + self._before


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@pytest.mark.parametrize("size", [200, 400_000, 3 << 20])
async def test_what_a_run_stored_has_its_checksum(
    server: Loopback, tmp_path: Path, size: int
) -> None:
    """In the event, the manifest, and of what is there already; also of small and split files."""
    server.on("/1.mp4", File(noise(size)))
    seen = []
    for _ in range(2):
        async with Session(network=Network(retries=0)) as session:
            async with session.run(server.url("/1.mp4"), sink=DiskSink(tmp_path)) as run:
                events = [event async for event in run]
        seen += [each.stored for each in events if isinstance(each, Saved | Skipped)]
    listed = list(list_stored(tmp_path))
    known = [each.crc32 for each in [*seen, *listed] if each is not None]
    assert known == [crc32((tmp_path / listed[0].name).read_bytes())] * 3


async def test_a_manifest_of_before_is_readable(server: Loopback, tmp_path: Path) -> None:
    server.on("/1.mp4", File(noise(5000)))
    async with Session(network=Network(retries=0)) as session:
        await session.download(server.url("/1.mp4"), tmp_path)
        manifest = tmp_path / ".reelin" / "manifest.jsonl"
        line = json.loads(manifest.read_text())
        del line["crc32"]
        manifest.write_text(json.dumps(line) + "\n")
        (stored,) = list_stored(tmp_path)
        assert (stored.sha256, stored.crc32) == (line["sha256"], None)
        report = await session.download(server.url("/1.mp4"), tmp_path)
    assert report.ok
    assert [each.name for each in list_stored(tmp_path)] == [stored.name]
