"""How large known items are: the layout of an archive of them, before anything is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..archive.layout import Layout, Sizes, describe_failure
from ..model.events import Event
from ..model.item import MediaItem
from .session import Session


async def look(
    session: Session,
    items: Sequence[MediaItem],
    *,
    filename: str = "files.zip",
    tell: Callable[[Event], None] | None = None,
) -> Layout:
    """Ask for all items, as many at once as the session may, and fetch none; their layout.

    filename: a name for the archive
    tell:     is called with each event

    What failed, or has no known size, stands in `Layout.failed`. `Layout.only` picks of the rest,
    and `Session.stream_zip(layout=…)` then begins at once.
    """
    sizes = Sizes()
    async with session.run(sink=sizes, items=items) as run:
        async for event in run:
            if tell is not None:
                tell(event)
    failed = [describe_failure(each.url, each.error) for each in run.report.failures if each.item]
    return sizes.make_layout(filename, failed)
