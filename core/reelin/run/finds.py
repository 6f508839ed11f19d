"""What extractors yield, checked and completed.

A wrong type would go wrong far away from who wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType, NoneType
from typing import Any, TypeAlias

from ..model.audio import Audio
from ..model.item import Alternative, Link, MediaItem, replace_fields
from ..model.media_types import MEDIA_TYPES, type_of
from ..page.page import Page
from ..plugins.calls import preview
from ..plugins.extractor import Extractor

Find: TypeAlias = MediaItem | Link
LONGEST_URL = 1 << 16  # characters

_ALWAYS: frozenset[type] = frozenset([str])
_TEXT: frozenset[type] = frozenset([str, NoneType])
_NUMBER: frozenset[type] = frozenset([int, NoneType])
_TYPES: dict[str, frozenset[type]] = {
    **dict.fromkeys(("url", "origin", "protocol", "extractor", "page_url"), _ALWAYS),
    **dict.fromkeys(("page_encoding", "referrer_policy"), _ALWAYS),
    **dict.fromkeys("type mime title artist album language thumbnail".split(), _TEXT),
    **dict.fromkeys("filename format noise codecs label".split(), _TEXT),
    **dict.fromkeys("position total size width height bitrate".split(), _NUMBER),
    "duration": frozenset([int, float, NoneType]),
    "date": frozenset([datetime, NoneType]),
    "audio": frozenset([Audio, NoneType]),
    "headers": frozenset([dict, MappingProxyType, Mapping]),
    "alternatives": frozenset([tuple]),
    "pages": frozenset([int]),
    "offsite": frozenset([bool]),
}
_WORDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    tuple: "a tuple",
    datetime: "a datetime",
    Mapping: "a mapping",
    dict: "a mapping",
    MappingProxyType: "a mapping",
}


def check_find(found: Any) -> Find:
    """Return what an extractor yielded, its texts such that they can be written down.

    Raises `TypeError` or `ValueError`, in words for the author, for what is no proper item or link.
    """
    if isinstance(found, Link):
        _check_fields({name: getattr(found, name) for name in Link.__slots__}, "Link")
        return found
    if not isinstance(found, MediaItem):
        raise TypeError(f"yielded {preview(found)}, and not a MediaItem or a Link")
    facts = vars(found)
    _check_fields(facts, "MediaItem")
    for each in found.alternatives:
        if not isinstance(each, Alternative):
            raise TypeError(f"MediaItem: {preview(each)} among its alternatives is no Alternative")
        _check_fields(vars(each), "Alternative")
    broken = [name for name, text in facts.items() if type(text) is str and _is_broken(text)]
    return (
        replace_fields(found, **{name: _mend(facts[name]) for name in broken}) if broken else found
    )


def _check_fields(facts: Mapping[str, Any], owner: str) -> None:
    for name, value in facts.items():
        allowed = _TYPES.get(name)
        if allowed is not None and type(value) not in allowed:
            _check_type(owner, name, value, allowed)
    _check_url(owner, facts["url"])
    kind, date, headers = facts.get("type"), facts.get("date"), facts.get("headers")
    if kind is not None and kind not in MEDIA_TYPES:
        raise ValueError(f"{owner}: type {kind!r} is none of {', '.join(MEDIA_TYPES)}")
    if date is not None and date.tzinfo is None:
        raise ValueError(f"{owner}: date {date} has no time zone, such as tzinfo=UTC")
    if headers and not all(isinstance(each, str) for pair in headers.items() for each in pair):
        raise TypeError(f"{owner}: headers {preview(headers)} are not all text")


def _check_type(owner: str, name: str, value: Any, allowed: frozenset[type]) -> None:
    if isinstance(value, tuple(allowed)):
        return
    kinds = sorted({_WORDS.get(each, each.__name__) for each in allowed if each != NoneType})
    hint = "; page.absolute() gives None for what is no http URL" if name == "url" else ""
    raise TypeError(f"{owner}: {name} is {preview(value)}, and not {' or '.join(kinds)}{hint}")


def _check_url(owner: str, url: str) -> None:
    if len(url) > LONGEST_URL:
        raise ValueError(f"{owner}: a URL of {len(url)} characters: {url[:60]}…")


def _is_broken(text: str) -> bool:
    """Whether a text has halves of characters, as `json` makes of an escape that was cut."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _mend(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def complete_find(
    found: MediaItem | Link, url: str, extractor: Extractor, page: Page
) -> MediaItem | Link:
    """Return a find with what the core knows of it.

    url: its absolute URL, without a login
    """
    if isinstance(found, Link):
        return replace(found, url=url)
    if found.format is not None:  # a page that its extractor will ask again, by its whole URL
        url += "".join(found.url.partition("#")[1:])
    return replace_fields(
        found,
        url=url,
        type=found.type or type_of(url),
        extractor=extractor.name,
        page_url=page.final_url,
        **_page_facts(found, url, page),
    )


def _page_facts(found: MediaItem, url: str, page: Page) -> dict[str, str]:
    """Return what else of the page bears on the requests for an item, where it is unusual."""
    renditions = filter(None, (url, found.thumbnail, *(each.url for each in found.alternatives)))
    policy = page.referrer_policy_for(*renditions)
    facts = {"referrer_policy": policy} if policy else {}
    if page.is_markup and not page.encoding.startswith("utf"):
        facts["page_encoding"] = page.encoding
    return facts
