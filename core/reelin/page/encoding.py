"""How the bytes of a page become text, as browsers decide it: by w3lib, and some rules of ours."""

from __future__ import annotations

import codecs
import re

# No others: browsers read UTF-32 as if it were UTF-16.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers prescan 1024 bytes; many real pages declare later, and parsers restart for them.
_DECLARED_WITHIN = 8192  # bytes
_STEP = 4000  # bytes: w3lib looks at 4096 of what it is given
# Before labels that browsers know with it, and w3lib without it.
_PREFIX = re.compile(r"\b[xX]-(?=(?i:gbk|cp125\d))")
_GUESSED_BY = 65536  # bytes


def encoding_of(body: bytes, content_type: str) -> str:
    """Codec name by the WHATWG order: BOM, transport layer, declaration in the body, guess."""
    for bom, marked in _BOMS:
        if body.startswith(bom):
            return marked
    said = _by_header(content_type)
    if said == "cp1252" and _is_xml_in_utf8(body):
        return "utf-8"
    return said or _by_body(body) or _guess(body)


def _is_xml_in_utf8(body: bytes) -> bool:
    """Whether a document says so of itself and is: servers call all text Latin-1 by default."""
    if not body.lstrip().startswith(b"<?xml") or _by_body(body[:_GUESSED_BY]) != "utf-8":
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _by_header(content_type: str) -> str | None:
    from w3lib.encoding import http_content_type_encoding

    codec = http_content_type_encoding(_PREFIX.sub("", content_type))
    if codec == "utf-16":
        return "utf-16-le"
    return codec if codec and _makes_text(codec) else None


def _by_body(body: bytes) -> str | None:
    """The codec that a `<meta>` or an XML declaration names."""
    from w3lib.encoding import html_body_declared_encoding

    for start in range(0, min(len(body), _DECLARED_WITHIN), _STEP):
        part = body[start : start + 2 * _STEP].decode("latin-1")
        codec = html_body_declared_encoding(_PREFIX.sub("", part))
        if codec and _makes_text(codec):
            # A document that could be read this far is in no encoding of two or four bytes.
            return "utf-8" if codec.startswith(("utf-16", "utf-32")) else codec
    return None


def _makes_text(codec: str) -> bool:
    """Whether a codec of Python reads any bytes as text: `hex` and `idna` do not."""
    try:
        b"<".decode(codec, "replace")
    except (LookupError, UnicodeError):
        return False
    return True


def _guess(body: bytes) -> str:
    try:
        body.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if error.start > len(body) - 4:
            return "utf-8"  # cut within its last character
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return "cp1252"
    best = from_bytes(body[:_GUESSED_BY]).best()
    return best.encoding if best else "cp1252"
