"""JavaScript expressions read as Python values, as far as that goes without running them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .assignments import find_constant
from .code import Code, take_apart
from .json_values import UNKNOWN, read_json
from .operators import apply_sign
from .paths import PATH, normalize_path
from .scalars import NUMBER, read_number, unescape
from .tokens import JSON_LENGTH, VALUE_LENGTH, TokenReader

MOST_DEPTH = 50  # of nested literals, and of constants made of constants

_PATH = re.compile(PATH)
# Most values of most scripts: a string without escapes, and nothing done with it.
_PLAIN_STRING = re.compile(r"""\s*+(?:"([^"\\\n]*+)"|'([^'\\\n]*+)')\s*+(?=[,;)\]}])""")
_LIKE_JSON = re.compile(r"\{\s*+\"|\[\s*+(?:[\[{]\s*+){0,3}+[\"\d-]")
_TEMPLATE_PART = re.compile(r"[`{]")
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}


class ExpressionReader(TokenReader):
    """A reader of the expressions of one script, within one budget of time and memory.

    constants: gives for each path where the values begin that the script assigns to it
    """

    def __init__(self, source: Code, constants: Callable[[], Mapping[str, Sequence[int]]]) -> None:
        super().__init__(source)
        self._constants = constants
        self._known: dict[int, tuple[Any, int]] = {}  # by place: a value and what it weighs
        self._depth = 0

    def read_value(self, at: int) -> Any:
        """Return the value of the expression that begins at `at`, or `UNKNOWN`."""
        return self._read_expression(at)[0]

    def read_literal(self, at: int) -> Any:
        """Return the value of the object or array that begins at `at`, whatever is done with it."""
        return self._read_operand(at)[0]

    def read_arguments(self, at: int) -> tuple[Any, ...]:
        """Return the values between the bracket at `at` and its partner; None for unknown ones."""
        return tuple(None if each is UNKNOWN else each for each in self._read_items(at)[0])

    def _read_expression(self, at: int) -> tuple[Any, int]:
        """Read an operand, or several joined by `+`; anything else is unknown up to its end."""
        plain = _PLAIN_STRING.match(self._text, at)
        if plain and not self.spent:
            self._made += 1 + (plain.end() - at) // VALUE_LENGTH
            return plain[plain.lastindex or 0], plain.end()
        value, behind = self._read_operand(self._skip(at))
        while True:
            at = self._skip(behind)
            mark = self._code[at : at + 1]
            if mark in ",;)]}":  # also the end of the script
                return value, at
            if mark == "+" and self._code[at + 1 : at + 2] != "+":
                more, behind = self._read_operand(self._skip(at + 1))
                value = self._add(value, more)
            elif "\n" in self._code[behind:at] and _PATH.match(self._code, at):
                return value, at  # a line end without a semicolon, and a new statement
            else:
                return UNKNOWN, self._source.find_end(at)

    def _read_operand(self, at: int) -> tuple[Any, int]:
        self._made += 1
        if self._depth > MOST_DEPTH or self.spent:
            return UNKNOWN, self._source.find_end(at)
        self._depth += 1
        try:
            return self._read_by_mark(self._code[at : at + 1], at)
        finally:
            self._depth -= 1

    def _read_by_mark(self, mark: str, at: int) -> tuple[Any, int]:
        if mark in ("'", '"'):
            return self._read_string(at)
        if mark == "`":
            return self._read_template(at)
        if mark in ("{", "[") and _LIKE_JSON.match(self._text, at):
            value, end = self._try_json(at)
            if value is not UNKNOWN:
                return value, end
        if mark == "{":
            return self._read_object(at)
        if mark == "[":
            values, end = self._read_items(at)
            return [each for each in values if each is not UNKNOWN], end
        if mark == "(":
            return self._read_group(at)
        if mark in ("-", "+", "!"):
            value, end = self._read_operand(self._skip(at + 1))
            return apply_sign(mark, value), end
        found = NUMBER.match(self._code, at)
        if not found:
            return self._read_name(at)
        value = read_number(found[0])
        return (UNKNOWN if value is None else value), found.end()

    def _read_template(self, at: int) -> tuple[Any, int]:
        """Read a template string, which is known if the expressions in it are."""
        value: Any = ""
        at += 1
        while found := _TEMPLATE_PART.search(self._code, at):
            end = found.start()
            is_last = found[0] == "`"
            self._made += (end - at) // VALUE_LENGTH
            value = self._add(value, unescape(self._text[at : end if is_last else end - 1]))
            if is_last:
                return value, end + 1
            close = self._source.find_partner(end)
            if close is None:
                break
            inner, stop = self._read_expression(end + 1)
            value = self._add(value, inner) if stop == close else UNKNOWN
            at = close + 1
        return UNKNOWN, len(self._code)

    def _read_group(self, at: int) -> tuple[Any, int]:
        close = self._source.find_partner(at)
        if close is None:
            return UNKNOWN, self._source.find_end(at)
        value, stop = self._read_expression(at + 1)
        return (value if stop == close else UNKNOWN), close + 1

    def _read_object(self, at: int) -> tuple[Any, int]:
        close = self._source.find_partner(at)
        if close is None:
            return UNKNOWN, len(self._code)
        found: dict[str, Any] = {}
        at = self._skip(at + 1)
        while at < close:
            at = self._find_next_entry(self._read_entry(at, found), close)
        return found, close + 1

    def _read_entry(self, at: int, found: dict[str, Any]) -> int:
        """Read an entry of an object, `key: value`, `name` or `...object`; return where it ends."""
        if self._code.startswith("...", at):
            spread, end = self._read_expression(at + 3)
            found.update(spread if isinstance(spread, dict) else {})
            return end
        key, behind = self._read_key(at)
        behind = self._skip(behind)
        mark = self._code[behind : behind + 1]
        if key is None or mark not in (":", ",", "}"):
            return self._source.find_end(at)
        if mark == ":":
            value, end = self._read_expression(behind + 1)
        else:
            value, end = self._read_constant(key, at), behind
        if value is not UNKNOWN:
            found[key] = value
        return end

    def _read_items(self, at: int) -> tuple[list[Any], int]:
        """Read the expressions between the bracket at `at` and its partner, and skip that."""
        found: list[Any] = []
        close = self._source.find_partner(at)
        if close is None:
            return found, len(self._code)
        at = self._skip(at + 1)
        while at < close:
            if self._code.startswith("...", at):
                spread, at = self._read_expression(at + 3)
                found.extend(spread if isinstance(spread, list) else ())
            else:
                value, at = self._read_expression(at)
                found.append(value)
            at = self._find_next_entry(at, close)
        return found, close + 1

    def _read_name(self, at: int) -> tuple[Any, int]:
        """Read a word, or the path of a constant; functions, calls and `new` are unknown."""
        found = _PATH.match(self._code, at)
        if not found:
            return UNKNOWN, self._source.find_end(at)
        path, end = normalize_path(self._text[at : found.end()]), self._skip(found.end())
        if path in _WORDS:
            return _WORDS[path], found.end()
        mark = self._code[end : end + 1]
        if path == "JSON.parse" and mark == "(":
            return self._read_json_parse(end)
        if mark == "=" and self._code[end + 1 : end + 2] not in ("=", ">"):
            return self._read_operand(self._skip(end + 1))  # `a = b = 'x'`
        if mark in ("(", "[", "=", "`", "{"):
            return UNKNOWN, self._source.find_end(at)
        return self._read_constant(path, at), found.end()

    def _read_json_parse(self, at: int) -> tuple[Any, int]:
        """Read `JSON.parse('…')`, in which pages carry the state of a player."""
        values, end = self._read_items(at)
        text = values[0] if values else None
        self._made += len(text) // JSON_LENGTH if isinstance(text, str) else 0
        if not isinstance(text, str) or self.spent:
            return UNKNOWN, end
        value = read_json(text)
        if value is not UNKNOWN:
            return value, end
        inner = ExpressionReader(take_apart(text), dict)
        value = inner.read_value(0)
        self._made += inner._made
        return value, end

    # Constants

    def _read_constant(self, path: str, at: int) -> Any:
        """Read what the script assigned to a name or path, as it stands at `at`."""
        place, names = find_constant(self._constants(), path, at)
        return UNKNOWN if place is None else _get_inner(self._read_once(place), names)

    def _read_once(self, place: int) -> Any:
        """Read the value at a place, unless it was read before; count what it weighs each time."""
        if place in self._known:
            value, weight = self._known[place]
            self._made += weight
            return UNKNOWN if self.spent else value
        self._known[place] = UNKNOWN, 0  # while it is being read, also by itself
        before = self._made
        value = self.read_value(place)
        self._known[place] = value, self._made - before
        return value


def _get_inner(value: Any, names: Iterable[str]) -> Any:
    """Return the value under a name of an object, under the next name of that one, and so on."""
    for name in names:
        value = value.get(name, UNKNOWN) if isinstance(value, dict) else UNKNOWN
    return value
