"""Howler.js (https://howlerjs.com): `new Howl({src: ['a.webm', 'a.mp3']})`."""

from __future__ import annotations

from reelin import Extractor, Player, hookimpl


class Howler(Player):
    """Howler.js: the sounds of `new Howl(…)`, and the playlists that they are made of."""

    name = "howler"
    finds = '<script>new Howl({src: ["song.webm", "song.mp3"]})</script>'
    marks = ("Howl(", "howler")
    calls = ("Howl",)
    plays = "audio/mpeg"


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `howler`."""
    return [Howler()]
