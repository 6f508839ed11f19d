"""What is in an archive: all items, in the page's order, whatever the server does."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import struct
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from support.files import MIB, File, noise
from support.hls import MIME as HLS
from support.loopback import Answer, Loopback, Request, Wire, chunked, reply
from support.zips import READERS, archive, entries, opened

from reelin import Network, Session, Size
from reelin.archive.outlet import FileOutlet
from reelin.archive.thread import Begin, Job, ZipThread

BIG = 10 * MIB


def framed(body: bytes, mime: str = "video/mp4") -> Answer:
    """A body in chunked coding: its length is not announced."""

    def answer(request: Request, wire: Wire) -> None:
        wire.head(200, {"Content-Type": mime, "Transfer-Encoding": "chunked"})
        wire.send(chunked(body) + b"0\r\n\r\n")

    return answer


def late(body: bytes, seconds: float) -> Answer:
    """An answer that comes after a pause."""
    file = File(body)

    def answer(request: Request, wire: Wire) -> None:
        wire.pause(seconds)
        file(request, wire)

    return answer


@pytest.mark.parametrize("spool", [False, True])
async def test_entries_are_in_the_order_of_the_page(
    server: Loopback, tmp_path: Path, spool: bool
) -> None:
    """Though later ones are here sooner, and small ones sooner than large ones."""
    chance = random.Random(3)
    sizes = [BIG, 5000, 9 * MIB, 70_000, 1 * MIB, 8 * MIB, 8 * MIB + 1, 12 * MIB, *[900] * 30]
    bodies = {f"{number}.mp4": noise(size, number) for number, size in enumerate(sizes)}
    for name, body in bodies.items():
        kind = chance.choice([late(body, 0.2), File(body), framed(body)])
        server.on(f"/{name}", kind)
    made = tmp_path / "all.zip"
    report, _ = await archive(server.page(*[f"/{name}" for name in bodies]), made, spool=spool)
    assert report.ok and len(report.saved) == len(bodies)
    found = entries(made)
    assert list(found) == list(bodies) and found == bodies
    assert {each.name: each.size for each in report.saved} == {
        name: len(body) for name, body in bodies.items()
    }
    assert [each.name for each in tmp_path.iterdir()] == ["all.zip"]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a bit of everything: announced and not, small and large, foreign names."""
    made = tmp_path_factory.mktemp("mixed") / "mixed.zip"
    with Loopback() as server:
        links = ["/%E2%82%AC%20%D0%BF%D0%B5%D1%81%D0%BD%D1%8F.mp4", "/b.mp4", "/c.mp4", "/d.mp4"]
        for link, answer in zip(
            links,
            [File(noise(9000)), framed(noise(3000)), File(noise(BIG)), framed(noise(BIG, 2))],
            strict=True,
        ):
            server.on(link, answer)
        server.on("/gone.mp4", reply(404))
        report, _ = asyncio.run(archive(server.page(*links, "/gone.mp4"), made))
    assert len(report.saved) == 4 and len(report.failures) == 1
    return made


@pytest.mark.parametrize("by", READERS)
def test_every_reader_opens_it(by: str, mixed: Path) -> None:
    if shutil.which(READERS[by][0]) is None:
        pytest.skip(f"{by} is not installed")
    done = opened(by, mixed)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_stored_with_utf8_names_and_no_links(mixed: Path) -> None:
    with zipfile.ZipFile(mixed) as made:
        infos = made.infolist()
    assert infos[0].filename == "€ песня.mp4" and infos[0].flag_bits & 0x800
    for each in infos:
        assert each.compress_type == zipfile.ZIP_STORED
        assert each.external_attr >> 16 & 0o170000 in (0, 0o100000)


HOSTILE = {
    'attachment; filename="../../etc/passwd.mp4"': "passwd.mp4",
    'attachment; filename="C:\\\\windows\\\\a.mp4"': "a.mp4",
    "attachment; filename*=UTF-8''a%E2%80%AEexe.mp4": "aexe.mp4",
    'attachment; filename="CON.mp4"': "_CON.mp4",
    'attachment; filename="_failed.txt.mp4"': "_failed.txt.mp4",
}


async def test_names_are_safe_and_unique(server: Loopback, tmp_path: Path) -> None:
    wanted: list[str] = []
    links = []
    for number, (disposition, name) in enumerate(HOSTILE.items()):
        for twin in range(2):
            link = f"/{number}-{twin}.mp4"
            links.append(link)
            server.on(link, reply(200, noise(500), Content_Disposition=disposition))
            stem = name.removesuffix(".mp4")
            wanted.append(f"{stem} (2).mp4" if twin else name)
    report, _ = await archive(server.page(*links), tmp_path / "a.zip")
    assert report.ok
    assert list(entries(tmp_path / "a.zip")) == wanted


