"""HTML text as a tree, as tolerant as a browser, however it is nested."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from .text import UNFIT

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAME = re.compile(r"[A-Za-z_][\w.\-]*", re.ASCII)
# libxml2 takes quadratic time for the attributes of one element.
MOST_ATTRIBUTES = 1000
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{20000,}")
_ATTRIBUTE = re.compile(r"""[\s"'][^\s"'=<>/]+\s*=""")
DEEPEST = 200  # levels to which a document that is nested beyond libxml2's limit is flattened


def parse_html(text: str) -> _Element:
    """The root of a document; an empty `<html>` for an empty one."""
    from lxml import etree

    # A parser with the encoding given: it would otherwise trust a <meta> that lies.
    text = _LONG_TAG.sub(_shorten, text.replace("\0", "\ufffd"))
    source = text.encode("utf-8", errors="replace")
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    root: _Element | None = etree.fromstring(source, parser) if source.strip() else None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        builder: Any = _Flattened()
        flat = etree.HTMLParser(encoding="utf-8", huge_tree=True, target=builder)
        root = etree.fromstring(source, flat)
    return root if root is not None else etree.Element("html")


def empty_templates(root: _Element) -> _Element:
    """The tree with nothing in its templates but in those that are shown.

    These are declarative shadow roots (HTML, 4.12.3), and the media of Shopify's themes, which a
    click puts in the place of their poster.
    """
    for template in [*root.iter("template")]:
        mode = template.get("shadowrootmode", "").lower()
        parent = template.getparent()
        if mode in ("open", "closed") or (parent is not None and parent.tag == "deferred-media"):
            continue
        del template[:]
        template.text = None
    return root


def _shorten(tag: re.Match[str]) -> str:
    """Cut a start tag where it has more attributes than any honest one."""
    beyond = next(islice(_ATTRIBUTE.finditer(tag[0]), MOST_ATTRIBUTES, None), None)
    return tag[0] if beyond is None else tag[0][: beyond.start() + 1]


class _Flattened:
    """Builds a tree whose elements beyond a depth stand beside each other instead of inside."""

    def __init__(self) -> None:
        from lxml import etree

        self._builder = etree.TreeBuilder()
        self._open: list[str] = []
        self._depth = 0

    def start(self, tag: str, attributes: Any) -> None:
        if not _NAME.fullmatch(tag):
            tag = "unknown"
        self._builder.start(
            tag, {k: _clean(v) for k, v in attributes.items() if _NAME.fullmatch(k)}
        )
        self._depth += 1
        if self._depth > DEEPEST:
            self._builder.end(tag)
        else:
            self._open.append(tag)

    def end(self, tag: str) -> None:
        if self._depth <= DEEPEST:
            self._builder.end(self._open.pop())
        self._depth -= 1

    def data(self, text: str) -> None:
        self._builder.data(_clean(text))

    def comment(self, text: str) -> None:
        """Comments hold no media."""

    def close(self) -> _Element:
        # The parser itself gives up on some documents in the middle.
        while self._open:
            self._builder.end(self._open.pop())
        return self._builder.close()


def _clean(text: str) -> str:
    """The text as the trees of lxml take it, although its parser lets more through."""
    return UNFIT.sub("\ufffd", text)
