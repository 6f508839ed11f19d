"""JW Player (https://docs.jwplayer.com): `jwplayer('x').setup({file, sources, playlist})`."""

from __future__ import annotations

from reelin import Extractor, Player, hookimpl


class JwPlayer(Player):
    """JW Player: files, sources and playlists of `setup` and `load`, with titles and captions."""

    name = "jwplayer"
    finds = '<script>jwplayer("v").setup({file: "cats.mp4", title: "Cats"})</script>'
    marks = ("jwplayer", "JWPlayer")
    calls = ("setup", "load")
    plays = "video/mp4"


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `jwplayer`."""
    return [JwPlayer()]
