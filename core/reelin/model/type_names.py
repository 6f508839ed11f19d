"""MIME types by the one name of many that reelin uses, and the endings that files of them have.

Old servers, Windows and content systems send names from before registration, and wrong ones.
"""

from __future__ import annotations

from functools import lru_cache

# The name used here, and what else is sent for the same: from the registry of IANA and mime-db.
_ALIASES = {
    "application/epub+zip": "application/epub application/x-epub+zip",
    "application/gzip": "application/x-gzip application/x-gunzip application/gzipped"
    " application/gzip-compressed application/x-gzip-compressed application/x-tgz"
    " application/x-gtar-compressed application/x-compressed-tar application/x-targz"
    " gzip/document multipart/x-gzip",
    "application/msword": "application/doc application/x-msword application/vnd.msword",
    "application/pdf": "application/x-pdf application/acrobat applications/vnd.pdf text/pdf"
    " text/x-pdf",
    "application/rtf": "application/x-rtf text/rtf",
    "application/vnd.comicbook+zip": "application/x-cbz application/cbz",
    "application/vnd.comicbook-rar": "application/x-cbr application/cbr",
    "application/vnd.ms-excel": "application/excel application/x-excel application/msexcel"
    " application/x-msexcel",
    "application/vnd.ms-powerpoint": "application/powerpoint application/mspowerpoint"
    " application/x-mspowerpoint",
    "application/vnd.rar": "application/rar application/x-rar application/x-rar-compressed",
    "application/x-7z-compressed": "application/7z application/x-7z application/7z-compressed",
    "application/x-bzip2": "application/bzip2 application/x-bzip application/x-bz2"
    " application/x-bzip-compressed-tar application/x-bzip2-compressed-tar",
    "application/x-iso9660-image": "application/x-iso application/x-cd-image"
    " application/vnd.efi.iso",
    "application/x-tar": "application/tar application/x-gtar application/x-ustar",
    "application/x-xz": "application/xz application/x-xz-compressed-tar",
    "application/zip": "application/x-zip application/x-zip-compressed application/zip-compressed"
    " application/zipped multipart/x-zip",
    "application/zstd": "application/x-zstd application/x-zstd-compressed-tar",
    "audio/aac": "audio/x-aac audio/aacp audio/x-hx-aac-adts",
    "audio/aiff": "audio/x-aiff",
    "audio/flac": "audio/x-flac application/flac application/x-flac",
    "audio/midi": "audio/mid audio/x-mid audio/x-midi application/x-midi",
    "audio/mp4": "audio/m4a audio/x-m4a audio/m4b audio/x-m4b audio/x-m4p audio/x-mp4"
    " audio/mp4a-latm",
    "audio/mpeg": "audio/mp3 audio/x-mp3 audio/mpeg3 audio/x-mpeg3 audio/x-mpeg-3 audio/x-mpeg"
    " audio/mpg audio/x-mpg",
    "audio/ogg": "audio/x-ogg audio/vorbis audio/x-vorbis+ogg audio/x-opus+ogg",
    "audio/wav": "audio/x-wav audio/wave audio/vnd.wave audio/x-pn-wav",
    "image/bmp": "image/x-bmp image/x-ms-bmp image/x-windows-bmp",
    "image/jpeg": "image/jpg image/pjpeg image/jpe image/x-jpeg image/x-citrix-jpeg",
    "image/png": "image/x-png image/x-citrix-png",
    "image/svg+xml": "image/svg",
    "image/tiff": "image/tif image/x-tif image/x-tiff",
    "image/vnd.adobe.photoshop": "image/psd image/x-psd image/x-photoshop application/photoshop"
    " application/x-photoshop",
    "image/webp": "image/x-webp",
    "image/x-icon": "image/vnd.microsoft.icon image/ico",
    "text/csv": "application/csv text/x-csv text/comma-separated-values",
    "video/mp2t": "video/x-mpegts video/vnd.dlna.mpeg-tts",
    "video/mp4": "video/x-mp4 video/mpeg4",
    "video/mpeg": "video/mpg video/x-mpg video/x-mpeg",
    "video/ogg": "video/x-ogg",
    "video/quicktime": "video/x-quicktime",
    "video/x-flv": "video/flv",
    "video/x-matroska": "video/matroska video/mkv video/x-mkv",
    "video/x-msvideo": "video/avi video/msvideo video/vnd.avi application/x-troff-msvideo",
}
_NAMES = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}

