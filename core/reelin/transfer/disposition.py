"""The file name in a Content-Disposition (RFC 6266), as servers write it and Chromium reads it."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote_to_bytes

# Each parameter, also where the disposition before them is missing: a name, and what it is, in
# quotes or up to the next semicolon. Servers forget closing quotes.
_PARAMETER = re.compile(
    r'(?:^|;)([^=;"]{1,64})=\s*(?:"((?:[^"\\]|\\.)*+)"?[^;]*|([^;]*))', re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTINUED = 32  # parts of one name (RFC 2231, 3)


def filename_in(disposition: str, encoding: str = "") -> str | None:
    """Return the name that a Content-Disposition asks for, as unsafe as it came, or None.

    disposition: as aiohttp gives it: bytes that are no UTF-8 are surrogates
    encoding:    the codec of the page that leads here: many servers send names in its bytes
    """
    if not disposition:
        return None
    said: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(disposition):
        # The first of two counts, as in browsers.
        said.setdefault(name.strip().lower(), _ESCAPED.sub(r"\1", quoted) or plain.strip())
    extended = _decode_extended(said.get("filename*", "")) or _joined(said)
    return extended or _decode(said.get("filename", ""), encoding) or None


def _joined(said: dict[str, str]) -> str | None:
    """Return a name that came in numbered parts: `filename*0=`, `filename*1*=` (RFC 2231)."""
    whole, escaped = "", False
    for number in range(_CONTINUED):
        part, more = said.get(f"filename*{number}*"), said.get(f"filename*{number}")
        if part is None and more is None:
            break
        escaped = escaped or part is not None
        whole += part if part is not None else (more or "").replace("%", "%25")
    return _decode_extended(whole) if escaped else whole.replace("%25", "%")


def _decode_extended(value: str) -> str | None:
    """Return the text of `UTF-8'en'n%C3%A9` (RFC 8187, 3.2); None for what is nothing like that."""
    from w3lib.encoding import resolve_encoding

    charset, mark, rest = value.partition("'")
    codec = resolve_encoding(charset.strip()) if mark else None
    if codec is None or codec.startswith("utf-7"):
        return None
    try:
        return unquote_to_bytes(_as_bytes(rest.partition("'")[2])).decode(codec)
    except UnicodeDecodeError:
        return None


def _decode(value: str, encoding: str) -> str:
    """Return a plain `filename` as it is meant: raw bytes, words as in mail, or escapes."""
    if not value.isascii():
        return _read_bytes(_as_bytes(value), encoding) or value
    if "=?" in value:
        try:
            return "".join(_read_word(*each) for each in decode_header(value))
        except (HeaderParseError, LookupError, ValueError):
            return value
    if "%" in value:
        return _read_bytes(unquote_to_bytes(value), encoding, or_latin=False) or value
    return value


def _read_word(word: str | bytes, charset: str | None) -> str:
    return word if isinstance(word, str) else word.decode(charset or "ascii")


def _read_bytes(raw: bytes, encoding: str, *, or_latin: bool = True) -> str | None:
    """Return a text in UTF-8, or in the page's encoding, or else in Latin-1 (RFC 6266, 4.3)."""
    for codec in ("utf-8", encoding, "cp1252" if or_latin else ""):
        try:
            if codec:
                return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1") if or_latin else None


def _as_bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
