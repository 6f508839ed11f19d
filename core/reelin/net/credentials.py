"""Secrets and where they go: logins and secret headers, each only to its own origin."""

from __future__ import annotations

import base64
import netrc
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from ..model import urls
from ..model.errors import UsageError
from .network import Network

# Headers that say nothing about who asks. All others stay at the origin they were meant for.
_HARMLESS = re.compile(
    r"accept(-.*)?|cache-control|dnt|(if-)?range|origin|pragma|referer|sec-.*|user-agent",
    re.IGNORECASE,
)


def basic_authorization(login: str, password: str) -> str:
    """Return the value of an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode("ascii")


def login_in(url: str) -> str | None:
    """Return the value of an Authorization header that a URL carries as `user:password@`."""
    if "@" not in url:
        return None
    parts = urlsplit(url)
    if parts.username is None:
        return None
    return basic_authorization(unquote(parts.username), unquote(parts.password or ""))


class Credentials:
    """The secrets of one session. They are derived anew for each request, also after redirects."""

    def __init__(self, network: Network) -> None:
        self._headers = network.headers
        self._trusted: set[str] = set()
        self._logins: dict[str, str] = {}
        self._netrc = _read_netrc() if network.netrc else None

    def trust(self, url: str) -> None:
        """Let the origin of a URL that a person gave see the session's headers, and its login."""
        self._trusted.add(urls.origin(url))
        self.learn(url)

    def headers_for(self, url: str, own: Mapping[str, str], home: str) -> dict[str, str]:
        """Return the headers that a request to `url` carries.

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
        return basic_authorization(found[0], found[2] or "") if found else None


def _read_netrc() -> netrc.netrc:
    try:
        return netrc.netrc()
    except FileNotFoundError:
        raise UsageError("netrc: there is no ~/.netrc; make one, or leave --netrc out") from None
    except netrc.NetrcParseError as error:
        if "permissive" in error.msg:
            raise UsageError("netrc: others may read ~/.netrc; chmod 600 ~/.netrc") from None
        raise UsageError(f"netrc: {error}") from None
    except UnicodeDecodeError:
        raise UsageError("netrc: ~/.netrc is not in UTF-8; save it so") from None
    except OSError as error:
        raise UsageError(f"netrc: {error}") from None
