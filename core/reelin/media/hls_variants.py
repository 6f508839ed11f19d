"""HLS: which variant, audio and subtitles of a multivariant playlist to take (RFC 8216bis, 4.4.6).

The playlists themselves are read by `m3u8`, their segments fetched by `transfer.hls`. A choice is
written as an item's `format`: `1280x720@2560000 audio:en subtitles:en,de`. So it can be kept in a
manifest, and a later run makes the same one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from ..model.item import Alternative
from ..model.languages import shorten
from ..model.media_types import HLS as MIME
from ..model.media_types import HLS_TYPES as MIMES
from .m3u8 import Master, Rendition, Variant

__all__ = ["MIME", "MIMES", "Choice", "renditions"]

ALL = "all"
_AUDIO_CODECS = frozenset(
    "mp4a ac-3 ec-3 ac-4 alac fLaC flac Opus opus mp3 dtsc dtse dtsh dtsl".split()
)
_DESCRIBES_VIDEO = "public.accessibility.describes-video"  # RFC 8216bis, 4.4.6.1
_LINES = re.compile(r"(?<![A-Za-z0-9])(\d{3,4})p(?:\d{2,3})?(?![A-Za-z0-9])", re.IGNORECASE)
_AUDIO_ONLY = re.compile(r"audio(?:[ _-]?only)?|(?:.*[ _-])?audio[ _-]?only", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice among what a stream offers.

    variant:   its name, as `name_variant` makes it; empty: the best
    audio:     language (BCP 47) or name of a rendition; empty: the playlist's default
    subtitles: languages or names of renditions, or `all`
    """

    variant: str = ""
    audio: str = ""
    subtitles: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = [
            _escape(self.variant),
            f"audio:{_escape(self.audio)}" if self.audio else "",
            f"subtitles:{','.join(map(_escape, self.subtitles))}" if self.subtitles else "",
        ]
        return " ".join(filter(None, words))

    @classmethod
    def read(cls, text: str | None) -> Choice:
        """Read back what `str()` made of a choice."""
        choice = cls()
        for word in (text or "").split():
            kind, colon, value = word.partition(":")
            if not colon:
                choice = replace(choice, variant=unquote(word))
            elif kind == "audio":
                choice = replace(choice, audio=unquote(value))
            elif kind == "subtitles":
                choice = replace(choice, subtitles=tuple(map(unquote, value.split(","))))
        return choice


def sort_streams(master: Master) -> list[tuple[Variant, ...]]:
    """Return the streams of a playlist, each with its mirrors, the best first.

    The larger picture is the better one, then the higher bandwidth, the higher frame rate, then
    what is named first; audio alone comes last. Where not all of them tell their size, the
    bandwidth goes before it.
    """
    streams = [(mirrors, _find_lines(mirrors[0])) for mirrors in master.streams]
    has_sizes = all(lines or is_audio_only(mirrors[0]) for mirrors, lines in streams)

    def rank(stream: tuple[tuple[Variant, ...], int]) -> tuple[float, ...]:
        (variant, *_), lines = stream
        rate, average = _find_bandwidth(variant), variant.average_bandwidth or 0
        first = (lines, rate) if has_sizes else (rate, lines)
        return (not is_audio_only(variant), *first, average, variant.frame_rate or 0)

    return [mirrors for mirrors, _ in sorted(streams, key=rank, reverse=True)]


def name_variant(variant: Variant) -> str:
    """Return a variant's name in a choice: `1280x720@2560000`, or `@64000` for audio alone."""
    width, height = variant.resolution or (0, 0)
    size = f"{width}x{height}" if height else ""
    return f"{size}@{_find_bandwidth(variant)}" + (f"~{variant.name}" if variant.name else "")


def choose_stream(master: Master, choice: Choice) -> tuple[Variant, ...]:
    """Return the chosen stream with its mirrors; the best one where none has that name."""
    streams = sort_streams(master)
    named = (each for each in streams if name_variant(each[0]) == choice.variant)
    return next(named, streams[0])


def choose_audio(master: Master, variant: Variant, choice: Choice) -> Rendition | None:
    """Return the audio for a variant; None where the variant's own segments have it."""
    group = sorted(_list_group(master, "AUDIO", variant.audio), key=_rank)
    wanted = [each for each in group if _matches(each, choice.audio)] if choice.audio else []
    best = next(iter([*wanted, *group]), None)
    return best if best and best.uri else None


