"""Answers that bring no page, which are failures, and pages that hardly look like one."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from support.loopback import Loopback, reply
from support.outcomes import fetch


@pytest.mark.parametrize("status", [204, 205, 300, 301, 302, 303, 304, 305, 307, 308])
async def test_a_status_without_a_page_is_told(
    status: int, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/page", reply(status, b"", "text/html"))
    report, _ = await fetch(url, tmp_path)
    (failed,) = report.failures
    assert f"answers {status}" in failed.error and failed.status == status
    assert ("where to" in failed.error) is (status in (301, 302, 303, 307, 308))


@pytest.mark.parametrize("status", [204, 302, 304])
async def test_a_further_page_that_is_none_is_missed(
    status: int, server: Loopback, tmp_path: Path
) -> None:
    server.on("/1.mp3", reply(200, b"ID3" + bytes(3000), "audio/mpeg"))
    server.on("/2", reply(status, b"", "text/html"))
    feed = (
        b'<rss><channel><a:link xmlns:a="http://www.w3.org/2005/Atom" rel="next" href="/2"/>'
        b'<item><enclosure url="/1.mp3"/></item></channel></rss>'
    )
    start = server.on("/1", reply(200, feed, "application/rss+xml"))
    report, _ = await fetch(start, tmp_path)
    assert len(report.saved) == 1
    assert [each.status for each in report.failures] == [status]


@pytest.mark.parametrize("mime", ["text/html", "application/xhtml+xml"])
async def test_a_page_that_is_packed_without_a_word_is_read(
    mime: str, server: Loopback, tmp_path: Path
) -> None:
    server.on("/1.mp3", reply(200, b"ID3" + bytes(3000), "audio/mpeg"))
    body = gzip.compress(b'<audio src="/1.mp3"></audio>', mtime=0)
    report, _ = await fetch(server.on("/page", reply(200, body, mime)), tmp_path)
    assert report.ok and len(report.saved) == 1


async def test_a_packed_page_that_is_cut_is_a_failure(server: Loopback, tmp_path: Path) -> None:
    body = gzip.compress(b'<audio src="/1.mp3"></audio>' * 50, mtime=0)[:-12]
    report, _ = await fetch(server.on("/page", reply(200, body, "text/html")), tmp_path)
    assert report.failures and not report.saved
