"""JavaScript read as data: the literals that scripts hold. Nothing is ever run.

    source = javascript.read("const base = '/a/'; player.source = {src: base + 'b.mp4'}")
    source.assignments("source")[0].value       # {'src': '/a/b.mp4'}

Objects become dicts, arrays lists, `null` and `undefined` None. Names of constants that the same
script assigns are followed, concatenated strings joined. What only running the script could tell
(functions, calls, conditions) is left out of objects and arrays, and None among arguments.
Takes linear time, whatever the text, and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

MOST_TEXT = 5_000_000  # characters of one script that are looked at
MOST_DEPTH = 50  # of nested literals, and of constants made of constants
MOST_DOTS = 8  # of one path
MOST_NODES = 200_000  # values made of one script
MOST_STRING = 100_000  # characters of one string after joining

# One pass tells code from strings, comments and regular expressions.
_PIECE = re.compile(
    r"""[^"'`/]+
    | "(?:[^"\\\n]|\\.)*"?
    | '(?:[^'\\\n]|\\.)*'?
    | `(?:[^`\\]|\\.)*`?
    | //[^\n]*
    | /\*
    | /(?![*/])
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
# After these, a slash begins a regular expression rather than dividing.
_BEFORE_REGEX = re.compile(r"(?:[(,=:\[!&|?{};+\-*%~^<>]|\breturn|\btypeof|^)\s*\Z")
_BRACKET = re.compile(r"[()\[\]{}]")
_STOP = re.compile(r"[,;()\[\]{}]")
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_PATH = re.compile(r"[A-Za-z_$][\w$]*(?:\s*\.\s*[A-Za-z_$][\w$]*)*")
_ASSIGNMENT = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)\s*=(?![=>])")
_NUMBER = re.compile(
    r"0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
)
_STRING = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL)
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL
)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_OPENS_LITERAL = re.compile(r"(?:[=(\[,:?]|\breturn)\s*\Z")


class _Unknown:
    """A value that only running the script could tell."""


_UNKNOWN: Final = _Unknown()


@dataclass(frozen=True, slots=True)
class Call:
    """`name(args…)`, with or without `new`, on whatever object. Unknown arguments are None."""

    name: str
    args: tuple[Any, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """`path = value`, such as `player.source = {…}`; `path` is as written."""

    path: str
    value: Any
    offset: int


def read(text: str) -> Source:
    """Get ready to read a script."""
    return Source(text[:MOST_TEXT])


class Source:
    """One script. Its methods may be called in any order, and cost little when nothing is there."""

    def __init__(self, text: str) -> None:
        # Both as long as the script: `_text` without comments, `_code` without strings as well.
        self._text, self._code = _masked(text)
        self._pairs = _pairs(self._code)
        self._constants: dict[str, Any] | None = None
        self._places: dict[str, int] = {}
        self._weights: dict[str, int] = {}
        self._nodes = 0
        self._depth = 0

    def calls(self, name: str) -> list[Call]:
        """All calls of a function, constructor or method of that name, in order."""
        if name.rpartition(".")[2] not in self._code:
            return []
        pattern = r"(?<![\w$])" + r"\s*\.\s*".join(map(re.escape, name.split("."))) + r"\s*\("
        return [
            Call(name, tuple(self._arguments(found.end())), found.start())
            for found in re.finditer(pattern, self._code)
        ]

    def assignments(self, name: str) -> list[Assignment]:
        """All assignments to a variable or property of that name whose value is known, in order."""
        if name not in self._code:
            return []
        found = []
        for match in _ASSIGNMENT.finditer(self._code):
            if match[1].rpartition(".")[2] == name:
                value = self._value(match.end())
                if not isinstance(value, _Unknown):
                    found.append(Assignment(match[1], value, match.start()))
        return found

    def literals(self) -> list[Any]:
        """All objects and arrays that are not part of another one, in order; no empty ones."""
        found, behind = [], 0
        for match in re.finditer(r"[\[{]", self._code):
            at = match.start()
            if self._nodes > MOST_NODES:
                break
            if at < behind or not _OPENS_LITERAL.search(self._code, max(0, at - 40), at):
                continue
            value = self._value(at)
            if not isinstance(value, _Unknown) and value:
                found.append(value)
                behind = self._pairs.get(at, at)
        return found

    # Values. Each `_read_…` returns the value and where it ends.

    def _value(self, at: int) -> Any:
        return self._expression(at)[0]

    def _arguments(self, at: int) -> Iterator[Any]:
        for value in self._items(at, ")")[0]:
            yield None if isinstance(value, _Unknown) else value

    def _expression(self, at: int) -> tuple[Any, int]:
        """An operand, or several joined by `+`; anything else is unknown up to its end."""
        value, at = self._operand(self._skip(at))
        while True:
            at = self._skip(at)
            mark = self._code[at : at + 1]
            if mark in ",;)]}":  # also the end of the script
                return value, at
            if mark == "+" and self._code[at + 1 : at + 2] != "+":
                more, at = self._operand(self._skip(at + 1))
                value = _sum(value, more)
            elif self._is_line_end(at):
                return value, at
            else:
                return _UNKNOWN, self._end(at)

    def _is_line_end(self, at: int) -> bool:
        """Whether a new statement begins here, after a line end without a semicolon."""
        before = self._code[max(0, at - 200) : at]
        line_ended = "\n" in before[len(before.rstrip()) :]
        return line_ended and _NAME.match(self._code, at) is not None

    def _operand(self, at: int) -> tuple[Any, int]:
        self._nodes += 1
        if self._depth > MOST_DEPTH or self._nodes > MOST_NODES:
            return _UNKNOWN, self._end(at)
        self._depth += 1
        try:
            return self._read(self._text[at : at + 1], at)
        finally:
            self._depth -= 1

    def _read(self, mark: str, at: int) -> tuple[Any, int]:
        if mark in ("'", '"', "`"):
            return self._string(at)
        if mark == "{":
            return self._object(at)
        if mark == "[":
            values, at = self._items(at + 1, "]")
            return [each for each in values if not isinstance(each, _Unknown)], at
        if mark == "(":
            end = self._pairs.get(at)
            return (_UNKNOWN, self._end(at)) if end is None else (self._value(at + 1), end + 1)
        if mark in ("-", "+", "!"):
            value, end = self._operand(self._skip(at + 1))
            return _signed(mark, value), end
        number = _NUMBER.match(self._text, at)
        if number:
            return _number(number[0]), number.end()
        return self._named(at)

    def _string(self, at: int) -> tuple[Any, int]:
        found = _STRING.match(self._text, at)
        if not found:
            return _UNKNOWN, self._end(at)
        if found[0][0] == "`" and "${" in found[0]:
            return _UNKNOWN, found.end()
        return _unescaped(found[0][1:-1]), found.end()

    def _object(self, at: int) -> tuple[Any, int]:
        end = self._pairs.get(at)
        if end is None:
            return _UNKNOWN, len(self._code)
        found: dict[str, Any] = {}
        at = self._skip(at + 1)
        while at < end:
            key, at = self._key(at)
            at = self._skip(at)
            if key is not None and self._code[at : at + 1] == ":":
                value, at = self._expression(at + 1)
            elif key is not None and self._code[at : at + 1] in (",", "}"):
                value = self._constant(key)  # `{src}` is short for `{src: src}`
            else:
                value, at = _UNKNOWN, self._end(at)
            if key is not None and not isinstance(value, _Unknown):
                found[key] = value
            at = self._after_comma(at, end)
        return found, end + 1

    def _key(self, at: int) -> tuple[str | None, int]:
        if self._text[at : at + 1] in ("'", '"'):
            value, at = self._string(at)
            return (value if isinstance(value, str) else None), at
        found = _NAME.match(self._code, at) or _NUMBER.match(self._code, at)
        return (found[0], found.end()) if found else (None, at)

    def _items(self, at: int, closer: str) -> tuple[list[Any], int]:
        """The expressions up to a closing bracket, which is skipped as well."""
        found: list[Any] = []
        end = self._pairs.get(at - 1)
        if end is None or self._code[end] != closer:
            return found, len(self._code)
        at = self._skip(at)
        while at < end:
            if self._code.startswith("...", at):
                spread, at = self._expression(at + 3)
                found.extend(spread if isinstance(spread, list) else ())
            else:
                value, at = self._expression(at)
                found.append(value)
            at = self._after_comma(at, end)
        return found, end + 1

    def _after_comma(self, at: int, end: int) -> int:
        """Where the next entry begins, behind the comma; at least one step further."""
        while at < end and self._code[at] not in ",":
            at = self._end(at + 1 if self._code[at] in ";)]}" else at)
        return self._skip(at + 1)

    def _named(self, at: int) -> tuple[Any, int]:
        """A word, or the path of a constant; functions, calls and `new` are unknown."""
        found = _PATH.match(self._code, at)
        if not found:
            return _UNKNOWN, self._end(at)
        path, end = re.sub(r"\s", "", found[0]), found.end()
        if path in _WORDS:
            return _WORDS[path], end
        if self._code[self._skip(end) : self._skip(end) + 1] in ("(", "[", "=", "`", "{"):
            return _UNKNOWN, self._end(at)
        return self._constant(path), end

    # Constants

    def _constant(self, path: str) -> Any:
        """The value of the first assignment to a name or path in this script."""
        if self._constants is None:
            self._constants = {}
            for match in _ASSIGNMENT.finditer(self._code):
                self._places.setdefault(match[1], match.end())
        if path in self._constants:
            self._nodes += self._weights.get(path, 0)
            return self._constants[path] if self._nodes <= MOST_NODES else _UNKNOWN
        self._constants[path] = _UNKNOWN  # while it is being read, also by itself
        before = self._nodes
        self._constants[path] = self._found(path)
        self._weights[path] = self._nodes - before
        return self._constants[path]

    def _found(self, path: str) -> Any:
        if path in self._places:
            return self._value(self._places[path])
        owner, _, name = path.rpartition(".")
        value = self._constant(owner) if 0 < path.count(".") <= MOST_DOTS else _UNKNOWN
        return value.get(name, _UNKNOWN) if isinstance(value, dict) else _UNKNOWN

    # Places

    def _skip(self, at: int) -> int:
        return _SPACE.match(self._code, at).end()  # type: ignore[union-attr]

    def _end(self, at: int) -> int:
        """Where the expression around `at` ends: the next comma or closing bracket of its level."""
        while found := _STOP.search(self._code, at):
            at = found.start()
            if self._code[at] not in "([{":
                return at
            if at not in self._pairs:
                break
            at = self._pairs[at] + 1
        return len(self._code)


