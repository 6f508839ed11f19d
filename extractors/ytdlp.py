"""Videos and tracks of the sites that yt-dlp knows: its facts and formats, our transfer."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import InitVar, replace
from typing import Annotated, Any, Literal

from reelin import (
    Alternative,
    Audio,
    Extractor,
    MediaItem,
    Network,
    Order,
    Page,
    Transfer,
    UsageError,
    YtdlpTransfer,
    hls,
    hookimpl,
    ytdlp,
)

logger = logging.getLogger(__name__)

Format = Literal["best", "worst", "mp4", "webm", "audio", "mp3", "m4a", "opus", "flac", "wav"]
QUALITY = re.compile(r"(\d{2,5})([pk])|best|worst")


class Ytdlp(Extractor):
    """Videos, tracks and playlists of YouTube, Vimeo, SoundCloud and whatever yt-dlp knows."""

    name = "ytdlp"
    pattern = r"https?://"  # which of them, matches() tells
    needs_page = False
    stands_in = True
    examples = ["https://www.youtube.com/watch?v=BaW_jenozKc", "https://vimeo.com/76979871"]

    format: Annotated[Format, "the rendition to take; audio, mp3…: the audio alone"] = "best"
    quality: Annotated[str, "best, worst, a height such as 720p or a rate such as 192k"] = "best"
    subtitles: Annotated[bool, "subtitles too"] = False
    backend: InitVar[ytdlp.Backend | None] = None

    def __post_init__(self, backend: ytdlp.Backend | None) -> None:
        if not QUALITY.fullmatch(self.quality):
            wanted = "best, worst, a height such as 720p or a rate such as 192k"
            raise UsageError(f"option ytdlp.quality: {self.quality!r} is not {wanted}")
        # By this name dataclasses.replace() hands it on to a copy with other options.
        object.__setattr__(self, "backend", backend or ytdlp.Backend())

    def matches(self, url: str) -> bool:
        """Whether a dedicated extractor of yt-dlp claims this URL. May import yt-dlp."""
        return self._backend.claims(url)

    def for_session(self, network: Network, ffmpeg: str | None = None) -> Ytdlp:
        """Return it with the proxy, cookies, headers, patience and ffmpeg of the session."""
        return replace(self, backend=self._backend.for_session(network, ffmpeg))

    async def extract(self, page: Page) -> AsyncIterator[MediaItem]:
        """Yield what yt-dlp finds at the page's URL, entry by entry."""
        async for info in self._backend.stream(page.url):
            for item in self.items(info):
                yield item

    def transfer(self, order: Order) -> Transfer | None:
        """yt-dlp itself for what only it can fetch."""
        item = order.item
        if item.format is None or item.protocol != "http" or item.mime == hls.MIME:
            return None
        return YtdlpTransfer(order, self._backend)

    def items(self, info: Mapping[str, Any]) -> Iterator[MediaItem]:
        """The item of one video or track, and its subtitles if they are wanted."""
        formats = self._formats(info)
        if formats:
            yield _item(info, formats, self._audio(formats[0]))
        if self.subtitles:
            yield from _subtitles(info)

    def _formats(self, info: Mapping[str, Any]) -> list[ytdlp.Format]:
        """Return what could be fetched, best first; merged only where there is an ffmpeg for it."""
        backend = self._backend
        found = self._rank_formats(info, merged=True)
        if not any(each.is_merged for each in found) or backend.can_merge:
            return found
        without = self._rank_formats(info, merged=False)
        if found[0].is_merged:
            logger.warning(
                "%s: without ffmpeg its best video and audio cannot be put together"
                " (pip install 'reelin[ffmpeg]')",
                _title(info) or info.get("webpage_url"),
            )
        return without

    def _rank_formats(self, info: Mapping[str, Any], *, merged: bool) -> list[ytdlp.Format]:
        only = self._backend.public_only
        return ytdlp.rank_formats(info, self.format, self.quality, merged=merged, public_only=only)

    def _audio(self, chosen: ytdlp.Format) -> Audio | None:
        """Return what the chosen rendition is to become: None, if that is what was asked for."""
        wish = Audio.of(self.format, self.quality)
        if wish is None or chosen.has_video or chosen.ext != wish.format:
            return wish
        return wish if wish.rate and chosen.rate > wish.rate else None

    @property
    def _backend(self) -> ytdlp.Backend:
        backend: ytdlp.Backend = vars(self)["backend"]
        return backend


def _item(info: Mapping[str, Any], formats: list[ytdlp.Format], audio: Audio | None) -> MediaItem:
    best, *others = formats
    shown, title = best.alternative, _title(info)
    return MediaItem(
        shown.url,
        shown.type,
        mime=shown.mime,
        title=title,
        artist=ytdlp.first(info, "artist", "creator", "uploader", "channel", "playlist_uploader"),
        album=ytdlp.first(info, "album", "playlist_title"),
        position=ytdlp.whole(info.get("playlist_index")),
        total=ytdlp.whole(info.get("n_entries")),
        date=ytdlp.date(info),
        size=shown.size,
        width=shown.width,
        height=shown.height,
        duration=ytdlp.number(info.get("duration")),
        bitrate=shown.bitrate,
        language=ytdlp.first(info, "language"),
        thumbnail=ytdlp.url(info.get("thumbnail")),
        filename=_filename(title, best.ext),
        headers=best.headers,
        alternatives=tuple(_beside(shown, each.alternative) for each in others),
        format=shown.format,
        audio=audio,
        origin=f"yt-dlp {ytdlp.text(info.get('extractor'))}".strip(),
    )


def _beside(chosen: Alternative, other: Alternative) -> Alternative:
    return replace(other, type=None) if other.type == chosen.type else other


def _subtitles(info: Mapping[str, Any]) -> Iterator[MediaItem]:
    for language, ext, about in ytdlp.choose_subtitles(info):
        yield MediaItem(
            about["url"],
            "other",
            title=ytdlp.first(about, "name") or language,
            language=language,
            filename=_filename(_title(info), f"{language}.{ext}"),
            headers=ytdlp.read_headers(about),
            origin="yt-dlp subtitles",
        )


def _title(info: Mapping[str, Any]) -> str | None:
    return ytdlp.first(info, "track", "title")


def _filename(title: str | None, ending: str) -> str | None:
    return f"{title.replace('/', '_')}.{ending}" if title and ending else None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `ytdlp`."""
    return [Ytdlp()]
