"""What we know of zipstream-ng's bytes, held against the library itself and against `zipfile`."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from zipstream import ZipStream

from reelin.archive.format import (
    measure_archive,
    measure_frame,
    pack_date,
    put_checksum,
    put_date,
    put_date_and_checksum,
)

GIB = 1 << 30
ZEROS = bytes(1 << 20)
NAMES = ["a", "folder/name.txt", "Zürich – 東京 🗼.jpg", "x" * 200]
DATE = datetime(2026, 11, 28, 13, 14, 16, tzinfo=UTC)


def zeros(size: int) -> Iterator[bytes]:
    while size > 0:
        yield ZEROS[:size]
        size -= len(ZEROS)


def archive_of(entries: dict[str, bytes], date: datetime) -> bytes:
    """An archive whose headers are put right as `ZipThread` does."""
    stream, out = ZipStream(), io.BytesIO()
    for name, body in entries.items():
        # zipstream-ng gets zeros, and the checksums that are due come from us.
        stream.add(zeros(len(body)), name, size=len(body))
        header, *pieces, descriptor = stream.file()
        out.write(put_date(header, pack_date(date)))
        assert b"".join(pieces) == bytes(len(body))
        out.write(body)
        out.write(put_checksum(descriptor, zlib.crc32(body)))
    directory = stream.footer()
    for body in entries.values():
        out.write(put_date_and_checksum(next(directory), pack_date(date), zlib.crc32(body)))
    for piece in directory:
        out.write(piece)
    return out.getvalue()


def test_names_dates_and_checksums_are_read_back() -> None:
    entries = {name: name.encode() * 300 for name in NAMES}
    data = archive_of(entries, DATE)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {each.filename: archive.read(each) for each in archive.infolist()} == entries
        for each in archive.infolist():
            assert each.date_time == (2026, 11, 28, 13, 14, 16)
            # The header before the body says the same as the directory.
            assert data[each.header_offset :][10:14] == pack_date(DATE)
    assert len(data) == measure_archive((name, len(body)) for name, body in entries.items())


def test_offsets_follow_from_frames() -> None:
    entries = {name: b"x" * 1000 * number for number, name in enumerate(NAMES)}
    with zipfile.ZipFile(io.BytesIO(archive_of(entries, DATE))) as archive:
        at = 0
        for each in archive.infolist():
            assert each.header_offset == at
            before, after = measure_frame(each.filename, each.file_size)
            at += before + each.file_size + after
        assert archive.start_dir == at


def test_a_checksum_of_zipstream_ng_stays_where_none_is_known() -> None:
    stream = ZipStream()
    stream.add(iter([b"hello"]), "a", size=5)
    list(stream.file())
    header = put_date_and_checksum(next(stream.footer()), pack_date(DATE), None)
    assert struct.unpack("<L", header[16:20]) == (zlib.crc32(b"hello"),)


@pytest.mark.parametrize("size", [0, 1, GIB - 1, GIB, 2 * GIB, 4 * GIB - 2, 4 * GIB - 1, 4 * GIB])
def test_large_entries_lie_where_zipfile_finds_them(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Around the border to ZIP64 (APPNOTE 4.3.9.2), of one entry and of the offset of the next."""
    monkeypatch.setattr("zipstream.ng.crc32", lambda *_: 0)  # of gigabytes it takes long
    sizes = {"ü.bin": size, "b": 5}
    path = tmp_path / "archive.zip"
    frames = []
    stream = ZipStream()
    with path.open("wb") as file:
        for name, each in sizes.items():
            stream.add(zeros(each), name, size=each)
            header, *pieces, descriptor = stream.file()
            frames.append((len(header), len(descriptor)))
            file.write(header)
            file.seek(sum(map(len, pieces)), os.SEEK_CUR)  # a hole instead of zeros
            file.write(descriptor)
        file.writelines(stream.footer())
    assert [measure_frame(name, each) for name, each in sizes.items()] == frames
    assert measure_archive(sizes.items()) == path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        assert {each.filename: each.file_size for each in archive.infolist()} == sizes
        offsets = [each.header_offset for each in archive.infolist()]
        assert offsets == [0, sum(frames[0]) + size]
        for name in sizes:
            archive.open(name).close()  # which reads the header before the body


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), (1980, 1, 1, 0, 0, 0)),
        (datetime(2200, 1, 1, tzinfo=UTC), (2107, 12, 31, 23, 59, 58)),
        (datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), (2026, 2, 28, 23, 59, 58)),
        (datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))), (2025, 12, 31, 23, 0, 0)),
    ],
)
def test_dates_are_kept_within_what_a_zip_can_tell(date: datetime, shown: tuple[int, ...]) -> None:
    with zipfile.ZipFile(io.BytesIO(archive_of({"a": b"1"}, date))) as archive:
        assert archive.infolist()[0].date_time == shown


@pytest.mark.parametrize(
    "put",
    [
        lambda piece: put_date(piece, bytes(4)),
        lambda piece: put_checksum(piece, 0),
        lambda piece: put_date_and_checksum(piece, bytes(4), 0),
    ],
)
def test_other_bytes_than_expected_are_an_error_of_ours(put: Callable[[bytes], bytes]) -> None:
    with pytest.raises(AssertionError, match="zipstream-ng yields"):
        put(b"nonsense" * 8)
