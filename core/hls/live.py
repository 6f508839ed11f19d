"""A live playlist, followed: its segments as they appear, none twice, and none lost unnoticed.

RFC 8216bis, 6.3.3 (where to join), 6.3.4 (when to reload).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Mapping, Sequence

from ..errors import FetchError
from ..m3u8 import Media, Segment
from .loading import Playlists

logger = logging.getLogger(__name__)

JOIN = 3  # target durations before the end at which one joins
STALLED = 3  # target durations without a new segment after which nothing more is expected
_USUAL_TARGET = 6.0  # seconds, where the playlist does not say


class Live:
    """Follows one live playlist until it ends, stalls, or enough was seen.

    media:   the playlist as it was loaded last
    seconds: of the stream that are wanted

    `lost` counts segments that left the playlist before they were seen; `ended` says why it is
    over before `seconds` were seen: empty while it is not, or where the stream itself has ended.
    """

    def __init__(
        self, playlists: Playlists, media: Media, variables: Mapping[str, str], seconds: float
    ) -> None:
        self._playlists = playlists
        self._media = media
        self._variables = variables
        self._left = seconds
        self._last = -1  # number of the last segment that was seen
        self.lost = 0
        self.ended = ""

    async def segments(self) -> AsyncGenerator[Segment]:
        """The segments one after the other, as soon as a reload shows them, without the gaps."""
        new: Sequence[Segment] = _joined(self._media)
        while True:
            for each in self._wanted(new):
                if not each.gap:
                    yield each
            if self._is_enough or self._media.endlist:
                return
            reloaded = await self._reloaded()
            if reloaded is None:
                return
            new = reloaded

    def lose(self, error: FetchError) -> None:
        """A segment could not be had."""
        self.lost += 1
        logger.warning("%s: lost: %s", self._media.url, error)

    def _wanted(self, new: Sequence[Segment]) -> list[Segment]:
        """Those that are needed; a hole before them is counted."""
        if new and self._last >= 0:
            hole = new[0].number - self._last - 1
            if hole > 0:
                self.lost += hole
                logger.warning("%s: %d segments were gone too soon", self._media.url, hole)
        wanted = []
        for each in new:
            if self._is_enough:
                break
            wanted.append(each)
            self._last = each.number
            self._left -= each.duration or self._target
        return wanted

    async def _reloaded(self) -> Sequence[Segment] | None:
        """What is new in the playlist, waited for; None where nothing more is to be expected."""
        patience = STALLED * self._target
        since = time.monotonic()
        wait = (self._media.segments[-1].duration if self._media.segments else None) or self._target
        while time.monotonic() - since < patience:
            await asyncio.sleep(min(wait, patience))
            self._media = await self._playlists.media(self._media.url, self._variables)
            new = self._unseen()
            if new or self._media.endlist:
                return new
            wait = self._target / 2
        self.ended = f"nothing new for {patience:.0f} s"
        return None

    def _unseen(self) -> Sequence[Segment]:
        segments = self._media.segments
        if segments and segments[-1].number < self._last - len(segments):
            # Its numbers began anew: another stream under the same name.
            logger.warning("%s: its numbering began anew", self._media.url)
            self._last = -1
        return [each for each in segments if each.number > self._last]

    @property
    def _is_enough(self) -> bool:
        return self._left < 0.001  # durations have three digits at most

    @property
    def _target(self) -> float:
        return self._media.target_duration or _USUAL_TARGET


def _joined(media: Media) -> Sequence[Segment]:
    """The segments from where one joins: the whole of an event, else near the live edge."""
    if media.playlist_type == "EVENT":
        return media.segments
    edge = JOIN * (media.target_duration or _USUAL_TARGET)
    seconds = 0.0
    for at in range(len(media.segments) - 1, -1, -1):
        seconds += media.segments[at].duration or 0.0
        if seconds >= edge:
            return media.segments[at:]
    return media.segments
