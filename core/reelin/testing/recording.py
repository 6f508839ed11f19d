"""Recordings: pages in a folder, as ordinary files that can be read, compared and shortened.

`index.json` maps each URL to `{"file": …, "status": …, "headers": {…}}`; bodies lie beside it. A
page that was not recorded for itself, but because an extractor asked for it, has `"from"`: where.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn

from ..disk.names import safe_name
from ..model.bad_url import describe_bad_url
from ..model.errors import FetchError, LoginRequired, ReelinError, UsageError
from ..model.item import Link, MediaItem
from ..model.media_types import extension_for
from ..model.urls import from_person, without_userinfo
from ..net.client import Client
from ..net.network import Network
from ..page import sign_in as sign_in_page
from ..page.page import Page
from ..plugins.extractor import Extractor
from ..plugins.registry import Registry
from ..run.extraction import stream
from ..run.pages import PageFetcher

INDEX = "index.json"
EXTRACT_SECONDS = 30.0
MOST_ITEMS = 100_000
_NOT_RECORDED = (
    "{}, a sign-in page, came instead, and is not recorded; give the login with --cookies, --netrc,"
    " -H, or as https://user:password@… in the URL"
)
_BY_ITSELF = "connects to {}; only what page.get() and page.follow() fetch can be recorded"
# What a page needs in order to be read again; nothing that could be a secret.
_KEPT = ("content-disposition", "content-length", "content-type", "last-modified")


def recorded_page(url: str, folder: str | PathLike[str]) -> Page:
    """Return a page of a recording, which can `get` and `follow` the others of it and nothing else.

    Raises `FetchError` for a URL that is not recorded.
    """
    return _Recording(Path(folder)).page(url)


def extract(extractor: Extractor, url: str, folder: str | PathLike[str]) -> list[MediaItem | Link]:
    """Return what an extractor finds on a recorded page, without any network.

    Raises what the extractor makes of it: `PluginError`, `ExtractError`, `FetchError`; the last
    one also if it goes to the network by itself.
    """
    return asyncio.run(find_offline(extractor, recorded_page(url, folder)))


def read_starts(folder: str | PathLike[str]) -> list[str]:
    """Return the URLs that were recorded for themselves.

    Raises `FetchError` if there is no recording.
    """
    return _Recording(Path(folder)).list_starts()


async def find_offline(
    extractor: Extractor, page: Page, seconds: float = EXTRACT_SECONDS
) -> list[MediaItem | Link]:
    """Return what an extractor finds on a page.

    Raises `FetchError` if it goes to the network itself.
    """
    with _offline() as connected:
        try:
            return await find_on(extractor, page, seconds)
        finally:
            for address in connected:  # whatever it made of that
                problem = f"plugin {extractor.name} on {page.url}: {_BY_ITSELF.format(address)}"
                raise FetchError(problem, url=page.url)


async def find_on(
    extractor: Extractor, page: Page, seconds: float = EXTRACT_SECONDS
) -> list[MediaItem | Link]:
    """Return what an extractor finds on a page, as a list. Raise the first error that comes."""
    found: list[MediaItem | Link] = []
    async for _, each in stream([extractor], page, seconds=seconds, most=MOST_ITEMS):
        if isinstance(each, ReelinError):
            raise each
        found.append(each)
    return found


async def record(
    url: str,
    folder: str | PathLike[str],
    *,
    plugin: str | None = None,
    network: Network | None = None,
) -> list[str]:
    """Run an extractor once on real pages, keep all that it asked for, and return their URLs.

    plugin: name of the extractor; None: all that the URL would be shown to

    Cookies and other secrets are not kept. Raises `UsageError`, `LoginRequired` for a sign-in page
    in the place of a page, which is not kept, and as `extract` does; what was asked for by then is.
    """
    start = from_person(url)
    if start is None:
        raise UsageError(describe_bad_url(url))
    recording = _Recording(Path(folder))
    async with Client(network or Network()) as client:
        client.credentials.trust(start)
        fetcher = PageFetcher(client, max_pages=100)
        try:
            page = recording.keep(await fetcher.page(without_userinfo(start)), None)
            for extractor in Registry.load().choose(start, plugin):
                await find_on(extractor, page)
        finally:
            await fetcher.close()
            recording.save()
    return recording.kept


@contextmanager
def _offline() -> Iterator[list[str]]:
    """Take the network from Python; yield the addresses that are wanted nevertheless."""
    wanted: list[str] = []

    def refuse(address: object) -> NoReturn:
        wanted.append(str(address[0] if isinstance(address, tuple) else address))
        raise OSError(f"there is no network in a recording, and so no {wanted[-1]}")

    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    look_up = socket.getaddrinfo
    socket.socket.connect = lambda _, address: refuse(address)  # type: ignore[method-assign]
    socket.socket.connect_ex = lambda _, address: refuse(address)  # type: ignore[method-assign]
    socket.getaddrinfo = lambda host, *_, **__: refuse(host)
    try:
        yield wanted
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
        socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]
        socket.getaddrinfo = look_up


class _Recording:
    """A folder of recorded pages, with its index."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries: dict[str, dict[str, Any]] = {}
        index = folder / INDEX
        if index.exists():
            try:
                self._entries = json.loads(index.read_text(encoding="utf-8"))
            except ValueError as error:
                raise UsageError(f"{index}: {error}") from None
        self.kept: list[str] = []

    def list_starts(self) -> list[str]:
        if not self._entries:
            raise FetchError(f"{self._folder}: nothing is recorded there; see `reelin record`")
        return [url for url, entry in self._entries.items() if "from" not in entry]

    def page(self, url: str) -> Page:
        entry = self._entries.get(url)
        if entry is None:
            raise FetchError(f"{url}: not recorded in {self._folder}", url=url)
        try:
            body = (self._folder / entry["file"]).read_bytes()
        except OSError as error:
            raise FetchError(f"{url}: {error.filename}: {error.strerror}", url=url) from None
        return Page(
            url=url,
            body=body,
            headers=entry.get("headers", {}),
            final_url=entry.get("final_url", url),
            status=entry.get("status", 200),
            fetch=self._fetch,
        )

    async def _fetch(self, url: str) -> Page:
        return self.page(url)

    def keep(self, page: Page, came_from: str | None) -> Page:
        """Keep a page in this recording, and return one whose further pages are kept as well.

        came_from: the page on which an extractor asked for it; None: it is recorded for itself
        """
        if (sign_in := sign_in_page.stands_for(page)) is not None:
            raise LoginRequired(_NOT_RECORDED.format(sign_in), url=page.url)
        self._write(page, came_from)

        async def fetch(url: str) -> Page:
            return self.keep(await page.get(url), page.url)

        return replace(page, fetch=fetch)

    def save(self) -> None:
        """Write the index, if there is anything new."""
        if not self.kept:
            return
        text = json.dumps(self._entries, indent=2, ensure_ascii=False, sort_keys=True)
        (self._folder / INDEX).write_text(text + "\n", encoding="utf-8")

    def _write(self, page: Page, came_from: str | None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        entry: dict[str, Any] = {"file": self._file_for(page)}
        known = self._entries.get(page.url)
        if came_from is not None and (known is None or "from" in known):
            entry["from"] = came_from
        if page.final_url != page.url:
            entry["final_url"] = page.final_url
        if page.status != 200:
            entry["status"] = page.status
        entry["headers"] = {name: page.headers[name] for name in _KEPT if name in page.headers}
        (self._folder / entry["file"]).write_bytes(page.body)
        self._entries[page.url] = entry
        self.kept.append(page.url)

    def _file_for(self, page: Page) -> str:
        """Choose a readable file name that no other page of the recording has."""
        known = self._entries.get(page.url)
        if known:
            return str(known["file"])
        last = page.url.rstrip("/").rpartition("/")[2].partition("?")[0]
        stem = safe_name(last.rpartition(".")[0] or last)
        ending = extension_for(page.mime) if page.mime else "html"
        taken = {entry["file"] for entry in self._entries.values()}
        name, number = f"{stem}.{ending}", 2
        while name in taken:
            name, number = f"{stem}-{number}.{ending}", number + 1
        return name
