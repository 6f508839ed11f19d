"""Requests and answers as a log may show them: what bears on the answer, and never a secret."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import aiohttp

from ..model import urls
from .faults import phrase

logger = logging.getLogger(__name__)

_REQUEST = frozenset(["if-range", "origin", "range", "referer"])
_ANSWER = frozenset(
    "accept-ranges age cf-mitigated content-disposition content-encoding content-length"
    " content-range content-type etag last-modified retry-after server transfer-encoding via"
    " www-authenticate".split()
)
_DULL = frozenset(["accept", "accept-encoding", "connection", "host", "user-agent"])
_LONGEST = 200  # characters of a value


def log_answer(answer: aiohttp.ClientResponse, url: str) -> None:
    """Log a request to `url` and its answer, where somebody listens (`-vv`, `--log-file`)."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    asked = _join(_describe_request(answer.request_info.headers.items()))
    given = _join(_describe_answer(answer.headers.items()))
    status = f"{answer.status} {phrase(answer.status)}".rstrip()
    logger.debug("GET %s%s -> %s%s", url, asked, status, given)


def log_failure(error: Exception, url: str) -> None:
    """Log that a request to `url` had no answer."""
    logger.debug("GET %s -> no answer: %s", url, error)


def _describe_request(headers: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Describe the headers of a request; those that nobody knows may be secrets."""
    for name, value in headers:
        lower = name.lower()
        if lower in _REQUEST:
            yield f"{name}: {value[:_LONGEST]}"
        elif lower == "cookie":
            yield f"{name}: {', '.join(_cookie_names(value.split(';')))}"
        elif lower == "authorization":
            yield f"{name}: {value.partition(' ')[0]} …"
        elif lower not in _DULL:
            yield f"{name}: …"


def _describe_answer(headers: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Describe the headers of an answer that bear on what happens next."""
    for name, value in headers:
        lower = name.lower()
        if lower in _ANSWER:
            yield f"{name}: {value[:_LONGEST]}"
        elif lower == "location":
            yield f"{name}: {urls.without_userinfo(value)[:_LONGEST]}"
        elif lower == "set-cookie":
            yield f"{name}: {', '.join(_cookie_names([value]))}"


def _cookie_names(cookies: Iterable[str]) -> list[str]:
    return [f"{cookie.partition('=')[0].strip()}=…" for cookie in cookies]


def _join(headers: Iterable[str]) -> str:
    text = "; ".join(headers)
    return f"  [{text}]" if text else ""
