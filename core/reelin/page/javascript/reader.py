"""JavaScript expressions read as Python values, as far as that goes without running them."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from .code import Code, take_apart
from .scalars import NUMBER, number, unescaped

MOST_DEPTH = 50  # of nested literals, and of constants made of constants
MOST_JSON_DEPTH = 200
MOST_VALUES = 200_000  # made for one question about a script
MOST_STRING = 100_000  # characters of one string that is joined of others
_JSON_LENGTH = 20  # so many characters of JSON count as one value
_SHORT = 200  # characters of a literal that is not worth being tried as JSON
_VALUE_LENGTH = 50  # so many characters of strings count as one value

NAME = r"(?!\d)[\w$]++"
# On code, where the insides of strings are blank: `a.b`, `a['b']`.
PATH = rf"{NAME}(?:\s*+(?:\.\s*+{NAME}|\[\s*+(?:\"\s*+\"|'\s*+')\s*+\]))*+"
PATH_BACKWARDS = r"(?:(?:\]\s*+(?:\"\s*+\"|'\s*+')\s*+\[|[\w$]++\s*+\.)\s*+)*+[\w$]++(?<!\d)"
_PATH = re.compile(PATH)
_INDEX = re.compile(r"""\s*\[\s*["']([^"']*)["']\s*\]""")
_GLOBALS = ("window.", "self.", "globalThis.")
_KEY = re.compile(rf"{NAME}|[\d.]++")
_MOST_DOTS = 8  # of the path of a constant
_SPACE = re.compile(r"\s*+")
_STRING = re.compile(r""""(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'""", re.DOTALL)
# Most values of most scripts: a string without escapes, and nothing done with it.
_PLAIN_STRING = re.compile(r"""\s*+(?:"([^"\\\n]*+)"|'([^'\\\n]*+)')\s*+(?=[,;)\]}])""")
_LIKE_JSON = re.compile(r"\{\s*+\"|\[\s*+(?:[\[{]\s*+){0,3}+[\"\d-]")
_TEMPLATE_PART = re.compile(r"[`{]")
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}


class Unknown:
    """A value that only running the script could tell."""


UNKNOWN: Final = Unknown()


def path_of(text: str) -> str:
    """A path as it is compared: without spaces, `a['b']` as `a.b`, `window.a` as `a`."""
    path = "".join((_INDEX.sub(r".\1", text) if "[" in text else text).split())
    return path.partition(".")[2] or path if path.startswith(_GLOBALS) else path


def json_value(text: str) -> Any:
    """What a text means that is JSON, read ten times faster that way; `UNKNOWN` if it is none."""
    if "\\ud" in text or "\\uD" in text:
        text = _SURROGATE.sub(lambda each: each[0] if len(each[0]) > _ESCAPED else "\\ufffd", text)
    try:
        value = _JSON.decode(text)
    except (ValueError, RecursionError):
        return UNKNOWN
    return UNKNOWN if _is_deep(value) else value


def _no_constant(_name: str) -> None:
    """NaN and Infinity are no numbers that anybody could use."""


_JSON = json.JSONDecoder(parse_float=number, parse_constant=_no_constant, strict=False)
_SURROGATE = re.compile(r"\\u[dD](?:[89abAB]\w\w\\u[dD][c-fC-F]\w\w|[89a-fA-F]\w\w)", re.ASCII)
_ESCAPED = len("\\ud800")


def _is_deep(value: Any) -> bool:
    """Whether literals are nested deeper than anybody goes."""
    level: list[Any] = [[value]]
    for _ in range(MOST_JSON_DEPTH):
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [each for values in inner for each in values if isinstance(each, dict | list)]
        if not level:
            return False
    return True


