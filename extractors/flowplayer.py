"""Flowplayer (https://flowplayer.com): `flowplayer('#x', {clip: {sources: […]}})`, and older."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reelin import Extractor, Link, MediaItem, Page, Player, hookimpl, tracks


class Flowplayer(Player):
    """Flowplayer: clips, sources and playlists of scripts and of `data-` attributes."""

    name = "flowplayer"
    finds = '<script>flowplayer("#v", {clip: {sources: [{src: "cats.mp4"}]}})</script>'
    marks = ("flowplayer", "$f(")
    calls = ("flowplayer", "$f", "play")

    def given(self, args: tuple[Any, ...]) -> Iterator[Any]:
        """Not the element, nor the old player's own file: `$f('player', 'x.swf', {clip: …})`."""
        for each in args:
            if isinstance(each, dict | list):
                yield each

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<div data-flashfit data-item='{"sources": […]}'>`, `data-config`, `data-clip`."""
        for name in ("data-item", "data-config", "data-clip", "data-flowplayer", "data-playlist"):
            for element in page.select(f"[{name}]"):
                yield from tracks.in_text(page, element.get(name, ""), name)


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `flowplayer`."""
    return [Flowplayer()]
