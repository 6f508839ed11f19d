"""The settings of the network: one plain value, the same for the command line and library."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..model.errors import UsageError
from ..model.item import no_headers
from .guard import Exceptions
from .proxies import Proxies

DEFAULT_USER_AGENT = "Mozilla/5.0 (compatible; reelin/0.1; +https://pypi.org/project/reelin/)"


# RFC 9110, section 5.1 and 5.5
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Network settings of a session.

    retries:     attempts without progress before a transfer fails
    retry_wait:  seconds before the second attempt; before each further one twice as long, up to 30
    timeout:     seconds of silence (connecting, waiting for headers, between bytes)
    connect_timeout: seconds that connecting may take; None: as `timeout` says
    limit_rate:  bytes per second for the whole session; None: no limit
    per_host:    connections to one host; None: no limit but the workers'
    connections: parallel ranges of one big file; None: as many as make it faster
    proxy:       URL of an HTTP or SOCKS proxy (`socks5://…` needs the extra `socks`); "" or "none":
                 no proxy; None: those that http_proxy, https_proxy, all_proxy and no_proxy of the
                 environment name
    user_agent:  User-Agent header
    headers:     further request headers; those that may carry secrets go only to
                 the origins of the URLs that a person gave
    cookies:     a Netscape cookies.txt: its path, or its whole text
    cookies_from_browser: `firefox`, `chrome:Profile 1`, … (read by yt-dlp's reader)
    netrc:       use logins from ~/.netrc
    allow_private: False refuses every address that is not public (see `guard`), a proxy's too
    allow:       exceptions from that: `host:port`, addresses or networks (`10.0.0.0/8`)
    """

    retries: int = 3
    retry_wait: float = 0.5
    timeout: float = 30.0
    connect_timeout: float | None = None
    limit_rate: int | None = None
    per_host: int | None = None
    connections: int | None = None
    proxy: str | None = None
    user_agent: str = DEFAULT_USER_AGENT
    headers: Mapping[str, str] = field(default_factory=no_headers, repr=False)
    cookies: Path | str | None = field(default=None, repr=False)
    cookies_from_browser: str | None = None
    netrc: bool = False
    allow_private: bool = True
    allow: Sequence[str] = ()

    def __post_init__(self) -> None:
        _at_least("retries", self.retries, 0)
        _at_least("limit_rate", self.limit_rate, 1)
        _at_least("per_host", self.per_host, 1)
        _at_least("connections", self.connections, 1)
        for name, seconds in (("timeout", self.timeout), ("connect_timeout", self.connect_timeout)):
            if seconds is not None and not seconds > 0:
                raise UsageError(f"{name} must be more than 0 seconds, not {seconds}")
        if not self.retry_wait >= 0:
            raise UsageError(f"retry_wait must be 0 seconds or more, not {self.retry_wait}")
        if self.proxy is not None:
            Proxies(self.proxy)
        Exceptions(self.allow)
        for name, value in {**self.headers, "User-Agent": self.user_agent}.items():
            if not _HEADER_NAME.fullmatch(name) or _FORBIDDEN.search(value):
                raise UsageError(f"header {name!r}: a header is 'Name: value', and on one line")


def _at_least(name: str, value: int | None, least: int) -> None:
    if value is not None and value < least:
        raise UsageError(f"{name} must be at least {least}, not {value}")
