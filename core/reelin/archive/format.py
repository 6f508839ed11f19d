"""The bytes of a ZIP as zipstream-ng makes them: how many there are, and which are put right.

zipstream-ng always says now, and knows nothing of bytes that it is not given: its headers get the
dates that are due, and the checksums that are known. Numbers are of APPNOTE.TXT 6.3.10.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from zipfile import ZIP_FILECOUNT_LIMIT

_LOCAL, _CENTRAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_FIRST, _LAST = datetime(1980, 1, 1), datetime(2107, 12, 31, 23, 59, 58)
# The end of a directory that counts further than a plain ZIP (4.3.14, 4.3.15): zipstream-ng writes
# it from 65,535 entries on, and counts it from 65,536 on.
_ZIP64_END = 56 + 20
# Bytes of a body whose size surely needs no ZIP64; of larger ones zipstream-ng is asked.
_PLAIN = 1 << 30


def fit_date(date: datetime) -> datetime:
    """Return a date as headers can have it (4.4.6): UTC, without a zone, 1980 to 2107."""
    if _FIRST.year < date.year < _LAST.year:  # else it need not be exact
        date = date.astimezone(UTC)
    return min(max(date.replace(tzinfo=None), _FIRST), _LAST)


def pack_date(date: datetime) -> bytes:
    """Return time and date as headers have them (4.4.6), in even seconds."""
    plain = fit_date(date)
    return struct.pack(
        "<HH",
        plain.hour << 11 | plain.minute << 5 | plain.second // 2,
        (plain.year - 1980) << 9 | plain.month << 5 | plain.day,
    )


def put_date(header: bytes, date: bytes) -> bytes:
    """Return the header of an entry (4.3.7) with its date."""
    assert header.startswith(_LOCAL), "zipstream-ng yields a header first"
    return header[:10] + date + header[14:]


def put_checksum(descriptor: bytes, crc: int) -> bytes:
    """Return what follows the body of an entry (4.3.9) with its CRC-32."""
    assert descriptor.startswith(_DESCRIPTOR), "zipstream-ng yields a descriptor last"
    return descriptor[:4] + struct.pack("<L", crc) + descriptor[8:]


def put_date_and_checksum(header: bytes, date: bytes, crc: int | None) -> bytes:
    """Return the header of an entry in the directory (4.3.12) with its date and CRC-32.

    crc: None: as zipstream-ng has it
    """
    assert header.startswith(_CENTRAL), "zipstream-ng yields a header for each entry"
    checksum = header[16:20] if crc is None else struct.pack("<L", crc)
    return header[:12] + date + checksum + header[20:]


def measure_frame(name: str, size: int | None) -> tuple[int, int]:
    """Return how many bytes stand before the body of an entry (4.3.7), and behind it (4.3.9)."""
    if (size or 0) < _PLAIN:
        return 30 + len(name.encode()), 16
    from zipstream import ZipStream

    archive = ZipStream()
    archive.add(iter(()), name, size=size)
    header = next(archive.file())
    is_zip64 = header[28:30] != b"\0\0"  # it has an extra field (4.4.11)
    return len(header), 24 if is_zip64 else 16


def measure_archive(entries: Iterable[tuple[str, int | None]]) -> int:
    """Return the bytes of an archive of these entries: their names, and their sizes in bytes."""
    from zipstream import ZipStream

    archive = ZipStream(sized=True)
    for name, size in entries:
        archive.add(iter(()), name, size=size)
    exact = archive.num_queued() != ZIP_FILECOUNT_LIMIT
    return len(archive) + (0 if exact else _ZIP64_END)
