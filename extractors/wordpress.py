"""WordPress's own playlists: JSON in `<script class="wp-playlist-script">`, one a player."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reelin import Extractor, Link, MediaItem, Page, Player, hookimpl, javascript, tracks


class WordPress(Player):
    """WordPress playlists of audio and video, with artist, album, cover and length."""

    name = "wordpress"
    finds = '<script class="wp-playlist-script">{"tracks": [{"src": "song.mp3"}]}</script>'
    marks = ("wp-playlist-script",)

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """`{"tracks": [{"src", "title", "meta": {"artist", "length_formatted"}, "image"}]}`."""
        for script in page.select("script.wp-playlist-script"):
            for literal in javascript.read(script.text or "").literals():
                listed = literal.get("tracks") if isinstance(literal, dict) else None
                entries = (
                    [_flat(each) for each in listed if isinstance(each, dict)]
                    if isinstance(listed, list)
                    else []
                )
                yield from tracks.read(page, entries, "wp-playlist-script")


def _flat(track: dict[str, Any]) -> dict[str, Any]:
    """A track with what its `meta` says, beside its own facts."""
    meta = track.get("meta")
    if not isinstance(meta, dict):
        return track
    facts = {key: meta[key] for key in ("artist", "album") if key in meta}
    return track | facts | {"duration": meta.get("length_formatted")}


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `wordpress`."""
    return [WordPress()]
