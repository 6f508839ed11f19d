"""A page that is to be looked at, where it stands among others, and what is to say of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model.errors import FetchError, LoginRequired, ReelinError
from ..model.item import Link, MediaItem
from ..model.media_types import is_markup
from ..page import sign_in
from ..page.page import Page
from ..page.why_empty import why_empty
from .item_source import Notice
from .series import Series


@dataclass(slots=True)
class Visit:
    """A page that is to be looked at.

    policy:   of the page that leads here, for Referer
    depth:    links that led to it from where the run began
    number:   among pages that follow each other, whose `series` it is part of
    page:     itself, once it is there
    links:    that were found on it, by their URLs
    has_items: whether there is any that is of use, also one that pages before had
    is_fresh: whether it brings an item that no page before had
    failures: what went wrong with it
    """

    url: str
    depth: int
    came_from: str = ""
    policy: str = ""
    number: int = 1
    series: Series = field(default_factory=Series)
    page: Page | None = None
    links: dict[str, Link] = field(default_factory=dict)
    has_items: bool = False
    is_fresh: bool = False
    failures: list[ReelinError] = field(default_factory=list)

    def note(self, found: MediaItem | Link | ReelinError | Notice) -> None:
        """Take into account what was found on the page."""
        if isinstance(found, Link):
            self.links.setdefault(found.url, found)
        elif isinstance(found, ReelinError):
            self.failures.append(found)
        elif isinstance(found, MediaItem) and found.noise is None:
            self.is_fresh = True

    def onward(self, link: Link) -> Visit:
        """Return the visit of a page that a link of this one leads to."""
        policy = self.page.referrer_policy_for(link.url) if self.page else ""
        if link.pages:
            number = self.number + 1
            return Visit(link.url, self.depth, self.url, policy, number, self.series)
        return Visit(link.url, self.depth + 1, self.url, policy)


def remarks_on(visit: Visit) -> list[ReelinError | Notice]:
    """Return that a sign-in page came instead, or why a page shows nothing, where that is seen."""
    if visit.page is None:
        return []
    is_empty = not (visit.is_fresh or visit.links or visit.failures)
    is_start = not visit.came_from
    instead = sign_in.stands_for(visit.page)
    # Forums have a field for a password on each page: alone, it tells nothing where more is found.
    is_sure = instead is not None and sign_in.is_address(instead, visit.url)
    if (is_sure or (instead and is_start and is_empty)) and not _asks_for_login(visit):
        how = "give one with --cookies, --cookies-from-browser or --netrc"
        return [LoginRequired(f"{instead} came instead; {how}", url=visit.url)]
    if is_empty and not is_start and _is_blank(visit.page):
        return [FetchError(f"{visit.url}: the answer is empty", url=visit.url)]
    reason = why_empty(visit.page) if is_start and is_empty else None
    return [Notice(reason)] if reason else []


def _is_blank(page: Page) -> bool:
    """Whether nothing came where a page should be; the body of a file is not read here."""
    return page.status == 200 and not page.body and (not page.mime or is_markup(page.mime))


def _asks_for_login(visit: Visit) -> bool:
    """Whether an extractor has told already that a login is needed."""
    return any(isinstance(each, LoginRequired) for each in visit.failures)
