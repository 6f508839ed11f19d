"""Why a page shows nothing, where it can be seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model.media_types import path_of
from .text import fold

if TYPE_CHECKING:
    from lxml.etree import _Element

    from .page import Page

LITTLE_TEXT = 200  # characters: a page with no more is a frame that scripts fill
SOME_TEXT = 1500  # characters, where it says itself that it needs them
_CODE = frozenset(["", "module", "text/javascript", "application/javascript", "text/babel"])
_UNSEEN = frozenset(["script", "style", "template", "noscript", "head", "title"])
_ASKS = re.compile(r"java\s?script", re.IGNORECASE)


def why_empty(page: Page) -> str | None:
    """A sentence on a page that builds itself with JavaScript; None for any other page."""
    if not page.is_markup or page.listing is not None:
        return None
    scripts = [each for each in page.tree.iter("script") if _is_code(each)]
    asks = any(_ASKS.search("".join(each.itertext())) for each in page.tree.iter("noscript"))
    if not scripts or _shows_more_than(page.tree, SOME_TEXT if asks else LITTLE_TEXT):
        return None
    named = (path_of(url).rpartition("/")[2] for url in _files(page, scripts))
    name = next(filter(None, named), "")
    return (
        f"{page.url} builds itself with JavaScript{f' ({name})' if name else ''}, which is not run;"
        " what its scripts load has an address of its own, which can be asked for instead"
    )


def _is_code(script: _Element) -> bool:
    mime = (script.get("type") or "").partition(";")[0].strip().lower()
    return mime in _CODE and bool(script.get("src") or (script.text or "").strip())


def _files(page: Page, scripts: list[_Element]) -> list[str]:
    """The addresses of script files: modules first, then the last, as the page's own."""
    modules = [each for each in scripts if each.get("type") == "module"]
    found = (page.absolute(each.get("src", "")) for each in (*modules, *reversed(scripts)))
    return [url for url in found if url and path_of(url).endswith("js")]


def _shows_more_than(root: _Element, most: int) -> bool:
    """Whether a page shows more than so many characters of text."""
    shown = 0
    for element in root.iter("*"):
        text = element.text if element.tag not in _UNSEEN else None
        shown += len(fold(text or "")) + len(fold(element.tail or ""))
        if shown > most:
            return True
    return False
