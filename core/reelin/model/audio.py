"""The kinds of audio files that reelin makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self, TypeAlias, get_args

from .errors import UsageError

AudioFormat: TypeAlias = Literal["mp3", "m4a", "wav", "flac", "opus"]
AudioQuality: TypeAlias = Literal["best", "worst", "128k", "192k", "320k"]
AUDIO_FORMATS: tuple[AudioFormat, ...] = get_args(AudioFormat)
AUDIO_QUALITIES: tuple[AudioQuality, ...] = get_args(AudioQuality)
_AUDIO_MIMES = {
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
}


@dataclass(frozen=True, slots=True)
class Audio:
    """The kind of file that audio is to become once it is here, such as `Audio("mp3", "192k")`.

    format:  mp3, m4a, wav, flac or opus
    quality: best, worst, or a rate: 128k, 192k, 320k. What loses nothing (wav, flac) is always best
    """

    format: AudioFormat
    quality: AudioQuality = "best"

    def __post_init__(self) -> None:
        for value, known in ((self.format, AUDIO_FORMATS), (self.quality, AUDIO_QUALITIES)):
            if value not in known:
                raise UsageError(f"{value!r} is no kind of audio; there are {', '.join(known)}")

    @classmethod
    def of(cls, format: str, quality: str) -> Self | None:
        """Return the kind of these names: None for an unknown format, best for another quality."""
        kind = next((each for each in AUDIO_FORMATS if each == format), None)
        known = next((each for each in AUDIO_QUALITIES if each == quality), AUDIO_QUALITIES[0])
        return cls(kind, known) if kind is not None else None

    def __str__(self) -> str:
        return f"{self.format} {self.quality}"

    @property
    def mime(self) -> str:
        """The MIME type of such a file."""
        return _AUDIO_MIMES[self.format]

    @property
    def rate(self) -> int | None:
        """Kilobits per second, None where none is named."""
        return int(self.quality[:-1]) if self.quality.endswith("k") else None

    @property
    def is_lossless(self) -> bool:
        """Whether it keeps every sample."""
        return self.format in ("flac", "wav")
