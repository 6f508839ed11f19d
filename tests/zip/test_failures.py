"""What fails: left out and listed, or the archive is visibly no archive. Never a short entry."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.disk import Disk, small_disk
from support.files import MIB, File, noise
from support.loopback import Loopback, Request, Wire, reply
from support.zips import archive, entries

from reelin import Failed, Network, SinkError, SinkLost

BIG = 12 * MIB
ONCE = Network(retries=0, timeout=2.0)


def unresumable(file: File) -> File:
    file.etag = None
    return file


@pytest.mark.parametrize("size", [5000, 6 * MIB])
async def test_what_fails_before_its_entry_is_left_out_and_listed(
    server: Loopback, tmp_path: Path, size: int
) -> None:
    server.on("/a.mp4", File(noise(3000)))
    server.on("/gone.mp4", reply(404))
    server.on("/short.mp4", File(noise(size)).broken_off(size // 2))
    server.on("/b.mp4", File(noise(4000)))
    page = server.page("/a.mp4", "/gone.mp4", "/short.mp4", "/b.mp4")
    report, _ = await archive(page, tmp_path / "a.zip", network=ONCE)
    assert (len(report.saved), len(report.failures)) == (2, 2)
    found = entries(tmp_path / "a.zip")
    assert list(found) == ["a.mp4", "b.mp4", "_failed.txt"]
    listed = found["_failed.txt"].decode().splitlines()
    assert [line.partition(": ")[0] for line in listed] == [
        server.url("/gone.mp4"),
        server.url("/short.mp4"),
    ]


async def test_a_name_of_ours_is_not_given_away(server: Loopback, tmp_path: Path) -> None:
    server.on("/a.mp4", File(noise(500)))
    server.on("/gone.mp4", reply(404))
    page = server.page("/a.mp4", "/gone.mp4")
    await archive(page, tmp_path / "a.zip", network=ONCE, template="_Failed.txt")
    assert list(entries(tmp_path / "a.zip")) == ["_Failed (2).txt", "_failed.txt"]


async def test_a_large_one_is_healed_by_ranges(server: Loopback, tmp_path: Path) -> None:
    file = File(noise(BIG))
    asked = server.on("/a.mp4", *[file.broken_off(2 * MIB, reset=True)] * 3, file)
    report, _ = await archive(server.page("/a.mp4"), tmp_path / "a.zip")
    assert report.ok and asked
    assert entries(tmp_path / "a.zip") == {"a.mp4": file.body}
    assert server.sent < 1.2 * BIG


@pytest.mark.parametrize("file", [File(noise(BIG)), unresumable(File(noise(BIG)))])
async def test_a_large_one_that_fails_takes_the_archive_with_it(
    server: Loopback, tmp_path: Path, file: File
) -> None:
    server.on("/a.mp4", file.broken_off(10 * MIB), reply(404))
    server.on("/b.mp4", File(noise(4000)))
    with pytest.raises(SinkLost, match="broken off"):
        await archive(server.page("/a.mp4", "/b.mp4"), tmp_path / "a.zip", network=ONCE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", [File(noise(BIG)), unresumable(File(noise(BIG)))])
async def test_unless_each_item_is_complete_first(
    server: Loopback, tmp_path: Path, file: File
) -> None:
    server.on("/a.mp4", file.broken_off(10 * MIB), reply(404))
    server.on("/b.mp4", File(noise(4000)))
    page = server.page("/a.mp4", "/b.mp4")
    report, events = await archive(page, tmp_path / "a.zip", network=ONCE, spool=True)
    assert len(report.failures) == 1
    assert list(entries(tmp_path / "a.zip")) == ["b.mp4", "_failed.txt"]


async def test_a_wrong_checksum_is_no_entry(server: Loopback, tmp_path: Path) -> None:
    promise = "sha-256=:" + "A" * 43 + "=:"
    server.on("/a.mp4", reply(200, noise(5000), Repr_Digest=promise))
    report, events = await archive(server.page("/a.mp4"), tmp_path / "a.zip", network=ONCE)
    (failed,) = [each for each in events if isinstance(each, Failed)]
    assert "checksum" in failed.error
    assert list(entries(tmp_path / "a.zip")) == ["_failed.txt"]


# The place where it goes


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.mark.skipif(sys.platform != "linux", reason="mount")
async def test_a_full_disk_ends_the_run(server: Loopback, disk: Disk) -> None:
    disk.mount("size=4m")
    links = [f"/{number}.mp4" for number in range(40)]
    for link in links:
        server.on(link, File(noise(MIB)))
    with pytest.raises(SinkLost, match="No space left"):
        await archive(server.page(*links), disk.path / "a.zip")
    assert list(disk.path.iterdir()) == []
    assert len(server.requests) < len(links)


async def test_it_does_not_wait_for_a_server_to_notice(server: Loopback, disk: Disk) -> None:
    """The second entry is stalled by its server while the disk refuses the first."""
    disk.mount("size=1m")
    server.on("/a.mp4", File(noise(6 * MIB)))

    def stalling(request: Request, wire: Wire) -> None:
        wire.head(200, {"Content-Type": "video/mp4", "Content-Length": BIG})
        wire.send(noise(MIB))
        wire.stall()

    server.on("/b.mp4", stalling)
    with pytest.raises(SinkLost, match="No space left"):
        slow = Network(timeout=60, retries=0)
        await archive(server.page("/a.mp4", "/b.mp4"), disk.path / "a.zip", network=slow)


async def test_what_is_no_file_is_not_replaced(server: Loopback, tmp_path: Path) -> None:
    server.on("/a.mp4", File(noise(500)))
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "folder", Path("/dev/null")):
        with pytest.raises(SinkError, match="no file"):
            await archive(server.page("/a.mp4"), target)
    assert len(server.asked("/a.mp4")) == 0


async def test_an_older_archive_stays_until_the_new_one_is_whole(
    server: Loopback, tmp_path: Path
) -> None:
    made = tmp_path / "a.zip"
    server.on("/a.mp4", File(noise(500)))
    await archive(server.page("/a.mp4"), made)
    before = made.read_bytes()
    server.on("/b.mp4", File(noise(BIG)).broken_off(10 * MIB), reply(404))
    with pytest.raises(SinkLost):
        await archive(server.page("/a.mp4", "/b.mp4"), made, network=ONCE)
    assert made.read_bytes() == before
