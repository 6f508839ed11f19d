"""XML of what people write as if it were HTML, before a parser that forgives reads it.

Such a parser closes the wrong elements where one is left open (`<p>` in a description), and drops
attributes without quotes, with what follows them: posts would be lost without a word.
"""

from __future__ import annotations

import re
from html import escape, unescape

from .text import fit

# Bounded throughout, so that no text costs more than a constant for each of its characters. What
# begins and never ends (a comment, CDATA) is all that follows.
_TOKEN = re.compile(
    r"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+(?:\]\]>)?|<!--(?:[^-]++|-(?!->))*+(?:-->)?"
    r"|<\?(?:[^?]++|\?(?!>))*+(?:\?>)?|<!\w(?:[^<>\[]|\[[^\]]{0,5000}+\])*+>"
    r"|<(?P<end>/?)(?P<name>[A-Za-z_][\w.:-]{0,80}+)"
    r"(?P<rest>(?:[^<>\"']++|\"[^\"]{0,5000}+\"|'[^']{0,5000}+'|[\"']){0,200}+)>"
    r"|<|&(?P<entity>#?\w{1,32};)?",
)
_ATTRIBUTE = re.compile(
    r"""([A-Za-z_][\w.:-]*+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.DOTALL
)
_LOOSE = re.compile(r"&(#?\w{1,32};)?|<")
_ENTITIES = ("amp;", "lt;", "gt;", "quot;", "apos;")
_EMPTY = frozenset(["br", "hr", "img"])  # of HTML, that nobody closes
_DEEPEST = 200  # elements in each other; parsers end at 256


def mend(text: str) -> str:
    """A broken document with every element closed, each attribute in quotes, entities replaced."""
    pieces: list[str] = []
    open_names: list[str] = []
    at = 0
    text = fit(text)
    for token in _TOKEN.finditer(text):
        pieces.append(text[at : token.start()])
        at = token.end()
        if token["name"] is None:
            pieces.append(_escape(token))
        elif token["end"]:
            pieces.append(_close(token["name"], open_names))
        else:
            pieces.append(_open(token["name"], token["rest"], open_names))
    pieces.append(text[at:])
    pieces.extend(f"</{name}>" for name in reversed(open_names))
    return "".join(pieces)


def _open(name: str, rest: str, open_names: list[str]) -> str:
    given: dict[str, str] = {}
    for key, double, single, bare in _ATTRIBUTE.findall(rest):
        given.setdefault(key, _LOOSE.sub(_escape, double or single or bare).replace('"', "&quot;"))
    is_empty = rest.rstrip().endswith("/") or name.lower() in _EMPTY or len(open_names) >= _DEEPEST
    if not is_empty:
        open_names.append(name)
    written = "".join(f' {key}="{value}"' for key, value in given.items())
    return f"<{name}{written}{'/' if is_empty else ''}>"


def _close(name: str, open_names: list[str]) -> str:
    """The end tags for an element and all that was left open in it; none if it is not open."""
    if name not in open_names:
        return ""
    closed: list[str] = []
    while not closed or closed[-1] != name:
        closed.append(open_names.pop())
    return "".join(f"</{each}>" for each in closed)


def _escape(token: re.Match[str]) -> str:
    """A character that stands for itself as XML writes it, an entity of HTML as what it means."""
    whole = token[0]
    if whole == "<":
        return "&lt;"
    if whole[0] != "&":
        return whole
    entity = whole[1:]
    if not entity:
        return "&amp;"
    known = entity[0] == "#" or entity in _ENTITIES
    return whole if known else escape(unescape(whole), quote=False)
