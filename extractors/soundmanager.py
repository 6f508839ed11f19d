"""SoundManager 2 (http://www.schillmania.com): `soundManager.createSound({id, url})`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reelin import Extractor, Player, hookimpl


class SoundManager(Player):
    """SoundManager 2: the sounds that `createSound` is given."""

    name = "soundmanager"
    finds = '<script>soundManager.createSound({id: "song", url: "song.mp3"})</script>'
    marks = ("soundManager", "soundmanager2")
    calls = ("createSound", "createVideo")
    plays = "audio/mpeg"

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """An object, or `(id, url)`."""
        return args[1:2] if args and isinstance(args[0], str) else args[:1]


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `soundmanager`."""
    return [SoundManager()]
