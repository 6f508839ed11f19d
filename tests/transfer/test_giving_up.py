"""How often something is tried again: section 8 of the rules."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import pytest
from support.files import LONG_AGO, MIB, File, noise
from support.loopback import Loopback, Request, Wire, endless, reply
from support.outcomes import fetch, leftovers
from support.runs import finals, part_size

from reelin import Network, Session

SMALL = noise(5000)
BIG = File(noise(3 * MIB))
ONCE = Network(retries=0, timeout=2)


@pytest.mark.parametrize(
    "status", [204, 205, 206, 300, 301, 302, 304, 305, 307, 402, 405, 406, 409]
)
@pytest.mark.parametrize("body", [b"", SMALL])
async def test_other_answers_are_no_file_and_not_repeated(
    status: int, body: bytes, server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", reply(status, b"" if status in (204, 304) else body))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    assert len(report.failures) == 1 and str(status) in report.failures[0].error
    assert finals(tmp_path) == {} and leftovers(tmp_path) == []
    assert len(server.asked("/clip.mp4")) == 1


@pytest.mark.parametrize("status", [200, 203])
async def test_these_are_files(status: int, server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", reply(status, SMALL))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    assert report.ok and finals(tmp_path) == {"clip.mp4": SMALL}


async def test_pages_are_tried_again_too(server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", reply(200, SMALL))
    page = server.page("/clip.mp4")
    whole = server._answers["/page.html"][0]
    server.on("/page.html", reply(503), whole)
    report, _ = await fetch(page, tmp_path)
    assert report.ok and finals(tmp_path) == {"clip.mp4": SMALL}


# Retry-After


async def test_a_date_is_waited_for(server: Loopback, tmp_path: Path) -> None:
    def busy(request: Request, wire: Wire) -> None:
        soon = formatdate(time.time() + 2, usegmt=True)
        reply(503, Retry_After=soon)(request, wire)

    server.on("/clip.mp4", busy, reply(200, SMALL))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    first, second = server.asked("/clip.mp4")
    assert report.ok
    assert second.at - first.at >= 0.9  # such dates have whole seconds


@pytest.mark.parametrize(
    "value", [LONG_AGO, "soon", "-5", "1e3", "0x10", "", "nan", "٣", "9" * 5000]
)
async def test_garbage_counts_as_absent(value: str, server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", reply(503, Retry_After=value), reply(200, SMALL))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    assert report.ok and finals(tmp_path) == {"clip.mp4": SMALL}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("value", ["61", "999999999", "Fri, 31 Dec 2100 23:59:59 GMT"])
async def test_too_long_a_wait_is_a_failure(
    status: int, value: str, server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", reply(status, Retry_After=value))
    server.on("/other.mp4", reply(200, SMALL))
    report, _ = await fetch(server.page("/clip.mp4", "/other.mp4"), tmp_path)
    assert len(server.asked("/clip.mp4")) == 1
    assert len(report.failures) == 1 and finals(tmp_path) == {"other.mp4": SMALL}


async def test_a_busy_host_is_left_in_peace_by_all(server: Loopback, tmp_path: Path) -> None:
    def slow(request: Request, wire: Wire) -> None:
        wire.pause(0.4)
        reply(200, SMALL)(request, wire)

    server.on("/a.mp4", reply(429, Retry_After="2"), reply(200, SMALL))
    server.on("/b.mp4", slow)
    later = [f"/{number}.mp4" for number in range(4)]
    for link in later:
        server.on(link, reply(200, SMALL))
    report, _ = await fetch(server.page("/a.mp4", "/b.mp4", *later), tmp_path, workers=2)
    assert report.ok and len(finals(tmp_path)) == 6
    refused = server.asked("/a.mp4")[0].at
    assert min(server.asked(link)[0].at for link in later) - refused >= 1.9


async def test_another_host_is_not_held_up(
    server: Loopback, stranger: Loopback, tmp_path: Path
) -> None:
    server.on("/a.mp4", reply(429, Retry_After="2"), reply(200, SMALL))
    link = stranger.on("/b.mp4", reply(200, SMALL))
    report, _ = await fetch(server.page("/a.mp4", link), tmp_path, workers=2)
    assert report.ok
    assert stranger.asked("/b.mp4")[0].at < server.asked("/a.mp4")[1].at


# The budget


@pytest.mark.parametrize("file", [BIG, File(BIG.body, etag=None)], ids=["resumable", "not"])
@pytest.mark.parametrize("progress", [0, 1, 5_000])
async def test_a_server_that_always_cuts_ends(
    file: File, progress: int, server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", file.broken_off(progress))
    report, _ = await fetch(
        server.page("/clip.mp4"), tmp_path, network=Network(retries=2, timeout=2)
    )
    assert not report.ok and finals(tmp_path) == {}
    assert len(server.asked("/clip.mp4")) == 3


async def test_what_cannot_be_kept_is_no_progress(server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", File(BIG.body, etag=None).broken_off(2 * MIB))
    await fetch(server.page("/clip.mp4"), tmp_path, network=Network(retries=1, timeout=2))
    assert len(server.asked("/clip.mp4")) == 2


async def test_progress_renews_the_budget(server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", BIG.broken_off(MIB // 2 + 1))
    network = Network(retries=1, timeout=2)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=network)
    assert report.ok and finals(tmp_path) == {"clip.mp4": BIG.body}
    assert len(server.asked("/clip.mp4")) == 6


async def test_even_progress_has_a_bound(server: Loopback, tmp_path: Path) -> None:
    """Ten times the retries, and one more for each megabyte."""
    server.on("/clip.mp4", BIG.broken_off(20_000))
    report, _ = await fetch(
        server.page("/clip.mp4"), tmp_path, network=Network(retries=1, timeout=2)
    )
    assert not report.ok and finals(tmp_path) == {}
    assert 10 <= len(server.asked("/clip.mp4")) <= 10 + 3 + 1


async def test_a_host_that_fails_and_fails_is_given_up(server: Loopback, tmp_path: Path) -> None:
    links = [f"/{number}.mp4" for number in range(50)]
    for link in links:
        server.on(link, reply(500))
    report, _ = await fetch(server.page(*links), tmp_path, network=ONCE, workers=4)
    assert len(report.failures) == 50
    assert sum(len(server.asked(link)) for link in links) <= 20 + 4


async def test_one_success_counts_the_failures_anew(server: Loopback, tmp_path: Path) -> None:
    links = [f"/{number}.mp4" for number in range(50)]
    for number, link in enumerate(links):
        server.on(link, reply(200, SMALL) if number % 10 == 9 else reply(500))
    report, _ = await fetch(server.page(*links), tmp_path, network=ONCE, workers=2)
    assert len(report.failures) == 45 and len(finals(tmp_path)) == 5


async def test_missing_files_do_not_condemn_a_host(server: Loopback, tmp_path: Path) -> None:
    links = [f"/{number}.mp4" for number in range(40)]
    server.on("/good.mp4", reply(200, SMALL))
    report, _ = await fetch(server.page(*links, "/good.mp4"), tmp_path, workers=2)
    assert len(report.failures) == 40 and finals(tmp_path) == {"good.mp4": SMALL}


async def test_one_bad_item_changes_no_other(server: Loopback, tmp_path: Path) -> None:
    good = {f"good{number}.mp4": noise(300_000, number) for number in range(8)}
    for name, body in good.items():
        server.on("/" + name, reply(200, body))
    server.on("/gone.mp4", reply(404))
    server.on("/cut.mp4", BIG.broken_off(1000))
    server.on("/page.mp4", reply(200, b"<html>log in</html>", "text/html"))
    links = [f"/{name}" for name in good]
    page = server.page("/gone.mp4", *links[:4], "/cut.mp4", *links[4:], "/page.mp4")
    report, _ = await fetch(page, tmp_path, network=Network(retries=1, timeout=2))
    assert len(report.failures) == 3 and len(report.saved) == 8
    assert finals(tmp_path) == good


# Crawling


async def test_a_body_that_crawls_is_dead(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real floor is 512 bytes a second over 30 s; here the window is one second."""
    monkeypatch.setattr("reelin.net.response.SLOW_SECONDS", 1.0)
    monkeypatch.setattr("reelin.net.response.SLOW_BYTES", 512)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 9999999\r\n\r\n"
    server.on("/clip.mp4", endless(head, [b"\0"], 0.1))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, network=ONCE)
    assert "512 bytes" in report.failures[0].error
    assert part_size(tmp_path) == 0


async def test_a_reader_that_takes_his_time_is_no_crawling_server(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments of a stream that are fetched ahead wait for their turn with bodies half read."""
    monkeypatch.setattr("reelin.net.response.SLOW_SECONDS", 0.3)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    def drops(request: Request, wire: Wire) -> None:
        wire.send(head)
        for _ in range(5):
            wire.send(b"x")
            wire.pause(0.02)

    url, body = server.on("/x", drops), b""
    async with Session(network=ONCE) as session:
        async for chunk in (await session._client.get(url)).chunks():
            body += chunk
            await asyncio.sleep(0.1 if body == b"x" else 0.4)
    assert body == b"xxxxx"


async def test_requests_of_one_item_are_not_sent_in_a_burst(
    server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", reply(502))
    await fetch(server.page("/clip.mp4"), tmp_path, network=Network(retries=2, timeout=2))
    times = [request.at for request in server.asked("/clip.mp4")]
    pauses = [after - before for before, after in pairwise(times)]
    assert pauses[0] >= 0.25 and pauses[1] >= 0.5
