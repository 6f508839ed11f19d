"""Amplitude.js (https://521dimensions.com): `Amplitude.init({songs: [{name, artist, url}]})`."""

from __future__ import annotations

from collections.abc import Iterator

from reelin import Extractor, Link, MediaItem, Page, Player, elements, hookimpl, tracks


class Amplitude(Player):
    """Amplitude.js: songs and playlists with artist, album and cover."""

    name = "amplitude"
    finds = '<script>Amplitude.init({songs: [{name: "Song", url: "song.mp3"}]})</script>'
    marks = ("Amplitude", "amplitude")
    calls = ("Amplitude.init", "addSong", "playNow", "addPlaylist")
    plays = "audio/mpeg"

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`<div data-amplitude-song-url="x.mp3">`, as its older versions have it."""
        songs = [
            {"src": element.get("data-amplitude-song-url"), "text": elements.text_of(element)}
            for element in page.select("[data-amplitude-song-url]")
        ]
        yield from tracks.read(page, songs, "data-amplitude-song-url")


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `amplitude`."""
    return [Amplitude()]
