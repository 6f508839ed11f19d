"""yt-dlp as a library: which URLs its extractors know, and what they find there.

yt-dlp is imported when it is first asked for. That takes most of a second: ask from a thread.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import urlsplit

from .errors import ExtractError, FetchError, PluginError, ReelinError
from .media_types import type_of
from .network import DEFAULT_USER_AGENT

if TYPE_CHECKING:
    from yt_dlp import YoutubeDL

    from .network import Network

logger = logging.getLogger(__name__)

Info = dict[str, Any]

LONGEST_URL = 4096
MOST_DEPTH = 8  # of references and of lists within lists
_LISTS = ("playlist", "multi_video", "compat_list")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LABELS = re.compile(r"(?:ERROR|WARNING): *|\[[\w:.+-]{1,60}\] +(?:[\w.:-]{1,80}: +)?")
_FOR_AUTHORS = re.compile(r"[\s;,.(]*(?:please )?report this issue on\b.*", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9-]+")
# Where a word ends that a pattern's letters go on: classes, and letters that may be missing.
_ESCAPE = re.compile(r"\\[a-z]|\\(?=-)|[a-z0-9](?=\?)")
# Words of so many patterns or hosts that they tell nothing.
_NO_WORDS = frozenset(
    "com embed html http https live net org player the video videos watch www".split()
)
_SITE = re.compile(r"https?://(?:[^/@?#]*@)?[^/:?#]*\.[a-z]", re.IGNORECASE)


class Backend:
    """Asks yt-dlp. `params`: further parameters of `YoutubeDL`, such as `proxy`, `cookiefile`."""

    def __init__(self, **params: Any) -> None:
        self._params = params

    def within(self, network: Network) -> Backend:
        """The same, by the network settings of a session; what was given before wins."""
        params: dict[str, Any] = {
            "socket_timeout": network.timeout,
            "retries": network.retries,
            "usenetrc": network.netrc,
        }
        if network.user_agent != DEFAULT_USER_AGENT:  # its extractors know what each site likes
            params["http_headers"] = {"User-Agent": network.user_agent}
        if network.proxy:
            params["proxy"] = network.proxy
        if network.cookies is not None:
            params["cookiefile"] = str(network.cookies)
        if network.cookies_from_browser:
            browser, _, profile = network.cookies_from_browser.partition(":")
            params["cookiesfrombrowser"] = (browser, profile or None, None, None)
        twin = copy(self)
        twin._params = params | self._params
        return twin

    def claims(self, url: str) -> bool:
        """Whether an extractor for that very site wants the URL."""
        # A file or a host without a name is no site's page; long URLs could keep patterns busy.
        if len(url) > LONGEST_URL or type_of(url) not in (None, "other"):
            return False
        return _SITE.match(url) is not None and _is_claimed(url)

    def entries(self, url: str) -> Iterator[Info]:
        """The info dicts of the videos and tracks behind a URL, each as soon as it is known.

        An entry of a list that fails is left out; the error follows after the last one. Raises
        `ExtractError`, `FetchError`, and `PluginError` for what is wrong in yt-dlp.
        """
        failed: list[Exception] = []
        with closing(self.downloader()) as ydl:
            try:
                yield from _resolved(ydl, {"_type": "url", "url": url}, {}, failed)
            except Exception as error:  # whatever one of 1,800 extractors may raise
                raise told(error, url) from None
        if failed:
            more = f" (and {len(failed) - 1} more entries)" if len(failed) > 1 else ""
            first = told(failed[0], url)
            raise type(first)(f"{first}{more}", url=url)

    def downloader(self) -> YoutubeDL:
        """A `YoutubeDL` for one page; it is not made to be used by two threads."""
        from yt_dlp import YoutubeDL

        return YoutubeDL(
            {
                "check_formats": False,
                "color": "never",
                "format": "all",  # chosen among later; some must be, or it is an error
                "logger": _Log(),
                "quiet": True,
                "socket_timeout": 20,
                **self._params,
            }
        )


@lru_cache(maxsize=4096)
def _is_claimed(url: str) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return any(
        each.may_match(host) and re.match(each.pattern, url) and each.extractor.suitable(url)
        for each in _patterns()
    )


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What the URLs of one extractor look like, and the words in it.

    To compile all 1,800 patterns takes a second. Of a host that a pattern matches the name is
    one of its words, or holds one: few are left that have to be compiled.
    """

    pattern: str
    words: frozenset[str]
    extractor: Any

    def may_match(self, host: str) -> bool:
        names = set(host.split(".")[-3:-1]) - {"www"}
        return any(name in self.words for name in names) or any(
            word in host for word in self.words if len(word) > 2 and word not in _NO_WORDS
        )