def _masked(text: str) -> tuple[str, str]:
    """The script with comments, and with comments, strings and patterns, made blank."""
    plain: list[str] = []
    code: list[str] = []
    at = 0
    while at < len(text):
        found = _PIECE.match(text, at)
        piece = found[0] if found else text[at]
        first = piece[0]
        if piece == "/":
            pattern = _REGEX.match(text, at) if _begins_regex(text, at) else None
            piece = pattern[0] if pattern else piece
            masked = "0".ljust(len(piece)) if pattern else piece
            plain.append(masked)
            code.append(masked)
        elif piece == "/*" or piece.startswith("//"):
            if piece == "/*":
                end = text.find("*/", at + 2)
                piece = text[at : end + 2] if end >= 0 else text[at:]
            plain.append(_blank(piece))
            code.append(plain[-1])
        elif first in "\"'`":
            plain.append(piece)
            code.append(first + " " * (len(piece) - 1))
        else:
            plain.append(piece)
            code.append(piece)
        at += len(piece)
    return "".join(plain), "".join(code)


def _begins_regex(text: str, at: int) -> bool:
    return _BEFORE_REGEX.search(text[max(0, at - 40) : at]) is not None


def _blank(comment: str) -> str:
    """Spaces, but for the line ends, which may end a statement."""
    if "\n" not in comment:
        return " " * len(comment)
    return "\n".join(" " * len(line) for line in comment.split("\n"))


