"""MIME types, file extensions and the six media types, and how they follow from each other."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from typing import Literal, TypeAlias
from urllib.parse import unquote

from .type_names import canonical

MediaType: TypeAlias = Literal["image", "video", "audio", "document", "archive", "other"]
MEDIA_TYPES: tuple[MediaType, ...] = ("image", "video", "audio", "document", "archive", "other")

# What the standard library's table lacks, or has wrong on some systems. Extension -> MIME type.
EXTENSIONS: dict[str, str] = {
    "3g2": "video/3gpp2",
    "3gp": "video/3gpp",
    "7z": "application/x-7z-compressed",
    "aac": "audio/aac",
    "aif": "audio/aiff",
    "aiff": "audio/aiff",
    "apng": "image/apng",
    "asf": "video/x-ms-asf",
    "avi": "video/x-msvideo",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "bz2": "application/x-bzip2",
    "cbr": "application/vnd.comicbook-rar",
    "cbz": "application/vnd.comicbook+zip",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "epub": "application/epub+zip",
    "flac": "audio/flac",
    "flv": "video/x-flv",
    "gif": "image/gif",
    "gz": "application/gzip",
    "heic": "image/heic",
    "heif": "image/heif",
    "ico": "image/x-icon",
    "iso": "application/x-iso9660-image",
    "jfif": "image/jpeg",
    "jpe": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "jxl": "image/jxl",
    "m2ts": "video/mp2t",
    "m3u": "audio/mpegurl",
    "m3u8": "application/vnd.apple.mpegurl",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "m4v": "video/mp4",
    "mid": "audio/midi",
    "midi": "audio/midi",
    "mka": "audio/x-matroska",
    "mkv": "video/x-matroska",
    "mobi": "application/x-mobipocket-ebook",
    "mov": "video/quicktime",
    "mp2": "audio/mpeg",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpd": "application/dash+xml",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "mts": "video/mp2t",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "psd": "image/vnd.adobe.photoshop",
    "rar": "application/vnd.rar",
    "rtf": "application/rtf",
    "srt": "application/x-subrip",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "tgz": "application/gzip",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "ts": "video/mp2t",
    "vtt": "text/vtt",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "video/webm",
    "webp": "image/webp",
    "wma": "audio/x-ms-wma",
    "wmv": "video/x-ms-wmv",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xz": "application/x-xz",
    "zip": "application/zip",
    "zst": "application/zstd",
}

# MIME types with more than one extension: the one a person expects.
PREFERRED: dict[str, str] = {
    "application/gzip": "gz",
    "application/vnd.apple.mpegurl": "m3u8",
    "application/x-mpegurl": "m3u8",
    "application/xhtml+xml": "xhtml",
    "audio/aiff": "aiff",
    "audio/flac": "flac",
    "audio/midi": "mid",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "image/x-icon": "ico",
    "text/html": "html",
    "text/plain": "txt",
    "video/mp2t": "ts",
    "video/mp4": "mp4",
    "video/mpeg": "mpg",
    "video/x-m4v": "m4v",
}

_DOCUMENTS = frozenset(
    EXTENSIONS[each]
    for each in "pdf epub mobi doc docx odt ods odp ppt pptx xls xlsx rtf csv".split()
)
_ARCHIVES = frozenset(
    EXTENSIONS[each] for each in "zip 7z rar tar gz bz2 xz zst cbz cbr iso".split()
)
# Lists of other files. A stream's playlist is none: its entries are the parts of one thing.
FEEDS = frozenset(
    [*(f"application/{each}+xml" for each in ("atom", "rdf", "rss")), "application/feed+json"]
)
M3U = frozenset(
    ["application/mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl"]
)
PLAYLISTS = M3U | {"application/xspf+xml", "audio/x-scpls"}
HLS = "application/vnd.apple.mpegurl"  # RFC 8216, 10
# As what playlists of HLS are sent.
HLS_TYPES = frozenset([HLS, "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl"])
STREAMS = frozenset(["application/dash+xml", HLS])
# Types that servers send when they do not know: the name or the first bytes tell more.
VAGUE = frozenset(
    [
        "application/force-download",
        "application/octet-stream",
        "application/x-download",
        "application/unknown",
        "binary/octet-stream",
        "text/plain",
    ]
)
_MARKUP = frozenset(["text/html", "application/xhtml+xml", "text/xml", "application/xml"])
# Extensions of what a server runs: they say nothing of what it answers.
PROGRAMS = frozenset("asp aspx cfm cgi do jsp jspx php php3 php5 phtml pl py rb".split())


@lru_cache(maxsize=1024)  # each file is asked for several times in a row
def extension(url: str) -> str:
    """The extension of the last path segment of a URL or name: `mp3`, or empty. Lower case."""
    path = url
    if "://" in url:
        path = path_of(url)
        if ";" in path:  # parameters, such as the id of a session (RFC 3986, 3.3)
            name = path.rpartition("/")[2].partition(";")[0]
            path = name if extension(name) else path
    dot = path.rfind(".")
    last = path[dot + 1 :]
    if dot < 1 or path[dot - 1] == "/" or "/" in last:
        return ""
    if "%" in last:
        last = unquote(last)
    return last.lower() if len(last) <= 8 and last.isalnum() and last.isascii() else ""


@lru_cache(maxsize=1024)
def path_of(url: str) -> str:
    """The path of an absolute URL, as written; cheaper than taking the whole URL apart."""
    if "?" in url or "#" in url:
        url = url.partition("#")[0].partition("?")[0]
    host = url.find("://")
    path = url.find("/", host + 3)
    return url[path:] if path >= 0 <= host else ""


def mime_of(url: str) -> str | None:
    """The MIME type that the extension of a URL or name stands for, or None."""
    return _mime_by(extension(url))


def _mime_by(extension: str) -> str | None:
    return EXTENSIONS.get(extension) or mimetypes.types_map.get("." + extension)


@lru_cache(maxsize=512)
def media_type(mime: str) -> MediaType:
    """The media type of a MIME type. Streaming playlists count as video."""
    mime = canonical(mime)
    family = mime.partition("/")[0]
    if mime in STREAMS or mime == "application/x-mpegurl":
        return "video"
    if family == "image":
        return "image"
    if family == "video":
        return "video"
    if family == "audio":
        return "audio"
    if mime in _DOCUMENTS:
        return "document"
    if mime in _ARCHIVES:
        return "archive"
    return "other"


def type_of(url: str) -> MediaType | None:
    """The media type that a URL's extension stands for, or None when it tells nothing."""
    return _type_by(extension(url))


@lru_cache(maxsize=512)  # many addresses have few extensions
def _type_by(extension: str) -> MediaType | None:
    mime = _mime_by(extension)
    if mime is None or mime in _MARKUP:
        return None
    return media_type(mime)


def extension_for(mime: str) -> str:
    """The usual extension of a MIME type without a dot, or empty when there is none."""
    mime = canonical(mime)
    if mime in PREFERRED:
        return PREFERRED[mime]
    for each, its_mime in EXTENSIONS.items():
        if its_mime == mime:
            return each
    return (mimetypes.guess_extension(mime) or "").lstrip(".")


def is_markup(mime: str) -> bool:
    """Whether a MIME type is a page rather than a file: HTML, XHTML or generic XML."""
    return mime.partition(";")[0].strip().lower() in _MARKUP
