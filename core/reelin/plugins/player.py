"""The base of extractors that know one player: what its calls and properties are given is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from ..model.item import Link, MediaItem
from ..model.media_types import media_type
from ..page import tracks
from ..page.elements import playable, player_items
from .extractor import Extractor, Finds

if TYPE_CHECKING:
    from ..page.page import Page
    from ..page.scripts import Scripts


class Player(Extractor):
    """Finds what one JavaScript player plays. Name its marks and calls: that is an extractor.

    marks:       text of which a page with that player contains at least one, in whatever case
    plays_in:    CSS of the elements that it plays in; empty: scripts make them
    calls:       functions and methods whose arguments hold sources: `setup` or `player.load`
    assignments: properties that are set to sources
    plays:       MIME type of an address without a known extension; None: such are no media

    Where a page has the player but nothing for it to play, script files of its site are read.
    """

    marks: ClassVar[tuple[str, ...]] = ()
    plays_in: ClassVar[str] = ""
    calls: ClassVar[tuple[str, ...]] = ()
    assignments: ClassVar[tuple[str, ...]] = ()
    plays: ClassVar[str | None] = None

    max_scripts: Annotated[int, "script files of the site that are read for sources"] = 3

    def extract(self, page: Page) -> Finds:
        """Return what the markup, then what the scripts of a page with that player hold."""
        if not page.is_markup or not self.is_on(page):
            return ()
        found = [*self.in_markup(page), *self._read_scripts(page, page.data)]
        if self.max_scripts > 0 and self._lacks(page, found):
            return self._with_files(page, found)
        return found

    def is_on(self, page: Page) -> bool:
        """Whether this is a page with that player. Here: by its marks."""
        return page.data.mentions(self.marks)

    def in_markup(self, page: Page) -> Iterable[MediaItem | Link]:
        """Return what the player's own elements and attributes hold. Here: nothing."""
        return ()

    def in_scripts(self, page: Page, scripts: Scripts) -> Iterator[MediaItem | Link]:
        """Yield what the player's calls and properties are given."""
        # Where the extension alone makes media, a script without any has none.
        about = self.marks if self.plays else ()
        for name in self.calls:
            for where, call in scripts.calls(name, about):
                for value in self.given(call.args):
                    yield from self.read(page, value, where)
        for name in self.assignments:
            for where, assignment in scripts.assignments(name, about):
                yield from self.read(page, assignment.value, where)

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """Return the arguments of a call that may be sources. Here: all of them."""
        return args

    def read(self, page: Page, value: Any, where: str) -> Iterator[MediaItem | Link]:
        """Yield the items of one value: an address, an object, or a list of them."""
        if isinstance(value, str):
            value = [{"src": value, "type": self.plays}]
        kind = playable(media_type(self.plays)) if self.plays else None
        yield from tracks.read(page, value, where, kind)

    def _read_scripts(self, page: Page, scripts: Scripts) -> list[MediaItem | Link]:
        return [*self.in_scripts(page, scripts), *scripts.lists]

    def _lacks(self, page: Page, found: Sequence[MediaItem | Link]) -> bool:
        """Whether the player is there, and plays nothing that the page itself tells."""
        if any(isinstance(each, Link) or each.type != "other" for each in found):
            return False
        if self.plays_in:
            return any(not [*player_items(page, each)] for each in page.select(self.plays_in))
        return page.data.loads(self.marks)

    async def _with_files(
        self, page: Page, found: Iterable[MediaItem | Link]
    ) -> AsyncIterator[MediaItem | Link]:
        for each in found:
            yield each
        scripts = await page.data.with_files(self.max_scripts)
        if scripts is not page.data:
            for each in await asyncio.to_thread(self._read_scripts, page, scripts):
                yield each
