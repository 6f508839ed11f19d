"""yt-dlp with the settings of a session, its questions asked from threads."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from copy import copy
from functools import partial
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ...model import daemon
from ...net.cookie_file import is_cookie_text
from ...net.network import DEFAULT_USER_AGENT
from ...net.proxies import OFF
from ..ffmpeg import find
from .entries import find_entries
from .info import Info
from .messages import Log
from .sites import is_claimed

if TYPE_CHECKING:
    from yt_dlp import YoutubeDL

    from ...net.network import Network


SEGMENTS = 4  # that are fetched at once where nobody asked for another number


class Backend:
    """Asks yt-dlp. `params`: further parameters of `YoutubeDL`, such as `proxy`, `cookiefile`.

    What only yt-dlp can fetch it fetches in a process of its own. There a backend is made anew
    from its class, which must be importable, and its attributes, which must be JSON.
    """

    def __init__(self, **params: Any) -> None:
        self._params = params
        self._public_only = False
        self._allow: list[str] = []

    @property
    def public_only(self) -> bool:
        """Whether only public addresses may be asked."""
        return self._public_only

    @property
    def can_merge(self) -> bool:
        """Whether there is an ffmpeg to put video and audio together."""
        return bool(self._params.get("ffmpeg_location") or find())

    def with_params(self, **params: Any) -> Self:
        """Return a copy with further parameters of `YoutubeDL`."""
        twin = copy(self)
        twin._params = self._params | params
        return twin

    def for_session(self, network: Network, ffmpeg: str | None = None) -> Self:
        """Return a copy with the settings of a session; parameters given before win."""
        params: dict[str, Any] = {
            "concurrent_fragment_downloads": _count_connections(network),
            "fragment_retries": network.retries,
            "ratelimit": network.limit_rate,
            "retries": network.retries,
            "socket_timeout": network.timeout,
            "usenetrc": network.netrc,
        }
        if network.user_agent != DEFAULT_USER_AGENT:  # its extractors know what each site likes
            params["http_headers"] = {"User-Agent": network.user_agent}
        if ffmpeg is not None:
            params["ffmpeg_location"] = ffmpeg
        if network.proxy is not None:  # else yt-dlp reads the environment as well
            params["proxy"] = "" if network.proxy.lower() in OFF else network.proxy
        if network.cookies is not None:
            is_text = is_cookie_text(network.cookies)
            params["cookiefile"] = (
                network.cookies if is_text else os.fspath(Path(network.cookies).absolute())
            )
        if network.cookies_from_browser:
            browser, _, profile = network.cookies_from_browser.partition(":")
            params["cookiesfrombrowser"] = (browser, profile or None, None, None)
        twin = self.with_params(**(params | self._params))
        twin._public_only = not network.allow_private
        twin._allow = list(network.allow)
        return twin

    def to_recipe(self) -> dict[str, Any]:
        """Return what `from_recipe` needs, as JSON.

        Raises `TypeError` and `ValueError` where that is none.
        """
        kind = f"{type(self).__module__}:{type(self).__qualname__}"
        if kind.startswith("__main__:") or "<locals>" in kind:
            raise TypeError(f"{kind} cannot be imported")
        return {"class": kind, "state": json.loads(json.dumps(vars(self)))}

    @staticmethod
    def from_recipe(recipe: Mapping[str, Any]) -> Backend:
        """Make the backend of another process again."""
        module, _, name = recipe["class"].partition(":")
        kind = attrgetter(name)(import_module(module))
        backend: Backend = object.__new__(kind)
        vars(backend).update(recipe["state"])
        return backend

    def claims(self, url: str) -> bool:
        """Whether an extractor for that very site wants the URL."""
        return is_claimed(url)

    def entries(self, url: str) -> Iterator[Info]:
        """Yield the info dicts of the videos and tracks behind a URL, each as soon as it is known.

        An entry of a list that fails is left out; the error follows after the last one. Raises
        `ExtractError`, `FetchError`, and `PluginError` for what is wrong in yt-dlp.
        """
        with closing(self.downloader()) as ydl:
            yield from find_entries(ydl, url)

    async def stream(self, url: str) -> AsyncIterator[Info]:
        """Yield what `entries` does, each made in a thread that nobody waits for at the end."""
        following = partial(next, self.entries(url), None)
        while (info := await daemon.follow(daemon.start(following, "reelin-ytdlp"))) is not None:
            yield info

    def downloader(self) -> YoutubeDL:
        """Make a `YoutubeDL` for one page; it is not made to be used by two threads."""
        from .downloader import ALLOW, Downloader, GuardedDownloader

        params = {
            "check_formats": False,
            "color": "never",
            "ffmpeg_location": find(),
            "format": "all",  # chosen among later; some must be, or it is an error
            "logger": Log(),
            "noprogress": True,
            "quiet": True,
            "socket_timeout": 20,
            **self._params,
        }
        if self._public_only:
            return GuardedDownloader({**params, ALLOW: self._allow})
        return Downloader(params)


def _count_connections(network: Network) -> int:
    """Return how many segments to fetch at once. yt-dlp limits the rate of each by itself."""
    wished = 1 if network.limit_rate else network.connections or SEGMENTS
    return min(wished, network.per_host or wished)
