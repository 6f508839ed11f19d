"""Which variant, sound and subtitles of a multivariant playlist to take.

A choice is written as an item's `format`: `1280x720@2560000 audio:en subtitles:en,de`. So it can be
kept in a manifest, and a later run makes the same one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from ...model.item import Alternative
from ..m3u8 import Master, Rendition, Variant

ALL = "all"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to take of a stream.

    variant:   as `name_of` calls it; empty: the best
    audio:     language (BCP 47) or name of a rendition; empty: the playlist's default
    subtitles: languages or names of renditions, or `all`
    """

    variant: str = ""
    audio: str = ""
    subtitles: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = [
            _written(self.variant),
            f"audio:{_written(self.audio)}" if self.audio else "",
            f"subtitles:{','.join(map(_written, self.subtitles))}" if self.subtitles else "",
        ]
        return " ".join(filter(None, words))

    @classmethod
    def read(cls, text: str | None) -> Choice:
        """The choice that `str()` of one says."""
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


def best_first(master: Master) -> list[tuple[Variant, ...]]:
    """The streams of a playlist, each with its mirrors: the highest bandwidth first."""
    return sorted(master.streams, key=lambda mirrors: -_bandwidth(mirrors[0]))


def name_of(variant: Variant) -> str:
    """What a choice calls a variant: `1280x720@2560000`, `@64000` for sound alone."""
    width, height = variant.resolution or (0, 0)
    size = f"{width}x{height}" if height else ""
    return f"{size}@{_bandwidth(variant)}" + (f"~{variant.name}" if variant.name else "")


def chosen(master: Master, choice: Choice) -> tuple[Variant, ...]:
    """The stream that was chosen, with its mirrors; the best where there is none of that name."""
    streams = best_first(master)
    named = (each for each in streams if name_of(each[0]) == choice.variant)
    return next(named, streams[0])


def sound(master: Master, variant: Variant, choice: Choice) -> Rendition | None:
    """The sound that goes with a variant where it is not in the variant's own segments."""
    group = sorted(_group(master, "AUDIO", variant.audio), key=_rank)
    wanted = [each for each in group if _is(each, choice.audio)] if choice.audio else []
    best = next(iter([*wanted, *group]), None)
    return best if best and best.uri else None


def subtitles(master: Master, variant: Variant, choice: Choice) -> list[Rendition]:
    """The subtitles that were chosen, those that a viewer would see first in front."""
    group = [each for each in _group(master, "SUBTITLES", variant.subtitles) if each.uri]
    if choice.subtitles == (ALL,):
        return sorted(group, key=_rank)
    return [each for wish in choice.subtitles for each in group if _is(each, wish)]


def unmet(master: Master, variant: Variant, choice: Choice) -> list[str]:
    """What of a choice is not to be had, in words."""
    sounds = _group(master, "AUDIO", variant.audio)
    texts = subtitles(master, variant, replace(choice, subtitles=(ALL,)))
    wishes = [each for each in choice.subtitles if choice.subtitles != (ALL,)]
    found = [f"subtitles {each}" for each in wishes if not any(_is(one, each) for one in texts)]
    if choice.audio and not any(_is(each, choice.audio) for each in sounds):
        found.append(f"sound {choice.audio}")
    return found


def renditions(master: Master, choice: Choice) -> list[Alternative]:
    """The variants of a playlist as alternatives of one item, best first."""
    return [
        _alternative(master, mirrors[0], replace(choice, variant=name_of(mirrors[0])))
        for mirrors in best_first(master)
    ]


def _alternative(master: Master, variant: Variant, choice: Choice) -> Alternative:
    width, height = variant.resolution or (None, None)
    return Alternative(
        master.url,
        type="audio" if is_sound(variant) else "video",
        width=width,
        height=height,
        bitrate=variant.average_bandwidth or variant.bandwidth,
        codecs=variant.codecs,
        label=variant.name or (f"{height}p" if height else None),
        format=str(choice),
    )


def is_sound(variant: Variant) -> bool:
    """Whether a variant has no picture, by its codecs."""
    codecs = [each.strip().partition(".")[0] for each in (variant.codecs or "").split(",")]
    return variant.resolution is None and any(codecs) and _SOUND.issuperset(filter(None, codecs))


_SOUND = frozenset("mp4a ac-3 ec-3 ac-4 alac fLaC flac Opus opus mp3 dtsc dtse dtsh dtsl".split())


def _written(name: str) -> str:
    """A name without what ends names in a choice."""
    return re.sub(r"[\s:,%]", lambda mark: quote(mark[0]), name)


def _bandwidth(variant: Variant) -> int:
    return variant.bandwidth or variant.average_bandwidth or 0


def _group(master: Master, kind: str, name: str | None) -> Sequence[Rendition]:
    return [each for each in master.renditions if each.type == kind and each.group == name]


def _rank(rendition: Rendition) -> tuple[bool, bool]:
    return not rendition.default, not rendition.autoselect


def _is(rendition: Rendition, wish: str) -> bool:
    """Whether a wish means this rendition: `en` means `en-US` too, as in RFC 4647, 3.3.1."""
    language, wish = (rendition.language or "").lower(), wish.lower()
    return wish in (language, rendition.name.lower()) or language.startswith(f"{wish}-")
