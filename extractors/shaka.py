"""Shaka Player (https://shaka-project.github.io): `player.load('https://…/manifest.mpd')`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reelin import Extractor, Link, MediaItem, Page, Player, elements, hookimpl


class Shaka(Player):
    """Shaka Player: the manifests that `load` is given, DASH, HLS or plain."""

    name = "shaka"
    finds = '<script>new shaka.Player(video).load("cats.mpd")</script>'
    marks = ("shaka.", "data-shaka-player")
    calls = ("load", "preload")

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """Behind the address stand the start time and the MIME type."""
        known = [each for each in args[1:] if isinstance(each, str) and "/" in each]
        return [[{"src": args[0], "type": known[0] if known else ""}]] if args else []

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<video data-shaka-player src="x.mpd">`."""
        for element in page.select("[data-shaka-player]"):
            yield from elements.player_items(page, element)


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `shaka`."""
    return [Shaka()]
