"""JavaScript text told apart in one linear pass: code, comments, strings, patterns, brackets."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from io import StringIO

# All quantifiers are possessive: nothing is ever tried twice.
_PIECE = re.compile(
    r"""[^"'`/]++
    | "(?:[^"\\\n]|\\.)*+"?
    | '(?:[^'\\\n]|\\.)*+'?
    | //[^\n]*+
    | /\*
    | [/`]
    """,
    re.VERBOSE | re.DOTALL,
)
_PIECE_IN_TEMPLATE = re.compile(
    _PIECE.pattern.replace("[^\"'`/]++", "[^\"'`/{}]++ | [{}]"), re.VERBOSE | re.DOTALL
)
_TEMPLATE_TEXT = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*+", re.DOTALL)
_PATTERN_TEXT = re.compile(r"(?:[^/\\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*+\])++")
_FLAGS = re.compile(r"[a-z]*+")
# After these a slash begins a pattern; after anything else it divides.
_BEFORE_PATTERN = re.compile(
    r"(?:[(,=:\[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|throw))\Z"
)
_STOP = re.compile(r"[,;()\[\]{}]")
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_NONE = -1


@dataclass(frozen=True, slots=True)
class Code:
    """A script three times, each as long as it: places in one are places in all.

    text: with comments and patterns made blank
    code: with the insides of strings made blank as well; quotes stay, and `${…}` as `{…}`
    """

    text: str
    code: str
    _stops: array[int]  # where the commas, semicolons and brackets are
    _pairs: array[int]  # for each stop that is a bracket: which one belongs to it
    _ends: array[int]  # for each stop: at which stop the expression around it ends

    def partner(self, at: int) -> int | None:
        """Where the other bracket of the pair at `at` is; None if there is no such pair."""
        stop = bisect_left(self._stops, at)
        if stop == len(self._stops) or self._stops[stop] != at or self._pairs[stop] == _NONE:
            return None
        return self._stops[self._pairs[stop]]

    def end(self, at: int) -> int:
        """Where the expression around `at` ends: the next comma or closing bracket of its level."""
        stop = bisect_left(self._stops, at)
        if stop == len(self._stops) or self._ends[stop] == _NONE:
            return len(self.code)
        return self._stops[self._ends[stop]]


def take_apart(text: str) -> Code:
    """Tell the parts of a script from each other, as well as that goes without running it."""
    scan = _Scan(text)
    code = scan.code.getvalue()
    stops = array("i", (found.start() for found in _STOP.finditer(code)))
    pairs = _pairs(code, stops)
    return Code(scan.text.getvalue(), code, stops, pairs, _ends(code, stops, pairs))


class _Scan:
    """One pass over a script that writes its two masked twins."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = StringIO()
        self.code = StringIO()
        self._before = ";"  # the last piece of code that is not blank
        self._braces: list[int] = []  # for each template around: braces open in its expression
        self._no_pattern_before = 0  # a pattern was tried on this line, and does not end on it
        at = 0
        while at < len(source):
            piece = _PIECE_IN_TEMPLATE if self._braces else _PIECE
            found = piece.match(source, at)
            at = self._take(found[0] if found else source[at], at)

    def _take(self, piece: str, at: int) -> int:
        """Write the piece that was found; returns where the next one begins."""
        mark, end = piece[0], at + len(piece)
        if mark == "/":
            return self._slash(piece, at)
        if mark in "\"'":
            closed = len(piece) > 1 and piece[-1] == mark
            self._write(piece, mark + " " * (len(piece) - 1 - closed) + mark * closed)
        elif mark == "`":
            self._write(mark, mark)
            return self._template(end)
        elif mark == "}" and self._braces and not self._braces[-1]:
            self._braces.pop()
            self._write(mark, mark)
            return self._template(end)
        else:
            if self._braces and mark in "{}":
                self._braces[-1] += 1 if mark == "{" else -1
            self._write(piece, piece)
        return end

    def _write(self, text: str, code: str) -> None:
        self.text.write(text)
        self.code.write(code)
        if not code.isspace():
            self._before = code

    def _template(self, at: int) -> int:
        """The text of a template, up to its end or its next expression."""
        found = _TEMPLATE_TEXT.match(self.source, at)
        end = found.end() if found else at
        self._write(self.source[at:end], " " * (end - at))
        mark = self.source[end : end + 1]
        if mark == "$":
            self._braces.append(0)
            self._write("${", " {")
            return end + 2
        if mark == "`":
            self._write(mark, mark)
        return end + len(mark) if mark == "`" else end

    def _slash(self, piece: str, at: int) -> int:
        """A comment, a pattern, or a division."""
        end = at + len(piece)
        if piece == "/*":
            close = self.source.find("*/", end)
            end = close + 2 if close >= 0 else len(self.source)
        elif piece == "/":
            end = self._pattern_end(at)
            # A pattern is a value that nobody asks for: it becomes a name without meaning.
            masked = "/" if end == at + 1 else "_".ljust(end - at)
            self._write(masked, masked)
            return end
        blank = _blank(self.source[at:end])
        self._write(blank, blank)
        return end

    def _pattern_end(self, at: int) -> int:
        """Where the regular expression that begins here ends; one further if none does."""
        if at < self._no_pattern_before or not _BEFORE_PATTERN.search(self._before[-12:].rstrip()):
            return at + 1
        found = _PATTERN_TEXT.match(self.source, at + 1)
        if found and self.source.startswith("/", found.end()):
            flags = _FLAGS.match(self.source, found.end() + 1)
            return flags.end() if flags else found.end() + 1
        line_end = self.source.find("\n", at)
        self._no_pattern_before = line_end if line_end >= 0 else len(self.source)
        return at + 1


def _blank(comment: str) -> str:
    """Spaces, but for the line ends, which may end a statement."""
    return "\n".join(" " * len(line) for line in comment.split("\n"))


def _pairs(code: str, stops: array[int]) -> array[int]:
    """Which bracket belongs to which. Those that do not fit have no partner."""
    pairs = array("i", [_NONE]) * len(stops)
    opened: list[int] = []
    for stop, at in enumerate(stops):
        mark = code[at]
        if mark in "([{":
            opened.append(stop)
        elif mark in ")]}" and opened and _CLOSER[code[stops[opened[-1]]]] == mark:
            opener = opened.pop()
            pairs[opener], pairs[stop] = stop, opener
    return pairs


def _ends(code: str, stops: array[int], pairs: array[int]) -> array[int]:
    """At which stop an expression ends that reaches each stop: itself, or one behind its pair."""
    ends = array("i", [_NONE]) * len(stops)
    for stop in range(len(stops) - 1, -1, -1):
        behind = pairs[stop] + 1
        if code[stops[stop]] not in "([{":
            ends[stop] = stop
        elif 0 < behind < len(stops):
            ends[stop] = ends[behind]
    return ends
