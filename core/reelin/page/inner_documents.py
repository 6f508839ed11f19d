"""Documents that stand in a page: `<iframe srcdoc>` (HTML, 4.8.5)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from .elements import is_player
from .page import Page

MOST = 200  # documents of one page
DEEPEST = 4  # documents within each other


def inner_documents(page: Page) -> list[Page]:
    """The documents within a page and within these, up to `MOST`; their addresses start from it.

    A document that only stands before the player of a known site is none.
    """
    found: list[Page] = []
    todo = deque([(page, 1)])
    while todo and len(found) < MOST:
        outer, depth = todo.popleft()
        inside = _inside(outer) if depth <= DEEPEST else []
        found += inside
        todo.extend((each, depth + 1) for each in inside)
    return found[:MOST]


def _inside(page: Page) -> list[Page]:
    texts = [
        frame.get("srcdoc", "")
        for frame in page.tree.iter("iframe")
        if not is_player(page.absolute(frame.get("src", "")) or "")
    ]
    return [
        replace(
            page,
            body=text.encode("utf-8", "replace"),
            headers={"content-type": "text/html; charset=utf-8"},
            outer_base=page.base_url,
        )
        for text in dict.fromkeys(texts)
        if text.strip()
    ]
