"""`stream_zip(…, start=N)`: the rest of an archive, which with its beginning is the whole."""

from __future__ import annotations

import asyncio
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.files import File, noise
from support.loopback import Loopback, Request, Wire, reply
from support.zips import entries, is_whole, make_small, read

from reelin import (
    ExtractError,
    FetchError,
    Layout,
    Network,
    Session,
    SinkLost,
    UsageError,
    Wanted,
    resume_point,
)

KIB = 1024
SIZES = [5000, 4, 300 * KIB, 700 * KIB, 10, 400 * KIB, 64 * KIB]


@pytest.fixture(autouse=True)
def in_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to large bodies happens to these."""
    make_small(monkeypatch)


def fill(server: Loopback, sizes: list[int] = SIZES) -> str:
    """A page with a file of each size, and one that is not there."""
    for number, size in enumerate(sizes):
        server.on(f"/{number}.mp4", File(noise(size, number)))
    server.on("/gone.mp4", reply(404))
    return server.page("/gone.mp4", *(f"/{number}.mp4" for number in range(len(sizes))))


def unsized(request: Request, wire: Wire) -> None:
    wire.head(200, {"Content-Type": "video/mp4", "Connection": "close"})
    wire.send(noise(5000))
    wire.close()


def asked(server: Loopback) -> list[str]:
    return [request.path for request in server.requests]


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[str, bytes, Layout]]:
    """A page, its whole archive, and its layout with all checksums."""

    async def whole(page: str) -> tuple[bytes, Layout]:
        async with Session(network=Network(retries=0)) as session:
            return await read(session, page)

    with Loopback() as server, pytest.MonkeyPatch.context() as monkeypatch:
        make_small(monkeypatch)
        page = fill(server)
        yield page, *asyncio.run(whole(page))


def edges(whole: bytes) -> list[int]:
    """Where something begins: entries, bodies, descriptors, the directory, its end."""
    marks = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08", b"\x00\x00\x00\x20")
    found = [each.start() for mark in marks for each in re.finditer(re.escape(mark), whole)]
    return [*(max(0, at + by) for at in found for by in (-1, 0, 1)), len(whole) - 1, len(whole)]


def test_any_cut_is_continued_to_the_same_archive(shared: tuple[str, bytes, Layout]) -> None:
    """With all checksums known, with none, and found out anew."""
    page, whole, known = shared
    unknown = known.with_checks([()] * len(known.entries))
    ways: list[dict[str, Any]] = [{"layout": known}, {"layout": unknown}, {}, {"etag": known.etag}]
    places = st.one_of(st.integers(0, len(whole)), st.sampled_from(edges(whole)))

    @settings(max_examples=60, deadline=None)
    @given(cut=places, way=st.sampled_from(ways))
    def check(cut: int, way: dict[str, Any]) -> None:
        async def rest() -> bytes:
            async with Session(network=Network(retries=0)) as session:
                return (await read(session, page, start=cut, **way))[0]

        assert whole[:cut] + asyncio.run(rest()) == whole

    check()
    assert list(entries(whole)) == [*(f"{at}.mp4" for at in range(len(SIZES))), "_failed.txt"]


def test_any_part_is_had(shared: tuple[str, bytes, Layout]) -> None:
    """Also one that ends before the archive does."""
    page, whole, layout = shared
    places = st.one_of(st.integers(0, len(whole)), st.sampled_from(edges(whole)))

    @settings(max_examples=40, deadline=None)
    @given(start=places, length=st.integers(1, 600 * KIB))
    def check(start: int, length: int) -> None:
        async def part() -> bytes:
            async with Session(network=Network(retries=0)) as session:
                how = {"start": start, "stop": start + length, "layout": layout}
                async with session.stream_zip(page, **how) as archive:  # type: ignore[arg-type]
                    got = b"".join([chunk async for chunk in archive])
                    assert archive.content_length == len(got)
                    assert archive.status == (206 if got else 416)
                    return got

        assert asyncio.run(part()) == whole[start : start + length]

    check()


def test_many_cuts_in_a_row(shared: tuple[str, bytes, Layout]) -> None:
    """Each reader goes on where the last one went away, with the checksums of all before."""
    page, whole, _ = shared

    @settings(max_examples=20, deadline=None)
    @given(lengths=st.lists(st.integers(1, 500 * KIB), max_size=8))
    def check(lengths: list[int]) -> None:
        async def all_of_it() -> bytes:
            got, layout = b"", None
            async with Session(network=Network(retries=0)) as session:
                for most in [*lengths, None]:
                    new, layout = await read(
                        session, page, start=len(got), layout=layout, most=most
                    )
                    got += new
            return got

        assert asyncio.run(all_of_it()) == whole

    check()


async def test_what_has_a_checksum_is_not_fetched_again(server: Loopback) -> None:
    page = fill(server)
    async with Session() as session:
        whole, layout = await read(session, page)
        server.requests.clear()
        cut = whole.index(noise(SIZES[5], 5)) + 350 * KIB
        rest, _ = await read(session, page, start=cut, layout=layout)
    assert whole[:cut] + rest == whole
    assert sorted(asked(server)) == ["/5.mp4", "/6.mp4"]
    (last,) = server.asked("/5.mp4")
    # From the last place whose checksum is known, not from the beginning.
    from_check = max(size for size, _ in layout.entries[5].checks if size <= 350 * KIB)
    assert from_check > 0 and last.headers["range"] == f"bytes={from_check}-"
    assert last.headers["if-range"] == '"version-1"'


async def test_what_the_reader_did_not_get_is_told_by_the_layout_of_the_first_pass(
    server: Loopback,
) -> None:
    """A reader who goes away, a layout that is kept as text, another process."""
    page = fill(server)
    cut = sum(SIZES[:3]) + 200 * KIB
    async with Session() as session:
        begun, layout = await read(session, page, most=cut)
    kept = layout.to_json()
    server.requests.clear()
    async with Session() as session:
        rest, _ = await read(session, start=cut, layout=Layout.from_json(kept))
    assert asked(server).count("/page.html") == 0
    assert set(asked(server)).isdisjoint({"/0.mp4", "/1.mp4", "/2.mp4"})
    found = entries(begun + rest)
    assert "gone.mp4" in found.pop("_failed.txt").decode()
    assert found == {f"{at}.mp4": noise(size, at) for at, size in enumerate(SIZES)}


async def test_breaks_are_healed_behind_the_cut_as_well(server: Loopback) -> None:
    body = noise(900 * KIB)
    file = File(body)
    server.on("/a.mp4", file, file, file.broken_off(100 * KIB, reset=True), file)
    page = server.page("/a.mp4")
    async with Session() as session:
        begun, layout = await read(session, page, most=500 * KIB)
        rest, _ = await read(session, page, start=500 * KIB, layout=layout)
    assert entries(begun + rest) == {"a.mp4": body}
    assert len(server.asked("/a.mp4")) == 4


async def test_another_archive_by_now_begins_anew(server: Loopback) -> None:
    """What If-Range is for: the reader drops what he has when he is told 200."""
    page = fill(server)
    async with Session() as session:
        begun, layout = await read(session, page, most=400 * KIB)
        server.on("/6.mp4", File(noise(SIZES[6], 60), etag='"version-2"'))
        async with session.stream_zip(page, start=len(begun), etag=layout.etag) as archive:
            assert (archive.start, archive.status) == (0, 200)
            assert archive.headers["ETag"] != layout.etag
            got = b"".join([chunk async for chunk in archive])
    assert entries(got)["6.mp4"] == noise(SIZES[6], 60)


async def test_what_the_reader_has_is_never_continued_with_another_version(
    server: Loopback,
) -> None:
    """The one he has half of; and one that he has whole, whose checksum is not known."""
    page = fill(server)
    async with Session(network=Network(retries=0)) as session:
        whole, known = await read(session, page)
        unknown = known.with_checks([()] * len(known.entries))
        for number, layout, cut in ((3, known, 400 * KIB), (0, unknown, 400 * KIB)):
            new = noise(SIZES[number], 50)
            server.on(f"/{number}.mp4", File(new, etag='"version-2"'))
            with pytest.raises((FetchError, SinkLost), match=r"changed|another version"):
                await read(session, page, start=cut, layout=layout)
            server.on(f"/{number}.mp4", File(noise(SIZES[number], number)))
        # One that he has whole may change: its checksum is known.
        server.on("/0.mp4", reply(404))
        rest, _ = await read(session, page, start=400 * KIB, layout=known)
    assert whole[: 400 * KIB] + rest == whole


async def test_what_comes_later_must_be_what_was_promised(server: Loopback) -> None:
    page = fill(server)
    got = b""
    async with Session(network=Network(retries=0)) as session:
        begun, layout = await read(session, page, most=10 * KIB)
        server.on("/6.mp4", File(noise(SIZES[6], 50), etag='"version-2"'))
        with pytest.raises(SinkLost, match="another version"):
            async for chunk in session.stream_zip(layout=layout, start=len(begun)):
                got += chunk
    assert not is_whole(begun + got)


async def test_servers_that_name_no_version(server: Loopback) -> None:
    """What is passed and has a checksum is left alone; the rest of a body is not to be had."""
    for number in range(3):
        server.on(f"/{number}.mp4", File(noise(200 * KIB, number), etag=None))
    page = server.page(*(f"/{number}.mp4" for number in range(3)))
    async with Session(network=Network(retries=0)) as session:
        whole, layout = await read(session, page)
        second = whole.index(noise(200 * KIB, 1))
        rest, _ = await read(session, page, start=second - 20, layout=layout)
        assert whole[: second - 20] + rest == whole
        with pytest.raises((FetchError, SinkLost), match="does not say which version"):
            await read(session, page, start=second + 20, layout=layout)
        # Nobody can know whether it is the same archive.
        async with session.stream_zip(page, start=second, etag=layout.etag) as archive:
            assert archive.start == 0


async def test_a_size_that_is_not_known_any_more(server: Loopback) -> None:
    page = fill(server, [5000])
    async with Session(network=Network(retries=0)) as session:
        _, layout = await read(session, page)
        server.on("/0.mp4", unsized)
        async with session.stream_zip(page, start=9, etag=layout.etag) as archive:
            assert (archive.start, archive.status) == (0, 200)
        with pytest.raises(FetchError, match="cannot go on"):
            await session.stream_zip(page, start=9).open()


async def test_beyond_the_end(server: Loopback) -> None:
    page = fill(server, [5000])
    async with Session() as session:
        whole, layout = await read(session, page)
        for start in (len(whole), len(whole) + 1):
            async with session.stream_zip(layout=layout, start=start) as archive:
                assert archive.status == 416
                assert archive.headers["Content-Range"] == f"bytes */{len(whole)}"
                assert archive.headers["Content-Length"] == "0"
                assert [chunk async for chunk in archive] == []
        with pytest.raises(UsageError, match="start=-1"):
            session.stream_zip(page, start=-1)
        with pytest.raises(UsageError, match="stop=5"):
            session.stream_zip(page, start=5, stop=5)


async def test_what_a_response_says_of_it(server: Loopback) -> None:
    page = fill(server)
    async with Session() as session:
        async with session.stream_zip(page, sized=True) as archive:
            assert archive.status == 200 and archive.layout is not None
            length, etag = archive.layout.length, archive.layout.etag
            assert archive.headers["Accept-Ranges"] == "bytes"
            assert archive.headers["ETag"] == etag
            assert archive.content_length == length
        async with session.stream_zip(page, start=1000, etag=etag) as archive:
            assert archive.status == 206
            assert archive.headers["Content-Range"] == f"bytes 1000-{length - 1}/{length}"
            assert archive.content_length == length - 1000
            assert archive.headers["Content-Length"] == str(length - 1000)
        async with session.stream_zip(page, stop=1000, etag=etag) as archive:
            assert archive.status == 206
            assert archive.headers["Content-Range"] == f"bytes 0-999/{length}"
        async with session.stream_zip(page, stop=length + 9, etag=etag) as archive:
            assert archive.headers["Content-Range"] == f"bytes 0-{length - 1}/{length}"
        async with session.stream_zip(page, start=5, stop=1000, etag='"other"') as archive:
            assert archive.status == 200 and archive.content_length == length
        async with session.stream_zip(page, start=1000, etag=etag) as archive:
            assert archive.headers["Content-Length"] == str(length - 1000)
            assert archive.filename.endswith(".zip")
        async with session.stream_zip(page) as archive:
            assert not {"ETag", "Accept-Ranges", "Content-Length"} & set(archive.headers)


async def test_nothing_is_there_any_more(server: Loopback) -> None:
    page = server.page()
    async with Session() as session:
        with pytest.raises((ExtractError, FetchError)):
            await session.stream_zip(page, start=5).open()


async def test_nothing_of_a_large_entry_that_is_passed_is_fetched(
    server: Loopback, tmp_path: Path
) -> None:
    """ZIP64: what follows 4 GiB has the places and the checksum that it would have had."""
    url = server.on("/b.mp4", File(noise(5000)))
    large = {"size": 2**32 + 7, "name": "a.mp4", "checks": [[2**32 + 7, 0xABCDEF]]}
    small = {"size": 5000, "name": "b.mp4", "checks": []}
    entries = [
        {"item": {"url": url}, "date": "2026-01-01T00:00:00+00:00", "version": None} | each
        for each in (large, small)
    ]
    kept = {"version": 1, "filename": "a.zip", "failed": [], "salt": "", "entries": entries}
    start = 2**32 + 7 + 30 + 5 + 20 + 24  # the first entry with header, extra field, descriptor
    length = start + 5000 + 30 + 5 + 16 + 2 * (46 + 5) + 4 + 16 + 4 + 8 + 56 + 20 + 22
    layout = Layout.from_json(json.dumps(kept | {"length": length}))
    async with Session() as session:
        rest, _ = await read(session, layout=layout, start=start)
    assert start + len(rest) == length
    assert asked(server) == ["/b.mp4"]
    with (tmp_path / "a.zip").open("wb") as file:
        file.seek(start)
        file.write(rest)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        first, second = archive.infolist()
        assert (first.file_size, first.CRC, first.header_offset) == (2**32 + 7, 0xABCDEF, 0)
        assert archive.read(second) == noise(5000)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "17", '{"version": 9}', "[" * 100_000, '{"version": 1, "entries": 5}'],
)
def test_texts_that_are_no_layout(text: str) -> None:
    with pytest.raises(UsageError, match="layout"):
        Layout.from_json(text)


@pytest.mark.parametrize(
    ("headers", "is_fixed", "point"),
    [
        ({}, False, ()),
        ({"Range": "bytes=5-"}, False, ()),
        ({"Range": "bytes=5-"}, True, (5,)),
        ({"range": "bytes=5-", "if-range": '"a"'}, False, (5, None, '"a"')),
        ({"RANGE": "Bytes = 5 -", "If-Range": '"a"'}, True, (5, None, '"a"')),
        ({"Range": "bytes=5-9", "If-Range": '"a"'}, False, (5, 10, '"a"')),
        ({"Range": "bytes=0-9"}, True, (0, 10)),
        ({"Range": "bytes=9-5"}, True, ()),
        ({"Range": "bytes=-5", "If-Range": '"a"'}, False, ()),
        ({"Range": "bytes=0-,5-", "If-Range": '"a"'}, False, ()),
        ({"Range": "items=5-", "If-Range": '"a"'}, False, ()),
        ({"Range": "bytes=" + "9" * 30 + "-"}, True, ()),
        ({"If-Range": '"a"'}, False, ()),
    ],
)
def test_where_a_request_wants_to_go_on(
    headers: dict[str, str], is_fixed: bool, point: tuple[Any, ...]
) -> None:
    assert resume_point(headers, is_fixed=is_fixed) == Wanted(*point)
