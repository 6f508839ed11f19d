"""wavesurfer.js (https://wavesurfer.xyz): `WaveSurfer.create({url})` and `wavesurfer.load(url)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reelin import Extractor, Player, hookimpl


class WaveSurfer(Player):
    """wavesurfer.js: the audio of `create` and `load`."""

    name = "wavesurfer"
    finds = '<script>WaveSurfer.create({container: "#w", url: "song.mp3"})</script>'
    marks = ("WaveSurfer", "wavesurfer")
    calls = ("WaveSurfer.create", "load", "loadBlob")
    plays = "audio/mpeg"

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """Behind the address stand peaks and preload."""
        return args[:1]


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `wavesurfer`."""
    return [WaveSurfer()]
