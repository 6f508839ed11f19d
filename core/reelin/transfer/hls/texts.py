"""Text for subtitles, as servers send it: which bytes are some, and in which encoding."""

from __future__ import annotations

import codecs
import re

# WebVTT, or TTML, whose root may stand behind a declaration and comments.
_HEADER = re.compile(r"WEBVTT\b|(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?tt\b", re.DOTALL)
_CUE = re.compile(r"\d\d[.,]\d{1,3}[ \t]+-->[ \t]+\d")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", b"": "utf-8-sig"}


def read_text(body: bytes) -> str:
    """Return the text of some bytes: Unicode, or what Windows wrote in the West."""
    encoding = next(name for mark, name in _MARKS.items() if body.startswith(mark))
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def is_subtitles(text: str) -> bool:
    """Whether a text is for subtitles: WebVTT, TTML, or cues without any header (SubRip).

    Nothing but blanks is a segment in which nobody speaks.
    """
    start = text.strip("\ufeff \t\r\n\0")
    return not start or _HEADER.match(start) is not None or _CUE.search(start[:4096]) is not None
