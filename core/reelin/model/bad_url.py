"""What is to be said of text that is no URL which can be fetched."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.\-]{1,20}):")


def describe_bad_url(text: str) -> str:
    """Say what is wrong with text that should be a URL, and what would be right."""
    scheme = _SCHEME.match(text)
    name = scheme[1].lower() if scheme else ""
    if name == "file":
        return (
            f"{text!r} is not a URL that can be fetched: it is a file on a disk, and it should"
            " begin with https:// or http://. `python -m http.server` in its folder makes it a page"
        )
    return f"{text!r} is not a URL; it should begin with https:// or http://"
