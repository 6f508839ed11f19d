"""The srcset attribute: parsing and choosing as the HTML Standard says (4.8.4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPACE = "\t\n\f\r "
_SKIPPED = re.compile(r"[\t\n\f\r ,]*")
_URL = re.compile(r"[^\t\n\f\r ]+")
# Descriptors run to the next comma that is not inside parentheses.
_DESCRIPTORS = re.compile(r"(?:[^,(]|\([^)]*(?:\)|\Z))*")
_WIDTH = re.compile(r"\d{1,9}w")
_HEIGHT = re.compile(r"\d{1,9}h")
_DENSITY = re.compile(r"(-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?)x")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image candidate: a URL as written, and its width and height in pixels or its density."""

    url: str
    width: int | None = None
    height: int | None = None
    density: float | None = None


def parse(text: str) -> list[Candidate]:
    """The candidates of a srcset value, in order; those with bad descriptors are left out."""
    found: list[Candidate] = []
    at = 0
    while True:
        at = _SKIPPED.match(text, at).end()  # type: ignore[union-attr]
        match = _URL.match(text, at)
        if not match:
            return found
        url, at = match[0], match.end()
        if url.endswith(","):
            found.append(Candidate(url.rstrip(",")))
            continue
        described = _DESCRIPTORS.match(text, at)
        at = described.end() if described else at
        candidate = _candidate(url, described[0] if described else "")
        if candidate is not None:
            found.append(candidate)


def best_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates by what they show: widest first, then densest; equal ones in order.

    A candidate without a descriptor has density 1.
    """
    return sorted(candidates, key=lambda each: (-(each.width or 0), -(each.density or 1.0)))


def _candidate(url: str, descriptors: str) -> Candidate | None:
    width = height = density = None
    for word in _words(descriptors):
        match = _DENSITY.fullmatch(word)
        if _WIDTH.fullmatch(word) and width is None and density is None:
            width = int(word[:-1])
            if width == 0:
                return None
        elif match and density is None and width is None and height is None:
            density = float(match[1])
            if density < 0:
                return None
        elif _HEIGHT.fullmatch(word) and height is None and density is None:
            height = int(word[:-1])
            if height == 0:
                return None
        else:
            return None
    if height is not None and width is None:
        return None
    return Candidate(url, width, height, density)


def _words(descriptors: str) -> list[str]:
    """Descriptors, which white space separates outside parentheses."""
    return re.findall(r"(?:[^\t\n\f\r (]|\([^)]*\)?)+", descriptors)
