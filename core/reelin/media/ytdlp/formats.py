"""The formats that yt-dlp offers of one video or track, as renditions in order of preference.

Files over HTTP are fetched by reelin, at their own URL. What only yt-dlp can fetch (segments,
pictures and sound that have to be merged, other protocols) is the video's page and the ids of the
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

HTTP, HLS, YTDLP = 0, 1, 2  # who fetches it: reelin the file or its playlist, or yt-dlp
_TRANSPORTS = {"http": HTTP, "https": HTTP, "m3u8_native": HLS, "m3u8": HLS}
# What yt-dlp fetches by its own guarded requests, and not by ffmpeg or another program.
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

    shown:   as an alternative of its item
    ids:     yt-dlp's ids of its parts: one, or pictures and sound
    who:     fetches it: HTTP, YTDLP or HLS
    picture, sound: what it has
    codecs:  of pictures and sound, where they are known
    rate:    kbit/s of its sound
    headers: request headers that it needs
    """

    shown: Alternative
    ids: tuple[str, ...]
    who: int
    picture: bool
    sound: bool
    ext: str
    codecs: tuple[str, str]
    rate: float
    headers: Mapping[str, str]

    @property
    def is_merged(self) -> bool:
        """Whether ffmpeg is needed to put its parts together."""
        return len(self.ids) > 1 or (self.who == HLS and self.shown.format is not None)


def page_of(info: Mapping[str, Any]) -> tuple[str, str] | None:
    """Where yt-dlp finds a video again: its page, and its id if it is one of several there."""
    page = url(info.get("webpage_url"))
    if page is None:
        return None
    shared = page == info.get("playlist_webpage_url")
    return page, (text(info.get("id")) if shared else "")


# One format


def offered(info: Mapping[str, Any], public_only: bool) -> Iterator[Format]:
    """The formats that could be fetched, as yt-dlp ranks them, best first, each once."""
    page, seen = page_of(info), set()
    for about in reversed(dicts(info.get("formats")) or [dict(info)]):
        known = _format(about, page)
        if known is None or identity(known.shown) in seen:
            continue
        if known.who == YTDLP:
            guarded = text(about.get("protocol")) in _GUARDED
            if info.get("is_live") or (public_only and not guarded):
                continue
        seen.add(identity(known.shown))
        yield known


def _format(about: Info, page: tuple[str, str] | None) -> Format | None:
    protocol = text(about.get("protocol")) or text(about.get("url")).partition(":")[0]
    if not protocol or protocol in _NO_MEDIA or about.get("has_drm") is True:
        return None
    who, id_ = _TRANSPORTS.get(protocol, YTDLP), text(about.get("format_id"))
    ext, codecs = text(about.get("ext")).lower(), _codecs(about)
    picture = has_picture(about)
    sound = about.get("acodec") != "none"
    where, named = url(about.get("url")), None
    width, height = whole(about.get("width")), whole(about.get("height"))
    manifest = url(about.get("manifest_url"))
    if who == HLS and picture and not sound and manifest is not None:
        # One part of a stream: the manifest names the others as well.
        where, sound = manifest, True
        named = f"{width}x{height}" if width and height else f"{height}p" if height else "best"
    elif who == YTDLP:
        where, named = _at(page, (id_,))
    if where is None or not (picture or sound):
        return None
    rate = number(about.get("tbr"))
    shown = Alternative(
        where,
        type="video" if picture else "audio",
        mime=HLS_MIME if who == HLS else mime_type(picture, ext),
        width=width,
        height=height,
        size=whole(about.get("filesize")),
        bitrate=whole(rate * 1000) if rate else None,
        codecs=",".join(filter(None, codecs)) or None,
        label=text(about.get("format_note")) or (f"{height}p" if height else None),
        format=named,
    )
    sound_rate = number(about.get("abr")) or rate or math.inf
    headers = NO_HEADERS if who == YTDLP else headers_of(about)
    return Format(shown, (id_,), who, picture, sound, ext, codecs, sound_rate, headers)


def has_picture(about: Mapping[str, Any]) -> bool:
    """Whether a format is more than sound."""
    return about.get("vcodec") != "none" and text(about.get("ext")).lower() not in AUDIO_ONLY


def _codecs(about: Info) -> tuple[str, str]:
    video, audio = (text(about.get(each)) for each in ("vcodec", "acodec"))
    return ("" if video == "none" else video), ("" if audio == "none" else audio)


def mime_type(picture: bool, ext: str) -> str | None:
    """The MIME type of a file with or without pictures, by its extension."""
    return f"{'video' if picture else 'audio'}/{_SUBTYPES.get(ext, ext)}" if ext else None


def _at(page: tuple[str, str] | None, ids: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The URL and the name of what yt-dlp fetches from a page."""
    if page is None or not all(ids):
        return None, None
    where, video = page
    return where, "+".join(ids) + (f" {video}" if video else "")


# Two formats as one


def with_sound(film: Format, sound: Format, page: tuple[str, str] | None) -> Format | None:
    """A film without sound, and sound, as one format; None where yt-dlp could not find it again."""
    ids, codecs = (*film.ids, *sound.ids), (film.codecs[0], sound.codecs[1])
    where, named = _at(page, ids)
    if where is None:
        return None
    ext, shown, heard = container_of(film, sound), film.shown, sound.shown
    both = replace(
        shown,
        url=where,
        mime=mime_type(True, ext),
        size=shown.size + heard.size if shown.size and heard.size else None,
        bitrate=shown.bitrate + heard.bitrate if shown.bitrate and heard.bitrate else None,
        codecs=",".join(filter(None, codecs)) or None,
        format=named,
    )
    return Format(both, ids, YTDLP, True, True, ext, codecs, sound.rate, NO_HEADERS)


def container_of(film: Format, sound: Format) -> str:
    """The extension of a file that holds both."""
    return container((film.ext, sound.ext), (film.codecs[0], sound.codecs[1]))


def container(exts: Sequence[str], codecs: Sequence[str]) -> str:
    """The extension of a file that holds pictures and sound of these kinds, in this order."""
    from yt_dlp.utils import get_compatible_ext

    return str(
        get_compatible_ext(vexts=exts[:1], aexts=exts[1:], vcodecs=codecs[:1], acodecs=codecs[1:])
    )


def headers_of(about: Mapping[str, Any]) -> dict[str, str]:
    """The request headers that a format needs, its cookies among them."""
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
