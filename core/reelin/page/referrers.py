"""Which Referrer Policy a page has, and which its elements have (HTML, 2.5.7 and 4.2.5.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..model.referrer import read_policy
from .srcset import parse

if TYPE_CHECKING:
    from lxml.etree import _Element

_LONGEST = 4096  # characters of an attribute that is looked at as an address
_WITH_POLICY = ("a", "amp-img", "area", "iframe", "img", "link")
_NO_ADDRESSES = frozenset("alt class id referrerpolicy rel style target title type".split())


def policy_of(header: str | None, tree: _Element | None) -> str:
    """The policy of a whole page: its last `<meta name=referrer>`, else its header; or empty."""
    policy = read_policy(header)
    for element in tree.iter("meta") if tree is not None else ():
        if element.get("name", "").strip().lower() == "referrer":
            policy = read_policy(element.get("content")) or policy
    return policy


def policies_in(tree: _Element, absolute: Callable[[str], str | None]) -> Mapping[str, str]:
    """The policies of single elements, by the absolute URLs in all their attributes."""
    found: dict[str, str] = {}
    for element in tree.iter(*_WITH_POLICY):
        policy = _policy_of(element)
        if policy:
            urls = filter(None, map(absolute, _addresses(element)))
            found.update(dict.fromkeys(urls, policy))
    return found


def _policy_of(element: _Element) -> str:
    if element.tag in ("a", "area") and "noreferrer" in element.get("rel", "").lower().split():
        return "no-referrer"
    return read_policy(element.get("referrerpolicy"))


def _addresses(element: _Element) -> Iterator[str]:
    """What an element may load, as written: of an image also what the `<picture>` around it has."""
    holders = [element]
    if element.tag == "img":
        for picture in element.iterancestors("picture"):
            holders.extend(picture.iter("source"))
    for name, value in (pair for holder in holders for pair in holder.items()):
        if name not in _NO_ADDRESSES and ("/" in value or "." in value):
            written = [each.url for each in parse(value)] if "srcset" in name else [value]
            yield from (each for each in written if len(each) < _LONGEST)
