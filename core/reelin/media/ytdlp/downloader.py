"""`YoutubeDL` as reelin wants it. This imports yt-dlp: import it when that is needed.

The guard against private addresses is as decisive as reelin's own (see `guard`): it sees the very
address of every connection, after DNS and for every redirect. So it takes the place of all other
ways by which yt-dlp could reach the network: other HTTP stacks, WebSockets and FTP are not there,
and formats that ffmpeg or another program would fetch are not offered.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from functools import partial
from http.client import HTTPConnection, HTTPSConnection
from io import StringIO
from typing import Any
from urllib.request import OpenerDirector

from yt_dlp import YoutubeDL
from yt_dlp.networking import _helper, _urllib
from yt_dlp.networking.exceptions import RequestError

from ...model.errors import FetchError
from ...net.cookie_file import HEADING, read_cookies
from ...net.guard import NO_EXCEPTIONS, Exceptions, check_address, check_url
from ...net.proxies import Proxy, read_proxy

ALLOW = "reelin_allow"  # the parameter with the exceptions for addresses that are not public


class Downloader(YoutubeDL):  # type: ignore[misc]
    """yt-dlp, which reads a person's cookies.txt, and leaves it as it is."""

    def __init__(self, params: Mapping[str, Any], **others: Any) -> None:
        file = params.get("cookiefile")
        if isinstance(file, str):
            # Its own reader refuses what people's files have.
            lines = "".join(each.as_line() for each in read_cookies(file))
            params = {**params, "cookiefile": StringIO(HEADING + lines)}
        super().__init__(params, **others)

    def save_cookies(self) -> None:
        """Save nothing: several processes would write it at once."""


class GuardedDownloader(Downloader):
    """yt-dlp, which asks public addresses alone."""

    def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
        """Return a director with one way to the network."""
        exceptions = Exceptions(self.params.get(ALLOW) or ())
        handler = type("PublicRH", (PublicRH,), {"exceptions": exceptions})
        return super().build_request_director([handler])


class PublicRH(_urllib.UrllibRH):  # type: ignore[misc]
    """yt-dlp's own HTTP client, with the guard in it."""

    _SUPPORTED_URL_SCHEMES = ("http", "https", "data")
    exceptions = NO_EXCEPTIONS  # from the rule that addresses are public

    def _create_instance(
        self, proxies: Any, cookiejar: Any, legacy_ssl_support: Any = None
    ) -> OpenerDirector:
        opener = super()._create_instance(proxies, cookiejar, legacy_ssl_support)
        public = OpenerDirector()
        public.addheaders = []
        for each in opener.handlers:
            if isinstance(each, _urllib.HTTPHandler):
                each = _PublicHandler(each._context, each._source_address)
                each.exceptions = self.exceptions
            if not isinstance(each, _urllib.FTPHandler):
                public.add_handler(each)
        return public


class _PublicHandler(_urllib.HTTPHandler):  # type: ignore[misc]
    exceptions = NO_EXCEPTIONS

    def _make_conn_class(self, base: type[HTTPConnection], request: Any) -> type[HTTPConnection]:
        """Check the address of each request, redirected ones too."""
        try:
            check_url(request.full_url, self.exceptions)
        except FetchError as error:
            raise RequestError(str(error)) from None
        socks = request.headers.get("Ytdl-socks-proxy")
        if socks:  # it is the proxy that connects
            _check_proxy(read_proxy(socks, "proxy"), self.exceptions)
            made: type[HTTPConnection] = _urllib.HTTPHandler._make_conn_class(base, request)
            return made
        kind = _PublicHTTPS if issubclass(base, HTTPSConnection) else _PublicHTTP
        return type(kind.__name__, (kind,), {"exceptions": self.exceptions})


class _PublicHTTP(HTTPConnection):
    exceptions = NO_EXCEPTIONS

    def connect(self) -> None:
        """Connect to a public address."""
        self._create_connection = _connect_within(self.exceptions, self.host, self.port)
        super().connect()


class _PublicHTTPS(HTTPSConnection):
    exceptions = NO_EXCEPTIONS

    def connect(self) -> None:
        """Connect to a public address."""
        self._create_connection = _connect_within(self.exceptions, self.host, self.port)
        super().connect()


def _connect_within(exceptions: Exceptions, host: str, port: int) -> Any:
    """Return what opens a connection to a host, by addresses that may be connected to."""

    def connect(candidate: Any, timeout: Any, source: Any) -> socket.socket:
        exceptions.note(host, port, str(candidate[4][0]))
        check_address(str(candidate[4][0]), port, exceptions)
        opened: socket.socket = _helper._socket_connect(candidate, timeout, source)
        return opened

    return partial(_helper.create_connection, _create_socket_func=connect)


def _check_proxy(proxy: Proxy, exceptions: Exceptions) -> None:
    """Raise `RequestError` for a SOCKS proxy whose address may not be connected to."""
    host, port = proxy.address
    try:
        for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            exceptions.note(host, port, str(found[4][0]))
            check_address(str(found[4][0]), port, exceptions)
    except OSError as error:
        raise RequestError(f"the proxy {proxy}: {error}") from None
