"""Streams that a site of yt-dlp names: their playlists are ours to fetch, in the chosen quality."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import hls
from support.films import films, page, streams
from support.hls import MIME, cut, decoded, served
from support.loopback import Answer, Loopback, Request, Wire, reply
from support.outcomes import fetch

from reelin.extractors.m3u8 import M3U8

TOKEN = {"X-Token": "abc"}


def for_known(answer: Answer) -> Answer:
    """An answer for who sends the token; for others 403."""

    def only(request: Request, wire: Wire) -> None:
        (answer if request.headers.get("x-token") == "abc" else reply(403))(request, wire)

    return only


@pytest.mark.parametrize(("quality", "folder"), [("best", "high"), ("36p", "low")])
async def test_pictures_and_sound_apart(
    server: Loopback, media: Path, film: Path, tmp_path: Path, quality: str, folder: str
) -> None:
    served(server, "high", cut(film, "ts", "-map 0:v"))
    served(server, "low", cut(hls.film(media, "small", "64x36"), "ts", "-map 0:v"))
    served(server, "sound", cut(film, "aac"), kind="aac")
    master = "\n".join(
        (
            "#EXTM3U",
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="/sound/film.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=64x36,CODECS="avc1.4d400a",AUDIO="a"',
            "/low/film.m3u8",
            '#EXT-X-STREAM-INF:BANDWIDTH=190000,RESOLUTION=128x72,CODECS="avc1.4d400b",AUDIO="a"',
            "/high/film.m3u8",
        )
    )
    manifest = server.on("/all.m3u8", for_known(reply(200, master.encode(), MIME)))
    url = page(server, m3u8=manifest, headers=TOKEN)
    report, _ = await fetch(url, tmp_path, extractors=[films(quality=quality), M3U8()])
    assert report.ok, report.failures
    path = tmp_path / "Film.mp4"
    assert streams(path) == ["Video", "Audio"]
    assert decoded(path, "v") == decoded(server.url(f"/{folder}/film.m3u8"), "v")
    assert decoded(path, "a") == decoded(server.url("/sound/film.m3u8"), "a")
