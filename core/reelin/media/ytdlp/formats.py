"""The formats that yt-dlp offers of one video or track, as renditions in order of preference.

Files over HTTP are fetched by reelin, at their own URL. What only yt-dlp can fetch (segments,
video and audio that have to be merged, other protocols) is the video's page and the ids of the
formats there: `137+140`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from ...model.item import NO_HEADERS, Alternative, identity
from ...model.media_types import HLS as HLS_MIME
from .info import Info, dicts, number, text, url, whole

HTTP, HLS, YTDLP = 0, 1, 2  # fetched by reelin, a file or its playlist, or by yt-dlp
_TRANSPORTS = {"http": HTTP, "https": HTTP, "m3u8_native": HLS, "m3u8": HLS}
# Protocols of yt-dlp's own guarded requests, for which it needs no other program.
_GUARDED = frozenset(["http_dash_segments", "f4m", "ism"])
_NO_MEDIA = frozenset(["mhtml", "youtube_live_chat", "youtube_live_chat_replay"])
AUDIO_ONLY = frozenset("aac aiff flac m4a m4b mka mp2 mp3 oga ogg opus wav weba wma".split())
# The subtype of a MIME type where it is not the extension.
_SUBTYPES = {
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


@dataclass(frozen=True, slots=True)
class Format:
    """A way to have a video or track.

    alternative: as it stands beside others of its item
    ids:         yt-dlp's ids of its parts: one, or video and audio
    transport:   how it is fetched: HTTP, HLS or YTDLP
    codecs:      of video and audio, where they are known
    rate:        kbit/s of its audio
    headers:     request headers that it needs
    """

    alternative: Alternative
    ids: tuple[str, ...]
    transport: int
    has_video: bool
    has_audio: bool
    ext: str
    codecs: tuple[str, str]
    rate: float
    headers: Mapping[str, str]

    @property
    def is_merged(self) -> bool:
        """Whether ffmpeg is needed to put its parts together."""
        return len(self.ids) > 1 or (self.transport == HLS and self.alternative.format is not None)


def find_page(info: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the page where yt-dlp finds a video again, and its id if there are several."""
    page = url(info.get("webpage_url"))
    if page is None:
        return None
    shared = page == info.get("playlist_webpage_url")
    return page, (text(info.get("id")) if shared else "")


# One format


def list_formats(info: Mapping[str, Any], public_only: bool) -> Iterator[Format]:
    """Yield the formats that could be fetched, as yt-dlp ranks them, best first, each once."""
    page, seen = find_page(info), set()
    for about in reversed(dicts(info.get("formats")) or [dict(info)]):
        known = _read_format(about, page)
        if known is None or identity(known.alternative) in seen:
            continue
        if known.transport == YTDLP:
            guarded = text(about.get("protocol")) in _GUARDED
            if info.get("is_live") or (public_only and not guarded):
                continue
        seen.add(identity(known.alternative))
        yield known


def _read_format(about: Info, page: tuple[str, str] | None) -> Format | None:
    protocol = text(about.get("protocol")) or text(about.get("url")).partition(":")[0]
    if not protocol or protocol in _NO_MEDIA or about.get("has_drm") is True:
        return None
    transport, id_ = _TRANSPORTS.get(protocol, YTDLP), text(about.get("format_id"))
    ext, codecs = text(about.get("ext")).lower(), _read_codecs(about)
    video = has_video(about)
    audio = about.get("acodec") != "none"
    where, named = url(about.get("url")), None
    width, height = whole(about.get("width")), whole(about.get("height"))
    manifest = url(about.get("manifest_url"))
    if transport == HLS and video and not audio and manifest is not None:
        # One part of a stream: the manifest names the others as well.
        where, audio = manifest, True
        named = f"{width}x{height}" if width and height else f"{height}p" if height else "best"
    elif transport == YTDLP:
        where, named = _locate(page, (id_,))
    if where is None or not (video or audio):
        return None
    rate = number(about.get("tbr"))
    alternative = Alternative(
        where,
        type="video" if video else "audio",
        mime=HLS_MIME if transport == HLS else choose_mime(video, ext),
        width=width,
        height=height,
        size=whole(about.get("filesize")),
        bitrate=whole(rate * 1000) if rate else None,
        codecs=",".join(filter(None, codecs)) or None,
        label=text(about.get("format_note")) or (f"{height}p" if height else None),
        format=named,
    )
    audio_rate = number(about.get("abr")) or rate or math.inf
    headers = NO_HEADERS if transport == YTDLP else read_headers(about)
    return Format(alternative, (id_,), transport, video, audio, ext, codecs, audio_rate, headers)


def has_video(about: Mapping[str, Any]) -> bool:
    """Whether a format is more than audio."""
    return about.get("vcodec") != "none" and text(about.get("ext")).lower() not in AUDIO_ONLY


def _read_codecs(about: Info) -> tuple[str, str]:
    video, audio = (text(about.get(each)) for each in ("vcodec", "acodec"))
    return ("" if video == "none" else video), ("" if audio == "none" else audio)


def choose_mime(video: bool, ext: str) -> str | None:
    """Return the MIME type of a file with or without video, by its extension."""
    return f"{'video' if video else 'audio'}/{_SUBTYPES.get(ext, ext)}" if ext else None


def _locate(page: tuple[str, str] | None, ids: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Return the URL and the name of what yt-dlp fetches from a page."""
    if page is None or not all(ids):
        return None, None
    where, video = page
    return where, "+".join(ids) + (f" {video}" if video else "")


# Two formats as one


def merge(video: Format, audio: Format, page: tuple[str, str] | None) -> Format | None:
    """Return video without audio, and audio, as one format.

    None where yt-dlp could not find it again.
    """
    ids, codecs = (*video.ids, *audio.ids), (video.codecs[0], audio.codecs[1])
    where, named = _locate(page, ids)
    if where is None:
        return None
    ext, seen, heard = find_container(video, audio), video.alternative, audio.alternative
    both = replace(
        seen,
        url=where,
        mime=choose_mime(True, ext),
        size=seen.size + heard.size if seen.size and heard.size else None,
        bitrate=seen.bitrate + heard.bitrate if seen.bitrate and heard.bitrate else None,
        codecs=",".join(filter(None, codecs)) or None,
        format=named,
    )
    return Format(both, ids, YTDLP, True, True, ext, codecs, audio.rate, NO_HEADERS)


def find_container(video: Format, audio: Format) -> str:
    """Return the extension of a file that holds both."""
    return choose_container((video.ext, audio.ext), (video.codecs[0], audio.codecs[1]))


def choose_container(exts: Sequence[str], codecs: Sequence[str]) -> str:
    """Return the extension of a file that holds video and audio of these kinds, in this order."""
    from yt_dlp.utils import get_compatible_ext

    return str(
        get_compatible_ext(vexts=exts[:1], aexts=exts[1:], vcodecs=codecs[:1], acodecs=codecs[1:])
    )


def read_headers(about: Mapping[str, Any]) -> dict[str, str]:
    """Return the request headers that a format needs, its cookies among them."""
    from http.cookies import CookieError, SimpleCookie

    given, kept = about.get("http_headers"), about.get("cookies")
    headers = {str(name): str(each) for name, each in given.items()} if _is_dict(given) else {}
    try:
        cookies = SimpleCookie(kept if isinstance(kept, str) else "").values()
    except CookieError:
        return headers
    if cookies:
        headers["Cookie"] = "; ".join(f"{each.key}={each.coded_value}" for each in cookies)
    return headers


def _is_dict(value: object) -> TypeGuard[dict[object, object]]:
    return isinstance(value, dict)
