"""The kinds of values that options have: how each is read, and how a form may ask for it.

Each kind reads text, as a command line, the environment or a form gives it, and the types of TOML
and JSON, with the same errors. What was read already is read again as it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any

from ..model.errors import UsageError

_YES = frozenset(["1", "true", "t", "yes", "y", "on"])
_NO = frozenset(["0", "false", "f", "no", "n", "off"])


def _check_filled(text: str) -> str:
    """Return a text. Raises `UsageError` for one of nothing but spaces."""
    if not text.strip():
        raise UsageError("it is empty: give it a value, or leave the option out")
    return text


class Kind(ABC):
    """A kind of value. Plain classes: those of `dataclasses` would cost `--help` 8 ms."""

    @abstractmethod
    def parse(self, value: object) -> Any:
        """Return what a value means. Raises `UsageError`."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Describe it in the words of JSON Schema (draft 2020-12)."""


class Text(Kind):
    """Any text but an empty one, unless that means something too."""

    def __init__(self, *, may_be_empty: bool = False) -> None:
        self._may_be_empty = may_be_empty

    def parse(self, value: object) -> str:
        if not isinstance(value, str):
            raise UsageError(f"{value!r} is not text")
        return value if self._may_be_empty else _check_filled(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string"} if self._may_be_empty else {"type": "string", "minLength": 1}


class Flag(Kind):
    """Yes or no."""

    def parse(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word not in _YES | _NO:
            raise UsageError(f"{value!r} is not yes or no")
        return word in _YES

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class WholeNumber(Kind):
    """A whole number from `least` to `most`."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    def parse(self, value: object) -> int:
        try:
            if isinstance(value, bool | float):
                raise ValueError
            number = int(str(value))
        except ValueError:
            raise UsageError(f"{str(value)!r} is not a whole number") from None
        if not self.least <= number <= self.most:
            raise UsageError(f"{number} is not in the range {self.least}<=x<={self.most}")
        return number

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Seconds(Kind):
    """A time from `least` to `most` seconds; `least` itself only if it is more than 0."""

    def __init__(self, least: float, most: float) -> None:
        self.least = least
        self.most = most

    def parse(self, value: object) -> float:
        try:
            if isinstance(value, bool):
                raise ValueError
            number = float(str(value))
        except ValueError:
            raise UsageError(f"{str(value)!r} is not a number of seconds") from None
        if not self.least <= number <= self.most or not number:
            sign = "<=" if self.least else "<"
            raise UsageError(f"{number:g} is not in the range {self.least:g}{sign}x<={self.most:g}")
        return number

    def schema(self) -> dict[str, Any]:
        lower = "minimum" if self.least else "exclusiveMinimum"
        return {"type": "number", lower: self.least, "maximum": self.most}


class OneOf(Kind):
    """A choice among some words."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def parse(self, value: object) -> str:
        if value not in self.words:
            raise UsageError(f"{value!r} is not one of {', '.join(map(repr, self.words))}")
        return str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [*self.words]}


class Quantity(Kind):
    """A value in a unit, or a date: text that `read` understands, or a number.

    read:     raises `UsageError` for what it does not understand
    types:    JSON's types for it
    examples: of how it is written
    """

    def __init__(
        self, read: Callable[[str], Any], types: tuple[str, ...], examples: tuple[str, ...]
    ) -> None:
        self.read = read
        self.types = types
        self.examples = examples

    def parse(self, value: object) -> Any:
        if isinstance(value, date | time):  # as TOML has them
            value = value.isoformat()
        if not isinstance(value, str | int | float):
            raise UsageError(f"{value!r} is neither text nor a number")
        return self.read(str(value))

    def schema(self) -> dict[str, Any]:
        types = [*self.types] if len(self.types) > 1 else self.types[0]
        return {"type": types, "examples": [*self.examples]}


class Texts(Kind):
    """Texts, each as it is: a list of them, or one alone."""

    def parse(self, value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return (_check_filled(value),)
        if not isinstance(value, Sequence):
            raise UsageError(f"{value!r} is not text")
        return tuple(text for each in value for text in self.parse(each))

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}}


class WordList(Kind):
    """Words in lower case: a list, or text with commas or spaces between them, or several of those.

    choices: the words that there are; none: any. Those that do not fit are told by who uses them
    """

    def __init__(self, choices: tuple[str, ...] = ()) -> None:
        self.choices = choices

    def parse(self, value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return tuple(_check_filled(value.lower().replace(",", " ")).split())
        if not isinstance(value, Sequence):
            raise UsageError(f"{value!r} is not text")
        return tuple(word for each in value for word in self.parse(each))

    def schema(self) -> dict[str, Any]:
        items = {"type": "string", "enum": [*self.choices]} if self.choices else {"type": "string"}
        return {"type": "array", "items": items, "uniqueItems": True}


class Tables(Kind):
    """A table of values for each of several names: `{"gallery": {"max_pages": 3}}`."""

    def parse(self, value: object) -> dict[str, dict[str, object]]:
        if not isinstance(value, Mapping):
            raise UsageError("options of plugins are written in a table [plugins.NAME]")
        tables = {}
        for name, table in value.items():
            if not isinstance(table, Mapping):
                raise UsageError("options of plugins are written in a table [plugins.NAME]")
            tables[str(name)] = {str(key).replace("-", "_"): each for key, each in table.items()}
        return tables

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "object"}}
