"""A live playlist, followed: its segments as they appear, none twice, and none lost unnoticed.

RFC 8216bis, 6.3.3 (where to join), 6.3.4 (when to reload).
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import replace

from ...media.m3u8 import Media, Segment, protection
from ...model.errors import ExtractError, FetchError
from ...plugins.live_recording import LiveRecording
from .loading import PlaylistLoader

logger = logging.getLogger(__name__)

JOIN = 3  # target durations before the end at which one joins
STALLED = 3  # target durations without a new segment after which nothing more is expected
_USUAL_TARGET = 6.0  # seconds, where the playlist does not say
# Seconds that are believed.
_LEAST_TARGET, _MOST_TARGET = 1.0, 60.0
_LEAST_DURATION = 0.05


class LivePlaylist:
    """Follows one live playlist until it ends, stalls, or enough was seen.

    url:       its address: not that where a redirect led, which may be there for a while only
    media:     the playlist as it was loaded last
    variables: of the multivariant playlist that names it
    recording: how many seconds of the stream are wanted

    `lost` counts segments that left the playlist before they were seen; `ended` says why it is
    over before `seconds` were seen: empty while it is not, or where the stream itself has ended.
    """

    def __init__(
        self,
        playlists: PlaylistLoader,
        url: str,
        media: Media,
        variables: Mapping[str, str],
        recording: LiveRecording,
    ) -> None:
        self._playlists = playlists
        self._url = url
        self._media = media
        self._variables = variables
        self._recording = recording
        self._left = recording.seconds
        self._asked = time.monotonic()  # for the playlist, the last time
        self._last = -1  # number of the last segment that was seen
        self._written = 0  # discontinuity sequence number of that segment, as the server counts
        self._discontinuity = 0  # the same, as we count
        self.lost = 0
        self.ended = ""

    async def follow(self) -> AsyncGenerator[Segment]:
        """Yield the segments one after the other, as soon as a reload shows them, without the gaps.

        Their discontinuity numbers are our own: they begin at 0.
        """
        new: Sequence[Segment] | None = _skip_to_edge(self._media)
        while new is not None:
            for each in self._take_needed(new):
                if each.gap:
                    logger.warning("%s: %d is marked as missing", self._media.url, each.number)
                elif names := protection(each.keys):
                    self.ended = f"what follows is protected by {' and '.join(names)}"
                    return
                else:
                    yield each
            if self._is_enough or self._media.endlist:
                return
            new = await self._reload()

    def lose(self, error: FetchError) -> None:
        """Count a segment that could not be had."""
        self.lost += 1
        logger.warning("%s: lost: %s", self._media.url, error)

    def _take_needed(self, new: Sequence[Segment]) -> Iterator[Segment]:
        """Yield those that are needed; count a hole before them."""
        if new and self._last >= 0:
            hole = new[0].number - self._last - 1
            if hole > 0:
                self.lost += hole
                logger.warning("%s: %d segments were gone too soon", self._media.url, hole)
        segments = self._media.segments
        for at in range(len(segments) - len(new), len(segments)):
            if self._is_enough:
                return
            each = segments[at]
            self._count_discontinuity(each, segments[at - 1] if at else None)
            self._last = each.number
            self._left -= min(max(each.duration or self._target, _LEAST_DURATION), _MOST_TARGET)
            yield replace(each, discontinuity=self._discontinuity)

    def _count_discontinuity(self, segment: Segment, before: Segment | None) -> None:
        """Count discontinuities before a segment.

        Many servers forget EXT-X-DISCONTINUITY-SEQUENCE: then a reload begins at 0 again.
        """
        now = segment.discontinuity
        start = self._media.discontinuity_sequence if before is None else before.discontinuity
        if self._last >= 0:
            self._discontinuity += max(now - start, now - self._written)
        self._written = now

    async def _reload(self) -> Sequence[Segment] | None:
        """Wait for new segments; None where nothing more is to be expected."""
        patience = STALLED * self._target
        since, wait = time.monotonic(), self._target
        problem = f"nothing new for {patience:.0f} s"
        if self._media.segments:
            wait = min(wait, self._media.segments[-1].duration or wait)
        while time.monotonic() - since < patience:
            await self._recording.pause(self._asked + wait - time.monotonic())
            if self._recording.has_ended:
                return None
            self._asked = time.monotonic()
            try:
                before = self._media
                self._media = await self._playlists.load_media(self._url, self._variables)
            except (FetchError, ExtractError) as error:
                problem = str(error)
            else:
                new = self._find_unseen(before)
                if new or self._media.endlist:
                    return new
            wait = self._target / 2
        self.ended = problem
        return None

    def _find_unseen(self, before: Media) -> Sequence[Segment]:
        segments = self._media.segments
        if _began_anew(before, self._media, self._last):
            logger.warning("%s: its numbering began anew", self._media.url)
            self._last = -1
            self._discontinuity += 1
        return [each for each in segments if each.number > self._last]

    @property
    def _is_enough(self) -> bool:
        # Durations have three digits at most.
        return self._left < 0.001 or self._recording.has_ended

    @property
    def _target(self) -> float:
        return _find_target(self._media)


def _find_target(media: Media) -> float:
    """Return its target duration in seconds (4.4.3.1).

    No segment is longer, nor are all much shorter.
    """
    longest = max((each.duration or 0.0 for each in media.segments), default=0.0)
    target = max(media.target_duration or 0.0, longest) or _USUAL_TARGET
    return max(_LEAST_TARGET, min(target, 10 * longest or _MOST_TARGET, _MOST_TARGET))


def _began_anew(before: Media, now: Media, last: int) -> bool:
    """Whether another stream is under the same address, with numbers of its own.

    Copies that are older than the last one are usual behind several caches.
    """
    if not now.segments or now.media_sequence >= before.media_sequence:
        return False
    if now.segments[-1].number < last - len(now.segments):
        return True
    known = {each.number: _strip_query(each) for each in before.segments}
    both = [each for each in now.segments if each.number in known]
    return bool(both) and all(_strip_query(each) != known[each.number] for each in both)


def _strip_query(segment: Segment) -> str:
    return segment.uri.partition("?")[0]


def _skip_to_edge(media: Media) -> Sequence[Segment]:
    """Return the segments to begin with: all of an event, else those near the live edge."""
    if media.playlist_type == "EVENT":
        return media.segments
    edge = JOIN * _find_target(media)
    seconds = 0.0
    for at in range(len(media.segments) - 1, -1, -1):
        seconds += media.segments[at].duration or 0.0
        if seconds >= edge:
            return media.segments[at:]
    return media.segments
