"""APlayer (https://aplayer.js.org) and MetingJS: songs with covers and lyrics, and their markup."""

from __future__ import annotations

from collections.abc import Iterator

from reelin import Extractor, Link, MediaItem, Page, Player, hookimpl, tracks

ELEMENTS = "meting-js, .aplayer, [data-aplayer]"


class APlayer(Player):
    """APlayer and MetingJS: the songs of scripts and of `<meting-js>` with artist and cover."""

    name = "aplayer"
    finds = '<script>new APlayer({audio: [{name: "Song", url: "song.mp3"}]})</script>'
    marks = ("APlayer", "aplayer", "meting-js")
    calls = ("APlayer", "list.add")
    plays = "audio/mpeg"

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<meting-js name="…" artist="…" url="x.mp3" cover="x.jpg">`, with or without `data-`."""
        songs = []
        for element in page.select(ELEMENTS):
            said = {name.removeprefix("data-"): value for name, value in element.items()}
            if "url" in said:
                kept = ("name", "title", "artist", "author", "cover", "pic", "lrc", "url")
                songs.append({key: said[key] for key in kept if key in said})
        yield from tracks.read(page, songs, "<meting-js>")


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `aplayer`."""
    return [APlayer()]
