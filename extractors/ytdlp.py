"""Videos and tracks of the sites that yt-dlp knows: its facts and formats, our transfer."""

from __future__ import annotations

import asyncio
import math
import re
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import InitVar, dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from reelin import Alternative, Extractor, MediaItem, Network, Page, UsageError, hookimpl, ytdlp

Format = Literal["best", "worst", "mp4", "webm", "audio", "mp3", "m4a", "opus", "flac", "wav"]
AUDIO = ("audio", "mp3", "m4a", "opus", "flac", "wav")
QUALITY = re.compile(r"(\d{2,5})([pk])|best|worst")
# How formats are fetched, the simplest first. Others (`mhtml`, `rtmp`…) are none for us.
PROTOCOLS = {"http": 0, "https": 0, "m3u8_native": 1, "m3u8": 1, "http_dash_segments": 2}
MANIFESTS = {1: "application/vnd.apple.mpegurl", 2: "application/dash+xml"}
SUBTITLES = ("vtt", "srt", "ass", "ssa", "ttml", "lrc")  # the most usual first
AUDIO_ONLY = frozenset("aac aiff flac m4a m4b mka mp2 mp3 oga ogg opus wav weba wma".split())
# The subtype of a MIME type where it is not the extension.
SUBTYPES = {
    "3gp": "3gpp",
    "avi": "x-msvideo",
    "flv": "x-flv",
    "m4a": "mp4",
    "m4b": "mp4",
    "m4v": "mp4",
    "mka": "x-matroska",
    "mkv": "x-matroska",
    "mov": "quicktime",
    "mp2": "mpeg",
    "mp3": "mpeg",
    "oga": "ogg",
    "ogv": "ogg",
    "opus": "ogg",
    "ts": "mp2t",
    "weba": "webm",
    "wma": "x-ms-wma",
    "wmv": "x-ms-wmv",
}


class Ytdlp(Extractor):
    """Videos, tracks and playlists of YouTube, Vimeo, SoundCloud and whatever yt-dlp knows."""

    name = "ytdlp"
    pattern = r"https?://"  # which of them, matches() tells
    needs_page = False
    examples = ["https://www.youtube.com/watch?v=BaW_jenozKc", "https://vimeo.com/76979871"]

    format: Annotated[Format, "the rendition to take; audio, mp3…: the sound alone"] = "best"
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

    def within(self, network: Network) -> Ytdlp:
        """With the proxy, cookies, headers and patience of the session."""
        return replace(self, backend=self._backend.within(network))

    async def extract(self, page: Page) -> AsyncIterator[MediaItem]:
        """Yield what yt-dlp finds at the page's URL, entry by entry."""
        async for info in _by_thread(self._backend.entries(page.url)):
            for item in self.items(info):
                yield item

    def items(self, info: Mapping[str, Any]) -> Iterator[MediaItem]:
        """The item of one video or track, and its subtitles if they are wanted."""
        formats = _best_first(_formats(info), self.format, self.quality)
        if formats:
            yield _item(info, formats)
        if self.subtitles:
            yield from _subtitles(info)

    @property
    def _backend(self) -> ytdlp.Backend:
        backend: ytdlp.Backend = vars(self)["backend"]
        return backend


async def _by_thread(entries: Iterator[ytdlp.Info]) -> AsyncIterator[ytdlp.Info]:
    """The entries, each made in a thread that nothing waits for at the program's end."""
    loop = asyncio.get_running_loop()
    while True:
        made: asyncio.Future[ytdlp.Info | None] = loop.create_future()
        step = threading.Thread(target=_step, args=(entries, loop, made), daemon=True)
        step.start()
        info = await made
        if info is None:
            return
        yield info


def _step(
    entries: Iterator[ytdlp.Info],
    loop: asyncio.AbstractEventLoop,
    made: asyncio.Future[ytdlp.Info | None],
) -> None:
    info, problem = None, None
    try:
        info = next(entries, None)
    except Exception as error:
        problem = error

    def tell() -> None:
        if made.done():  # nobody waits any more
            return
        if problem is None:
            made.set_result(info)
        else:
            made.set_exception(problem)

    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(tell)


# Formats


@dataclass(frozen=True)
class _Format:
    """A format of yt-dlp. `transport`: as in PROTOCOLS; `rate`: kbit/s of the sound, if known."""

    shown: Alternative
    transport: int
    picture: bool
    sound: bool
    ext: str
    codec: str
    rate: float
    headers: Mapping[str, str]


def _formats(info: Mapping[str, Any]) -> list[_Format]:
    """The formats that could be fetched, best first, each URL once."""
    found: dict[str, _Format] = {}
    for each in reversed(_dicts(info.get("formats")) or [dict(info)]):
        known = _format(each)
        if known:
            found.setdefault(known.shown.url, known)
    return list(found.values())