def choose_subtitles(master: Master, variant: Variant, choice: Choice) -> list[Rendition]:
    """Return the chosen subtitles, those in front that a viewer would see first."""
    group = [each for each in _list_group(master, "SUBTITLES", variant.subtitles) if each.uri]
    if choice.subtitles == (ALL,):
        return sorted(group, key=_rank)
    return [each for wish in choice.subtitles for each in group if _matches(each, wish)]


def list_unmet(master: Master, variant: Variant, choice: Choice) -> list[str]:
    """Name the wishes of a choice that a playlist cannot meet: `audio de`, `subtitles en`."""
    audios = _list_group(master, "AUDIO", variant.audio)
    texts = choose_subtitles(master, variant, replace(choice, subtitles=(ALL,)))
    wishes = () if choice.subtitles == (ALL,) else choice.subtitles
    unmet = [wish for wish in wishes if not any(_matches(each, wish) for each in texts)]
    found = [f"subtitles {each}" for each in unmet]
    if choice.audio and not any(_matches(each, choice.audio) for each in audios):
        found.append(f"audio {choice.audio}")
    return found


def renditions(master: Master, choice: Choice) -> list[Alternative]:
    """Return the variants of a playlist as alternatives of one item, best first.

    The `url` of each is its own playlist. It takes that of the item, with the variant's `format`,
    to fetch it with the audio and the subtitles that go with it.
    """
    return [
        _make_alternative(mirrors[0], replace(choice, variant=name_variant(mirrors[0])))
        for mirrors in sort_streams(master)
    ]


def _make_alternative(variant: Variant, choice: Choice) -> Alternative:
    width, height = variant.resolution or (None, _find_lines(variant) or None)
    return Alternative(
        variant.uri,
        type="audio" if is_audio_only(variant) else "video",
        width=width,
        height=height,
        bitrate=variant.average_bandwidth or variant.bandwidth or None,
        codecs=variant.codecs,
        label=variant.name or (f"{height}p" if height else None),
        format=str(choice),
    )


def is_audio_only(variant: Variant) -> bool:
    """Whether a variant has no video: by its codecs (RFC 6381), else by its name or address."""
    if variant.resolution is not None:
        return False
    codecs = {each.strip().partition(".")[0] for each in (variant.codecs or "").split(",")} - {""}
    return codecs <= _AUDIO_CODECS if codecs else _is_called_audio(variant)


def _is_called_audio(variant: Variant) -> bool:
    """Whether it is called `audio_only` or so, or its file or the folder of that is."""
    if variant.frame_rate:
        return False
    folder, _, file = urlsplit(variant.uri).path.rpartition("/")
    names = variant.name, variant.video
    places = folder.rpartition("/")[2], file.partition(".")[0]
    return any(each and _AUDIO_ONLY.fullmatch(each.strip()) for each in names) or any(
        "only" in each.lower() and _AUDIO_ONLY.fullmatch(each) for each in places
    )


def _escape(name: str) -> str:
    """Return a name with those characters escaped that end a name in a choice."""
    return re.sub(r"[\s:,%]", lambda mark: quote(mark[0]), name)


def _find_lines(variant: Variant) -> int:
    """Return the shorter side of its picture, by its RESOLUTION, name or address; 0: not told."""
    if variant.resolution:
        return min(variant.resolution)
    if is_audio_only(variant):
        return 0
    path = variant.uri.partition("?")[0]
    lines = _LINES.search(variant.name or "") or _LINES.search(path.split("/", 3)[-1])
    return int(lines[1]) if lines else 0


def _find_bandwidth(variant: Variant) -> int:
    return variant.bandwidth or variant.average_bandwidth or 0


def _list_group(master: Master, kind: str, name: str | None) -> Sequence[Rendition]:
    return [each for each in master.renditions if each.type == kind and each.group == name]


def _rank(rendition: Rendition) -> tuple[bool, bool, bool]:
    is_described = _DESCRIBES_VIDEO in rendition.characteristics  # for those who cannot see it
    return is_described, not rendition.default, not rendition.autoselect


def _matches(rendition: Rendition, wish: str) -> bool:
    """Whether a wish means this rendition: `en` means `en-US` too, as in RFC 4647, 3.3.1."""
    if wish.lower() == rendition.name.lower():
        return True
    language, wish = shorten(rendition.language or ""), shorten(wish)
    return wish == language or language.startswith(f"{wish}-")
