"""Where a redirect leads (RFC 9110, 15.4)."""

from __future__ import annotations

from string import printable
from urllib.parse import quote

from aiohttp import ClientResponse

from ..model import urls
from ..model.errors import FetchError


def redirect_target(answer: ClientResponse, current: str) -> str | None:
    """Return where a redirect leads (RFC 9110, 15.4), or None for any other answer."""
    if answer.status not in (301, 302, 303, 307, 308) or "Location" not in answer.headers:
        return None
    # Bytes that are no ASCII are escaped as they are, whatever they mean to the server; aiohttp
    # keeps what is no UTF-8 as surrogates.
    location = quote(answer.headers["Location"].encode("utf-8", "surrogateescape"), safe=printable)
    target = urls.join(current, location)
    if target is None:
        answer.close()
        here = urls.without_userinfo(current)
        raise FetchError(f"{here}: redirects to {location[:200]!r}, which is not http", url=here)
    return target
