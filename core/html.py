"""HTML text as a tree, as tolerant as a browser, however it is nested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST = 200  # levels to which a document that is nested beyond libxml2's limit is flattened


def parse_html(text: str) -> _Element:
    """The root of a document; an empty `<html>` for an empty one."""
    from lxml import etree

    # A parser with the encoding given: it would otherwise trust a <meta> that lies.
    source = text.replace("\0", "\ufffd").encode("utf-8", errors="replace")
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    root: _Element | None = etree.fromstring(source, parser) if source.strip() else None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        builder: Any = _Flattened()
        flat = etree.HTMLParser(encoding="utf-8", huge_tree=True, target=builder)
        root = etree.fromstring(source, flat)
    return root if root is not None else etree.Element("html")


class _Flattened:
    """Builds a tree whose elements beyond a depth stand beside each other instead of inside."""

    def __init__(self) -> None:
        from lxml import etree

        self._builder = etree.TreeBuilder()
        self._depth = 0

    def start(self, tag: str, attributes: Any) -> None:
        self._builder.start(tag, dict(attributes))
        self._depth += 1
        if self._depth > DEEPEST:
            self._builder.end(tag)

    def end(self, tag: str) -> None:
        if self._depth <= DEEPEST:
            self._builder.end(tag)
        self._depth -= 1

    def data(self, text: str) -> None:
        self._builder.data(text)

    def comment(self, text: str) -> None:
        """Comments hold no media."""

    def close(self) -> _Element:
        return self._builder.close()