@pytest.mark.parametrize(
    ("modified", "date"),
    [
        ("Fri, 14 Jul 2017 02:40:01 GMT", (2017, 7, 14, 2, 40, 0)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", (1980, 1, 1, 0, 0, 0)),
        ("Fri, 01 Jan 2500 00:00:00 GMT", (2107, 12, 31, 23, 59, 58)),
    ],
)
async def test_entries_have_their_dates(
    server: Loopback, tmp_path: Path, modified: str, date: tuple[int, ...]
) -> None:
    """In the directory and before the entry; in UTC, as far as a ZIP can tell them."""
    server.on("/a.mp4", File(noise(500), modified=modified))
    await archive(server.page("/a.mp4"), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as made:
        (info,) = made.infolist()
    assert info.date_time == date
    time, day = struct.unpack_from("<HH", (tmp_path / "a.zip").read_bytes(), 10)
    assert (day >> 9) + 1980 == date[0] and time >> 11 == date[3]


async def test_a_template_names_the_entries(server: Loopback, tmp_path: Path) -> None:
    for name in "ab":
        server.on(f"/{name}.mp4", File(noise(500)))
    page = server.page("/a.mp4", "/b.mp4")
    await archive(page, tmp_path / "a.zip", template="clip.{ext}")
    assert list(entries(tmp_path / "a.zip")) == ["clip.mp4", "clip (2).mp4"]


async def test_a_stream_becomes_one_entry(server: Loopback, tmp_path: Path) -> None:
    """Its transfer makes one body of it first. This one no ffmpeg can make a film of."""
    packets = (b"\x47" + bytes(187)) * 40
    for number in range(3):
        server.on(f"/{number}.ts", reply(200, packets, "video/mp2t"))
    lines = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" + "".join(
        f"#EXTINF:4,\n{number}.ts\n" for number in range(3)
    )
    server.on("/film.m3u8", reply(200, f"{lines}#EXT-X-ENDLIST\n".encode(), HLS))
    server.on("/b.mp4", File(noise(500)))
    async with Session(network=Network(retries=0)) as session:
        chunks = [each async for each in session.stream_zip(server.page("/film.m3u8", "/b.mp4"))]
    assert entries(b"".join(chunks)) == {"a file.ts": packets * 3, "b.mp4": noise(500)}


@pytest.mark.parametrize("size", [5000, BIG])
async def test_a_filter_may_refuse_what_only_its_end_tells(
    server: Loopback, tmp_path: Path, size: int
) -> None:
    """A body of unknown length is then whole before its entry begins, however long it is."""
    server.on("/a.mp4", framed(noise(size)))
    server.on("/b.mp4", framed(noise(size + 1000)))
    page = server.page("/a.mp4", "/b.mp4")
    report, _ = await archive(page, tmp_path / "a.zip", filters=[Size(least=size + 1)])
    assert (report.ok, report.skipped) == (True, 1)
    assert entries(tmp_path / "a.zip") == {"b.mp4": noise(size + 1000)}


async def test_a_small_body_that_begins_anew_is_of_one_version(
    server: Loopback, tmp_path: Path
) -> None:
    old, new = File(noise(70_000, 1), '"1"'), File(noise(80_000, 2), '"2"')
    server.on("/a.mp4", old.broken_off(40_000), new)
    report, _ = await archive(server.page("/a.mp4"), tmp_path / "a.zip")
    assert report.ok
    assert entries(tmp_path / "a.zip") == {"a.mp4": new.body}


async def test_more_entries_than_a_plain_zip_can_count(tmp_path: Path) -> None:
    """70,000 and their number in the directory's ZIP64 end; no server could be that quick."""
    made = tmp_path / "many.zip"
    outlet = FileOutlet(made)
    outlet.open()
    thread = ZipThread[None](outlet, lambda _: None, lambda _: None)
    for number in range(70_000):
        begin = Begin(f"{number}.txt", datetime(2026, 1, 1), 2)
        thread.put(Job(None, [b"%2d" % (number % 100)], 0, begin, ends=True))
    await thread.finish()
    with zipfile.ZipFile(made) as archive:
        assert len(archive.infolist()) == 70_000
        assert archive.testzip() is None
    for by in ("unzip", "bsdtar", "7z"):
        if shutil.which(READERS[by][0]):
            assert opened(by, made).returncode == 0


ZEROS = bytes(16 * MIB)


class Sparse(FileOutlet):
    """A file with holes where there is nothing but zeros."""

    def write(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            if piece is ZEROS:
                os.lseek(self._descriptor, len(piece), os.SEEK_CUR)
            else:
                super().write([piece])


async def test_an_entry_beyond_4_gib(tmp_path: Path) -> None:
    """Whether its size was announced or not, and what lies behind it."""
    made = tmp_path / "large.zip"
    outlet = Sparse(made)
    outlet.open()
    thread = ZipThread[None](outlet, lambda _: None, lambda _: None)
    times = 257
    for name, size in (("told", times * len(ZEROS)), ("not told", None)):
        pieces = (ZEROS for _ in range(times))
        thread.put(Job(None, pieces, 0, Begin(name, datetime(2026, 1, 1), size), ends=True))
    thread.put(Job(None, [b"x"], 0, Begin("last", datetime(2026, 1, 1), 1), ends=True))
    await thread.finish()
    with zipfile.ZipFile(made) as archive:
        sizes = [each.file_size for each in archive.infolist()]
        assert sizes == [times * len(ZEROS)] * 2 + [1]
        assert archive.read("last") == b"x"
