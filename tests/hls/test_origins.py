"""Which servers hear what an item's headers tell: those of its own origin alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hls import KEY, MIME, encrypted, playlist, put
from support.loopback import Loopback, redirect, reply
from support.outcomes import fetch

from reelin import Extractor, MediaItem, Page

BODY = b"\x47" + bytes(187)
HEADERS = {"Authorization": "Bearer hunter2", "Cookie": "id=hunter2", "X-Token": "hunter2"}


class Film(Extractor):
    """Finds one stream, which needs headers."""

    name = "film"

    url: str = ""

    def extract(self, page: Page) -> Iterator[MediaItem]:
        """Yield it."""
        yield MediaItem(self.url, "video", headers={**HEADERS, "Origin": "x"}, protocol="hls")


@pytest.fixture
def stranger() -> Iterator[Loopback]:
    """A server of another origin."""
    with Loopback() as running:
        yield running


async def test_secrets_stay_at_home(server: Loopback, stranger: Loopback, tmp_path: Path) -> None:
    """The playlist names a key, segments and a map elsewhere, and redirects lead there."""
    theirs = [stranger.url(path) for path in put(stranger, "x", [encrypted(BODY, 0), BODY])]
    (mine,) = put(server, "y", [BODY])
    server.on("/moved.ts", redirect(theirs[1]))
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="{stranger.on("/key", reply(200, KEY))}"'
    lines = [key, f"#EXTINF:1,\n{theirs[0]}", "#EXT-X-KEY:METHOD=NONE"]
    lines += [f"#EXTINF:1,\n{each}" for each in (theirs[1], mine, "/moved.ts")]
    url = server.on("/film.m3u8", reply(200, playlist(*lines), MIME))
    start = server.page()
    report, _ = await fetch(start, tmp_path, extractors=[Film(url=url)])
    assert report.ok, report.failures
    heard = [each for each in server.requests if each.path != "/page.html"]
    assert heard and all(each.headers["x-token"] == "hunter2" for each in heard)
    assert {each.headers["origin"] for each in stranger.requests} == {"x"}
    assert len(stranger.requests) == 4
    assert "hunter2" not in repr([each.headers for each in stranger.requests])


async def test_a_playlist_that_moved(server: Loopback, stranger: Loopback, tmp_path: Path) -> None:
    """Its relative addresses are those of the server that it moved to."""
    put(stranger, "x", [BODY] * 2)
    there = stranger.on("/x/f.m3u8", reply(200, playlist(*["#EXTINF:1,\n0.ts"] * 2), MIME))
    start = server.page()
    film = Film(url=server.on("/film.m3u8", redirect(there)))
    report, _ = await fetch(start, tmp_path, extractors=[film])
    assert report.ok, report.failures
    assert len(stranger.requests) == 3
    assert "hunter2" not in repr([each.headers for each in stranger.requests])


async def test_a_query_is_that_of_the_last_redirect(server: Loopback, tmp_path: Path) -> None:
    """EXT-X-DEFINE:QUERYPARAM is of the address that answers (4.4.2.3)."""
    put(server, "x", [BODY])
    server.on("/x/0.ts?t=new", reply(200, BODY))
    lines = ['#EXT-X-DEFINE:QUERYPARAM="t"', "#EXTINF:1,\n/x/0.ts?t={$t}"]
    server.on("/b.m3u8?t=new", reply(200, playlist(*lines, version=11), MIME))
    server.on("/a.m3u8?t=old", redirect("/b.m3u8?t=new"))
    body = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8?t=old\n"
    report, _ = await fetch(server.on("/film.m3u8", reply(200, body, MIME)), tmp_path)
    assert report.ok and len(server.asked("/x/0.ts?t=new")) == 1
