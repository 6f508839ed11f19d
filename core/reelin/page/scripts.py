"""The scripts of one page as data, read once for all extractors: what they list, call and set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..model.errors import FetchError
from ..model.item import Link, MediaItem
from ..model.media_types import path_of
from . import javascript, track_parts, tracks
from .document import Document, Script
from .javascript import devalue

MOST_PLAIN_LISTS = 20  # of plain file names in one script
SHORT = 5000  # characters of a script that is read whatever it says
# What is no script by its type: templates and the like, and data that has readers of its own.
_NO_CODE = ("text/html", "text/template", "text/x-template", "application/ld+json")
# Without any of these a script holds no track, nor what makes the address of one whole: the end
# of a file name, the MIME type of an address without one, the provider of a video.
_HINTS = (
    re.compile(
        r"\.(?:3gp|aac|aiff?|f4v|flac|flv|m3u8?|m4[abv]|mkv|mov|mp[34]|mpd|mpe?g|og[agv]|opus"
        r"|wav|weba|webm|wm[av])(?=[\"'`?#&;\\]|\Z)"
    ),
    # Elsewhere `.ts` is mostly a property (`e.ts?a:b`, `e.ts;`), or code (`index.d.ts`).
    re.compile(r"\.ts(?<!\.d\.ts)(?=[\"'`\\]|\Z|\?[\w%-]*[=&\"'`]|&(?:quot|amp|\#))"),
    re.compile(
        r"type\\?[\"']?\s*+:\s*+\\?[\"'](?:audio|video|application(?=\\?/(?:dash|vnd|x-mpeg)))\\?/"
    ),
    re.compile(
        r"(?:provider|type)(?<![a-z]type)\\?[\"']?\s*+[:=]\s*+\\?[\"'](?:video\\?/)?(?:youtube|vimeo)\b"
    ),
)
# Script files that hold no page's own tracks: libraries by their names and folders.
_LIBRARY = re.compile(
    r"[/.@_-]v?\d+\.\d+|/(?:node_modules|bower_components|vendors?|libs?|third[_-]?party)/"
    r"|/(?:jquery[\w.-]*|(?:amplitude|analytics|angular|aplayer|bootstrap|dash|flowplayer|gtag|gtm"
    r"|hls|howler|jwplayer|mediaelement|meting|modernizr|plyr|polyfills?|popper|react(?:-dom)?"
    r"|shaka-player|soundmanager2?|swfobject|vendors?|video|videojs|vue|wavesurfer)"
    r"(?:[.-](?:all|and-player|bundle|compiled|core|esm|global|light|min|nodebug-jsmin|nodebug"
    r"|polyfilled|prod|slim|umd))*)\.m?js\Z",
    re.IGNORECASE,
)
_SPEAKING = re.compile(r"audio|music|play|podcast|sound|stream|track|video", re.IGNORECASE)


class Scripts:
    """The inline scripts of a page, and script files that somebody fetched; they serve each other.

    `page.data` has the inline ones. What one extractor asked for, the next gets without work.
    """

    def __init__(self, page: Document, scripts: Iterable[_PageScript] | None = None) -> None:
        self._page = page
        self._scripts = _inline(page) if scripts is None else [*scripts]
        self._files: dict[str, _PageScript | None] = {}
        self._with_files: dict[int, Scripts] = {}

    def mentions(self, words: Iterable[str]) -> bool:
        """Whether the text of the page contains one of these words, in whatever case."""
        return _mentions(self._lowered, words)

    def loads(self, words: Iterable[str]) -> bool:
        """Whether the address of a script file contains one of these words, or a script does."""
        addresses = "\n".join(self._page.urls("script", "src")).lower()
        return any(
            _mentions(text, words)
            for text in (addresses, *(script.lowered for script in self._scripts))
        )

    async def with_files(self, most: int) -> Scripts:
        """Add up to `most` script files of the page's own site, but for libraries.

        Each file is fetched once for all who ask; one that cannot be had is left out.
        """
        if most not in self._with_files:
            files = [await self._file(url) for url in _own_files(self._page)[:most]]
            had = [each for each in files if each]
            self._with_files[most] = Scripts(self._page, [*self._scripts, *had]) if had else self
        return self._with_files[most]

    def calls(
        self, name: str, about: Sequence[str] | None = None
    ) -> Iterator[tuple[str, javascript.Call]]:
        """The calls of that name in all scripts, each with where it stands.

        about: words; a long script that has none of them, and names no media, is left unread
        """
        for script in self._scripts:
            if script.source.may_call(name) and (about is None or script.is_about(about)):
                for call in script.source.calls(name):
                    yield f"{script.where}: {call.path}()", call

    def assignments(
        self, name: str, about: Sequence[str] | None = None
    ) -> Iterator[tuple[str, javascript.Assignment]]:
        """The assignments to that name in all scripts, each with where it stands; as `calls`."""
        for script in self._scripts:
            if about is None or script.is_about(about):
                for assignment in script.source.assignments(name):
                    yield f"{script.where}: {assignment.path}", assignment

    def literals(self) -> Iterator[tuple[str, Any]]:
        """The objects and arrays of all scripts, each with where it stands."""
        for script in self._scripts:
            for literal in script.source.literals():
                yield script.where, literal

    @cached_property
    def lists(self) -> Sequence[MediaItem | Link]:
        """The tracks of all objects and arrays, wherever in the scripts they stand."""
        # An extension that is joined to names makes tracks of names that stand anywhere.
        anywhere = any(_names_media(join.after.lower()) for join in self._joins)
        scripts = self._scripts if anywhere else self._naming_media
        return [each for script in scripts for each in self._in_script(script)]

    @cached_property
    def _lowered(self) -> str:
        return self._page.text.lower()

    @cached_property
    def _naming_media(self) -> Sequence[_PageScript]:
        return [each for each in self._scripts if each.names_media]

    @cached_property
    def _joins(self) -> Sequence[javascript.Join]:
        return [join for script in self._naming_media for join in script.source.joins()]

    async def _file(self, url: str) -> _PageScript | None:
        if url not in self._files:
            try:
                self._files[url] = _PageScript(url, (await self._page.get(url)).text)
            except FetchError:
                self._files[url] = None  # a script that is gone gives no player a source either
        return self._files[url]

    def _in_script(self, script: _PageScript) -> Iterator[MediaItem | Link]:
        for literal in self._literals(script.source):
            yield from tracks.read(self._page, literal, script.where)
        for path, entries in _lists_by_push(script.source).items():
            whole = track_parts.complete(self._page, entries, self._joins)
            yield from tracks.read(self._page, whole, f"{script.where}: {path}")

    def _literals(self, source: javascript.Source) -> Iterator[Any]:
        """A script's literals; `base + tracks[i].file`, if it is there, makes addresses whole."""
        if not self._joins:
            yield from source.literals()
            return
        plain = [join for join in self._joins if not join.name][:MOST_PLAIN_LISTS]
        lists = [
            (assignment.value, join)
            for join in plain
            for assignment in source.assignments(join.owner.rpartition(".")[2])
        ]
        for literal in source.literals():
            fitting = [join for known, join in lists if known == literal]
            if fitting and isinstance(literal, list):
                whole = track_parts.whole_addresses
                yield [whole(self._page, each, fitting) or each for each in literal]
            else:
                yield track_parts.complete(self._page, literal, self._joins)


