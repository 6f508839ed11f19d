"""How the bytes of a page become text, as browsers decide it."""

from __future__ import annotations

import codecs
import re

# Where Python's codec of that name differs from what browsers decode (WHATWG Encoding, 4.2).
_BROWSER_CODECS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "unicode": "utf-8",
    "utf-16": "utf-16-le",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.\-]{1,40})""", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"""\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([\w:.\-]{1,40})["']""")
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w:.\-]{1,40})""", re.IGNORECASE)


def encoding_of(body: bytes, content_type: str) -> str:
    """Codec name by the WHATWG order: BOM, transport layer, prescan of 1024 bytes, guess."""
    for bom, marked in _BOMS:
        if body.startswith(bom):
            return marked
    declared = _HEADER_CHARSET.search(content_type)
    by_header = _codec(declared[1]) if declared else None
    if by_header:
        return by_header
    # Browsers prescan 1024 bytes; many real pages declare later, and parsers restart for them.
    head = body[:8192]
    for pattern in (_META_CHARSET, _XML_ENCODING):
        found = pattern.search(head)
        codec = _codec(found[1].decode("ascii")) if found else None
        if codec:
            # A document that could be read this far is in no two-byte encoding.
            return "utf-8" if codec.startswith("utf-16") else codec
    try:
        body.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if error.start > len(body) - 4:
            return "utf-8"  # cut within its last character
    return _guess(body)


def _codec(label: str) -> str | None:
    label = label.strip().lower()
    name = _BROWSER_CODECS.get(label, label)
    try:
        return codecs.lookup(name).name if codecs.lookup(name)._is_text_encoding else None
    except LookupError:
        return None


def _guess(body: bytes) -> str:
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return "cp1252"
    best = from_bytes(body[:65536]).best()
    return best.encoding if best else "cp1252"
