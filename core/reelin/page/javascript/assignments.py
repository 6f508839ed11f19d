"""What a script assigns to names and paths, by the places where the values begin."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from .code import Code
from .paths import PATH, PATH_BACKWARDS, normalize_path

# An assignment, or a name that is counted up or appended to, which is no constant: `x = `, `x += `,
# `x++`. Read from right to left, it begins with what tells it: most of a script is passed quickly.
_SET = re.compile(
    rf"(?:=(?<![=>]=)(?P<change>[-+*/%&|^?]{{0,3}}+)|\+\+|--)\s*+(?P<path>{PATH_BACKWARDS})(?!\.)"
)
_CHANGED = re.compile(rf"(?:\+\+|--)(?<![\w$\]!]..)\s*+({PATH})")
# `(function(a, b){…}("x", 1))`, or with the first parenthesis closed before the second opens.
_ON_THE_SPOT = re.compile(r"\(\s*+function\b[\w$\s]*+\(([\w$,\s]*+)\)\s*+\{")
_ITS_CALL = re.compile(r"\}\s*+(?:\)\s*+)?\(")
_NOWHERE = -1
_MOST_DOTS = 8  # of the path of a constant


class Change(NamedTuple):
    """A place where a script assigns to a path, or changes what is there.

    path:  normalized
    start: where it stands in the script
    value: where the value begins; -1 for a change whose result is not told, such as `x++`
    """

    path: str
    start: int
    value: int

    @property
    def has_value(self) -> bool:
        """Whether it is an assignment."""
        return self.value != _NOWHERE


def find_changes(source: Code) -> list[Change]:
    """Return all assignments and other changes of a script, in order."""
    text, code = source.text, source.code
    end, found = len(code), list[Change]()
    for each in _SET.finditer(code[::-1]):
        start, stop = end - each.end("path"), end - each.start("path")
        value = end - each.start() if each["change"] == "" else _NOWHERE
        found.append(Change(normalize_path(text[start:stop]), start, value))
    for each in _CHANGED.finditer(code):
        found.append(Change(normalize_path(each[1]), each.start(1), _NOWHERE))
    return sorted(found, key=itemgetter(1))


def find_constants(source: Code, changes: Iterable[Change]) -> Mapping[str, Sequence[int]]:
    """Return for each path that is only assigned to where the values begin, in order."""
    places: dict[str, list[int]] = {}
    for path, _, at in changes:
        places.setdefault(path, []).append(at)
    for name, at in _find_parameters(source):
        places.setdefault(name, []).append(at)
    return {path: sorted(each) for path, each in places.items() if _NOWHERE not in each}


def _find_parameters(source: Code) -> Iterator[tuple[str, int]]:
    """Yield parameters of functions that are called on the spot, and where their values begin."""
    code = source.code
    for function in _ON_THE_SPOT.finditer(code):
        body_end = source.find_partner(function.end() - 1)
        opener = _ITS_CALL.match(code, body_end) if body_end is not None else None
        if opener is None:
            continue
        at = opener.end()
        for name in function[1].split(","):
            yield name.strip(), at
            at = source.find_end(at) + 1
            if code[at - 1 : at] != ",":
                break


def find_constant(
    constants: Mapping[str, Sequence[int]], path: str, at: int
) -> tuple[int | None, Sequence[str]]:
    """Find the value that a path has at a place of the script.

    Return where it begins, and the names that are to be followed inside of it: for `a.b`, where
    only `a` is assigned to, the place of `a` and `["b"]`. The assignment last before `at` counts,
    or else the first one behind it. None if there is no such constant.
    """
    owner, names = path, list[str]()
    for _ in range(_MOST_DOTS):
        places = constants.get(owner)
        if places:
            return places[max(0, bisect_left(places, at) - 1)], names[::-1]
        owner, _, name = owner.rpartition(".")
        names.append(name)
    return None, ()
