"""Parallel ranges of one file, from servers that break, lie, and change it meanwhile."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.files import LONG_AGO, MIB, File, noise
from support.loopback import Answer, Loopback, Request, Wire, reply
from support.outcomes import fetch, leftovers
from support.runs import holds, interrupt, part_size

from reelin import Network

SIZE = 40 * MIB + 12_345
OLD = File(noise(SIZE, 1), etag='"version-1"')
NEW = File(noise(SIZE, 2), etag='"version-2"')
FOUR = Network(connections=4, retries=2, timeout=5)
pytestmark = pytest.mark.timeout(30)


class Crowd:
    """Counts how many answers are being sent at the same time."""

    def __init__(self, answer: Answer) -> None:
        self.most = 0
        self._answer = answer
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request, wire: Wire) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            self._answer(request, wire)
        finally:
            with self._lock:
                self._now -= 1


async def save(
    server: Loopback, folder: Path, file: File, *answers: Answer, network: Network = FOUR
) -> None:
    """Fetch the file by its answers, to a good end."""
    server.on("/clip.mp4", *answers)
    report, _ = await fetch(server.page("/clip.mp4"), folder, network=network)
    assert report.ok, report.failures
    assert leftovers(folder) == []
    assert holds(folder, clip=file.body)


@pytest.mark.parametrize(
    "file",
    [OLD, File(OLD.body, etag=None, modified=LONG_AGO)],
    ids=["ETag", "Last-Modified"],
)
@pytest.mark.parametrize("connections", [2, 4, 16])
async def test_ranges_together_are_the_file(
    connections: int, file: File, server: Loopback, tmp_path: Path
) -> None:
    server.rate = 100e6
    crowd = Crowd(file)
    network = Network(connections=connections)
    await save(server, tmp_path, file, crowd, network=network)
    # The server may still be busy with the answer that was left when its piece was complete.
    assert 2 <= crowd.most <= connections + 1
    assert server.sent < SIZE + 8 * MIB


@pytest.mark.parametrize(
    "file",
    [
        File(OLD.body, etag=None),
        File(OLD.body, etag='W/"weak"'),
        File(OLD.body, more={"Accept-Ranges": "none"}),
    ],
    ids=["no validator", "weak ETag", "Accept-Ranges: none"],
)
async def test_no_ranges_where_they_are_not_safe(
    file: File, server: Loopback, tmp_path: Path
) -> None:
    await save(server, tmp_path, file, file)
    (request,) = server.asked("/clip.mp4")
    assert "range" not in request.headers


def says(value: str) -> Callable[[int, int], str]:
    return lambda start, total: value.format(n=start, m=start + 1, total=total, last=total - 1)


NOT_UNDERSTOOD = {
    "200": OLD.whole,
    "200 of a new version": NEW,
    "206 of all": OLD.lying(says("bytes 0-{last}/{total}"), lambda body, start: body),
    "206 to the end": OLD.lying(says("bytes {n}-{last}/{total}")),
    "206 one byte on": OLD.lying(says("bytes {m}-{last}/{total}"), lambda b, n: b[n + 1 :]),
    "206 of unknown length": OLD.lying(says("bytes {n}-{last}/*")),
    "206 without Content-Range": OLD.lying(lambda start, total: None),
    "416": reply(416),
    "412": reply(412),
}


@pytest.mark.parametrize("how", NOT_UNDERSTOOD)
async def test_ranges_that_are_not_understood_give_way_to_the_whole(
    how: str, server: Loopback, tmp_path: Path
) -> None:
    def answer(request: Request, wire: Wire) -> None:
        later = NEW if how == "200 of a new version" else OLD
        asked = len(server.asked("/clip.mp4"))
        if asked > 50:
            reply(410)(request, wire)
        elif request.first is None:
            (OLD if asked == 1 else later).whole(request, wire)
        else:
            NOT_UNDERSTOOD[how](request, wire)

    server.on("/clip.mp4", answer)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=FOUR)
    assert report.ok, report.failures
    expected = NEW if how == "200 of a new version" else OLD
    assert holds(tmp_path, clip=expected.body)


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_ranges_that_fail_fail_the_file(
    status: int, server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", OLD.whole, reply(status))
    network = Network(connections=4, retries=1, timeout=2)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=network)
    assert len(report.failures) == 1 and holds(tmp_path)


@pytest.mark.parametrize("honest", [True, False], ids=["knows If-Range", "ignores If-Range"])
@pytest.mark.parametrize("after", [1, 2, 3, 5, 8])
async def test_a_file_that_changes_is_never_glued(
    after: int, honest: bool, server: Loopback, tmp_path: Path
) -> None:
    """The new version is there from the given request on."""

    def answer(request: Request, wire: Wire) -> None:
        file = OLD if len(server.asked("/clip.mp4")) <= after else NEW
        if honest or request.first is None:
            file(request, wire)
        else:
            file.part(request, wire)

    server.on("/clip.mp4", answer)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=FOUR)
    assert holds(tmp_path, clip=NEW.body) if report.ok else holds(tmp_path)


async def test_a_file_that_keeps_changing_ends(server: Loopback, tmp_path: Path) -> None:
    versions = [File(noise(SIZE, seed), etag=f'"{seed}"') for seed in range(3)]

    def answer(request: Request, wire: Wire) -> None:
        asked = len(server.asked("/clip.mp4"))
        (versions[asked % 3] if asked < 100 else reply(410))(request, wire)

    server.on("/clip.mp4", answer)
    server.rate = 400e6
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=FOUR)
    whole = any(holds(tmp_path, clip=version.body) for version in versions)
    assert whole if report.ok else holds(tmp_path)
    assert len(server.asked("/clip.mp4")) < 100


@pytest.mark.parametrize("reset", [True, False])
async def test_pieces_that_break_are_healed(reset: bool, server: Loopback, tmp_path: Path) -> None:
    chance = random.Random(5)

    def answer(request: Request, wire: Wire) -> None:
        if request.first is None or chance.random() < 0.5:
            OLD(request, wire)
            return
        start, end = request.first, (request.last or SIZE) + 1
        head = {"Content-Range": f"bytes {start}-{end - 1}/{SIZE}", "Content-Length": end - start}
        wire.head(206, OLD.headers() | head)
        wire.send(OLD.body[start : start + (end - start) // 2])
        if reset:
            wire.reset()
        else:
            wire.close()

    network = Network(connections=4, retries=5, timeout=5)
    await save(server, tmp_path, OLD, answer, network=network)


async def test_ranges_left_are_taken_up_where_they_were(server: Loopback, tmp_path: Path) -> None:
    server.rate = 80e6
    server.on("/clip.mp4", OLD)
    page = server.page("/clip.mp4")
    await interrupt_ranges(server, page, tmp_path, 20 * MIB)
    server.rate = None
    report, _ = await fetch(page, tmp_path, network=FOUR)
    assert report.ok, report.failures
    assert holds(tmp_path, clip=OLD.body)
    assert server.sent < 1.1 * SIZE


@pytest.mark.parametrize("then", [1, 4], ids=["by one connection", "by four"])
@pytest.mark.parametrize("file", [NEW, File(NEW.body, etag=None)], ids=["tagged", "untagged"])
async def test_ranges_left_of_an_old_version_are_dropped(
    file: File, then: int, server: Loopback, tmp_path: Path
) -> None:
    server.rate = 80e6
    server.on("/clip.mp4", OLD)
    page = server.page("/clip.mp4")
    await interrupt_ranges(server, page, tmp_path, 20 * MIB)
    server.rate = None
    server.on("/clip.mp4", file)
    network = Network(connections=then, retries=2, timeout=5)
    report, _ = await fetch(page, tmp_path, network=network)
    assert report.ok, report.failures
    assert holds(tmp_path, clip=NEW.body)


@pytest.mark.parametrize("damage", ["shorter", "longer", "notes", "half a note"])
async def test_ranges_left_and_then_damaged_are_not_trusted(
    damage: str, server: Loopback, tmp_path: Path
) -> None:
    server.rate = 80e6
    server.on("/clip.mp4", OLD)
    page = server.page("/clip.mp4")
    await interrupt_ranges(server, page, tmp_path, 20 * MIB)
    server.rate = None
    part = tmp_path / "clip.mp4.part"
    (sidecar,) = (path for path in (tmp_path / ".reelin").iterdir() if ".part" in path.name)
    if damage == "shorter":
        with part.open("r+b") as file:
            file.truncate(10 * MIB)
    elif damage == "longer":
        with part.open("ab") as file:
            file.write(b"\0")
    elif damage == "notes":
        with sidecar.open("ab") as file:
            file.write(b'[-5, 3]\n["a"]\n{}\n[1e99, 2]\n\xff\n')
    else:
        text = sidecar.read_bytes()
        sidecar.write_bytes(text[: text.rstrip().rfind(b"]") - 3])
    report, _ = await fetch(page, tmp_path, network=FOUR)
    assert report.ok, report.failures
    assert holds(tmp_path, clip=OLD.body)


async def test_a_part_in_order_is_taken_up_by_ranges(server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", OLD.trickling(8 * MIB))
    page = server.page("/clip.mp4")
    left = await interrupt(page, tmp_path, 8 * MIB)
    server.on("/clip.mp4", OLD)
    before = server.sent
    report, _ = await fetch(page, tmp_path, network=FOUR)
    assert report.ok, report.failures
    assert holds(tmp_path, clip=OLD.body)
    assert server.sent - before < SIZE - left + 8 * MIB


async def interrupt_ranges(server: Loopback, page: str, folder: Path, sent: int) -> None:
    """Leave a run with four connections after so many bytes were sent."""
    from asyncio import sleep, timeout

    from reelin import DiskSink, Session

    async with Session(network=FOUR) as session, session.run(page, sink=DiskSink(folder)):
        async with timeout(20):
            while server.sent < sent:
                await sleep(0.005)
    assert holds(folder) and part_size(folder) == SIZE
