"""Values behind a tag's colon: attribute lists, numbers, byte ranges (RFC 8216bis, 4.2)."""

from __future__ import annotations

import re
from typing import NamedTuple

# The look-behind keeps a long word without `=` from being tried at each of its letters.
_ATTRIBUTE = re.compile(
    r'(?<![A-Za-z0-9_-])([A-Za-z0-9_-]+)[ \t]*=[ \t]*(?:"([^"]*)"?|([^",\s]*))', re.ASCII
)
# 2^64-1, the largest that 4.2 allows, has 20 digits.
_INTEGER = re.compile(r"(-?[0-9]{1,20})(?:\.[0-9]*)?")
_DECIMAL = re.compile(r"-?(?:[0-9]{1,20}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})")
_RESOLUTION = re.compile(r"([0-9]{1,6})[ \t]*[xX*][ \t]*([0-9]{1,6})")
_RANGE = re.compile(r"([0-9]{1,20})[ \t]*(?:@[ \t]*([0-9]{1,20})?)?")
_HEX = re.compile(r"0[xX]([0-9a-fA-F]{1,32})")


class ByteRange(NamedTuple):
    """A part of a resource: its first byte, and how many."""

    start: int
    length: int


def parse_attributes(text: str) -> dict[str, str]:
    """Names, in capitals, and values, without their quotes, of an attribute list.

    Spaces around names, `=` and commas, and missing commas, do no harm. Of a name that stands
    there twice the last value counts.
    """
    return {name.upper(): quoted or bare for name, quoted, bare in _ATTRIBUTE.findall(text)}


def parse_integer(text: str) -> int | None:
    """A whole number; a fraction is cut off. None for anything else, or more than 20 digits."""
    found = _INTEGER.fullmatch(text.strip())
    return int(found[1]) if found else None


def parse_decimal(text: str) -> float | None:
    """A number, never `nan` or `inf`; None for anything else."""
    text = text.strip()
    return float(text) if _DECIMAL.fullmatch(text) else None


def parse_resolution(text: str) -> tuple[int, int] | None:
    """Width and height of `1280x720`, also of `1280*720`; None for anything else."""
    found = _RESOLUTION.fullmatch(text.strip())
    return (int(found[1]), int(found[2])) if found else None


def parse_byte_range(text: str) -> tuple[int, int | None] | None:
    """Length, and first byte where it is said, of `length[@start]`; None for anything else."""
    found = _RANGE.fullmatch(text.strip())
    if not found or not int(found[1]):
        return None
    return int(found[1]), int(found[2]) if found[2] else None


def parse_iv(text: str) -> bytes | None:
    """The 16 bytes of a hexadecimal sequence of at most 128 bits; None for anything else."""
    found = _HEX.fullmatch(text.strip())
    return int(found[1], 16).to_bytes(16, "big") if found else None
