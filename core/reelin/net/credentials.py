"""Which secrets go where: logins, cookies and secret headers, each only to its own origin."""

from __future__ import annotations

import base64
import netrc
import re
from collections.abc import Iterator, Mapping
from http.cookiejar import Cookie
from http.cookies import Morsel, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..model import urls
from ..model.errors import UsageError
from .network import Network

if TYPE_CHECKING:
    from aiohttp import CookieJar

# Headers that say nothing about who asks. All others stay at the origin they were meant for.
_HARMLESS = re.compile(
    r"accept(-.*)?|cache-control|dnt|(if-)?range|origin|pragma|referer|sec-.*|user-agent",
    re.IGNORECASE,
)


def basic(login: str, password: str) -> str:
    """The value of an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode("ascii")


def login_in(url: str) -> str | None:
    """The value of an Authorization header that a URL carries as `user:password@`."""
    if "@" not in url:
        return None
    parts = urlsplit(url)
    if parts.username is None:
        return None
    return basic(unquote(parts.username), unquote(parts.password or ""))


class Credentials:
    """The secrets of one session. They are derived anew for each request, also after redirects."""

    def __init__(self, network: Network) -> None:
        self._headers = network.headers
        self._trusted: set[str] = set()
        self._logins: dict[str, str] = {}
        self._netrc = _read_netrc() if network.netrc else None

    def trust(self, url: str) -> None:
        """A person gave this URL: its origin may see the session's headers and its own login."""
        self._trusted.add(urls.origin(url))
        self.learn(url)

    def headers_for(self, url: str, own: Mapping[str, str], home: str) -> dict[str, str]:
        """The headers that a request to `url` carries.

        own:  headers of the item or page
        home: the URL they were made for; the secret ones among them stay at its origin
        """
        origin = urls.origin(url)
        headers: dict[str, str] = {}
        login = self._login(url, origin)
        if login:
            headers["Authorization"] = login
        for name, value in self._headers.items():
            if origin in self._trusted or _HARMLESS.fullmatch(name):
                headers[name] = value
        if own:
            at_home = origin == urls.origin(home)
            for name, value in own.items():
                if at_home or _HARMLESS.fullmatch(name):
                    headers[name] = value
        return headers

    def learn(self, url: str) -> None:
        """Remember the login that a URL carries, for its origin."""
        login = login_in(url)
        if login is not None:
            self._logins[urls.origin(url)] = login

    def _login(self, url: str, origin: str) -> str | None:
        if "@" in url:
            self.learn(url)
        known = self._logins.get(origin)
        if known or self._netrc is None:
            return known
        found = self._netrc.authenticators(urlsplit(url).hostname or "")
        return basic(found[0], found[2] or "") if found else None


def referer(page_url: str, url: str) -> str | None:
    """The Referer that a browser sends (Referrer Policy, strict-origin-when-cross-origin)."""
    if not page_url:
        return None
    page_url = urls.without_userinfo(page_url)
    if urls.origin(page_url) == urls.origin(url):
        return page_url
    here, there = urlsplit(page_url), urlsplit(url)
    if here.scheme == "https" and there.scheme == "http":
        return None
    return f"{here.scheme}://{here.netloc}/"


def load_cookies(network: Network, jar: CookieJar) -> None:
    """Fill a cookie jar from cookies.txt and from a browser's profile, by yt-dlp's readers.

    Raises `UsageError` when they cannot be read.
    """
    if network.cookies is not None:
        for cookie in _from_file(network):
            _add(jar, cookie)
    if network.cookies_from_browser:
        for cookie in _from_browser(network.cookies_from_browser):
            _add(jar, cookie)


def _from_file(network: Network) -> Iterator[Cookie]:
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


def _from_browser(choice: str) -> Iterator[Cookie]:
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


def _read_netrc() -> netrc.netrc:
    try:
        return netrc.netrc()
    except FileNotFoundError:
        raise UsageError("netrc: there is no ~/.netrc; make one, or leave --netrc out") from None
    except (netrc.NetrcParseError, OSError) as error:
        raise UsageError(f"netrc: {error}") from None
