"""Referrer Policy (W3C): what of a page's URL the servers of its files and links are told."""

from __future__ import annotations

from urllib.parse import urlsplit

from .urls import origin, without_userinfo

LONGEST = 4096  # characters: of a longer URL only the origin is told (8.4)
_POLICIES = {
    name: name
    for name in (
        "no-referrer",
        "no-referrer-when-downgrade",
        "origin",
        "origin-when-cross-origin",
        "same-origin",
        "strict-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    )
} | {  # what documents said before there was a standard (HTML, 4.2.5.3)
    "always": "unsafe-url",
    "default": "strict-origin-when-cross-origin",
    "never": "no-referrer",
    "origin-when-crossorigin": "origin-when-cross-origin",
}


def read_policy(text: str | None) -> str:
    """The last policy that a header or an attribute names; empty where there is none that we know.

    Who names several has the older ones for older browsers.
    """
    known = (_POLICIES.get(each.strip().lower(), "") for each in (text or "").split(","))
    return next(filter(None, reversed(list(known))), "")


def referer(page_url: str, url: str, policy: str = "") -> str | None:
    """The Referer of a request for `url` from a page; None: there is to be none (8.3).

    policy: as `read_policy` gives it; empty: `strict-origin-when-cross-origin`, as in browsers
    """
    if not page_url or policy == "no-referrer":
        return None
    whole = without_userinfo(page_url).partition("#")[0]
    start = _origin_of(whole)
    if len(whole) > LONGEST:
        whole = start
    if policy == "unsafe-url":
        return whole
    if policy == "origin":
        return start
    is_same = origin(whole) == origin(url)
    if policy == "same-origin":
        return whole if is_same else None
    if policy == "origin-when-cross-origin":
        return whole if is_same else start
    if whole.startswith("https:") and url.startswith("http:"):
        return None
    if policy == "no-referrer-when-downgrade":
        return whole
    return whole if is_same and policy != "strict-origin" else start


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
