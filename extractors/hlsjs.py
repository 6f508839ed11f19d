"""hls.js (https://github.com/video-dev/hls.js): `hls.loadSource('https://…/master.m3u8')`."""

from __future__ import annotations

from reelin import Extractor, Player, hookimpl


class HlsJs(Player):
    """hls.js: the playlists that `loadSource` loads, under whatever name."""

    name = "hlsjs"
    finds = '<script>new Hls().loadSource("cats.m3u8")</script>'
    marks = ("loadSource",)
    calls = ("loadSource",)
    plays = "application/vnd.apple.mpegurl"


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `hlsjs`."""
    return [HlsJs()]
