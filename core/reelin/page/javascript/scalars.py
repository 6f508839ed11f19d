"""Strings and numbers as JavaScript writes them (ECMAScript, 12.9.3 and 12.9.4)."""

from __future__ import annotations

import re

NUMBER = re.compile(
    r"0[xX][0-9a-fA-F]++|0[bB][01]++|0[oO][0-7]++"
    r"|(?:\d[\d_]*+(?:\.[\d_]*+)?|\.\d[\d_]*+)(?:[eE][+-]?\d++)?"
)
_LONGEST_NUMBER = 40  # digits
_ESCAPE = re.compile(
    r"""\\(?:u\{([0-9a-fA-F]{1,6})\} | u([0-9a-fA-F]{4}) | x([0-9a-fA-F]{2})
    | ([0-3]?[0-7]{1,2}) | (\r\n|.))""",
    re.DOTALL | re.VERBOSE,
)
_MEANINGS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_LINE_ENDS = ("\n", "\r", "\r\n", "\u2028", "\u2029")


def read_number(text: str) -> int | float | None:
    """Return an int where it is whole (JavaScript writes `1.0` as `1`); None for monstrous ones."""
    digits = text.replace("_", "")
    if len(digits) > _LONGEST_NUMBER:
        return None
    if digits[1:2] in tuple("xXbBoO"):
        return int(digits, 0)
    value = float(digits)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def unescape(text: str) -> str:
    """Return the string that the inside of a literal means; lone surrogates become U+FFFD."""
    if "\\" not in text:
        return text
    joined = _ESCAPE.sub(_replace_escape, text)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _replace_escape(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    if found[4]:
        return chr(int(found[4], 8))
    mark = found[5]
    return "" if mark in _LINE_ENDS else _MEANINGS.get(mark, mark)
