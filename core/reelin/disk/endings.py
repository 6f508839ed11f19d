"""Which extensions may stand on a file of some type, and which give way to the usual one."""

from __future__ import annotations

from ..model.media_types import PROGRAMS, extension_for, media_type, mime_of
from ..model.type_names import COMPRESSIONS, canonical, is_form_of, share_container


def is_replaced(ext: str, mime: str | None) -> bool:
    """Whether an extension that does not suit gives way to one that does."""
    if mime is None or ext.lower() in PROGRAMS:
        return mime is not None
    # What was compressed keeps the extension of what it is inside: `data.csv.gz`.
    return canonical(mime) not in COMPRESSIONS and mime_of(f"x.{ext}") is not None


def suits(ext: str, mime: str | None) -> bool:
    """Whether an extension may stand on a file of that type. Of an unknown type any may."""
    if mime is None or ext.lower() == extension_for(mime) or is_form_of(ext, mime):
        return True
    its_own = mime_of(f"x.{ext}")
    if its_own is None:
        # An extension we do not know tells more than one that we would guess; `1.0` has none.
        is_none = ext.lower() in PROGRAMS or (ext.isdigit() and len(ext) < 3)
        return not is_none and media_type(mime) in ("other", "archive")
    if canonical(its_own) == canonical(mime) or share_container(its_own, mime):
        return True
    family, its_family = media_type(mime), media_type(its_own)
    # One container, many names: an MPEG-4 file may well be called m4v. A PNG is no JPEG.
    return family == "other" or (family == its_family and family not in ("image", "archive"))
