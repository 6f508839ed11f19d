"""What a segment has to be: media, of the container that its track is made of."""

from __future__ import annotations

from functools import partial

from ...media.ffmpeg.mux_track import Takes
from ...model.errors import FetchError
from ...model.sniff import is_binary, looks_like_html, sniff
from .body import Body, count_bytes, drop_end, drop_start, get_piece, get_start
from .containers import HEAD, PACKETS, detect_container, find_whole
from .disguise import PNG, find_media, find_picture_end
from .texts import is_subtitles, read_text

_MOST_SEARCHED = 4 << 20  # bytes, where something stands before the media
_BLOCK = 16  # bytes that AES hides at once


class SegmentCheck:
    """Checks the segments of one track: each by itself, and that all are of one container.

    takes: what is wanted of the track; text is a segment of subtitles only
    """

    def __init__(self, takes: Takes = "all") -> None:
        self._takes = takes
        # By discontinuity: only behind one may a track go on in another container (4.4.4.3).
        self._kinds: dict[int, str] = {}
        self._rest = 0  # bytes of a packet that the segment before has begun, and not ended

    def check(self, body: Body, url: str, period: int, *, is_decrypted: bool = False) -> bytes:
        """Check a segment, and take from it what is no part of it; return that, but for pictures.

        period: its discontinuity number

        Raises `FetchError` for what is no media: a page that says sorry, a picture, bytes that a
        wrong key decrypted; and for what is of another container than the others.
        """
        if self._takes == "subtitles" and _make_text(body):
            return b""
        size = count_bytes(body)
        if not size:
            raise FetchError(f"{url}: the segment is empty", url=url)
        kind, before = detect_container(get_start(body, HEAD), size), b""
        if kind is None:
            start = get_start(body, _MOST_SEARCHED)
            found = find_media(start, size, is_decrypted=is_decrypted)
            if found is None:
                raise FetchError(f"{url}: {_describe(start)}, which is no media", url=url)
            at, kind = found
            before = start[find_picture_end(start) : at]
            drop_start(body, at)
        known = self._kinds.setdefault(period, kind)
        if kind != known:
            words = f"{url}: a segment of {kind} came in a track of {known}, which is no media here"
            raise FetchError(words, url=url)
        return before

    def join(self, before: bytes, body: Body, period: int) -> Body:
        """Return what is to be written of a segment that follows the one joined before.

        before: what `check` has taken from it, which is wanted where it is the other part of a
                packet: streams are cut anywhere
        """
        packet, _ = PACKETS.get(self._kinds.get(period, ""), (0, 0))
        is_wanted = bool(packet and before) and self._rest + len(before) == packet
        self._rest = count_bytes(body) % packet if packet else 0
        return [before, *body] if is_wanted else body

    def is_plain(self, body: Body) -> bool:
        """Whether bytes that should be encrypted are not: a page that says sorry, or media."""
        start = get_start(body, HEAD)
        if self._takes == "subtitles" and is_subtitles(read_text(start)):
            return True
        return looks_like_html(start) or detect_container(start, count_bytes(body)) is not None


def drop_picture(body: Body) -> None:
    """Take the picture from an encrypted segment that stands behind one.

    By chance ciphertext may begin like some of them, but then it is whole blocks.
    """
    start = get_start(body, HEAD)
    end = find_picture_end(start)
    size = count_bytes(body)
    if end and (size % _BLOCK or start.startswith(PNG)) and not (size - end) % _BLOCK:
        drop_start(body, end)


def drop_padding(body: Body, url: str) -> None:
    """Take the padding from a decrypted segment: PKCS7 (RFC 5652, 6.3), if it has any.

    Some packagers fill up with something else, or not at all: players take that, where what is
    there is plainly whole. Raises `FetchError` where it is not: the key is a wrong one.
    """
    size = count_bytes(body)
    padding = _measure_padding(body)
    kind = detect_container(get_start(body, HEAD), size)
    whole = find_whole(kind, size, partial(get_piece, body, size=_BLOCK)) if kind else 0
    if not padding and size - whole > _BLOCK:
        words = f"{url}: decrypted it makes no sense; the key is a wrong one"
        raise FetchError(words, url=url)
    if not padding or whole == size:  # whole, and by chance it ends as padding does
        padding = size - whole
    drop_end(body, padding)


def _make_text(body: Body) -> bool:
    """Make subtitles UTF-8, where they are; return whether they are some."""
    text = read_text(b"".join(body))
    is_text = is_subtitles(text)
    if is_text:
        body[:] = [text.encode()]
    return is_text


def _measure_padding(body: Body) -> int:
    """Return how many bytes of PKCS7 padding there are; 0: none, or other bytes than these."""
    last = get_piece(body, count_bytes(body) - _BLOCK, _BLOCK)
    padding = last[-1]
    is_right = 1 <= padding <= _BLOCK and last[-padding:] == bytes([padding]) * padding
    return padding if is_right else 0


def _describe(start: bytes) -> str:
    """Say what came instead of a segment."""
    if looks_like_html(start):
        return "a web page came instead of a segment"
    mime = sniff(start)
    if mime and mime.startswith("image/"):
        return f"a picture ({mime}) came instead of a segment"
    shown = start[:60].decode("utf-8", "replace") if not is_binary(start) else start[:8]
    return f"it begins with {shown!r}"
