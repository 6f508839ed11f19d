"""The one place where file names are made: safe on every system, unique, stable."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from ..model.errors import UsageError
from ..model.item import MediaItem
from ..model.media_types import extension_for, is_markup, mime_of, path_of
from ..model.signatures import unsigned
from ..model.stored import Head
from .endings import is_replaced, suits

LONGEST = 200  # bytes of a stem: leaves room for " (999)", the extension and ".part.json"
LONGEST_EXTENSION = 8
# Opening such a file runs it, or runs what it holds: never an extension of ours.
_ACTIVE = frozenset(
    "appimage bat cmd com cpl desktop dll exe hta htm html js jse lnk msi part pif ps1 reg scr"
    " sh shtml url vbe vbs wsf xhtml".split()
)
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_()+,=@~-]{0,80}\.([A-Za-z0-9]{1,8})")
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\..*)?", re.IGNORECASE
)
_REPLACED = re.compile(r'[<>:"|?*]')
_DROPPED = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
_FIELDS = ("album", "artist", "date", "ext", "extractor", "name", "position", "title", "total")


def safe_name(raw: str) -> str:
    """Make one file name that every system takes of whatever text a page or server gave.

    Last path component, NFC, without control and direction characters, without reserved device
    names; an extension that would make the file run becomes part of the stem. Never empty.
    """
    plain = _PLAIN.fullmatch(raw)
    if plain and plain[1].lower() not in _ACTIVE and not _RESERVED.fullmatch(raw):
        return raw
    stem, ext = _split(_clean(raw))
    if ext.lower() in _ACTIVE:
        stem, ext = f"{stem}_{ext}", ""
    stem = _sanitize(_shorten(stem, LONGEST)) or "file"
    return f"{stem}.{ext}" if ext else stem


def _clean(raw: str) -> str:
    """Return the last path component, in NFC, without marks that do not show."""
    text = raw.encode("utf-8", "replace").decode("utf-8").replace("\\", "/")
    text = " ".join(text.rstrip("/").rpartition("/")[2].split())
    text = "".join(mark for mark in text if unicodedata.category(mark) not in _DROPPED)
    # Not before: where a mark is gone, its neighbours may compose.
    text = unicodedata.normalize("NFC", text)
    return _REPLACED.sub("_", text).strip(" .").lstrip("-. ")


def _sanitize(stem: str) -> str:
    """Return the stem without what some system refuses."""
    from pathvalidate import sanitize_filename

    if _RESERVED.fullmatch(stem):
        stem = "_" + stem
    return str(sanitize_filename(stem, platform="universal")).strip(" .")


def _split(name: str) -> tuple[str, str]:
    """Split off the extension; an extension is at most 8 ASCII letters and digits."""
    stem, dot, ext = name.rpartition(".")
    if dot and stem and len(ext) <= LONGEST_EXTENSION and ext.isalnum() and ext.isascii():
        return stem, ext
    return name, ""


def _split_whole(name: str) -> tuple[str, str]:
    """Split off the extension, which may be one of two parts: `tar.gz`."""
    stem, ext = _split(name)
    inner, tar = _split(stem)
    return (inner, f"{tar}.{ext}") if ext and tar.lower() == "tar" else (stem, ext)


def _shorten(text: str, longest: int) -> str:
    """Cut a text to `longest` bytes of UTF-8, between characters."""
    encoded = text.encode("utf-8")
    return text if len(encoded) <= longest else encoded[:longest].decode("utf-8", "ignore")


def name_for(item: MediaItem, head: Head, template: str | None = None) -> str:
    """Return the name under which an item wants to be saved, by what page and answer say of it.

    In this order: the template; `01 Title.ext` for a titled place in a list; the extractor's
    wish; Content-Disposition; the last segment of the final URL; the title.
    """
    is_plain = item.title is None and item.filename is head.filename is None
    if template is None and is_plain and item.audio is None:
        plain = _safe_segment(head)
        if plain:
            return plain
    if template is not None:
        wish = _fill(template, item, head)
    elif item.position is not None and item.title:
        wish = f"{_format_position(item)} {_one_line(item.title)}.{_extension(item, head)}"
    else:
        wish = _plain_name(item, head)
    return safe_name(wish.rstrip("."))


def _safe_segment(head: Head) -> str | None:
    """Return the last segment of the URL, if it is a safe name with the right extension."""
    segment = path_of(head.url).rpartition("/")[2]
    plain = _PLAIN.fullmatch(segment)
    if plain is None or head.mime is None or mime_of(segment) != head.mime:
        return None
    return None if plain[1].lower() in _ACTIVE or _RESERVED.fullmatch(segment) else segment


def _format_position(item: MediaItem) -> str:
    return str(item.position).zfill(max(2, len(str(item.total or ""))))


def _plain_name(item: MediaItem, head: Head) -> str:
    wish = item.filename or head.filename or _last_segment(head.url) or _one_line(item.title)
    wish = wish or "file"
    return f"{_stem(wish, head.mime)}.{_extension(item, head)}"


def _one_line(title: str | None) -> str:
    """Return a title as part of a name: its slashes are no folders."""
    return (title or "").replace("/", "_").replace("\\", "_")


def _last_segment(url: str) -> str:
    segment = path_of(url).rstrip("/").rpartition("/")[2]
    return unquote(segment) if "%" in segment else segment


def _stem(name: str, mime: str | None) -> str:
    """Return a name without its extension, where that is one."""
    stem, ext = _split(name)
    return stem if ext and (suits(ext, mime) or is_replaced(ext, mime)) else name


def _extension(item: MediaItem, head: Head) -> str:
    if item.audio is not None and item.audio.mime == head.mime:  # what it has become
        return item.audio.format
    for name in (item.filename, head.filename, _last_segment(head.url), _last_segment(item.url)):
        ext = _split(name or "")[1]
        if ext and suits(ext, head.mime) and not is_markup(mime_of(f"x.{ext}") or ""):
            return ext
    return extension_for(head.mime) if head.mime else ""


class _Template(string.Formatter):
    """Plain `{field}` and `{field:format}`: nothing that looks into objects or runs code."""

    def get_field(self, name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        if name not in kwargs:
            known = ", ".join(_FIELDS)
            raise UsageError(f"file name template: there is no field {name!r}; there are {known}")
        return kwargs[name], name

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion:
            raise UsageError(f"file name template: conversion !{conversion} is not allowed")
        return value


class _DateField:
    """A date as templates write it: 2026-01-31, or by the format of `strftime` that they give."""

    def __init__(self, date: datetime | None) -> None:
        self._date = date

    def __format__(self, spec: str) -> str:
        if self._date is None:
            return ""
        if "%" in spec:
            return _one_line(self._date.strftime(spec))
        return format(f"{self._date:%Y-%m-%d}", spec)


def check_template(template: str) -> None:
    """Raise `UsageError` for a template that cannot be filled."""
    if "/" in template or "\\" in template:
        raise UsageError(
            f"file name template {template!r}: it makes names, and no folders yet: leave the slash"
            " out; NAME and --output choose the folder"
        )
    example = MediaItem("https://example.com/a.mp3", title="Title", date=datetime(2026, 1, 31))
    _fill(template, example, Head(example.url))


def _fill(template: str, item: MediaItem, head: Head) -> str:
    fields: dict[str, Any] = {
        "album": item.album or "",
        "artist": item.artist or "",
        "date": _DateField(item.date),
        "ext": _extension(item, head),
        "extractor": item.extractor,
        "name": _stem(_plain_name(item, head), head.mime),
        "position": item.position or item.number or 0,
        "title": item.title or _stem(_plain_name(item, head), head.mime),
        "total": item.total or 0,
    }
    safe = {key: _one_line(each) if isinstance(each, str) else each for key, each in fields.items()}
    try:
        return _Template().vformat(template, (), safe)
    except UsageError:
        raise
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise UsageError(f"file name template {template!r}: {error}") from None


class Names:
    """The names that are taken in one folder, without regard to case and normal form."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {_key(name) for name in taken}
        self._reserved: set[str] = set()  # those of them that are given away
        self._next: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._taken

    def reserve(self, wanted: str) -> str:
        """Take the wanted name, or `name (2).ext` and so on."""
        key = _key(wanted)
        name, number = wanted, self._next.get(key, 2)
        while _key(name) in self._taken:
            stem, ext = _split_whole(wanted)
            name = f"{stem} ({number})" + (f".{ext}" if ext else "")
            number += 1
        if name != wanted:
            self._next[key] = number
        self._taken.add(_key(name))
        self._reserved.add(_key(name))
        return name

    def claim(self, name: str) -> bool:
        """Take a name for the file that has it; False where it was reserved by someone else."""
        key = _key(name)
        if key in self._reserved:
            return False
        self._taken.add(key)
        self._reserved.add(key)
        return True

    def release(self, name: str) -> None:
        """Let a name be taken again."""
        self._taken.discard(_key(name))
        self._reserved.discard(_key(name))


def _key(name: str) -> str:
    return name.casefold() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def folder_name_for(url: str) -> str:
    """Return the default folder of a URL, always the same: host and last path segment.

    A URL that is signed anew has the same one.
    """
    url = unsigned(url)
    parts = urlsplit(url)
    last = _last_segment(url)
    stem = last.rpartition(".")[0] or last
    port = f"_{parts.port}" if parts.port else ""
    query = f"-{parts.query}" if parts.query else ""
    whole = f"{parts.hostname or 'site'}{port}" + (f"-{stem}" if stem else "") + query
    return _sanitize(_shorten(_clean(_one_line(whole)), 100)) or "site"


def check_folder_name(name: str) -> str:
    """Return the name, if it is one safe path component. Raises `UsageError` for any other."""
    cleaned = _clean(name)
    if name != cleaned or not name or _RESERVED.fullmatch(name) or len(name.encode()) > 255:
        raise UsageError(
            f"NAME {name!r} cannot be a folder; give one plain name without slashes, such as "
            f"{safe_name(name)!r} (the folder above it is set by --output)"
        )
    return name