# Endings of what is a file of that type in its bytes, and more to whoever opens it.
_FORMS = {
    "application/gzip": "adz als dia emz gnumeric prproj svgz taz tgz unitypackage vgz wmz xoj"
    " xopp",
    "application/vnd.rar": "cbr",
    "application/x-7z-compressed": "cb7",
    "application/x-bzip2": "tb2 tbz tbz2 tz2",
    "application/x-tar": "cbt gem ova",
    "application/x-xz": "txz",
    "application/zip": "3mf aar apk apkm apks appx cbz docm docx dotm dotx ear egg epub fcstd fla"
    " ggb idml ipa jar key kmz kra love mcaddon mcpack mcworld mscz msix mxl nbm numbers nupkg odb"
    " odc odf odg odi odm odp ods odt ora osk osz otg oth otp ots ott oxps oxt pages pk3 potm potx"
    " ppsm ppsx pptm pptx procreate sb2 sb3 sketch thmx usdz vsdx vsix war whl wsz xlam xlsb xlsm"
    " xlsx xltm xltx xmind xpi xps zipx",
    "application/zstd": "tzst",
    "audio/aiff": "aifc",
    "audio/midi": "kar rmi",
    "audio/mp4": "f4a f4b m4p m4r",
    "audio/mpeg": "m2a mp1 mpa mpga",
    "audio/ogg": "ogx spx",
    "audio/wav": "bwf wave",
    "image/heic": "heif hif",
    "image/heif": "heic hif",
    "image/jp2": "j2k jp2 jpf jpx",
    "image/jpeg": "jfi jif mpo pjp pjpeg thm",
    "image/jpx": "j2k jp2 jpf jpx",
    "image/png": "apng",
    "image/svg+xml": "svgz",
    # What cameras write is TIFF in its first bytes.
    "image/tiff": "3fr arw cr2 dcr dng erf fff iiq kdc mef mos nef nrw orf pef raw rw2 sr2 srf srw",
    "image/vnd.adobe.photoshop": "psb",
    "image/vnd.ms-photo": "hdp jxr wdp",
    "image/x-icon": "cur",
    "video/mp2t": "m2t tod tp trp",
    "video/mp4": "f4v gifv mp4v mpg4 mqv qt",
    "video/mpeg": "m1v m2p m2v mod mpe mpv vob",
    "video/ogg": "ogm ogx",
    "video/quicktime": "mqv qt",
    "video/x-matroska": "mk3d mks",
    "video/x-ms-asf": "dvr wm",
    "video/x-msvideo": "divx",
}
_FORMS_OF = {name: frozenset(endings.split()) for name, endings in _FORMS.items()}

# Names of one container: what is in it makes it audio or video, not how its bytes begin.
_CONTAINERS = (
    frozenset(
        "audio/3gpp audio/3gpp2 audio/mp4 video/3gpp video/3gpp2 video/mp4 video/quicktime"
        " video/x-m4v".split()
    ),
    frozenset("application/ogg audio/ogg audio/opus video/ogg".split()),
    frozenset("audio/webm audio/x-matroska video/webm video/x-matroska".split()),
    frozenset("audio/x-ms-wma video/x-ms-asf video/x-ms-wmv".split()),
)
# A name ends in these after the ending of what was compressed: `data.csv.gz`.
COMPRESSIONS = frozenset(
    ["application/gzip", "application/x-bzip2", "application/x-xz", "application/zstd"]
)


@lru_cache(maxsize=512)
def canonical(mime: str) -> str:
    """The name of a MIME type that is used here, without parameters and in lower case."""
    mime = mime.partition(";")[0].strip().lower()
    return _NAMES.get(mime, mime)


def is_form_of(ending: str, mime: str) -> bool:
    """Whether files with an ending are of that type in their bytes: a `docx` is a ZIP."""
    return ending.lower() in _FORMS_OF.get(canonical(mime), ())


def share_container(mime: str, other: str) -> bool:
    """Whether files of two types cannot be told apart by how their bytes begin."""
    pair = {canonical(mime), canonical(other)}
    return any(pair <= each for each in _CONTAINERS)
