"""A script as a value that answers questions: its calls, assignments, literals and joins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .assignments import Change, find_changes, find_constants
from .code import Code, take_apart
from .joins import Join, find_joins
from .json_values import UNKNOWN, read_json
from .reader import ExpressionReader

MOST_TEXT = 2_000_000  # characters of one script that are looked at
MOST_JSON = 5_000_000  # characters of a script that is nothing but JSON

# Not among them: the bodies of functions, and indexes, as far as the character before tells.
_LITERAL = re.compile(
    r"[\[{](?<![)\]\"'`;{}]\{)(?<![)\]\"'`$]\[)|J(?<![\w$.]J)SON\s*+\.\s*+parse\s*+\("
)
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
    """Return a script, ready to be asked. Costs nothing before the first question."""
    return Source(text[:MOST_JSON])


class Source:
    """A script. Each question is answered on its own, in any order, and never raises."""

    def __init__(self, text: str) -> None:
        self.text = text

    def may_call(self, name: str) -> bool:
        """Whether a call of that name may be there: costs next to nothing."""
        last = name.rpartition(".")[2]
        return bool(last) and re.search(re.escape(last) + r"\s*+[(/]", self.text) is not None

    def calls(self, name: str) -> list[Call]:
        """Return all calls of a function, constructor or method of that name, in order.

        A dotted name (`Plyr.setup`) asks for the method of that object only.
        """
        if not self.may_call(name) or self._json is not None:
            return []
        reader, code = self._make_reader(), self._source.code
        first, *rest = map(re.escape, name.split("."))
        # Looking back only behind a hit is what makes it quick.
        pattern = r"\s*+\.\s*+".join([rf"{first}(?<![\w$]{first})", *rest]) + r"\s*+\("
        return [
            Call(
                name,
                reader.read_arguments(at.end() - 1),
                at.start(),
                self._read_path(at.start(), name),
            )
            for at in re.finditer(pattern, code)
        ]

    def assignments(self, name: str) -> list[Assignment]:
        """Return the assignments to a variable or property of that name, in order.

        Those whose value is not known are left out.
        """
        if name not in self.text or self._json is not None:
            return []
        reader, found = self._make_reader(), []
        for change in self._by_name.get(name, ()):
            value = reader.read_value(change.value) if change.has_value else UNKNOWN
            if value is not UNKNOWN:
                found.append(Assignment(change.path, value, change.start))
        return found

    def literals(self) -> list[Any]:
        """Return the objects and arrays that are not part of another one, in order; no empty ones.

        A script that is JSON is one such literal, and `JSON.parse('…')` stands for one.
        """
        if self._json is not None:
            return [self._json] if self._json else []
        reader, found, behind = self._make_reader(), [], 0
        for match in _LITERAL.finditer(self._source.code):
            at = match.start()
            if reader.spent:
                break
            if at < behind or not self._begins_literal(at):
                continue
            value = reader.read_literal(at)
            if value is not UNKNOWN and value:
                found.append(value)
                behind = self._source.find_partner(at) or at
        return found

    def joins(self) -> list[Join]:
        """Return texts put together around one unknown part: `base + tracks[i].file + '.mp3'`."""
        if self._json is not None:
            return []
        return list(dict.fromkeys(find_joins(self._source, self._make_reader(), self._constants)))

    @cached_property
    def _json(self) -> dict[str, Any] | list[Any] | None:
        """The script as what it may be: JSON, read ten times faster that way."""
        if not self.text[:100].lstrip().startswith(("{", "[", _CDATA)):
            return None
        text = self.text.strip(" \t\r\n;").removeprefix(_CDATA).removesuffix("]]>")
        value = read_json(text)
        return value if isinstance(value, dict | list) else None

    @cached_property
    def _source(self) -> Code:
        return take_apart(self.text[:MOST_TEXT])

    @cached_property
    def _changes(self) -> Sequence[Change]:
        return find_changes(self._source)

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Change]]:
        """The changes by the last name of each path."""
        found: dict[str, list[Change]] = {}
        for each in self._changes:
            found.setdefault(each.path.rpartition(".")[2], []).append(each)
        return found

    @cached_property
    def _constants(self) -> Mapping[str, Sequence[int]]:
        return find_constants(self._source, self._changes)

    def _make_reader(self) -> ExpressionReader:
        """Return a reader with a budget of its own for one question."""
        return ExpressionReader(self._source, lambda: self._constants)

    def _begins_literal(self, at: int) -> bool:
        """Whether a bracket begins an object or array rather than a block or an index."""
        code = self._source.code
        if code[at] == "J":
            return True
        before = code[max(0, at - _NEAR) : at].rstrip()
        if not before or before[-1] in "=([,:?|&" or before.endswith(_BEFORE_VALUE):
            return True
        return code[at] == "[" and not (before[-1] in ")]\"'`.$_" or before[-1].isalnum())

    def _read_path(self, at: int, name: str) -> str:
        """Return the name at `at` with what stands before it, calls as `name()`."""
        code, steps = self._source.code, [name]
        while len(steps) < _MOST_STEPS:
            before = code[max(0, at - _NEAR) : at].rstrip()
            if not before.endswith("."):
                break
            at -= len(code[max(0, at - _NEAR) : at]) - len(before.removesuffix(".").rstrip(" ?\n"))
            opener = self._source.find_partner(at - 1) if code[at - 1 : at] == ")" else None
            at = at if opener is None else opener
            word = _WORD.search(code, max(0, at - _NEAR), at)
            steps.append((word[0] if word else "") + ("" if opener is None else "()"))
            at = word.start() if word else 0
        return ".".join(reversed(steps))
