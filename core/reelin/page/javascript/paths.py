"""Names and paths as scripts write them: `a`, `a.b`, `a['b']`."""

from __future__ import annotations

import re

NAME = r"(?!\d)[\w$]++"
# On code, where the insides of strings are blank: `a.b`, `a['b']`.
PATH = rf"{NAME}(?:\s*+(?:\.\s*+{NAME}|\[\s*+(?:\"\s*+\"|'\s*+')\s*+\]))*+"
PATH_BACKWARDS = r"(?:(?:\]\s*+(?:\"\s*+\"|'\s*+')\s*+\[|[\w$]++\s*+\.)\s*+)*+[\w$]++(?<!\d)"
_INDEX = re.compile(r"""\s*\[\s*["']([^"']*)["']\s*\]""")
_GLOBALS = ("window.", "self.", "globalThis.")


def normalize_path(text: str) -> str:
    """Return a path as paths are compared: no spaces, `a['b']` as `a.b`, `window.a` as `a`."""
    path = "".join((_INDEX.sub(r".\1", text) if "[" in text else text).split())
    return path.partition(".")[2] or path if path.startswith(_GLOBALS) else path
