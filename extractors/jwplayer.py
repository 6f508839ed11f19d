"""JW Player (https://docs.jwplayer.com): `jwplayer('x').setup({file, sources, playlist})`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reelin import Extractor, Link, MediaItem, Page, Player, elements, hookimpl, type_of


class JwPlayer(Player):
    """JW Player: files, sources and playlists of `setup` and `load`, with titles and captions."""

    name = "jwplayer"
    finds = '<script>jwplayer("v").setup({file: "cats.mp4", title: "Cats"})</script>'
    marks = ("jwplayer",)
    calls = ("setup", "load")
    plays = "video/mp4"

    def read(self, page: Page, value: Any, where: str) -> Iterator[MediaItem | Link]:
        """`playlist` is a list, or the address of one: RSS, or JSON of the same form."""
        listed = value.get("playlist") if isinstance(value, dict) else None
        url = elements.url_in(page, listed) if isinstance(listed, str) else None
        if url and not elements.playable(type_of(url)):
            yield Link(url, where, offsite=True)
        else:
            yield from super().read(page, value, where)


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `jwplayer`."""
    return [JwPlayer()]
