"""What may be put beside what: pure rules of RFC 9110, by table and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin.net.versions import (
    Version,
    continues,
    may_have_moved,
    may_resume,
    parse_content_range,
    version_from_token,
    version_of,
)
from reelin.transfer.http.ranges import cut_pieces, find_gaps, merge_notes

TAGGED = Version(etag='"v1"', size=100)
DATED = Version(last_modified="Mon, 02 Nov 2026 10:00:00 GMT", size=100)
GOOD = {"Content-Range": "bytes 40-99/100", "ETag": '"v1"', "Content-Length": "60"}


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({"ETag": '"a"'}, Version(etag='"a"', size=5)),
        ({"ETag": 'W/"a"'}, Version(size=5)),
        ({"ETag": "a"}, Version(size=5)),
        (
            {
                "Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT",
                "Date": "Mon, 02 Nov 2026 10:01:00 GMT",
            },
            Version(last_modified="Mon, 02 Nov 2026 10:00:00 GMT", size=5),
        ),
        (
            {
                "Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT",
                "Date": "Mon, 02 Nov 2026 10:00:59 GMT",
            },
            Version(size=5),
        ),
        ({"Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"}, Version(size=5)),
        ({"Last-Modified": "yesterday", "Date": "today"}, Version(size=5)),
    ],
)
def test_only_strong_validators_make_a_version(headers: dict[str, str], version: Version) -> None:
    assert version_of(headers, 5) == version


def test_an_encoded_body_has_no_version_to_continue() -> None:
    assert not may_resume(version_of({"ETag": '"a"'}, None, unreliable=True), 10)


@pytest.mark.parametrize(
    ("version", "have", "may"),
    [
        (TAGGED, 40, True),
        (DATED, 40, True),
        (TAGGED, 0, False),
        (TAGGED, 100, False),
        (TAGGED, 101, False),
        (Version(size=100), 40, False),
        (Version(etag='"v1"'), 40, True),
    ],
)
def test_what_may_be_resumed(version: Version, have: int, may: bool) -> None:
    assert may_resume(version, have) is may


@pytest.mark.parametrize(
    ("status", "changed", "good"),
    [
        (206, {}, True),
        (206, {"ETag": None}, True),
        (206, {"Content-Length": None}, True),
        (200, {}, False),
        (206, {"ETag": '"v2"'}, False),
        (206, {"ETag": 'W/"v1"'}, False),
        (206, {"Content-Range": "bytes 39-99/100"}, False),
        (206, {"Content-Range": "bytes 41-99/100"}, False),
        (206, {"Content-Range": "bytes 40-98/100"}, False),
        (206, {"Content-Range": "bytes 40-99/101"}, False),
        (206, {"Content-Range": "bytes 40-99/*"}, False),
        (206, {"Content-Range": None}, False),
        (206, {"Content-Range": "items 40-99/100"}, False),
        (206, {"Content-Length": "61"}, False),
        (206, {"Content-Encoding": "gzip"}, False),
        (206, {"Content-Type": "multipart/byteranges", "Content-Range": None}, False),
    ],
)
def test_an_answer_continues_only_exactly(
    status: int, changed: dict[str, str | None], good: bool
) -> None:
    headers = {key: value for key, value in {**GOOD, **changed}.items() if value is not None}
    assert continues(status, headers, TAGGED, 40) is good


def test_by_date_alone_another_date_is_another_version() -> None:
    headers = {"Content-Range": "bytes 40-99/100"}
    assert continues(206, headers, DATED, 40)
    other = {**headers, "Last-Modified": "Tue, 03 Nov 2026 10:00:00 GMT"}
    assert not continues(206, other, DATED, 40)


def test_a_piece_must_end_where_it_was_asked_to() -> None:
    assert continues(206, {"Content-Range": "bytes 10-19/100"}, TAGGED, 10, 20)
    assert not continues(206, {"Content-Range": "bytes 10-99/100"}, TAGGED, 10, 20)


@given(st.text())
def test_content_range_never_raises_nor_lies(text: str) -> None:
    found = parse_content_range(text)
    assert found is None or (
        0 <= found[0] <= found[1] and (found[2] is None or found[1] < found[2])
    )


@given(st.integers(0, 10**17), st.integers(0, 10**17), st.integers(1, 10**17))
def test_content_range_reads_what_is_written(first: int, length: int, rest: int) -> None:
    last = first + length
    assert parse_content_range(f"bytes {first}-{last}/{last + rest}") == (first, last, last + rest)


@given(
    st.dictionaries(
        st.sampled_from(["etag", "last_modified", "size"]),
        st.none() | st.text() | st.integers() | st.booleans(),
    )
)
def test_a_token_of_any_shape_is_read(token: dict[str, object]) -> None:
    version = version_from_token(token)
    assert version.size is None or version.size >= 0
    assert version.etag is None or version.etag.startswith('"')


def test_a_version_survives_its_token() -> None:
    assert version_from_token(TAGGED.as_token()) == TAGGED
    assert version_from_token(DATED.as_token()) == DATED


spans = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(list))


@given(spans, st.integers(1, 1000))
def test_spans_and_gaps_are_the_whole(notes: list[list[int]], size: int) -> None:
    written = merge_notes([*notes, "junk", [1], [5, 4], [True, 3]], size)
    covered = {at for start, end in notes if start < end <= size for at in range(start, end)}
    assert {at for start, end in written for at in range(start, end)} == covered
    gaps = find_gaps(written, size)
    assert {at for start, end in gaps for at in range(start, end)} == set(range(size)) - covered
    assert [at for start, end in cut_pieces(gaps) for at in range(start, end)] == sorted(
        set(range(size)) - covered
    )


ONE = "https://a.example/get.mp4"


@pytest.mark.parametrize(
    ("before", "now", "etag", "may"),
    [
        (f"{ONE}?X-Amz-Signature=1", f"{ONE}?X-Amz-Signature=2", None, True),
        (ONE, "https://b.example/get.mp4", None, True),
        (f"{ONE}?token=1", f"{ONE}?token=2", '"0123456789abcdef"', True),
        (f"{ONE}?id=1", f"{ONE}?id=2", '"1"', False),
        (f"{ONE}?id=1", f"{ONE}?id=2", None, False),
        (ONE, "https://a.example/other.mp4", '"0123456789abcdef"', False),
        (None, ONE, '"0123456789abcdef"', False),
    ],
)
def test_what_was_begun_elsewhere_may_be_continued(
    before: str | None, now: str, etag: str | None, may: bool
) -> None:
    assert may_have_moved(before, now, Version(etag, "Fri, 14 Jul 2017 02:40:00 GMT", 9)) is may
