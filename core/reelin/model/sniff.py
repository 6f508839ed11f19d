"""Types by the first bytes of a body, where its headers do not say or cannot be believed."""

from __future__ import annotations

import re

from .media_types import HLS

SNIFF_BYTES = 4096  # enough for every rule below and for the library's

_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script")
# WHATWG MIME Sniffing, 3: what no text holds.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_BLANK = b" \t\r\n\f\xef\xbb\xbf"


def looks_like_html(start: bytes) -> bool:
    """Whether a body begins as a web page does, whatever its headers say."""
    head = start[:SNIFF_BYTES].lstrip(_BLANK)
    if head[:1] != b"<":
        return False
    head = head.lower()
    while head.startswith(b"<!--"):
        head = head.partition(b"-->")[2].lstrip(_BLANK)
    if head.startswith(b"<?xml"):
        return b"<html" in head
    return head.startswith(_HTML_STARTS)


def is_binary(start: bytes) -> bool:
    """Whether a body that is said to be plain text is none (WHATWG MIME Sniffing, 7.2)."""
    text_by_mark = start.startswith((b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf"))
    return not text_by_mark and _BINARY.search(start[:SNIFF_BYTES]) is not None


def sniff(start: bytes) -> str | None:
    """The MIME type that the first bytes of a body show, or None."""
    if looks_like_html(start):
        return "text/html"
    return _own_rules(start) or _library(start)


def _own_rules(start: bytes) -> str | None:
    """Tell what the library does not know, or takes for something else."""
    if start[:1] == b"\x47" and start[188:189] == b"\x47" and start[376:377] in (b"\x47", b""):
        return "video/mp2t"
    head = start[:SNIFF_BYTES].lstrip(_BLANK)
    if head.startswith(b"#EXTM3U"):
        return HLS
    if head.startswith(b"<?xml"):
        head = head.partition(b"?>")[2].lstrip(_BLANK)
    if head.startswith((b"<svg", b"<!DOCTYPE svg")):
        return "image/svg+xml"
    if head.startswith(b"<MPD"):
        return "application/dash+xml"
    if start.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in start[:SNIFF_BYTES] else "audio/ogg"
    return None


def _library(start: bytes) -> str | None:
    import filetype

    kind = filetype.guess(start[:SNIFF_BYTES])
    return str(kind.mime) if kind else None