class _PageScript:
    """A script of a page: where it stands, and what it is about."""

    def __init__(self, where: str, text: str) -> None:
        self.where = where
        self.source = javascript.read(text)

    @cached_property
    def names_media(self) -> bool:
        """Whether a track may be in it."""
        return _names_media(self.lowered)

    def is_about(self, words: Iterable[str]) -> bool:
        """Whether it is worth reading for what concerns these words."""
        short = len(self.lowered) <= SHORT
        return short or self.names_media or _mentions(self.lowered, words)

    @cached_property
    def lowered(self) -> str:
        """Its text in lower case."""
        return self.source.text.lower()


def _inline(page: Document) -> list[_PageScript]:
    return [
        _PageScript(f"script {script.number}", _text_of(script))
        for script in page.scripts
        if script.type not in _NO_CODE
    ]


def _text_of(script: Script) -> str:
    is_nuxt = script.id.startswith("__NUXT_DATA__")
    return devalue.unfold(script.text) if is_nuxt else script.text


def _names_media(lowered: str) -> bool:
    return any(hint.search(lowered) for hint in _HINTS)


def _mentions(lowered: str, words: Iterable[str]) -> bool:
    """Whether one of these words begins in a text, and not within another word."""
    for word in map(str.lower, words):
        plain = re.escape(word)
        # Looking back only behind a hit is what makes it quick.
        within = rf"(?<![a-z\d]{plain})" if word[0].isalnum() else ""
        if word in lowered and re.search(plain + within, lowered):
            return True
    return False


def _own_files(page: Document) -> list[str]:
    """The script files of the page's own site that are no libraries, the most likely first.

    Who speaks of media comes first; then the last, as what uses a library stands behind it.
    """
    own = [
        url
        for url in reversed(page.urls("script", "src"))
        if page.has_origin_of(url) and not _LIBRARY.search(path_of(url))
    ]
    return sorted(own, key=lambda url: not _SPEAKING.search(url.rpartition("/")[2]))


def _lists_by_push(source: javascript.Source) -> Mapping[str, list[Any]]:
    """The lists that are made entry by entry: `list.push({…}); list.push({…})`."""
    lists: dict[str, list[Any]] = {}
    for call in source.calls("push"):
        lists.setdefault(call.path, []).extend(each for each in call.args if each)
    return lists
