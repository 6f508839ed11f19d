"""JSON in scripts, read as the values that JavaScript would make of it."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from .scalars import read_number

MOST_DEPTH = 200  # of nested objects and arrays


class Unknown:
    """A value that only running the script could tell."""


UNKNOWN: Final = Unknown()


def read_json(text: str) -> Any:
    """Return the value of a text that is JSON, ten times faster than by its expressions.

    `UNKNOWN` for any other text, and for what is nested too deep.
    """
    if "\\ud" in text or "\\uD" in text:
        text = _SURROGATE.sub(lambda each: each[0] if len(each[0]) > _ESCAPED else "\\ufffd", text)
    try:
        value = _JSON.decode(text)
    except (ValueError, RecursionError):
        return UNKNOWN
    return UNKNOWN if _is_deep(value) else value


def _ignore_constant(_name: str) -> None:
    """Make None of NaN and Infinity, which are no numbers that anybody could use."""


_JSON = json.JSONDecoder(parse_float=read_number, parse_constant=_ignore_constant, strict=False)
_SURROGATE = re.compile(r"\\u[dD](?:[89abAB]\w\w\\u[dD][c-fC-F]\w\w|[89a-fA-F]\w\w)", re.ASCII)
_ESCAPED = len("\\ud800")


def _is_deep(value: Any) -> bool:
    """Whether objects and arrays are nested deeper than anybody goes."""
    level: list[Any] = [[value]]
    for _ in range(MOST_DEPTH):
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [each for values in inner for each in values if isinstance(each, dict | list)]
        if not level:
            return False
    return True
