"""jPlayer (https://jplayer.org): `setMedia` with one address a format, and jPlayerPlaylist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reelin import Extractor, Player, hookimpl


class JPlayer(Player):
    """jPlayer: the media of `setMedia` and of playlists, all formats of a track as one item."""

    name = "jplayer"
    finds = '<script>$("#j").jPlayer("setMedia", {title: "Song", mp3: "song.mp3"})</script>'
    marks = ("jPlayer", "jplayer")
    calls = ("jPlayer", "setMedia", "jPlayerPlaylist", "setPlaylist", "add")
    plays = "audio/mpeg"

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """Not the name of a method, as in `$(…).jPlayer('setMedia', {…})`."""
        return [each for each in args if isinstance(each, dict | list)]


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `jplayer`."""
    return [JPlayer()]
