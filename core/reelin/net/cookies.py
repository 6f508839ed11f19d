"""Cookies that a session begins with: those of a cookies.txt, and of a browser's profile."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookiejar import Cookie
from http.cookies import Morsel, SimpleCookie
from typing import TYPE_CHECKING

from ..model.errors import UsageError
from .network import Network

if TYPE_CHECKING:
    from aiohttp import CookieJar


def load_cookies(network: Network, jar: CookieJar) -> None:
    """Fill a cookie jar from cookies.txt and from a browser's profile, by yt-dlp's readers.

    Raises `UsageError` when they cannot be read.
    """
    if network.cookies is not None:
        for cookie in _read_file(network):
            _add(jar, cookie)
    if network.cookies_from_browser:
        for cookie in _read_browser(network.cookies_from_browser):
            _add(jar, cookie)


def _read_file(network: Network) -> Iterator[Cookie]:
    from yt_dlp.cookies import YoutubeDLCookieJar

    path = str(network.cookies)
    jar = YoutubeDLCookieJar(path)
    try:
        jar.load(ignore_discard=True, ignore_expires=True)
    except OSError as error:
        # http.cookiejar.LoadError is an OSError as well.
        reason = error.strerror or "it is not in the Netscape cookies.txt format"
        raise UsageError(f"cookies file {path}: {reason}") from None
    yield from jar


def _read_browser(choice: str) -> Iterator[Cookie]:
    from yt_dlp.cookies import SUPPORTED_BROWSERS, extract_cookies_from_browser

    browser, _, profile = choice.partition(":")
    if browser.lower() not in SUPPORTED_BROWSERS:
        known = ", ".join(sorted(SUPPORTED_BROWSERS))
        raise UsageError(f"cookies from browser: {browser!r} is not one of {known}")
    try:
        yield from extract_cookies_from_browser(browser.lower(), profile or None)
    except Exception as error:  # the reader raises whatever sqlite, keyrings and files raise
        raise UsageError(f"cookies from browser {choice}: {error}") from None


def _add(jar: CookieJar, cookie: Cookie) -> None:
    """Add one cookie with its own domain, path and rules."""
    from yarl import URL

    host = cookie.domain.lstrip(".")
    if not host or cookie.value is None:
        return
    container: SimpleCookie = SimpleCookie()
    container[cookie.name] = cookie.value
    morsel: Morsel[str] = container[cookie.name]
    if cookie.domain_specified or cookie.domain.startswith("."):
        morsel["domain"] = host
    morsel["path"] = cookie.path or "/"
    if cookie.secure:
        morsel["secure"] = True
    jar.update_cookies(container, URL.build(scheme="https" if cookie.secure else "http", host=host))
