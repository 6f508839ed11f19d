"""Errors of requests, in the words of a person."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from http import HTTPStatus

import aiohttp

from ..model.errors import FetchError, Transient
from . import guard
from .proxies import Proxy


def as_fetch_error(error: BaseException, url: str, what: str, timeout: float) -> FetchError:
    """Return the error of our own that a foreign one means: `Transient` where another try may help.

    what:    what happened to the request, in words
    timeout: seconds of silence that were allowed
    """
    if isinstance(error, guard.BlockedAddress):
        return FetchError(f"{url}: {error}", url=url, code="blocked")
    if isinstance(error, TimeoutError):
        return Transient(f"{url}: silent for {timeout:g} s", url=url, code="timeout")
    cause = getattr(error, "os_error", None)
    if isinstance(cause, guard.BlockedAddress):
        return FetchError(f"{url}: {cause}", url=url, code="blocked")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return FetchError(f"{url}: {_describe_certificate(error)}", url=url)
    if isinstance(error, aiohttp.InvalidURL):
        return FetchError(f"{url}: not a URL that can be asked for", url=url)
    if isinstance(error, UnicodeError):
        why = "between its dots, a host name has 1 to 63 characters each"
        return FetchError(f"{url}: no server can have this name: {why}", url=url)
    if isinstance(error, ValueError) and not isinstance(error, aiohttp.ClientError):
        return FetchError(f"{url}: the request cannot be sent: {_describe(error)}", url=url)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Transient(f"{url}: the host name was not found", url=url, code="unreachable")
    return Transient(f"{url}: {what}: {_describe(error)}", url=url, code="unreachable")


# By OpenSSL's codes (X509_V_ERR_…), where no file with the certificate would help.
_NOT_TO_BE_TRUSTED = {
    9: "is the clock of this machine right?",
    10: "its owner has to renew it, or the clock of this machine is wrong",
    62: "is the address right?",
    64: "is the address right?",
}


def _describe_certificate(error: BaseException) -> str:
    """Say why a server's certificate is not trusted, and how it would be."""
    cause = getattr(error, "certificate_error", error)
    reason = getattr(cause, "verify_message", "") or " ".join(str(cause).split())
    code = getattr(cause, "verify_code", 0)
    if code in _NOT_TO_BE_TRUSTED:
        return f"the certificate is not valid: {reason.rstrip('.')}; {_NOT_TO_BE_TRUSTED[code]}"
    return (
        f"the certificate is not valid: {reason.rstrip('.')}; if you trust it, put it, or that of"
        " the authority which issued it, into a file, and name that in SSL_CERT_FILE"
    )


def as_proxy_error(error: BaseException, url: str, proxy: Proxy, timeout: float) -> FetchError:
    """Return the error of our own that one before the answer means, where a proxy is on the way."""
    through = f"{url}: through the proxy {proxy} ({proxy.source})"
    blocked = error if isinstance(error, guard.BlockedAddress) else getattr(error, "os_error", None)
    if isinstance(blocked, guard.BlockedAddress):
        return FetchError(f"{through}: {blocked}", url=url, code="blocked")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        if error.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return FetchError(f"{through}: {ask_for_login(proxy)}", url=url)
        return Transient(f"{through}: it answered {error.status} {phrase(error.status)}", url=url)
    # What comes from SOCKS, or lies behind it, has the number of the fault, and words of its own.
    inner = error.__cause__ if isinstance(error.__cause__, OSError) else error
    number = (inner.errno or 0) if isinstance(inner, OSError) else 0
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror) or number < 0:
        return Transient(f"{through}: its host name was not found", url=url, code="unreachable")
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        return as_fetch_error(error, url, "no answer", timeout)
    if isinstance(error, aiohttp.ClientConnectorError | ConnectionError):
        what = f"{through}: it cannot be reached: {_describe(error)}"
        return Transient(what, url=url, code="unreachable")
    if isinstance(error, TimeoutError):
        return Transient(f"{through}: silent for {timeout:g} s", url=url, code="timeout")
    if isinstance(inner, OSError) and number > 0:
        what = f"{through}: it cannot be reached: {_describe_connection(inner)}"
        return Transient(what, url=url, code="unreachable")
    if isinstance(error, aiohttp.ClientError | ValueError):
        return as_fetch_error(error, url, f"no answer through the proxy {proxy}", timeout)
    return Transient(f"{through}: {_describe(error)}", url=url, code="unreachable")


def ask_for_login(proxy: Proxy) -> str:
    """Return what to do about a proxy that does not know who asks."""
    scheme = proxy.url.partition("://")[0]
    host, port = proxy.address
    return f"it wants a login; write it as {scheme}://USER:PASSWORD@{host}:{port}"


def _describe(error: BaseException) -> str:
    """Describe a foreign error in a few words, on one line."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the body ended too early"
    if isinstance(error, aiohttp.ClientConnectorError):
        return _describe_connection(error.os_error)
    if isinstance(error, aiohttp.ClientResponseError):
        reason = error.message.strip().partition("\n")[0].strip(" :")[:80]
        return f"the answer is not HTTP ({reason})" if reason else "the answer is not HTTP"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _describe_connection(error: OSError) -> str:
    """Say why there is no connection: by the code, as asyncio writes its own text around it."""
    text = str(error.strerror or error)
    codes = [error.errno or 0] if error.errno else [int(each) for each in _ERRNO.findall(text)]
    if errno.ECONNREFUSED in codes:
        return "connection refused: nothing listens at that port"
    if codes and codes[0] > 0:  # of several addresses, the first
        return os.strerror(codes[0]).lower()
    return text


_ERRNO = re.compile(r"\[Errno (\d+)\]")
_HINTS = {
    401: ": it wants a login: --netrc, --cookies FILE, or https://USER:PASSWORD@… in the URL",
    403: ": if a browser shows it, try --cookies FILE, --netrc, or -H 'Referer: URL of its page'",
    429: ": too many at once: fewer --workers, or later",
}


def hint(status: int) -> str:
    """Return what to do about an HTTP status, to stand behind it; empty where nobody knows."""
    return _HINTS.get(status, "")


def phrase(status: int) -> str:
    """Return the words of an HTTP status (RFC 9110, 15), empty for an unknown one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
