"""Texts that scripts put together around one part that is not known: `base + list[i].file`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from .code import Code
from .paths import NAME, normalize_path
from .reader import ExpressionReader

MOST_JOINS = 500  # looked at in one script
MOST_TEXT = 2000  # characters around the unknown part: more is no address
_MOST_PARTS = 8  # of one text
_STRING = r"(?:\"\s*+\"|'\s*+')"  # as it stands in code, where the insides of strings are blank
_PATH = rf"{NAME}(?:\s*+\.\s*+{NAME}|\[[\w$.\s]{{1,40}}\])*+"
_PART = re.compile(rf"{_STRING}|{_PATH}")
_SUM = re.compile(
    rf"(?<![\w$.])(?:{_STRING}|{_PATH})"
    rf"(?:\s*+\+\s*+(?:{_STRING}|{_PATH})){{1,{_MOST_PARTS}}}+(?!\s*+[(\[])"
)
# What stands before a `+`, read from right to left: most of a script is passed quickly.
_BEFORE_PLUS = re.compile(
    rf"\+\s*+(?:{_STRING}|(?:[\w$]++\s*+\.\s*+|\][\w$.\s]{{1,40}}+\[)*+[\w$]++(?<!\d))"
)
_TEMPLATE = re.compile(r"`[^`]{1,400}+`")
_IN_TEMPLATE = re.compile(r"\{([^{}]*+)\}")
_STEPS = re.compile(rf"(.*?)(?:\[[^\]]*+\])?(?:\.({NAME}))?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Join:
    """`before + owner[i].name + after`, or the same as a template.

    before, after: the known text around the part that is not known
    owner: what the unknown part belongs to, such as `tracks` in `tracks[i].file`
    name:  the property that is asked for; empty for the entry itself, as in `files[i]`
    """

    before: str
    owner: str
    name: str
    after: str


def find_joins(
    source: Code, reader: ExpressionReader, constants: Mapping[str, Sequence[int]]
) -> Iterator[Join]:
    """Yield the joins of a script: sums, then templates. Of `a ? 'x' : 'y'` the first counts."""
    finder = _JoinFinder(source, reader, constants)
    for found in islice(_find_sums(source.code), MOST_JOINS):
        parts = _PART.finditer(source.code, found.start(), found.end())
        yield from finder.make_join([finder.read_part(each.start(), each.end()) for each in parts])
    for found in islice(_TEMPLATE.finditer(source.code), MOST_JOINS):
        yield from finder.make_join(finder.read_template(found.start(), found.end()))


def _find_sums(code: str) -> Iterator[re.Match[str]]:
    """Yield the matches of `_SUM`, which is tried only where something is before a `+`."""
    starts, behind = [len(code) - each.end() for each in _BEFORE_PLUS.finditer(code[::-1])], 0
    for start in reversed(starts):
        found = _SUM.match(code, start) if start >= behind else None
        if found:
            behind = found.end()
            yield found


@dataclass(frozen=True, slots=True)
class _Hole:
    """A part that is not known."""

    path: str


@dataclass(frozen=True, slots=True)
class _JoinFinder:
    """A reader of the parts that joins are made of."""

    source: Code
    reader: ExpressionReader
    constants: Mapping[str, Sequence[int]]

    def make_join(self, parts: Sequence[str | _Hole]) -> Iterator[Join]:
        """Yield the join of these parts, if exactly one of them is a member that is not known."""
        holes = [at for at, each in enumerate(parts) if isinstance(each, _Hole)]
        if len(holes) != 1:
            return
        hole = parts[holes[0]]
        steps = _STEPS.match(hole.path) if isinstance(hole, _Hole) else None
        if steps and steps[1] != steps[0]:
            before = "".join(map(str, parts[: holes[0]]))
            after = "".join(map(str, parts[holes[0] + 1 :]))
            if len(before) + len(after) <= MOST_TEXT:
                yield Join(before, steps[1], steps[2] or "", after)

    def read_template(self, start: int, end: int) -> list[str | _Hole]:
        """Return the parts of a template string: its text, and the expressions in it."""
        parts, at = list[str | _Hole](), start + 1
        for found in islice(_IN_TEMPLATE.finditer(self.source.code, start, end), _MOST_PARTS):
            parts.append(self.source.text[at : found.start() - 1])
            inner = _PART.match(self.source.code, found.start(1))
            whole = inner is not None and inner.end() == found.end(1)
            parts.append(self.read_part(*found.span(1)) if whole else _Hole(""))
            at = found.end()
        return [*parts, self.source.text[at : end - 1]]

    def read_part(self, start: int, end: int) -> str | _Hole:
        """Return a part as text: a string, a constant, or what is chosen first for a variable."""
        path = normalize_path(self.source.text[start:end])
        value = None if "[" in path else self.reader.read_literal(start)
        if isinstance(value, str) and value:
            return value
        return self._read_choice(path) or (value if isinstance(value, str) else _Hole(path))

    def _read_choice(self, path: str) -> str:
        """Return the first text among those that a script chooses from for a variable."""
        for at in self.constants.get(path, ())[:_MOST_PARTS]:
            expression = self.source.code[at : min(self.source.find_end(at), at + 400)]
            _, question, choices = expression.partition("?")
            text = re.search(_STRING, choices) if question else None
            if text:
                value = self.reader.read_literal(at + len(expression) - len(choices) + text.start())
                return value if isinstance(value, str) else ""
        return ""
