"""JavaScript text taken apart in one linear pass: code, comments, strings, patterns, brackets."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate, islice

# All quantifiers are possessive: nothing is ever tried twice.
_PIECE = re.compile(
    r"""
      "[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?
    | '[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'?
    | //[^\n]*+
    | /\*
    | [/`]
    """,
    re.VERBOSE | re.DOTALL,
)
_PIECE_IN_TEMPLATE = re.compile(_PIECE.pattern + "| [{}]", re.VERBOSE | re.DOTALL)
_TEMPLATE_TEXT = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*+", re.DOTALL)
_PATTERN_TEXT = re.compile(r"(?:[^/\\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*+\])++")
_FLAGS = re.compile(r"[a-z]*+")
# After these a slash begins a pattern; after anything else it divides.
_BEFORE_PATTERN = re.compile(
    r"(?:[(,=:\[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|throw))\Z"
)
_TO_STOP = re.compile(r"[^,;()\[\]{}]*+[,;()\[\]{}]")
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
    _ends: dict[int, int] = field(default_factory=dict)  # stops where expressions end, as asked

    def find_partner(self, at: int) -> int | None:
        """Return where the other bracket of the pair at `at` is; None if there is no such pair."""
        stop = bisect_left(self._stops, at)
        if stop == len(self._stops) or self._stops[stop] != at or self._pairs[stop] == _NONE:
            return None
        return self._stops[self._pairs[stop]]

    def find_end(self, at: int) -> int:
        """Return where the expression around `at` ends.

        That is the next comma, semicolon or closing bracket of its level.
        """
        stop, passed = bisect_left(self._stops, at), list[int]()
        while stop < len(self._stops) and self.code[self._stops[stop]] in "([{":
            passed.append(stop)
            behind = self._pairs[stop] + 1 or len(self._stops)
            stop = self._ends.get(stop, behind)
        self._ends.update(dict.fromkeys(passed, stop))
        return self._stops[stop] if stop < len(self._stops) else len(self.code)


def take_apart(text: str) -> Code:
    """Tell the parts of a script from each other, as well as that goes without running it."""
    scan = _Scan(text)
    code = "".join(scan.code)
    # Without a stop at the end, what is behind the last one would be tried from each place.
    pieces = _TO_STOP.findall(code + ";")[:-1]
    stops = array("i", islice(accumulate(map(len, pieces), initial=-1), 1, None))
    marks = "".join([piece[-1] for piece in pieces])
    return Code("".join(scan.text), code, stops, _find_pairs(marks))


class _Scan:
    """A pass over a script that writes its two masked twins, as pieces."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text: list[str] = []
        self.code: list[str] = []
        self._before = ";"  # the last piece of code that is not blank
        self._braces: list[int] = []  # for each template around: braces open in its expression
        self._no_pattern_before = 0  # a pattern was tried on this line, and does not end on it
        at = 0
        while found := (_PIECE_IN_TEMPLATE if self._braces else _PIECE).search(source, at):
            start, end = found.span()
            mark = source[start]
            if mark in "\"'":  # most pieces by far
                closed = end - start > 1 and source[end - 1] == mark
                inside = " " * (end - start - 1 - closed)
                self.text.append(source[at:end])
                self.code.append(f"{source[at:start]}{mark}{inside}{mark * closed}")
                self._before, at = mark, end
                continue
            self._write(source[at:start], source[at:start])
            at = self._take(mark, start, end)
        self._write(source[at:], source[at:])

    def _take(self, mark: str, at: int, end: int) -> int:
        """Write the piece that begins at `at`; return where the next one begins."""
        if mark == "/":
            return self._take_slash(at, end)
        self._write(mark, mark)
        if mark == "`":
            return self._take_template(end)
        if mark == "}" and not self._braces[-1]:
            self._braces.pop()
            return self._take_template(end)
        self._braces[-1] += 1 if mark == "{" else -1
        return end

    def _write(self, text: str, code: str) -> None:
        self.text.append(text)
        self.code.append(code)
        if code and not code.isspace():
            self._before = code

    def _take_template(self, at: int) -> int:
        """Write the text of a template, up to its end or its next expression; return where."""
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

    def _take_slash(self, at: int, end: int) -> int:
        """Write a comment, a pattern, or the mark of a division; return where it ends."""
        piece = self.source[at : at + 2]
        if piece == "/*":
            close = self.source.find("*/", end)
            end = close + 2 if close >= 0 else len(self.source)
        elif piece != "//":
            end = self._find_pattern_end(at)
            # A pattern is a value that nobody asks for: it becomes a name without meaning.
            masked = "/" if end == at + 1 else "_".ljust(end - at)
            self._write(masked, masked)
            return end
        blank = _make_blank(self.source[at:end])
        self._write(blank, blank)
        return end

    def _find_pattern_end(self, at: int) -> int:
        """Return where the regular expression that begins here ends; one further if none does."""
        if at < self._no_pattern_before or not _BEFORE_PATTERN.search(self._before[-12:].rstrip()):
            return at + 1
        found = _PATTERN_TEXT.match(self.source, at + 1)
        if found and self.source.startswith("/", found.end()):
            flags = _FLAGS.match(self.source, found.end() + 1)
            return flags.end() if flags else found.end() + 1
        line_end = self.source.find("\n", at)
        self._no_pattern_before = line_end if line_end >= 0 else len(self.source)
        return at + 1


def _make_blank(comment: str) -> str:
    """Return spaces for a comment, but for its line ends, which may end a statement."""
    return "\n".join(" " * len(line) for line in comment.split("\n"))


def _find_pairs(marks: str) -> array[int]:
    """Find for each bracket the one that belongs to it. Those that do not fit have no partner."""
    pairs = array("i", [_NONE]) * len(marks)
    opened: list[int] = []
    for stop, mark in enumerate(marks):
        if mark in "([{":
            opened.append(stop)
        elif mark in ")]}" and opened and _CLOSER[marks[opened[-1]]] == mark:
            opener = opened.pop()
            pairs[opener], pairs[stop] = stop, opener
    return pairs
