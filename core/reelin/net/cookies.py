"""Cookies that a session begins with: those of a cookies.txt, and of a browser's profile."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import CookieError, Morsel
from typing import TYPE_CHECKING, Any

from yarl import URL

from ..model.errors import UsageError
from .cookie_file import SavedCookie, read_cookie, read_cookies
from .network import Network

if TYPE_CHECKING:
    from aiohttp import CookieJar


def load_cookies(network: Network, jar: CookieJar) -> None:
    """Fill a cookie jar from cookies.txt, and from a browser's profile by yt-dlp's reader.

    Raises `UsageError` when they cannot be read.
    """
    if network.cookies is not None:
        for cookie in read_cookies(network.cookies):
            _add(jar, cookie)
    if network.cookies_from_browser:
        for cookie in _read_browser(network.cookies_from_browser):
            _add(jar, cookie)


def _read_browser(choice: str) -> Iterator[SavedCookie]:
    from yt_dlp.cookies import SUPPORTED_BROWSERS, extract_cookies_from_browser

    browser, _, profile = choice.partition(":")
    if browser.lower() not in SUPPORTED_BROWSERS:
        known = ", ".join(sorted(SUPPORTED_BROWSERS))
        raise UsageError(f"cookies from browser: {browser!r} is not one of {known}")
    try:
        found = list(extract_cookies_from_browser(browser.lower(), profile or None))
    except Exception as error:  # the reader raises whatever sqlite, keyrings and files raise
        raise UsageError(f"cookies from browser {choice}: {error}") from None
    for each in found:
        subdomains, secure = str(bool(each.domain_specified)), str(bool(each.secure))
        cookie = read_cookie(
            each.domain, subdomains, each.path or "/", secure, each.name, each.value or ""
        )
        if cookie is not None:
            yield cookie


def _add(jar: CookieJar, cookie: SavedCookie) -> None:
    """Add one cookie with its own domain, path and rules."""
    # Browsers keep names that `Morsel.set` refuses (`AMCVS_…@AdobeOrg`, `sess[id]`).
    morsel: Any = Morsel()
    try:
        morsel.__setstate__(
            {"key": cookie.name, "value": cookie.value, "coded_value": cookie.value}
        )
        morsel["path"] = cookie.path
        if cookie.subdomains:
            morsel["domain"] = cookie.host
        if cookie.secure:
            morsel["secure"] = True
        scheme = "https" if cookie.secure else "http"
        origin = URL.build(scheme=scheme, host=cookie.host)
        jar.update_cookies([(cookie.name, morsel)], origin)
    except (CookieError, ValueError):
        return  # one that no request can carry
