"""One item per resource: by example and by property."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reelin import Alternative, MediaItem
from reelin.model.item import replace_fields
from reelin.model.merge import merge

urls = st.sampled_from([f"http://x/{name}" for name in "abcdefgh"])
items = st.builds(
    lambda url, others, title, noise, thumbnail: MediaItem(
        url,
        title=title,
        noise=noise,
        thumbnail=thumbnail,
        alternatives=tuple(Alternative(each) for each in others if each != url),
    ),
    urls,
    st.lists(urls, max_size=3, unique=True),
    st.none() | st.sampled_from(["One", "Two"]),
    st.none() | st.just("icon"),
    st.none() | urls,
)


def named(found: list[MediaItem]) -> set[str]:
    """The URLs that can be downloaded: the items' own, their alternatives'."""
    return {each.url for each in found} | {a.url for each in found for a in each.alternatives}


@given(st.lists(items))
def test_no_url_is_lost_and_none_stands_twice(found: list[MediaItem]) -> None:
    merged = merge(found)
    # A thumbnail is not worth having beside what it shows, nor is the thumbnail of a thumbnail.
    thumbnails = {each.thumbnail for each in found}
    assert named(found) <= named(merged) | thumbnails
    assert len({each.url for each in merged}) == len(merged)


@given(st.lists(items))
def test_merging_again_keeps_the_items(found: list[MediaItem]) -> None:
    once = merge(found)
    assert {each.url for each in merge(once)} <= {each.url for each in once}


@given(st.lists(items))
def test_what_was_wanted_stays_wanted(found: list[MediaItem]) -> None:
    wanted = {each.url for each in found if each.noise is None}
    merged = merge(found)
    for each in merged:
        if each.url in wanted:
            assert each.noise is None


def test_the_better_informed_report_wins_and_is_completed() -> None:
    plain = MediaItem("http://x/a.mp3", mime="audio/mpeg", origin="<audio>", extractor="direct")
    chapter = MediaItem(
        "http://x/a.mp3", title="One", position=1, total=9, origin="script 2", extractor="plyr"
    )
    (merged,) = merge([plain, chapter])
    assert (merged.title, merged.mime, merged.position, merged.extractor) == (
        "One",
        "audio/mpeg",
        1,
        "plyr",
    )
    assert merged.origin == "script 2, <audio>"


def test_an_origin_that_another_tells_better_is_left_out() -> None:
    first = MediaItem("http://x/a.mp3", origin="script 2: Howl()")
    second = MediaItem("http://x/a.mp3", origin="script 2")
    third = MediaItem("http://x/a.mp3", origin="script 21")
    assert merge([first, second, third])[0].origin == "script 2: Howl(), script 21"
    assert merge([second, first])[0].origin == "script 2: Howl()"


def test_the_full_picture_replaces_its_thumbnail() -> None:
    small = MediaItem("http://x/s.jpg", title="Cat", width=80)
    full = MediaItem("http://x/l.jpg", thumbnail="http://x/s.jpg")
    (merged,) = merge([small, full])
    assert (merged.url, merged.title, merged.width) == ("http://x/l.jpg", "Cat", None)


def test_a_rendition_found_elsewhere_is_part_of_its_item() -> None:
    best = MediaItem("http://x/1080.mp4", alternatives=(Alternative("http://x/720.mp4"),))
    assert [each.url for each in merge([MediaItem("http://x/720.mp4"), best])] == [
        "http://x/1080.mp4"
    ]


def test_what_several_items_share_belongs_to_none() -> None:
    blank = Alternative("http://x/blank.gif")
    found = [MediaItem(f"http://x/{n}.jpg", alternatives=(blank,)) for n in range(3)]
    assert len(merge([*found, MediaItem("http://x/blank.gif")])) == 4


def test_a_chain_of_a_hundred_thousand_is_merged_in_no_time() -> None:
    found = [
        MediaItem(f"http://x/{n}", alternatives=(Alternative(f"http://x/{n + 1}"),))
        for n in range(100_000)
    ]
    assert len(merge(found)) == 1


def test_changed_is_replace() -> None:
    item = MediaItem("http://x/a", title="A", position=3)
    assert replace_fields(item, title="B", size=5) == replace(item, title="B", size=5)


def test_formats_of_one_file_are_one_item() -> None:
    found = [
        MediaItem(f"http://x/{name}", type=kind)
        for name, kind in [
            ("a/tune.mp3", "audio"),
            ("a/tune.ogg", "audio"),
            ("a/tune.hq.mp3", "audio"),
            ("b/tune.mp3", "audio"),
            ("a/tune.mp4", "video"),
            ("a/film-720p.mp4", "video"),
            ("a/film_1080p.webm", "video"),
            ("a/film.mp4?id=1", "video"),
            ("a/film.mp4?id=2", "video"),
            ("a/photo.jpg", "image"),
            ("a/photo.png", "image"),
        ]
    ]
    parts = {each.url[9:]: [a.url[9:] for a in each.alternatives] for each in merge(found)}
    assert parts == {
        "a/tune.mp3": ["a/tune.ogg", "a/tune.hq.mp3"],
        "b/tune.mp3": [],
        "a/tune.mp4": [],
        "a/film_1080p.webm": ["a/film-720p.mp4"],
        "a/film.mp4?id=1": [],
        "a/film.mp4?id=2": [],
        "a/photo.jpg": [],
        "a/photo.png": [],
    }


# Formats of one page


def test_formats_of_one_page_are_items_of_their_own() -> None:
    both = [MediaItem("http://x/page", format=each) for each in ("1+2", "3")]
    assert merge([*both, MediaItem("http://x/page", format="3", title="T")]) == [
        both[0],
        replace(both[1], title="T"),
    ]


def test_a_format_that_is_an_alternative_is_part_of_its_item() -> None:
    other = Alternative("http://x/page", format="3")
    item = MediaItem("http://x/page", format="1+2", alternatives=(other,))
    assert merge([item, MediaItem("http://x/page", format="3")]) == [item]


def test_formats_are_not_handed_to_another_extractor() -> None:
    page = Alternative("http://x/page", format="3")
    one = MediaItem("http://x/a.mp4", extractor="a", title="T")
    two = MediaItem("http://x/a.mp4", extractor="b", alternatives=(page,))
    (merged,) = merge([one, two])
    assert (merged.extractor, merged.alternatives) == ("a", ())
