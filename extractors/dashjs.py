"""dash.js (https://dashjs.org): `player.initialize(video, 'https://…/manifest.mpd', true)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reelin import Extractor, Link, MediaItem, Page, Player, elements, hookimpl


class DashJs(Player):
    """dash.js: the manifests that `initialize` and `attachSource` play."""

    name = "dashjs"
    finds = '<script>dashjs.MediaPlayer().create().initialize(video, "cats.mpd")</script>'
    marks = ("dashjs", "Dash.dash", "dash.all", "data-dashjs-player")
    calls = ("initialize", "attachSource")
    plays = "application/dash+xml"

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """The manifest is the only text among the arguments: before it stands the element."""
        return [each for each in args if isinstance(each, str)][:1]

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<video data-dashjs-player src="x.mpd">`."""
        for element in page.select("[data-dashjs-player]"):
            yield from elements.player_items(page, element)


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `dashjs`."""
    return [DashJs()]
