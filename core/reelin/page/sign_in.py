"""Sign-in pages that stand in the place of what was asked for."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from .page import Page

_WORD = r"(?:service)?log[-_]?[io]n|sign[-_]?[io]n|authenticate|authorize|sso|saml2?|session/new"
# A part of a path that is all about it, such as `wp-login.php`; no title like how-to-log-in-again.
_PART = re.compile(
    rf"(?:(?:wp|user|member|account|customer|web)s?[-_.]?)?(?:{_WORD})"
    r"(?:[-_.]?(?:form|page|action|required|oidc|php|aspx?|html?|jsp|do|cgi))*"
)
_HOST = re.compile(r"(?:login|signin|auth|sso|accounts?|idp)\d*(?=\.)")
_COMMANDS = frozenset(["mode", "action", "do", "act", "view", "task", "page", "route"])
_SAYS = re.compile(r"\b(?:log|sign)[ -]?[io]n\b|\banmelden\b|\bconnexion\b|\biniciar sesi", re.I)


def stands_for(page: Page) -> str | None:
    """Return the URL of the sign-in page that a server gave instead of a page; else None.

    It was redirected to an address of that kind, or to one with a field for a password; or there
    is such a field, and the title says what it is for. Who asks for a sign-in page itself gets it.
    """
    if is_address(page.url):
        return None
    if page.final_url.partition("#")[0] != page.url.partition("#")[0]:
        is_one = is_address(page.final_url, page.url) or _asks_for_password(page)
    else:
        is_one = _asks_for_password(page) and bool(_SAYS.search(page.title or ""))
    return page.final_url if is_one else None


def is_address(url: str, came_from: str = "") -> bool:
    """Whether an address is that of a sign-in page, which may have a host of its own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if came_from and host != urlsplit(came_from).hostname and _HOST.match(host):
        return True
    path = [*parts.path.lower().split("/"), "/".join(parts.path.lower().split("/")[-2:])]
    words = [value.lower() for name, value in parse_qsl(parts.query) if name in _COMMANDS]
    return any(_PART.fullmatch(each) for each in (*path, *words))


def _asks_for_password(page: Page) -> bool:
    # Without a selector: their library would cost each run ten milliseconds of its start.
    fields = page.tree.iter("input") if page.is_markup else ()
    return any(each.get("type", "").strip().lower() == "password" for each in fields)
