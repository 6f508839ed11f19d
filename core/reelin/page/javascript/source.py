"""JavaScript read as data: the literals that scripts hold. Nothing is ever run.

    script = javascript.read("const base = '/a/'; player.source = {src: base + 'b.mp4'}")
    script.assignments("source")[0].value       # {'src': '/a/b.mp4'}

Objects become dicts, arrays lists, `null` and `undefined` None, whole numbers int. Names and paths
that the script assigns are followed (the assignment last before the use counts), strings and
templates joined, `...` spread, `JSON.parse('…')` read. What only running the script could tell
(functions, calls, conditions, counters) is left out of objects and arrays, and None among
arguments. Takes linear time and bounded memory, whatever the text, and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from .code import Code, take_apart
from .joins import Join as Join
from .joins import find
from .reader import PATH, PATH_BACKWARDS, UNKNOWN, Reader, json_value, path_of

MOST_TEXT = 2_000_000  # characters of one script that are looked at
MOST_JSON = 5_000_000  # characters of a script that is nothing but JSON

# Not among them: the bodies of functions, and indexes, as far as the character before tells.
_LITERAL = re.compile(
    r"[\[{](?<![)\]\"'`;{}]\{)(?<![)\]\"'`$]\[)|J(?<![\w$.]J)SON\s*+\.\s*+parse\s*+\("
)
# An assignment, or a name that is counted up or appended to, which is no constant: `x = `, `x += `,
# `x++`. Read from right to left, it begins with what tells it: most of a script is passed quickly.
_SET = re.compile(
    rf"(?:=(?<![=>]=)(?P<change>[-+*/%&|^?]{{0,3}}+)|\+\+|--)\s*+(?P<path>{PATH_BACKWARDS})(?!\.)"
)
_CHANGED = re.compile(rf"(?:\+\+|--)(?<![\w$\]!]..)\s*+({PATH})")
# `(function(a, b){…}("x", 1))`, or with the first parenthesis closed before the second opens.
_ON_THE_SPOT = re.compile(r"\(\s*+function\b[\w$\s]*+\(([\w$,\s]*+)\)\s*+\{")
_ITS_CALL = re.compile(r"\}\s*+(?:\)\s*+)?\(")
_BEFORE_VALUE = ("return", "typeof", "of", "in", "case", "default", "...")
_CDATA = "<![CDATA["  # around the scripts of pages that are XHTML as well
_WORD = re.compile(r"[\w$]+\Z")
_MOST_STEPS = 8  # of a path
_NEAR = 80  # characters that are looked back


@dataclass(frozen=True, slots=True)
class Call:
    """`name(args…)`, with or without `new`, on whatever object.

    args:   its arguments; None for those that are unknown
    offset: where the name stands in the script, in characters
    path:   the name with what stands before it: `player.on`, `jwplayer().setup`
    """

    name: str
    args: tuple[Any, ...]
    offset: int
    path: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """`path = value`, such as `player.source = {…}`; `window.x` and `x['y']` are `x` and `x.y`.

    offset: where the path stands in the script, in characters
    """

    path: str
    value: Any
    offset: int


def read(text: str) -> Source:
    """Get ready to read a script. Costs nothing before a question is asked."""
    return Source(text[:MOST_JSON])


class Source:
    """One script. Each question is answered on its own, in any order, and never raises."""

    def __init__(self, text: str) -> None:
        self.text = text

    def may_call(self, name: str) -> bool:
        """Whether a call of that name may be there, which costs next to nothing to tell."""
        last = name.rpartition(".")[2]
        return bool(last) and re.search(re.escape(last) + r"\s*+[(/]", self.text) is not None

    def calls(self, name: str) -> list[Call]:
        """All calls of a function, constructor or method of that name, in order.

        A dotted name (`Plyr.setup`) asks for the method of that object only.
        """
        if not self.may_call(name) or self._json is not None:
            return []
        reader, code = self._reader(), self._source.code
        first, *rest = map(re.escape, name.split("."))
        # Looking back only behind a hit is what makes it quick.
        pattern = r"\s*+\.\s*+".join([rf"{first}(?<![\w$]{first})", *rest]) + r"\s*+\("
        return [
            Call(name, reader.arguments(at.end() - 1), at.start(), self._path(at.start(), name))
            for at in re.finditer(pattern, code)
        ]

    def assignments(self, name: str) -> list[Assignment]:
        """All assignments to a variable or property of that name whose value is known, in order."""
        if name not in self.text or self._json is not None:
            return []
        reader, found = self._reader(), []
        for path, start, at in self._by_name.get(name, ()):
            value = reader.value(at) if at >= 0 else UNKNOWN
            if value is not UNKNOWN:
                found.append(Assignment(path, value, start))
        return found

    def literals(self) -> list[Any]:
        """All objects and arrays that are not part of another one, in order; no empty ones.

        A script that is JSON is one such literal, and `JSON.parse('…')` stands for one.
        """
        if self._json is not None:
            return [self._json] if self._json else []
        reader, found, behind = self._reader(), [], 0
        for match in _LITERAL.finditer(self._source.code):
            at = match.start()
            if reader.spent:
                break
            if at < behind or not self._begins_literal(at):
                continue
            value = reader.literal(at)
            if value is not UNKNOWN and value:
                found.append(value)
                behind = self._source.partner(at) or at
        return found

    def joins(self) -> list[Join]:
        """Texts put together around one unknown part: `base + tracks[i].file + '.mp3'`."""
        if self._json is not None:
            return []
        return list(dict.fromkeys(find(self._source, self._reader(), self._constants)))

    @cached_property
    def _json(self) -> dict[str, Any] | list[Any] | None:
        """The script as what it may be: JSON, read ten times faster that way."""
        if not self.text[:100].lstrip().startswith(("{", "[", _CDATA)):
            return None
        text = self.text.strip(" \t\r\n;").removeprefix(_CDATA).removesuffix("]]>")
        value = json_value(text)
        return value if isinstance(value, dict | list) else None

    @cached_property
    def _source(self) -> Code:
        return take_apart(self.text[:MOST_TEXT])

    @cached_property
    def _assigned(self) -> Sequence[tuple[str, int, int]]:
        """Path, place and place of the value of each assignment; no place for other changes."""
        text, code = self._source.text, self._source.code
        end, found = len(code), list[tuple[str, int, int]]()
        for each in _SET.finditer(code[::-1]):
            start, stop = end - each.end("path"), end - each.start("path")
            value = end - each.start() if each["change"] == "" else -1
            found.append((path_of(text[start:stop]), start, value))
        for each in _CHANGED.finditer(code):
            found.append((path_of(each[1]), each.start(1), -1))
        return sorted(found, key=itemgetter(1))

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[tuple[str, int, int]]]:
        """The same by the last name of each path."""
        found: dict[str, list[tuple[str, int, int]]] = {}
        for each in self._assigned:
            found.setdefault(each[0].rpartition(".")[2], []).append(each)
        return found

    @cached_property
    def _constants(self) -> Mapping[str, Sequence[int]]:
        places: dict[str, list[int]] = {}
        for path, _, at in self._assigned:
            places.setdefault(path, []).append(at)
        for name, at in self._handed_over():
            places.setdefault(name, []).append(at)
        return {path: sorted(each) for path, each in places.items() if -1 not in each}

    def _handed_over(self) -> Iterator[tuple[str, int]]:
        """Parameters of functions that are called on the spot, and where their values begin."""
        code = self._source.code
        for function in _ON_THE_SPOT.finditer(code):
            body_end = self._source.partner(function.end() - 1)
            opener = _ITS_CALL.match(code, body_end) if body_end is not None else None
            if opener is None:
                continue
            at = opener.end()
            for name in function[1].split(","):
                yield name.strip(), at
                at = self._source.end(at) + 1
                if code[at - 1 : at] != ",":
                    break

    def _reader(self) -> Reader:
        return Reader(self._source, lambda: self._constants)

    def _begins_literal(self, at: int) -> bool:
        """Whether a bracket begins an object or array rather than a block or an index."""
        code = self._source.code
        if code[at] == "J":
            return True
        before = code[max(0, at - _NEAR) : at].rstrip()
        if not before or before[-1] in "=([,:?|&" or before.endswith(_BEFORE_VALUE):
            return True
        return code[at] == "[" and not (before[-1] in ")]\"'`.$_" or before[-1].isalnum())

    def _path(self, at: int, name: str) -> str:
        """The name at `at` with what stands before it, calls as `name()`."""
        code, steps = self._source.code, [name]
        while len(steps) < _MOST_STEPS:
            before = code[max(0, at - _NEAR) : at].rstrip()
            if not before.endswith("."):
                break
            at -= len(code[max(0, at - _NEAR) : at]) - len(before.removesuffix(".").rstrip(" ?\n"))
            opener = self._source.partner(at - 1) if code[at - 1 : at] == ")" else None
            at = at if opener is None else opener
            word = _WORD.search(code, max(0, at - _NEAR), at)
            steps.append((word[0] if word else "") + ("" if opener is None else "()"))
            at = word.start() if word else 0
        return ".".join(reversed(steps))