@lru_cache(maxsize=1)
def _patterns() -> tuple[_Pattern, ...]:
    from yt_dlp.extractor import gen_extractor_classes

    return tuple(
        _Pattern(pattern, frozenset(_WORD.findall(_ESCAPE.sub(" ", pattern.lower()))), each)
        for each in gen_extractor_classes()
        if each.IE_NAME != "generic" and each._VALID_URL
        for pattern in _several(each._VALID_URL)
    )


def _several(patterns: str | Iterable[str]) -> Iterable[str]:
    return (patterns,) if isinstance(patterns, str) else patterns


def _resolved(
    ydl: YoutubeDL, result: Info, place: Info, failed: list[Exception], depth: int = 0
) -> Iterator[Info]:
    """Follow references, go through lists entry by entry, complete what is a video."""
    if depth > MOST_DEPTH:
        raise ExtractError("lists within lists, too deep to follow")
    kind = result.get("_type") or "video"
    if kind == "url":
        key = result.get("ie_key")
        found = ydl.extract_info(result["url"], download=False, ie_key=key, process=False)
        if found:
            yield from _resolved(ydl, found, place, failed, depth + 1)
    elif kind in _LISTS:
        yield from _listed(ydl, result, failed, depth)
    else:
        info = ydl.process_ie_result(result, download=False, extra_info=dict(place))
        if info and info.get("_type") in _LISTS:
            yield from (each for each in info.get("entries") or () if each)
        elif info:
            yield info


def _listed(ydl: YoutubeDL, result: Info, failed: list[Exception], depth: int) -> Iterator[Info]:
    entries: Iterable[Info | None] = result.get("entries") or ()
    total = len(entries) if isinstance(entries, list) else result.get("playlist_count")
    for number, entry in enumerate(entries, start=1):
        if entry is None:
            continue
        place = {
            "extractor": result.get("extractor"),
            "extractor_key": result.get("extractor_key"),
            "n_entries": total,
            "playlist": result.get("title") or result.get("id"),
            "playlist_index": number,
            "playlist_title": result.get("title"),
            "playlist_uploader": result.get("uploader"),
        }
        try:
            yield from _resolved(ydl, entry, place, failed, depth + 1)
        except Exception as error:
            logger.debug("entry %d of %s", number, place["playlist"], exc_info=error)
            failed.append(error)


# Messages


class _Log:
    """What yt-dlp says, as our log. What it calls an error is raised as well."""

    def debug(self, message: str) -> None:
        logger.debug("%s", message)

    error = info = debug

    def warning(self, message: str) -> None:
        logger.info("%s", plain(message))


def told(error: Exception, url: str) -> ReelinError:
    """An error of yt-dlp as ours: one line, without colours and words for yt-dlp's authors."""
    from yt_dlp.networking.exceptions import HTTPError, network_exceptions
    from yt_dlp.utils import DownloadError, ExtractorError

    if isinstance(error, DownloadError) and error.exc_info and error.exc_info[1]:
        error = error.exc_info[1]
    cause = error.cause if isinstance(error, ExtractorError) else error
    text = plain(error.orig_msg if isinstance(error, ExtractorError) else str(error))
    if isinstance(cause, HTTPError):
        cause.close()
        return FetchError(f"{url}: {text}", url=url, status=cause.status)
    if isinstance(cause, network_exceptions):
        return FetchError(f"{url}: {text}", url=url)
    if isinstance(error, DownloadError | ExtractError) or getattr(error, "expected", False):
        return ExtractError(f"{url}: {text}", url=url)
    if not isinstance(error, ExtractorError):
        text = f"{type(error).__name__}: {text}"
    return PluginError(f"{url}: {text} (yt-dlp; a newer version may help)", url=url)


def plain(message: str) -> str:
    """A message of yt-dlp in one plain line."""
    line = " ".join(_COLOUR.sub("", message).split())
    start = 0
    while label := _LABELS.match(line, start):
        start = label.end()
    return _FOR_AUTHORS.sub("", line[start:])


def headers_of(chosen: Mapping[str, Any]) -> dict[str, str]:
    """The request headers that a format needs, its cookies among them."""
    from http.cookies import CookieError, SimpleCookie

    given, kept = chosen.get("http_headers"), chosen.get("cookies")
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