class Reader:
    """Reads expressions of one script, within one budget of time and memory.

    `constants` tells for each path where the values begin that the script assigns to it.
    """

    def __init__(self, source: Code, constants: Callable[[], Mapping[str, Sequence[int]]]) -> None:
        self._source, self._text, self._code = source, source.text, source.code
        self._constants = constants
        self._known: dict[int, tuple[Any, int]] = {}  # by place: a value and what it weighs
        self._made = 0
        self._depth = 0
        self._json_left = 2 * len(source.text)  # characters that may be tried as JSON in vain

    @property
    def spent(self) -> bool:
        """Whether the budget is used up: from then on, everything is unknown."""
        return self._made > MOST_VALUES

    def value(self, at: int) -> Any:
        """The value of the expression that begins at `at`, or `UNKNOWN`."""
        return self._expression(at)[0]

    def literal(self, at: int) -> Any:
        """The value of the object or array that begins at `at`, whatever is done with it."""
        return self._operand(at)[0]

    def arguments(self, at: int) -> tuple[Any, ...]:
        """The values between the bracket at `at` and the one that closes it; None if unknown."""
        return tuple(None if each is UNKNOWN else each for each in self._items(at)[0])

    # Each of these returns a value and where its expression ends.

    def _expression(self, at: int) -> tuple[Any, int]:
        """An operand, or several joined by `+`; anything else is unknown up to its end."""
        plain = _PLAIN_STRING.match(self._text, at)
        if plain and not self.spent:
            self._made += 1 + (plain.end() - at) // _VALUE_LENGTH
            return plain[plain.lastindex or 0], plain.end()
        value, behind = self._operand(self._skip(at))
        while True:
            at = self._skip(behind)
            mark = self._code[at : at + 1]
            if mark in ",;)]}":  # also the end of the script
                return value, at
            if mark == "+" and self._code[at + 1 : at + 2] != "+":
                more, behind = self._operand(self._skip(at + 1))
                value = self._sum(value, more)
            elif "\n" in self._code[behind:at] and _PATH.match(self._code, at):
                return value, at  # a line end without a semicolon, and a new statement
            else:
                return UNKNOWN, self._source.end(at)

    def _operand(self, at: int) -> tuple[Any, int]:
        self._made += 1
        if self._depth > MOST_DEPTH or self.spent:
            return UNKNOWN, self._source.end(at)
        self._depth += 1
        try:
            return self._read(self._code[at : at + 1], at)
        finally:
            self._depth -= 1

    def _read(self, mark: str, at: int) -> tuple[Any, int]:
        if mark in ("'", '"'):
            return self._string(at)
        if mark == "`":
            return self._template(at)
        if mark in ("{", "[") and _LIKE_JSON.match(self._text, at):
            value, end = self._as_json(at)
            if value is not UNKNOWN:
                return value, end
        if mark == "{":
            return self._object(at)
        if mark == "[":
            values, end = self._items(at)
            return [each for each in values if each is not UNKNOWN], end
        if mark == "(":
            return self._group(at)
        if mark in ("-", "+", "!"):
            value, end = self._operand(self._skip(at + 1))
            return _signed(mark, value), end
        found = NUMBER.match(self._code, at)
        if not found:
            return self._named(at)
        value = number(found[0])
        return (UNKNOWN if value is None else value), found.end()

    def _as_json(self, at: int) -> tuple[Any, int]:
        """A long literal that is JSON: the state of a framework."""
        close = self._source.partner(at)
        if close is None or not _SHORT < close - at < self._json_left:
            return UNKNOWN, at
        value = json_value(self._text[at : close + 1])
        if value is UNKNOWN:
            self._json_left -= close - at
        else:
            self._made += (close - at) // _JSON_LENGTH
        return (UNKNOWN if self.spent else value), close + 1

    def _string(self, at: int) -> tuple[Any, int]:
        found = _STRING.match(self._text, at)
        if not found:
            return UNKNOWN, self._source.end(at)
        self._made += len(found[0]) // _VALUE_LENGTH
        return unescaped(found[0][1:-1]), found.end()

    def _template(self, at: int) -> tuple[Any, int]:
        """A template string; known if the expressions in it are."""
        value: Any = ""
        at += 1
        while found := _TEMPLATE_PART.search(self._code, at):
            end = found.start()
            is_last = found[0] == "`"
            self._made += (end - at) // _VALUE_LENGTH
            value = self._sum(value, unescaped(self._text[at : end if is_last else end - 1]))
            if is_last:
                return value, end + 1
            close = self._source.partner(end)
            if close is None:
                break
            inner, stop = self._expression(end + 1)
            value = self._sum(value, inner) if stop == close else UNKNOWN
            at = close + 1
        return UNKNOWN, len(self._code)

    def _group(self, at: int) -> tuple[Any, int]:
        close = self._source.partner(at)
        if close is None:
            return UNKNOWN, self._source.end(at)
        value, stop = self._expression(at + 1)
        return (value if stop == close else UNKNOWN), close + 1

    def _object(self, at: int) -> tuple[Any, int]:
        close = self._source.partner(at)
        if close is None:
            return UNKNOWN, len(self._code)
        found: dict[str, Any] = {}
        at = self._skip(at + 1)
        while at < close:
            at = self._after_comma(self._entry(at, found), close)
        return found, close + 1

    def _entry(self, at: int, found: dict[str, Any]) -> int:
        """One entry of an object: `key: value`, `name` alone, or `...object`; returns its end."""
        if self._code.startswith("...", at):
            spread, end = self._expression(at + 3)
            found.update(spread if isinstance(spread, dict) else {})
            return end
        key, behind = self._key(at)
        behind = self._skip(behind)
        mark = self._code[behind : behind + 1]
        if key is None or mark not in (":", ",", "}"):
            return self._source.end(at)
        value, end = (
            self._expression(behind + 1) if mark == ":" else (self._constant(key, at), behind)
        )
        if value is not UNKNOWN:
            found[key] = value
        return end

    def _key(self, at: int) -> tuple[str | None, int]:
        if self._code[at : at + 1] in ("'", '"'):
            value, end = self._string(at)
            return (value if isinstance(value, str) else None), end
        found = _KEY.match(self._code, at)
        return (found[0], found.end()) if found else (None, at)

    def _items(self, at: int) -> tuple[list[Any], int]:
        """The expressions between the bracket at `at` and its closing one, which is skipped."""
        found: list[Any] = []
        close = self._source.partner(at)
        if close is None:
            return found, len(self._code)
        at = self._skip(at + 1)
        while at < close:
            if self._code.startswith("...", at):
                spread, at = self._expression(at + 3)
                found.extend(spread if isinstance(spread, list) else ())
            else:
                value, at = self._expression(at)
                found.append(value)
            at = self._after_comma(at, close)
        return found, close + 1

    def _after_comma(self, at: int, close: int) -> int:
        """Where the next entry begins; at least one step further."""
        while at < close and self._code[at] != ",":
            at = self._source.end(at + 1)
        return self._skip(at + 1)

    def _named(self, at: int) -> tuple[Any, int]:
        """A word, or the path of a constant; functions, calls and `new` are unknown."""
        found = _PATH.match(self._code, at)
        if not found:
            return UNKNOWN, self._source.end(at)
        path, end = path_of(self._text[at : found.end()]), self._skip(found.end())
        if path in _WORDS:
            return _WORDS[path], found.end()
        mark = self._code[end : end + 1]
        if path == "JSON.parse" and mark == "(":
            return self._json(end)
        if mark == "=" and self._code[end + 1 : end + 2] not in ("=", ">"):
            return self._operand(self._skip(end + 1))  # `a = b = 'x'`
        if mark in ("(", "[", "=", "`", "{"):
            return UNKNOWN, self._source.end(at)
        return self._constant(path, at), found.end()

    def _json(self, at: int) -> tuple[Any, int]:
        """`JSON.parse('…')`: how pages carry the state of a player."""
        values, end = self._items(at)
        text = values[0] if values else None
        self._made += len(text) // _JSON_LENGTH if isinstance(text, str) else 0
        if not isinstance(text, str) or self.spent:
            return UNKNOWN, end
        value = json_value(text)
        if value is not UNKNOWN:
            return value, end
        inner = Reader(take_apart(text), dict)
        value = inner.value(0)
        self._made += inner._made
        return value, end

    # Constants

    def _constant(self, path: str, at: int) -> Any:
        """What the script assigned to a name or path last before `at`, or else first behind it."""
        owner, names = path, list[str]()
        for _ in range(_MOST_DOTS):
            places = self._constants().get(owner)
            if places:
                value = self._assigned(places[max(0, bisect_left(places, at) - 1)])
                return _inside(value, reversed(names))
            owner, _, name = owner.rpartition(".")
            names.append(name)
        return UNKNOWN

    def _assigned(self, place: int) -> Any:
        if place in self._known:
            value, weight = self._known[place]
            self._made += weight
            return UNKNOWN if self.spent else value
        self._known[place] = UNKNOWN, 0  # while it is being read, also by itself
        before = self._made
        value = self.value(place)
        self._known[place] = value, self._made - before
        return value

    # Small things

    def _skip(self, at: int) -> int:
        return _SPACE.match(self._code, at).end()  # type: ignore[union-attr]

    def _sum(self, first: Any, second: Any) -> Any:
        """What `+` makes of two values, where that is known."""
        numbers = _is_number(first), _is_number(second)
        if all(numbers):
            return first + second
        if not all(isinstance(each, str) or _is_number(each) for each in (first, second)):
            return UNKNOWN
        joined = f"{first}{second}"
        self._made += len(joined) // _VALUE_LENGTH
        return joined if len(joined) <= MOST_STRING and not self.spent else UNKNOWN


def _inside(value: Any, names: Iterable[str]) -> Any:
    """What an object holds under a name, and what that holds under the next."""
    for name in names:
        value = value.get(name, UNKNOWN) if isinstance(value, dict) else UNKNOWN
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _signed(mark: str, value: Any) -> Any:
    if mark == "!":
        return UNKNOWN if isinstance(value, Unknown | list | dict) else not value
    if not _is_number(value):
        return UNKNOWN
    return -value if mark == "-" else value
