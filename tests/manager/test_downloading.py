"""Downloads of a run: what lands where, how many at a time, and who is not disturbed."""

from __future__ import annotations

import asyncio
import base64
import threading
from pathlib import Path

import pytest
from support.disk import small_disk
from support.files import MIB, File, noise
from support.loopback import Answer, Loopback, Request, Wire, page, raw, redirect, reply
from support.manager import (
    BODY,
    done,
    facts,
    status,
)

from reelin import DownloadManager


async def test_files_land_under_exactly_the_names_that_were_given(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a.mp4", File(BODY))
    names = ["plain.mp4", "no extension", "evil.exe", "nul", "a.part", "a", "ä" * 120 + ".x"]
    for name in names:
        manager.add_download(url, tmp_path / name)
    await manager.start_downloads()
    assert {each["status"] for each in manager.list_all_tasks()} == {"completed"}
    assert all((tmp_path / name).read_bytes() == BODY for name in names)
    assert {each["percentage"] for each in manager.get_all_progress()} == {100.0}
    assert {each["downloaded_bytes"] for each in manager.get_all_progress()} == {len(BODY)}
    assert not (tmp_path / ".reelin").exists()


@pytest.mark.parametrize(
    "answer",
    [
        page("<!doctype html><title>Sorry</title>"),
        reply(
            200, b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n", "application/x-mpegurl"
        ),
        reply(200, b'{"error": 1}', "application/json"),
        reply(200, b""),
    ],
    ids=["page", "playlist", "data", "nothing"],
)
async def test_a_url_is_downloaded_whatever_it_is(
    answer: Answer, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    task_id = manager.add_download(server.on("/film.mp4", answer), tmp_path / "film.mp4")
    await manager.start_downloads()
    told = facts(manager, task_id)
    assert told["status"] == "completed" and told["percentage"] == 100.0
    assert (tmp_path / "film.mp4").stat().st_size == told["downloaded_bytes"]
    assert len(server.requests) == 1


async def test_one_bad_task_never_stops_the_others_and_is_tried_again(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    good = [server.on(f"/{number}", reply(200, b"good")) for number in range(5)]
    bad = [
        server.on("/gone", reply(404), reply(200, b"here again")),
        server.on("/garbage", raw(b"not http\r\n\r\n")),
        server.on("/loop", reply(302, b"", Location="/loop")),
        "http://127.0.0.1:9/dead-host",
    ]
    for number, url in enumerate([*bad, *good]):
        manager.add_download(url, tmp_path / f"{number}")
    await manager.start_downloads()
    assert [each["status"] for each in manager.list_all_tasks()] == ["failed"] * 4 + [
        "completed"
    ] * 5
    errors = [each["error"] for each in manager.list_all_tasks()]
    assert "404" in (errors[0] or "") and errors[4] is None
    await manager.start_downloads()
    assert [each["status"] for each in manager.list_all_tasks()].count("failed") == 3
    assert (tmp_path / "0").read_bytes() == b"here again"
    assert all(len(server.asked(f"/{number}")) == 1 for number in range(5))


async def test_a_place_that_cannot_be_written_fails_its_own_task(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a", reply(200, b"good"))
    manager.add_download(url, tmp_path / "a" / "x")
    manager.add_download(url, tmp_path / "b")
    (tmp_path / "a" / "x").mkdir()
    await manager.start_downloads()
    assert [each["status"] for each in manager.list_all_tasks()] == ["failed", "completed"]
    assert str(tmp_path / "a") in (manager.list_all_tasks()[0]["error"] or "")


async def test_one_that_fills_the_disk_does_not_stop_the_others(
    server: Loopback, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        disk.mount("size=3m")
        manager = DownloadManager(max_concurrent=1)
        large, small = File(noise(4 * MIB)), File(BODY)
        manager.add_download(server.on("/large", large), disk.path / "large")
        manager.add_download(server.on("/small", small), disk.path / "small")
        await manager.start_downloads()
        told = manager.list_all_tasks()
        assert [each["status"] for each in told] == ["failed", "completed"]
        assert "No space left" in (told[0]["error"] or "")
        await manager.start_downloads()
        assert done(manager, "task_1") > 0, "what came of the last one is kept"
        disk.mount("remount,size=20m")
        await manager.start_downloads()
        assert (disk.path / "large").read_bytes() == large.body
    assert server.asked("/large")[2].first is not None


@pytest.mark.parametrize("most", [1, 3])
async def test_no_more_at_once_than_that(most: int, server: Loopback, tmp_path: Path) -> None:
    lock, now, highest = threading.Lock(), 0, 0

    def counted(request: Request, wire: Wire) -> None:
        nonlocal now, highest
        with lock:
            now += 1
            highest = max(highest, now)
        try:
            wire.pause(0.02)
            File(BODY)(request, wire)
        finally:
            with lock:
                now -= 1

    manager = DownloadManager(max_concurrent=most)
    for number in range(8):
        manager.add_download(server.on(f"/{number}", counted), tmp_path / str(number))
    await asyncio.gather(manager.start_downloads(), manager.start_downloads())
    assert highest == most


async def test_one_connection_for_each_even_when_the_server_is_slow(tmp_path: Path) -> None:
    body = noise(24 * MIB)
    with Loopback(rate=8 * MIB) as server:
        manager = DownloadManager()
        task_id = manager.add_download(server.on("/a", File(body)), tmp_path / "a")
        await manager.start_downloads()
        assert status(manager, task_id) == "completed" and len(server.requests) == 1


async def test_tasks_with_logins_of_their_own(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    def who(request: Request, wire: Wire) -> None:
        wire.pause(0.05)
        sent = request.headers.get("authorization", "").removeprefix("Basic ")
        reply(200, base64.b64decode(sent) or b"nobody")(request, wire)

    for name in ("me:1", "you:2", "nobody"):
        url = server.on(f"/{name}", redirect(f"/{name}/there"))
        server.on(f"/{name}/there", who)
        login = f"//{name}@" if ":" in name else "//"
        manager.add_download(url.replace("//", login), tmp_path / name)
    await manager.start_downloads()
    for name in ("me:1", "you:2", "nobody"):
        assert (tmp_path / name).read_text() == name
