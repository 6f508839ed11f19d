"""Keys under which segments are encrypted (RFC 8216bis, 4.4.4.4), and which of them are DRM."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_SYSTEMS = {
    "com.apple.streamingkeydelivery": "FairPlay",
    "urn:uuid:94ce86fb-07ff-4f43-adb8-93d2fa968ca2": "FairPlay",
    "com.widevine": "Widevine",
    "com.widevine.alpha": "Widevine",
    "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed": "Widevine",
    "com.microsoft.playready": "PlayReady",
    "urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95": "PlayReady",
    "org.w3.clearkey": "ClearKey",
    "urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b": "ClearKey",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key: one EXT-X-KEY or EXT-X-SESSION-KEY whose METHOD is not NONE.

    method:   as written: `AES-128`, `SAMPLE-AES`, `SAMPLE-AES-CTR`, …
    uri:      absolute http(s) URL; a `data:` URI, which carries the key itself; or, for keys that
              only a DRM system can fetch, whatever is written (`skd://…`)
    iv:       the 16 bytes of its IV attribute; None: the segment's number is the IV
    format:   KEYFORMAT; `identity`: what `uri` gives is the key
    versions: KEYFORMATVERSIONS
    """

    method: str
    uri: str
    iv: bytes | None = None
    format: str = "identity"
    versions: str = "1"

    @property
    def readable(self) -> bool:
        """Whether it is plain AES-128, with a key that anybody can fetch."""
        return (
            self.method == "AES-128"
            and self.format == "identity"
            and self.uri.startswith(("http://", "https://", "data:"))
        )

    @property
    def inline(self) -> bytes | None:
        """The key that a `data:` URI (RFC 2397) carries; None if it carries none, or is no such."""
        head, comma, data = self.uri.partition(",")
        if not head.startswith("data:") or not comma:
            return None
        plain = unquote_to_bytes(data)
        if not head.endswith(";base64"):
            return plain
        try:
            return b64decode(plain, validate=True)
        except ValueError:
            return None

    @property
    def system(self) -> str:
        """The name of the DRM system, of the format or of the method: what keeps it from us."""
        if self.format in _SYSTEMS:
            return _SYSTEMS[self.format]
        if self.uri.startswith("skd:"):
            return "FairPlay"
        return self.method if self.format == "identity" else f"{self.method} ({self.format})"


def choose_key(keys: Iterable[Key]) -> Key | None:
    """Return the key that a client without any DRM can use; None where there is none."""
    return next((key for key in keys if key.readable), None)


def protection(keys: Iterable[Key]) -> tuple[str, ...]:
    """Name the DRM systems or methods that protect bytes; empty if they can be read without."""
    keys = tuple(keys)
    if choose_key(keys):
        return ()
    return tuple(dict.fromkeys(key.system for key in keys))
