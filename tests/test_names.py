"""File names: safe on every system, unique, stable."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reelin import Head, MediaItem, UsageError
from reelin.disk.names import (
    Names,
    check_folder_name,
    check_template,
    folder_name_for,
    name_for,
    safe_name,
)
from reelin.model.media_types import EXTENSIONS, media_type
from reelin.transfer.answer import sniff_type

RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
}
names = (
    st.text()
    | st.text(alphabet="./\\: aCON\u202e\u200b%é\x00-é")
    | st.from_regex(r"[a-z]{1,9}\.[a-z0-9]{1,9}")
)


@given(names)
@example("A\U00018cd6\u030f")
def test_whatever_comes_the_name_is_safe(raw: str) -> None:
    name = safe_name(raw)
    assert name and "/" not in name and "\\" not in name and name not in (".", "..")
    assert len((name + ".part.json").encode()) <= 255
    assert not any(unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Zl", "Zp") for mark in name)
    assert not set(name) & set('<>:"|?*')
    assert name == name.strip(" .") and not name.startswith("-")
    assert name.partition(".")[0].strip().casefold() not in RESERVED
    assert unicodedata.is_normalized("NFC", name)


@given(names)
def test_a_safe_name_stays_as_it_is(raw: str) -> None:
    assert safe_name(safe_name(raw)) == safe_name(raw)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("CON.txt", "_CON.txt"),
        ("com1", "_com1"),
        ("setup.exe", "setup_exe"),
        ("evil\u202egpj.exe", "evilgpj_exe"),
        ("x.part", "x_part"),
        ("...", "file"),
        ("", "file"),
        ("-rf", "rf"),
        (".hidden.png", "hidden.png"),
        ("a\r\nb.mp3", "a b.mp3"),
        ("e\u0301.mp3", "\u00e9.mp3"),
        ("name.tar.gz", "name.tar.gz"),
    ],
)
def test_names_by_example(raw: str, name: str) -> None:
    assert safe_name(raw) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_name("é" * 400 + ".flac")
    assert name.endswith(".flac") and len(name.encode()) <= 210


@pytest.mark.parametrize(
    ("url", "mime", "more", "name"),
    [
        ("http://x/a.jpg", "image/jpeg", {}, "a.jpg"),
        ("http://x/a.jpeg", "image/jpeg", {}, "a.jpeg"),
        ("http://x/a.png", "image/jpeg", {}, "a.jpg"),
        ("http://x/photo.php?id=3", "image/jpeg", {}, "photo.jpg"),
        ("http://x/get", "video/mp4", {}, "get.mp4"),
        ("http://x/a.m4v", "video/mp4", {}, "a.m4v"),
        ("http://x/", "audio/mpeg", {"title": "One/Two"}, "One_Two.mp3"),
        ("http://x/", "audio/mpeg", {}, "file.mp3"),
        ("http://x/a%20b.mp3", "audio/mpeg", {}, "a b.mp3"),
        ("http://x/a%252e.mp3", "audio/mpeg", {}, "a%2e.mp3"),
        ("http://x/data.xyz", None, {}, "data.xyz"),
        ("http://x/1.mp3", "audio/mpeg", {"title": "Intro", "position": 1}, "01 Intro.mp3"),
        (
            "http://x/1.mp3",
            "audio/mpeg",
            {"title": "Intro", "position": 1, "total": 120},
            "001 Intro.mp3",
        ),
        ("http://x/1.mp3", "audio/mpeg", {"filename": "wish.mp3"}, "wish.mp3"),
    ],
)
def test_the_best_known_name_is_taken(
    url: str, mime: str | None, more: dict[str, object], name: str
) -> None:
    item = MediaItem(url, **more)  # type: ignore[arg-type]
    assert name_for(item, Head(url, mime=mime)) == name


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("a.tar.gz", "application/x-gunzip"),
        ("a.tgz", "application/x-gtar-compressed; charset=binary"),
        ("a.tar.zst", "application/x-zstd"),
        ("a.tbz2", "application/bzip2"),
        ("a.txz", "application/x-xz"),
        ("a.rar", "application/x-rar"),
        ("a.cbr", "application/vnd.rar"),
        ("a.cb7", "application/x-7z-compressed"),
        ("a.cbt", "application/x-gtar"),
        ("a.zip.001", "application/zip"),
        ("a.jar", "application/x-zip-compressed"),
        ("a.kmz", "application/zip"),
        ("a.xlsm", "application/zip"),
        ("a.ODS", "application/zip"),
        ("a.epub", "application/x-zip"),
        ("a.usdz", "application/zip"),
        ("a.svgz", "application/gzip"),
        ("a.svgz", "image/svg+xml"),
        ("a.nef", "image/tiff"),
        ("a.DNG", "image/tiff"),
        ("a.jfif", "image/pjpeg"),
        ("a.heif", "image/heic"),
        ("a.m4a", "video/mp4"),
        ("a.m4r", "audio/x-m4a"),
        ("a.mp4", "audio/mp4"),
        ("a.mov", "video/mp4"),
        ("a.opus", "application/ogg"),
        ("a.ogg", "video/ogg"),
        ("a.mka", "video/x-matroska"),
        ("a.wma", "video/x-ms-asf"),
        ("a.vob", "video/mpeg"),
        ("a.wave", "audio/vnd.wave"),
        ("a.aif", "audio/x-aiff"),
        ("a.kar", "audio/x-midi"),
        ("a.csv", "application/csv"),
        ("a.psb", "image/vnd.adobe.photoshop"),
    ],
)
def test_an_extension_that_fits_the_bytes_stays(name: str, mime: str) -> None:
    url = f"http://x/{name}"
    assert name_for(MediaItem(url), Head(url, mime=mime)) == name
    wish = MediaItem("http://x/get.php", filename=name)
    assert name_for(wish, Head("http://x/get.php", mime=mime)) == name


@pytest.mark.parametrize(
    ("name", "mime", "becomes"),
    [
        ("a.jpg", "application/zip", "a.zip"),
        ("a.zip", "application/x-rar-compressed", "a.rar"),
        ("a.cbz", "application/x-rar", "a.rar"),
        ("a.csv", "application/gzip", "a.csv.gz"),
        ("a.tar", "application/x-gzip", "a.tar.gz"),
        ("a.php", "application/x-gzip", "a.gz"),
        ("a-1.0", "application/x-zip", "a-1.0.zip"),
        ("a.png", "image/pjpeg", "a.jpg"),
        ("a.mp3", "audio/x-flac", "a.mp3"),  # audio of another kind: the name is believed
        ("a.webm", "application/zip", "a.zip"),
    ],
)
def test_one_that_does_not_fit_gives_way(name: str, mime: str, becomes: str) -> None:
    url = f"http://x/{name}"
    assert name_for(MediaItem(url), Head(url, mime=mime)) == becomes


@pytest.mark.parametrize(
    ("name", "told", "first", "mime", "kind"),
    [
        ("a.docx", "application/zip", b"PK\x03\x04" + b"\0" * 60, EXTENSIONS["docx"], "document"),
        ("a.cbz", None, b"PK\x03\x04" + b"\0" * 60, EXTENSIONS["cbz"], "archive"),
        ("a.apk", None, b"PK\x03\x04" + b"\0" * 60, "application/zip", "archive"),
        ("a.jpg", None, b"PK\x03\x04" + b"\0" * 60, "application/zip", "archive"),
        ("a.m4a", None, b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "audio/mp4", "audio"),
        ("a.zip", "application/x-zip", b"PK\x03\x04", "application/x-zip", "archive"),
    ],
)
def test_what_a_file_is(name: str, told: str | None, first: bytes, mime: str, kind: str) -> None:
    head = Head(f"http://x/{name}", mime=told, type=media_type(told) if told else None)
    found = sniff_type(head, first)
    assert (found.mime, found.type) == (mime, kind)


def test_the_number_of_a_twin_stands_before_both_parts_of_an_extension() -> None:
    taken = Names(["a.tar.gz", "b.c.gz"])
    assert taken.reserve("a.tar.gz") == "a (2).tar.gz"
    assert taken.reserve("b.c.gz") == "b.c (2).gz"


def test_content_disposition_comes_before_the_url() -> None:
    head = Head("http://x/dl", mime="application/pdf", filename="Report.pdf")
    assert name_for(MediaItem("http://x/dl"), head) == "Report.pdf"


def test_templates_fill_plain_fields() -> None:
    item = MediaItem("http://x/1.mp3", title="A/B", artist="C", position=7, extractor="plyr")
    head = Head("http://x/1.mp3", mime="audio/mpeg")
    assert name_for(item, head, "{artist} - {position:03} {title}.{ext}") == "C - 007 A_B.mp3"


@pytest.mark.parametrize(
    "template", ["{title.__class__}", "{nope}", "{0}", "{title!r}", "{title", "{title[0]}"]
)
def test_templates_that_do_more_are_refused(template: str) -> None:
    with pytest.raises(UsageError):
        name_for(MediaItem("http://x/1.mp3"), Head("http://x/1.mp3"), template)


def test_names_are_unique_without_regard_to_case_and_normal_form() -> None:
    taken = Names(["Photo.jpg"])
    assert taken.reserve("photo.JPG") == "photo (2).JPG"
    assert taken.reserve("e\u0301.png") == "e\u0301.png"
    assert taken.reserve("\u00c9.png") == "\u00c9 (2).png"
    taken.release("photo (2).JPG")
    assert taken.reserve("PHOTO.jpg") == "PHOTO (3).jpg"


def test_ten_thousand_equal_names_are_ten_thousand_names() -> None:
    taken = Names()
    assert len({taken.reserve("a.jpg") for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize("name", ["a/b", "..", "", "CON", "a:b", ".x", "x" * 300, "a\0b"])
def test_bad_folder_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        check_folder_name(name)


@pytest.mark.parametrize("name", ["my album", "Ümläut", "v1.2", "example.com-gallery"])
def test_good_folder_names_are_taken(name: str) -> None:
    assert check_folder_name(name) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.com/", "example.com"),
        ("https://example.com/album/one.html", "example.com-one"),
        ("http://127.0.0.1:8000/a", "127.0.0.1_8000-a"),
        ("https://example.com/watch?v=1", "example.com-watch-v=1"),
        ("https://example.com/a.mp4?Expires=1&Signature=2&Key-Pair-Id=K", "example.com-a"),
    ],
)
def test_the_default_folder_follows_from_the_url(url: str, name: str) -> None:
    assert folder_name_for(url) == name
    assert check_folder_name(name) == name


@pytest.mark.parametrize(
    ("template", "facts", "name"),
    [
        ("{position:02} {title}.{ext}", {"number": 7}, "07 T.mp3"),
        ("{position:02} {title}.{ext}", {"number": 7, "position": 3}, "03 T.mp3"),
        ("{position:02} {title}.{ext}", {}, "00 T.mp3"),
        ("{date:%Y} {title}.{ext}", {"date": datetime(2026, 1, 31, tzinfo=UTC)}, "2026 T.mp3"),
        ("{date:%d/%m} {title}", {"date": datetime(2026, 1, 31, tzinfo=UTC)}, "31_01 T"),
        ("{date} {title}", {"date": datetime(2026, 1, 31, tzinfo=UTC)}, "2026-01-31 T"),
        ("{date:>12} {title}", {"date": datetime(2026, 1, 31, tzinfo=UTC)}, "2026-01-31 T"),
        ("{date:%Y}{title}", {}, "T"),
        ("{title:.1}{artist}", {"artist": "A/B"}, "TA_B"),
    ],
)
def test_templates_number_and_date(template: str, facts: dict[str, Any], name: str) -> None:
    item = MediaItem("http://x/1.mp3", title="T", **facts)
    assert name_for(item, Head("http://x/1.mp3", mime="audio/mpeg"), template) == name


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{artist}/{title}.{ext}", "no folders yet"),
        ("{artist}\\{title}", "no folders yet"),
        ("{date:d}", "Invalid format|Unknown format"),
        ("{titel}.{ext}", "^file name template: there is no field"),
    ],
)
def test_a_template_that_cannot_be_filled_is_told_before(template: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check_template(template)
