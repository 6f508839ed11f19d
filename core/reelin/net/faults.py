"""Errors of requests, in the words of a person."""

from __future__ import annotations

import ssl
from http import HTTPStatus

import aiohttp

from ..model.errors import FetchError, Transient
from . import guard


def as_fetch_error(error: BaseException, url: str, what: str, timeout: float) -> FetchError:
    """Return the error of our own that a foreign one means: `Transient` where another try may help.

    what:    what happened to the request, in words
    timeout: seconds of silence that were allowed
    """
    if isinstance(error, guard.BlockedAddress):
        return FetchError(f"{url}: {error}", url=url)
    if isinstance(error, TimeoutError):
        return Transient(f"{url}: silent for {timeout:g} s", url=url)
    cause = getattr(error, "os_error", None)
    if isinstance(cause, guard.BlockedAddress):
        return FetchError(f"{url}: {cause}", url=url)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return FetchError(f"{url}: {_describe_certificate(error)}", url=url)
    if isinstance(error, aiohttp.InvalidURL):
        return FetchError(f"{url}: not a URL that can be asked for", url=url)
    if isinstance(error, ValueError) and not isinstance(error, aiohttp.ClientError):
        return FetchError(f"{url}: the request cannot be sent: {_describe(error)}", url=url)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Transient(f"{url}: the host name was not found", url=url)
    return Transient(f"{url}: {what}: {_describe(error)}", url=url)


def _describe_certificate(error: BaseException) -> str:
    """Say why a server's certificate is not trusted, and how it would be."""
    cause = getattr(error, "certificate_error", error)
    reason = getattr(cause, "verify_message", "") or " ".join(str(cause).split())
    return (
        f"the certificate is not valid: {reason.rstrip('.')}; if you trust it, put it, or that of"
        " the authority which issued it, into a file, and name that in SSL_CERT_FILE"
    )


def _describe(error: BaseException) -> str:
    """Describe a foreign error in a few words, on one line."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the body ended too early"
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error.strerror or error.os_error)
    if isinstance(error, aiohttp.ClientResponseError):
        return "the answer is not HTTP"
    return " ".join(str(error).split())[:200] or type(error).__name__


def phrase(status: int) -> str:
    """Return the words of an HTTP status (RFC 9110, 15), empty for an unknown one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
