"""What of a playlist is to be fetched: the tracks that make up the film, each with its playlist."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...media import hls, m3u8
from ...media.ffmpeg.mux_track import Takes
from ...media.m3u8 import Master, Media, Rendition
from ...model.errors import ExtractError, FetchError
from ...model.item import MediaItem
from .loading import Mirrors, Playlists
from .segments import total

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the tracks to fetch: its playlist at `url`, and others with the same segments."""

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
    """

    def __init__(self, playlists: Playlists, item: MediaItem, *, live: bool) -> None:
        self._playlists = playlists
        self._item = item
        self._live = live

    async def parts(self) -> list[Part]:
        """The tracks, that of the pictures first.

        Raises `FetchError`, and `ExtractError` for what cannot be fetched as a whole or is
        protected.
        """
        playlist = await self._playlists.load(self._item.url)
        _refuse_protected(playlist)
        if isinstance(playlist, Media):
            return [self._checked(Part("main", self._main_takes(), self._item.url, playlist))]
        return await self._of_master(playlist)

    async def _of_master(self, master: Master) -> list[Part]:
        wish = hls.Choice.read(self._item.format)
        variant, *mirrors = hls.choose_stream(master, wish)
        sound = hls.choose_audio(master, variant, wish)
        urls = [variant.uri, *(each.uri for each in mirrors)]
        takes: Takes = "all"
        if hls.is_audio_only(variant):
            takes = "audio"
            if sound is not None and sound.uri is not None:
                urls, sound = [sound.uri], None
        elif sound is not None:
            takes = "video"
        for missing in hls.list_unmet(master, variant, wish):
            logger.warning("%s: it has no %s", master.url, missing)
        url, media, others = await self._first_of(urls, master)
        twins = Mirrors(self._playlists, others, master.variables)
        parts = [Part("main", takes, url, media, master.variables, twins)]
        if sound is not None:
            parts.append(await self._rendition("sound", "audio", sound, master))
        for number, each in enumerate(hls.choose_subtitles(master, variant, wish)):
            parts.append(await self._rendition(f"text{number}", "subtitles", each, master))
        return [self._checked(each) for each in parts]

    async def _rendition(
        self, name: str, takes: Takes, rendition: Rendition, master: Master
    ) -> Part:
        assert rendition.uri is not None
        media = await self._playlists.media(rendition.uri, master.variables)
        title = rendition.name or None
        about = (rendition.uri, media, master.variables, None, rendition.language, title)
        return Part(name, takes, *about)

    async def _first_of(
        self, urls: Sequence[str], master: Master
    ) -> tuple[str, Media, Sequence[str]]:
        """The first of mirrors that can be had, and those behind it."""
        for number, url in enumerate(urls):
            try:
                media = await self._playlists.media(url, master.variables)
                return url, media, urls[number + 1 :]
            except (FetchError, ExtractError) as error:
                if number == len(urls) - 1:
                    raise
                logger.warning("%s; its mirror is taken", error)
        raise ExtractError(f"{master.url}: it names no stream", url=master.url)

    def _main_takes(self) -> Takes:
        return "audio" if self._item.type == "audio" else "all"

    def _checked(self, part: Part) -> Part:
        """Raise `ExtractError` for a playlist that cannot be fetched as a whole."""
        media = part.media
        _refuse_protected(media)
        problem = None
        if media.iframes_only:
            problem = "has single pictures only"
        elif not media.endlist and not self._live:
            problem = "is live, it has no end yet; --live SECONDS records a part of it"
        elif not total(media) and media.endlist:
            problem = "has no segments"
        if problem:
            raise ExtractError(f"{media.url} {problem}", url=media.url)
        gaps = len(media.segments) - total(media)
        if gaps:
            logger.warning("%s: %d segments are marked as missing by the site", media.url, gaps)
        for note in media.notes:
            logger.info("%s: %s", media.url, note)
        return part


def _refuse_protected(playlist: Master | Media) -> None:
    names = m3u8.drm_of(playlist)
    if names:
        raise ExtractError(
            f"{playlist.url} is protected by {' and '.join(names)}, which reelin does not open",
            url=playlist.url,
        )
