"""Operators whose result is known without running a script: `+`, and the signs `-`, `+` and `!`."""

from __future__ import annotations

from typing import Any

from .json_values import UNKNOWN, Unknown


def add(first: Any, second: Any) -> Any:
    """Return the sum of two numbers, or two values joined as text; `UNKNOWN` for any others."""
    numbers = _is_number(first), _is_number(second)
    if all(numbers):
        return first + second
    if not all(isinstance(each, str) or _is_number(each) for each in (first, second)):
        return UNKNOWN
    return f"{first}{second}"


def apply_sign(mark: str, value: Any) -> Any:
    """Return what a sign before a value makes of it."""
    if mark == "!":
        return UNKNOWN if isinstance(value, Unknown | list | dict) else not value
    if not _is_number(value):
        return UNKNOWN
    return -value if mark == "-" else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