def _pairs(code: str) -> dict[int, int]:
    """Where each opening bracket is closed. Brackets that do not fit are left out."""
    pairs: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    for found in _BRACKET.finditer(code):
        mark, at = found[0], found.start()
        if mark in "([{":
            opened.append((mark, at))
        elif opened and opened[-1][0] == _CLOSERS[mark]:
            pairs[opened.pop()[1]] = at
    return pairs


def _sum(first: Any, second: Any) -> Any:
    """What `+` makes of two values, where that is known."""
    if isinstance(first, bool) or isinstance(second, bool):
        return _UNKNOWN
    if isinstance(first, str) and isinstance(second, str | int | float):
        joined = first + str(second)
    elif isinstance(second, str) and isinstance(first, int | float):
        joined = str(first) + second
    elif isinstance(first, int | float) and isinstance(second, int | float):
        return first + second
    else:
        return _UNKNOWN
    return joined if len(joined) <= MOST_STRING else _UNKNOWN


def _signed(mark: str, value: Any) -> Any:
    if isinstance(value, _Unknown):
        return _UNKNOWN
    if mark == "!":
        return not value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _UNKNOWN
    return -value if mark == "-" else value


def _number(text: str) -> int | float:
    try:
        return int(text, 0) if text[1:2] in "xXbBoO" and len(text) > 2 else int(text)
    except ValueError:
        return float(text) if len(text) < 400 else 0.0


def _unescaped(text: str) -> str:
    """The string that a literal's inside means; lone surrogates become U+FFFD."""
    if "\\" not in text:
        return text
    joined = _ESCAPE.sub(_unescape, text)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    mark = found[4]
    return "" if mark in ("\n", "\r\n", "\u2028", "\u2029") else _SIMPLE_ESCAPES.get(mark, mark)
