"""The parts of a script that hold no further expressions: strings, keys, JSON, and commas."""

from __future__ import annotations

import re
from typing import Any

from .code import Code
from .json_values import UNKNOWN, read_json
from .operators import add
from .paths import NAME
from .scalars import unescape

MOST_VALUES = 200_000  # made for one question about a script
MOST_STRING = 100_000  # characters of one string that is joined of others
VALUE_LENGTH = 50  # so many characters of strings count as one value
JSON_LENGTH = 20  # so many characters of JSON count as one value
_SHORT = 200  # characters of a literal that is not worth being tried as JSON

_KEY = re.compile(rf"{NAME}|[\d.]++")
_SPACE = re.compile(r"\s*+")
_STRING = re.compile(r""""(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'""", re.DOTALL)


class TokenReader:
    """A reader of the simple parts of one script, within one budget of time and memory.

    Methods that read return a value and where its text ends.
    """

    def __init__(self, source: Code) -> None:
        self._source, self._text, self._code = source, source.text, source.code
        self._made = 0  # values so far
        self._json_left = 2 * len(source.text)  # characters that may be tried as JSON in vain

    @property
    def spent(self) -> bool:
        """Whether the budget is used up: from then on, everything is unknown."""
        return self._made > MOST_VALUES

    def _skip(self, at: int) -> int:
        """Return where the white space at `at` ends."""
        return _SPACE.match(self._code, at).end()  # type: ignore[union-attr]

    def _find_next_entry(self, at: int, close: int) -> int:
        """Return where the entry behind the next comma begins: at least one step further."""
        while at < close and self._code[at] != ",":
            at = self._source.find_end(at + 1)
        return self._skip(at + 1)

    def _read_string(self, at: int) -> tuple[Any, int]:
        found = _STRING.match(self._text, at)
        if not found:
            return UNKNOWN, self._source.find_end(at)
        self._made += len(found[0]) // VALUE_LENGTH
        return unescape(found[0][1:-1]), found.end()

    def _read_key(self, at: int) -> tuple[str | None, int]:
        """Read the key of an entry of an object: a string, a name or a number."""
        if self._code[at : at + 1] in ("'", '"'):
            value, end = self._read_string(at)
            return (value if isinstance(value, str) else None), end
        found = _KEY.match(self._code, at)
        return (found[0], found.end()) if found else (None, at)

    def _try_json(self, at: int) -> tuple[Any, int]:
        """Read a long literal that is JSON, such as the state of a framework."""
        close = self._source.find_partner(at)
        if close is None or not _SHORT < close - at < self._json_left:
            return UNKNOWN, at
        value = read_json(self._text[at : close + 1])
        if value is UNKNOWN:
            self._json_left -= close - at
        else:
            self._made += (close - at) // JSON_LENGTH
        return (UNKNOWN if self.spent else value), close + 1

    def _add(self, first: Any, second: Any) -> Any:
        """Add two values, where the result is known, and not too long."""
        joined = add(first, second)
        if not isinstance(joined, str):
            return joined
        self._made += len(joined) // VALUE_LENGTH
        return joined if len(joined) <= MOST_STRING and not self.spent else UNKNOWN
