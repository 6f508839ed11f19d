"""Live streams of real media: what was recorded plays on without a gap, however they were shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.files import File
from support.hls import MIME, Cut, decoded, put, served
from support.live import QUICK, film_in, recorded
from support.loopback import Answer, Loopback, reply

from reelin import MediaItem, Session
from reelin.plugins.live_recording import LiveRecording
from reelin.transfer.hls.live import LivePlaylist
from reelin.transfer.hls.loading import PlaylistLoader


def window(lines: Sequence[str], first: int, *, ends: bool = False) -> Answer:
    head = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    text = "\n".join([*head, *lines, *(["#EXT-X-ENDLIST"] if ends else []), ""])
    return reply(200, text.encode(), MIME)


async def test_a_map_with_another_token_at_each_reload(
    server: Loopback, fmp4: Cut, tmp_path: Path
) -> None:
    lines = fmp4.lines(*put(server, "x", fmp4.segments, "m4s"))
    windows = []
    for at in range(4):
        server.on(f"/init.mp4?{at}", File(fmp4.init))
        map = f'#EXT-X-MAP:URI="/init.mp4?{at}"'
        windows.append(window([map, *lines[max(0, at - 1) : at + 1]], max(0, at - 1), ends=at == 3))
    report = await recorded(server.on("/live.m3u8", windows[0], *windows), tmp_path)
    assert report.failures == ()
    plain = served(server, "plain", fmp4, kind="m4s")
    saved = film_in(tmp_path)
    assert decoded(saved) == decoded(plain) and decoded(saved, "a") == decoded(plain, "a")
    one = await recorded(plain, tmp_path / "whole")
    assert saved.read_bytes() == film_in(tmp_path / "whole").read_bytes() and one.ok


async def discontinuities(server: Loopback, *windows: Answer) -> list[tuple[str, int]]:
    """The segments that come of these windows, each with its discontinuity number."""
    url = server.on("/live.m3u8", *windows)
    async with Session(network=QUICK) as session:
        playlists = PlaylistLoader(session._client, MediaItem(url))
        media = await playlists.load_media(url, {})
        live = LivePlaylist(playlists, url, media, {}, LiveRecording(60))
        found = [each async for each in live.follow()]
    assert live.lost == 0 and live.ended == ""
    return [(each.uri.rpartition("/")[2], each.discontinuity) for each in found]


def numbered(*names: str) -> list[str]:
    return [f"#EXTINF:0.2,\n/{each}" if each != "*" else "#EXT-X-DISCONTINUITY" for each in names]


@pytest.mark.parametrize("counts", [True, False])
async def test_discontinuities_that_leave_the_window(server: Loopback, counts: bool) -> None:
    """With and without EXT-X-DISCONTINUITY-SEQUENCE, which servers forget."""

    def show(names: str, first: int, gone: int, *, ends: bool = False) -> Answer:
        tag = [f"#EXT-X-DISCONTINUITY-SEQUENCE:{gone}"] if counts else []
        return window([*tag, *numbered(*names)], first, ends=ends)

    found = await discontinuities(
        server,
        show("ab*c", 0, 5),
        show("b*cd", 1, 5),
        show("*cd*e", 2, 5),
        show("d*ef", 3, 6),
        show("*gh", 6, 7),
        show("*ij", 8, 8, ends=True),
    )
    assert found == [*zip("abcdefghij", [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], strict=True)]
