"""devalue (https://github.com/sveltejs/devalue), in which Nuxt 3 writes the state of a page.

A flat list of values, each once, where objects and lists name their parts by place:
`[{"title": 1, "src": 2}, "Song", "song.mp3"]`. `["Date", "2026-01-01"]` is a value of that kind.
"""

from __future__ import annotations

import json
from typing import Any

_MOST_DEPTH = 50
_MOST_VALUES = 100_000  # a value may be named by many, and these by many more


def unfold(text: str) -> str:
    """Return the JSON that is meant by such a list; any other text as it is."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(listed, list) or not listed:
        return text
    return json.dumps(_Values(listed).build(0, _MOST_DEPTH))


class _Values:
    """The values of one list, as many as there may be."""

    def __init__(self, listed: list[Any]) -> None:
        self._listed = listed
        self._left = _MOST_VALUES

    def build(self, place: Any, depth: int) -> Any:
        """Return the value at a place, with what it is made of; None if there is no such place."""
        self._left -= 1
        if type(place) is not int or not 0 <= place < len(self._listed):
            return None if isinstance(place, int | None) else place
        if not depth or self._left < 0:
            return None
        value = self._listed[place]
        if isinstance(value, dict):
            return {key: self.build(each, depth - 1) for key, each in value.items()}
        if not isinstance(value, list):
            return value
        if value and isinstance(value[0], str):  # what kind of value it is
            parts = [self.build(each, depth - 1) for each in value[1:]]
            return parts[0] if len(parts) == 1 else parts
        return [self.build(each, depth - 1) for each in value]