def _format(about: Mapping[str, Any]) -> _Format | None:
    protocol = _text(about.get("protocol")) or _text(about.get("url")).partition(":")[0]
    transport = PROTOCOLS.get(protocol)
    ext = _text(about.get("ext")).lower()
    picture = about.get("vcodec") != "none" and ext not in AUDIO_ONLY
    sound = about.get("acodec") != "none"
    url = _text(about.get("url"))
    if transport and (transport == 2 or (picture and not sound)):
        # One part of a stream: the manifest names the others as well.
        manifest = _text(about.get("manifest_url"))
        url, sound = manifest or url, sound or bool(manifest)
    if transport is None or not url.startswith(("http://", "https://")):
        return None
    if about.get("has_drm") is True or not (picture or sound):
        return None
    kind: Literal["video", "audio"] = "video" if picture else "audio"
    codecs = [_text(about.get(each)) for each in ("vcodec", "acodec")]
    height, rate = _whole(about.get("height")), _number(about.get("tbr"))
    shown = Alternative(
        url,
        type=kind,
        mime=MANIFESTS.get(transport) or (f"{kind}/{SUBTYPES.get(ext, ext)}" if ext else None),
        width=_whole(about.get("width")),
        height=height,
        size=_whole(about.get("filesize")),
        bitrate=_whole(rate * 1000) if rate else None,
        codecs=",".join(each for each in codecs if each not in ("", "none")) or None,
        label=_text(about.get("format_note")) or (f"{height}p" if height else None),
    )
    sound_rate = _number(about.get("abr")) or rate or math.inf
    headers = ytdlp.headers_of(about)
    return _Format(shown, transport, picture, sound, ext, codecs[1], sound_rate, headers)


def _best_first(formats: list[_Format], wanted: Format, quality: str) -> list[_Format]:
    """The formats, the one to take in front. Films without sound only where none has any."""
    found = [each for each in formats if each.sound] or list(formats)
    if "worst" in (wanted, quality):
        found.reverse()
    number = re.match(r"\d+", quality)
    if number:
        found.sort(key=lambda each: _distance(each, int(number[0]), quality[-1]))
    to_be_seen = wanted not in AUDIO and any(each.picture for each in found)

    def misfit(each: _Format) -> tuple[bool, bool, int]:
        is_other = wanted in ("mp4", "webm", *AUDIO[1:]) and wanted not in (each.ext, each.codec)
        return each.picture is not to_be_seen, is_other, each.transport

    return sorted(found, key=misfit)


def _distance(each: _Format, wanted: int, unit: str) -> tuple[float, float]:
    """How far a format is from a height or a rate; of two as near, the lower one is first."""
    has = each.rate if unit == "k" else each.shown.height or math.inf
    return abs(has - wanted), has


# Items


def _item(info: Mapping[str, Any], formats: list[_Format]) -> MediaItem:
    best, *others = formats
    shown, title = best.shown, _title(info)
    return MediaItem(
        shown.url,
        shown.type,
        mime=shown.mime,
        title=title,
        artist=_first(info, "artist", "creator", "uploader", "channel", "playlist_uploader"),
        album=_first(info, "album", "playlist_title"),
        position=_whole(info.get("playlist_index")),
        total=_whole(info.get("n_entries")),
        date=_date(info),
        size=shown.size,
        width=shown.width,
        height=shown.height,
        duration=_number(info.get("duration")),
        bitrate=shown.bitrate,
        language=_first(info, "language"),
        thumbnail=_url(info.get("thumbnail")),
        filename=_filename(title, best.ext),
        headers=best.headers,
        alternatives=tuple(_beside(shown, each.shown) for each in others),
        origin=f"yt-dlp {_text(info.get('extractor'))}".strip(),
    )


def _beside(chosen: Alternative, other: Alternative) -> Alternative:
    return replace(other, type=None) if other.type == chosen.type else other


def _subtitles(info: Mapping[str, Any]) -> Iterator[MediaItem]:
    """The subtitles of a video, one file a language."""
    languages = info.get("subtitles")
    for language, files in languages.items() if isinstance(languages, dict) else ():
        by_ext = {_text(each.get("ext")): each for each in _dicts(files) if _is_file(each)}
        ext = next((each for each in SUBTITLES if each in by_ext), None)
        if ext and isinstance(language, str):
            yield MediaItem(
                by_ext[ext]["url"],
                "other",
                title=_first(by_ext[ext], "name") or language,
                language=language,
                filename=_filename(_title(info), f"{language}.{ext}"),
                headers=ytdlp.headers_of(by_ext[ext]),
                origin="yt-dlp subtitles",
            )


def _is_file(about: Mapping[str, Any]) -> bool:
    return _url(about.get("url")) is not None and about.get("protocol") in (None, "http", "https")


def _title(info: Mapping[str, Any]) -> str | None:
    return _first(info, "track", "title")


def _filename(title: str | None, ending: str) -> str | None:
    return f"{title.replace('/', '_')}.{ending}" if title and ending else None


def _date(info: Mapping[str, Any]) -> datetime | None:
    with suppress(ValueError, OverflowError, OSError):
        for stamp in (info.get("timestamp"), info.get("release_timestamp")):
            if _number(stamp):
                return datetime.fromtimestamp(float(stamp or 0), UTC)
        day = _first(info, "upload_date", "release_date")
        return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) if day else None
    return None


def _first(info: Mapping[str, Any], *keys: str) -> str | None:
    return next(filter(None, (_text(info.get(key)) for key in keys)), None)


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _url(value: object) -> str | None:
    return value if isinstance(value, str) and re.match(r"https?://", value) else None


def _number(value: object) -> float | None:
    is_one = isinstance(value, int | float) and math.isfinite(value) and value > 0
    return float(value) if is_one else None  # type: ignore[arg-type]


def _whole(value: object) -> int | None:
    number = _number(value)
    return int(number) if number else None


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `ytdlp`."""
    return [Ytdlp()]
