"""The tracks of a stream that are to be fetched, each with its playlist."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...media import hls_variants, m3u8
from ...media.ffmpeg.mux_track import Takes
from ...media.m3u8 import Master, Media, Rendition
from ...model.errors import ExtractError, FetchError
from ...model.item import MediaItem
from .loading import Mirrors, PlaylistLoader
from .segments import count_segments

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlannedTrack:
    """A track to fetch: its playlist at `url`, and mirrors with the same segments.

    name: what the names of its files begin with; an earlier version may have left such files
    """

    name: str
    takes: Takes
    url: str
    media: Media
    variables: Mapping[str, str] = field(default_factory=dict)
    mirrors: Mirrors | None = None
    language: str | None = None
    title: str | None = None


class Plan:
    """Finds the tracks of one item.

    live: whether streams that have no end yet are wanted

    `missing`: subtitles that cannot be had, in words
    """

    def __init__(self, playlists: PlaylistLoader, item: MediaItem, *, live: bool) -> None:
        self._playlists = playlists
        self._item = item
        self._live = live
        self.missing: list[str] = []

    async def find_tracks(self) -> list[PlannedTrack]:
        """Return the tracks, that of the video first.

        Raises `FetchError`, and `ExtractError` for what cannot be fetched as a whole or is
        protected.
        """
        playlist = await self._playlists.load(self._item.url)
        _refuse_protected(playlist)
        if isinstance(playlist, Media):
            takes: Takes = "audio" if self._item.type == "audio" else "all"
            self._check(playlist)
            tracks = [PlannedTrack("main", takes, self._item.url, playlist)]
        else:
            tracks = await self._choose_tracks(playlist)
        return tracks

    async def _choose_tracks(self, master: Master) -> list[PlannedTrack]:
        wish = hls_variants.Choice.read(self._item.format)
        variant, *mirrors = hls_variants.choose_stream(master, wish)
        audio = hls_variants.choose_audio(master, variant, wish)
        urls = [variant.uri, *(each.uri for each in mirrors)]
        takes: Takes = "all"
        if hls_variants.is_audio_only(variant):
            takes = "audio"
            if audio is not None and audio.uri is not None:
                urls, audio = [audio.uri], None
        elif audio is not None:
            takes = "video"
        for missing in hls_variants.list_unmet(master, variant, wish):
            logger.warning("%s: it has no %s", master.url, missing)
        url, media, others = await self._load_first(urls, master)
        self._check(media)
        twins = Mirrors(self._playlists, others, master.variables)
        tracks = [PlannedTrack("main", takes, url, media, master.variables, twins)]
        if audio is not None:
            assert audio.uri is not None
            sound = await self._playlists.load_media(audio.uri, master.variables)
            self._check(sound)
            tracks.append(_plan_rendition("sound", "audio", audio, sound, master))
        for number, each in enumerate(hls_variants.choose_subtitles(master, variant, wish)):
            text = await self._load_subtitles(each, master, is_finite=media.endlist)
            if text is not None:
                name = f"text{number}"
                tracks.append(_plan_rendition(name, "subtitles", each, text, master))
        return tracks

    async def _load_subtitles(
        self, rendition: Rendition, master: Master, *, is_finite: bool
    ) -> Media | None:
        """Load the playlist of subtitles; None, which is noted, where they cannot be had.

        is_finite: whether the film has an end: then what they have now is all of them
        """
        assert rendition.uri is not None
        try:
            media = await self._playlists.load_subtitles(rendition.uri, master.variables)
            media = replace(media, endlist=media.endlist or is_finite)
            if count_segments(media) or not media.endlist:
                self._check(media)
        except (FetchError, ExtractError) as error:
            self.missing.append(f"its subtitles {rendition.name} are missing: {error}")
            return None
        return media

    async def _load_first(
        self, urls: Sequence[str], master: Master
    ) -> tuple[str, Media, Sequence[str]]:
        """Load the first of mirrors that can be had; return it, and those behind it."""
        for number, url in enumerate(urls):
            try:
                media = await self._playlists.load_media(url, master.variables)
                return url, media, urls[number + 1 :]
            except (FetchError, ExtractError) as error:
                if number == len(urls) - 1:
                    raise
                logger.warning("%s; its mirror is taken", error)
        raise ExtractError(f"{master.url}: it names no stream", url=master.url)

    def _check(self, media: Media) -> None:
        """Raise `ExtractError` for a playlist that cannot be fetched as a whole."""
        _refuse_protected(media)
        problem = None
        if media.iframes_only:
            problem = "has single images only"
        elif not media.endlist and not self._live:
            problem = "is live, it has no end yet; --live SECONDS records a part of it"
        elif not count_segments(media) and media.endlist:
            problem = "has no segments"
        if problem:
            raise ExtractError(f"{media.url} {problem}", url=media.url)
        gaps = len(media.segments) - count_segments(media)
        if gaps:
            logger.warning("%s: %d segments are marked as missing by the site", media.url, gaps)
        for note in media.notes:
            logger.info("%s: %s", media.url, note)


def _plan_rendition(
    name: str, takes: Takes, rendition: Rendition, media: Media, master: Master
) -> PlannedTrack:
    assert rendition.uri is not None
    title = rendition.name or None
    about = (rendition.uri, media, master.variables, None, rendition.language, title)
    return PlannedTrack(name, takes, *about)


def _refuse_protected(playlist: Master | Media) -> None:
    names = m3u8.drm_of(playlist)
    if names:
        raise ExtractError(
            f"{playlist.url} is protected by {' and '.join(names)}, which reelin does not open",
            url=playlist.url,
        )
