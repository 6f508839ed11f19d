"""RSS, Atom and podcasts."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import Link, MediaItem, Page
from reelin.extractors.feeds import Feeds, reelin_extractors
from reelin.testing import check

HERE = "https://cast.example/feed/"


def page(text: str, mime: str = "application/rss+xml") -> Page:
    return Page(f"{HERE}feed.xml", text.encode(), {"content-type": mime})


def found_on(page: Page, feeds: Feeds | None = None) -> list[MediaItem | Link]:
    return list((feeds or Feeds()).extract(page))


def items_of(text: str, mime: str = "application/rss+xml") -> list[MediaItem]:
    return [each for each in found_on(page(text, mime)) if isinstance(each, MediaItem)]


PODCAST = """<?xml version="1.0" encoding="UTF-8"?>
<!-- generator <html> -->
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>The Cast &amp; Crew</title><itunes:author>Ann Example</itunes:author>
<image><url>https://cast.example/cover.jpg</url></image>
<item><title><![CDATA[Second & <b>last</b>]]></title><pubDate>Tue, 02 Jan 2024 10:00:00 +0100</pubDate>
  <enclosure url="../2.mp3?x=1&amp;y=2" length="2222" type="audio/mpeg"/>
  <itunes:duration>1:02:03</itunes:duration><itunes:image href="2.jpg"/>
  <itunes:author>Bob</itunes:author></item>
<item><title>First</title><pubDate>Mon, 01 Jan 2024 09:00:00 GMT</pubDate>
  <enclosure url="https://cdn.example/1" length="0" type="audio/mpeg"/>
  <itunes:duration>61</itunes:duration></item>
</channel></rss>"""


def test_it_keeps_what_every_extractor_promises() -> None:
    (feeds,) = reelin_extractors()
    check(feeds)


def test_formats_of_an_episode_are_one_of_the_feed() -> None:
    text = PODCAST.replace(
        '<enclosure url="https://cdn.example/1" length="0" type="audio/mpeg"/>',
        '<enclosure url="1.mp3" type="audio/mpeg"/><enclosure url="1.ogg" type="audio/ogg"/>',
    )
    second, first = items_of(text)
    assert (first.position, second.position, second.total) == (1, 2, 2)
    assert [each.url for each in first.alternatives] == [f"{HERE}1.ogg"]


def test_a_podcast_s_episodes_are_numbered_from_the_oldest() -> None:
    second, first = items_of(PODCAST)
    assert second == MediaItem(
        "https://cast.example/2.mp3?x=1&y=2",
        "audio",
        mime="audio/mpeg",
        title="Second & last",
        artist="Bob",
        album="The Cast & Crew",
        position=2,
        total=2,
        date=datetime.fromisoformat("2024-01-02T10:00:00+01:00"),
        size=2222,
        duration=3723.0,
        thumbnail=f"{HERE}2.jpg",
        origin="<enclosure>",
    )
    assert (first.url, first.type, first.position) == ("https://cdn.example/1", "audio", 1)
    assert (first.artist, first.duration, first.size) == ("Ann Example", 61.0, None)
    assert first.date == datetime(2024, 1, 1, 9, tzinfo=UTC)


def names(items: list[MediaItem]) -> list[str]:
    return [item.url.removeprefix("https://x.example/") for item in items]


def test_atom_enclosures_and_content() -> None:
    items = items_of(
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><author><name>Ann</name></author>
        <entry><title type="html">One &amp;amp; &lt;i&gt;two&lt;/i&gt;</title><published>2024-05-06T07:08:09Z</published>
        <link rel="enclosure" href="https://x.example/a.pdf" length="12" type="application/pdf" hreflang="de"/>
        <link href="https://x.example/post"/></entry>
        <entry><content type="video/mp4" src="https://x.example/v"/><updated>2024-05-07</updated></entry>
        <entry><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><img src="p.jpg" alt="P"/></div></content>
        <link rel="alternate" href="https://x.example/q/"/></entry></feed>"""
    )
    assert names(items) == ["a.pdf", "v", "q/p.jpg"]
    assert [(item.type, item.title, item.artist) for item in items] == [
        ("document", "One & two", "Ann"),
        ("video", None, "Ann"),
        ("image", "P", "Ann"),
    ]
    assert (items[0].size, items[0].language) == (12, "de")
    assert items[1].date == datetime(2024, 5, 7, tzinfo=UTC)
    assert [item.position for item in items] == [1, 2, 3]  # not all have dates: as they stand


def test_rss_1_0_and_0_9() -> None:
    items = items_of(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:enc="http://purl.oclc.org/net/rss_2.0/enc#" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel><title>Old</title></channel>
        <item><title>A</title><enc:enclosure rdf:resource="https://x.example/a.mp3" enc:type="audio/mpeg" enc:length="5"/>
        <dc:creator>Cy</dc:creator><dc:date>2003-01-01T00:00:00+02:00</dc:date></item></rdf:RDF>"""
    )
    (item,) = items
    assert (item.url, item.mime, item.size) == ("https://x.example/a.mp3", "audio/mpeg", 5)
    assert (item.album, item.artist, item.position) == ("Old", "Cy", None)
    assert item.date == datetime.fromisoformat("2003-01-01T00:00:00+02:00")


def test_media_groups_are_renditions_of_one_thing() -> None:
    items = items_of(
        """<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><title>T</title>
        <enclosure url="https://x.example/s.mp4" type="video/mp4" length="10"/>
        <media:group><media:title>Film</media:title><media:thumbnail url="https://x.example/t.jpg"/>
        <media:content url="https://x.example/s.mp4" type="video/mp4" height="360" width="640" duration="90" fileSize="10"/>
        <media:content url="https://x.example/l.mp4" type="video/mp4" height="720" width="1280" bitrate="2000" lang="en"/>
        </media:group></item></channel></rss>"""
    )
    (item,) = items
    assert (item.url, item.height, item.bitrate) == ("https://x.example/l.mp4", 720, 2_000_000)
    assert (item.title, item.thumbnail, item.language) == ("Film", "https://x.example/t.jpg", "en")
    assert [(each.url, each.height, each.size) for each in item.alternatives] == [
        ("https://x.example/s.mp4", 360, 10)
    ]


def media_rss(entry: str) -> list[MediaItem]:
    return items_of(f"<rss><channel><item><title>T</title>{entry}</item></channel></rss>")


def test_one_picture_in_several_widths_is_one_item() -> None:
    (item,) = media_rss(
        '<media:content width="140" url="https://x.example/p.jpg?w=140&amp;s=1"/>'
        '<media:content width="460" url="https://x.example/p.jpg?w=460&amp;s=2"><media:credit>Cy</media:credit></media:content>'
    )
    assert (item.url, item.width) == ("https://x.example/p.jpg?w=460&s=2", 460)
    assert [each.width for each in item.alternatives] == [140]


def test_pictures_beside_a_recording_are_its_thumbnail() -> None:
    (item,) = media_rss(
        '<media:content url="https://x.example/p" medium="image"/><enclosure url="https://x.example/a.mp3"/>'
    )
    assert (item.type, item.thumbnail) == ("audio", "https://x.example/p")


def test_pictures_of_a_post_without_files() -> None:
    items = media_rss(
        """<link>https://x.example/post/1</link><description><![CDATA[
        <a href="/big.jpg"><img src="/small.jpg"></a> <img src="b-1.jpg" srcset="b-2.jpg 2x" alt="B">
        <img src="https://x.example/count?1" width=1 height=1> <audio src="c.mp3"></audio> <a href="/about">x</a>]]></description>"""
    )
    assert names(items) == ["big.jpg", "post/b-2.jpg", "count?1", "post/c.mp3"]
    assert [bool(item.noise) for item in items] == [False, False, True, False]
    assert (items[0].thumbnail, items[0].title) == ("https://x.example/small.jpg", "T")
    assert items[1].alternatives[0].url == "https://x.example/post/b-1.jpg"
    assert [item.position for item in items] == [1, 2, None, 3]
    (only,) = media_rss('<media:thumbnail url="https://x.example/t.jpg"/>')
    assert (only.url, only.type, only.thumbnail) == ("https://x.example/t.jpg", "image", None)


def test_players_are_links_and_posts_without_files_on_demand() -> None:
    text = """<feed><entry><link rel="alternate" href="https://tube.example/watch?v=1"/><media:group>
    <media:content url="https://tube.example/v/1" type="application/x-shockwave-flash"/>
    <media:thumbnail url="https://tube.example/1.jpg"/></media:group></entry>
    <entry><title>Words</title><link href="/post"/></entry></feed>"""
    assert found_on(page(text)) == [Link("https://tube.example/watch?v=1", "player of a post")]
    assert [each.url for each in found_on(page(text), Feeds(follow=True))] == [
        "https://tube.example/watch?v=1",
        "https://cast.example/post",
    ]


CHAPTERS = """<rss xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters">
<channel><title>Cast</title><item><title>Two</title><enclosure url="/2.mp3"/><itunes:episode>2</itunes:episode>
<podcast:chapters url="/2.json" type="application/json+chapters"/><podcast:transcript url="/2.vtt" type="text/vtt" language="de"/>
<podcast:transcript url="/2.html" type="text/html"/></item>
<item><title>One</title><enclosure url="/1.mp3"/><itunes:episode>1</itunes:episode><psc:chapters>
<psc:chapter start="0" title="Intro"/><psc:chapter start="1:00" title="A &amp;amp; B" image="/b.jpg"/></psc:chapters></item>
<item><podcast:chapters url="/0.json"/></item></channel></rss>"""


def test_chapters_and_transcripts_are_beside_their_episode() -> None:
    episode, chapters, transcript, first, picture = items_of(CHAPTERS)
    assert [each.url.rpartition("/")[2] for each in (chapters, transcript, picture)] == [
        "2.json",
        "2.vtt",
        "b.jpg",
    ]
    for each in (episode, chapters, transcript):
        assert (each.title, each.album, each.position, each.total) == ("Two", "Cast", 2, 2)
    assert (chapters.type, chapters.mime) == ("other", "application/json+chapters")
    assert (transcript.type, transcript.language) == ("other", "de")
    assert (picture.type, picture.title, picture.position) == ("image", "A & B", first.position)


def test_numbers_of_their_own_are_kept() -> None:
    episodes = [
        f"<item><title>E</title><enclosure url='/{n}.mp3'/><itunes:episode>{n}</itunes:episode></item>"
        for n in (12, 11)
    ]
    items = items_of(f"<rss><channel>{''.join(episodes)}</channel></rss>")
    assert [(item.position, item.total) for item in items] == [(12, 12), (11, 12)]


def test_broken_xml_is_read_as_it_was_meant() -> None:
    text = """
    <?xml version="1.0"?><rss><channel><title>a&nbsp;b &uuml; c \x01</title>
    <item><title>Bad & ugly <br> x</title><enclosure url="/a.mp3?a=1&b=2"/></item>
    <item><title><![CDATA[R&D &amp; co]]></title><itunes:duration>99</itunes:duration><enclosure url="/b.mp3"/></item>
    <item><enclosure url="/c.mp3"/>"""
    items = items_of(text)
    assert [item.url.removeprefix("https://cast.example/") for item in items] == [
        "a.mp3?a=1&b=2",
        "b.mp3",
        "c.mp3",
    ]
    assert [item.title for item in items] == ["Bad & ugly x", "R&D & co", None]
    assert (items[1].duration, items[1].album) == (99.0, "a b ü c")


def test_entities_open_no_file_and_do_not_explode() -> None:
    bomb = '<!ENTITY a0 "xxxxxxxxxx">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    for use in ("<title>&e;</title>", "<title>&a9;</title>", "<enclosure url='/&a9;.mp3'/>"):
        items = items_of(
            f'<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd">{bomb}]><rss><channel><item>{use}'
            "<enclosure url='/a.mp3'/></item></channel></rss>"
        )
        assert all("root:" not in (item.title or "") for item in items)
        assert all(len(item.url) < 100 and len(item.title or "") < 300 for item in items)


@pytest.mark.parametrize(
    ("text", "mime"),
    [
        ("", "application/rss+xml"),
        ("<rss", "text/xml"),
        ("<rss/>", "text/xml"),
        ("<html><rss><channel><item><enclosure url='/a.mp3'/>", "text/html"),
        ("<rss><channel><item><enclosure url='javascript:x'/><enclosure/></item>", "text/xml"),
    ],
)
def test_what_is_no_feed_or_holds_nothing(text: str, mime: str) -> None:
    assert found_on(page(text, mime)) == []


WORDS = ["<rss>", "<channel>", "<item>", "</item>", "<entry>", "<feed>", "<title>", "</title>"]
WORDS += ["<chapters url='c'>", "<chapter image='i'/>", "<transcript url='t'/>"]
WORDS += ["<enclosure url='/a.mp3' length='-1'/>", "<media:content url='b' width='9'/>", "<group>"]
WORDS += [
    "<duration>1:2:3",
    "<pubDate>x",
    "<link href='//'/>",
    "&",
    "<![CDATA[",
    "]]>",
    "<img src=x>",
]
WORDS += [
    "<updated>0001-01-01T00:00:00+14:00</updated>",
    "<content type='xhtml'>",
    "&nbsp;",
    "\0",
    "é",
]


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), max_size=40))
def test_any_mixture_of_words_is_read(words: list[str]) -> None:
    for start in ("<rss><channel><item>", "<feed><entry>"):
        for each in found_on(page(start + "".join(words)), Feeds(follow=True)):
            assert each.url.startswith("http")


def test_large_feeds_take_linear_time() -> None:
    for unit in (
        "<content url='/a.jpg' width='5'/>",
        "<group><title>x</title><content url='a'/>",
        "<title><b>",
        "&<![CDATA[",
        "<img &nbsp;",
    ):
        started = time.monotonic()
        found_on(page("<rss><channel><item>" + unit * (500_000 // len(unit))))
        assert time.monotonic() - started < 15, unit


HEARD = {
    "a link": "<link>/1.mp3</link>",
    "a link with what is asked for": "<link>/1.mp3?from=rss&amp;x=1</link>",
    "a link of a film": "<link>https://cdn.example/1.mp4</link><description>Watch</description>",
    "a permanent link": '<guid isPermaLink="TRUE">https://cast.example/1.mp3</guid>',
    "a guid": "<link>https://cast.example/post/1</link><guid>\n https://cast.example/1.ogg </guid>",
    "an id of Atom": "<id>https://cast.example/1.m4a</id>",
    "Atom, by its type": '<link rel="alternate" type="audio/mpeg" href="/get/1"/>',
    "Atom, related": '<link rel="related" type="video/mp4" href="/get/1"/>',
    "beside an image": '<link>/1.mp3</link><media:thumbnail url="/1.jpg"/>',
    "an empty address first": '<enclosure url="" href="/1.mp3"/>',
}


@pytest.mark.parametrize("name", HEARD)
def test_an_episode_that_is_not_attached_is_found(name: str) -> None:
    feed = f"<rss><channel><item><title>One</title>{HEARD[name]}</item></channel></rss>"
    (item,) = items_of(feed)
    assert item.type in ("audio", "video")
    assert "/1" in item.url
    assert item.title == "One"


@pytest.mark.parametrize(
    "post",
    [
        '<guid isPermaLink="false">https://cast.example/1.mp3</guid>',
        "<guid>1.mp3</guid>",
        "<guid>podcast/1.mp3</guid>",
        "<link>https://cast.example/post/1</link>",
        "<link>https://cast.example/1.jpg.html</link>",
        '<link rel="self" href="/1.mp3"/>',
    ],
)
def test_names_and_pages_of_posts_are_no_episodes(post: str) -> None:
    assert items_of(f"<rss><channel><item>{post}</item></channel></rss>") == []


def test_what_is_attached_counts_before_any_address() -> None:
    post = '<link>/trailer.mp3</link><guid>https://x.example/0.mp3</guid><enclosure url="/1.mp3"/>'
    (item,) = items_of(f"<rss><channel><item>{post}</item></channel></rss>")
    assert item.url == "https://cast.example/1.mp3"


@pytest.mark.parametrize("spelling", ["item", "ITEM", "Item", "x:item", "rss:Entry"])
@pytest.mark.parametrize(
    "form",
    [
        "<rss><channel><title>T</title>{}{}</channel></rss>",
        "<rss><channel><title>T</title></channel>{}{}</rss>",
        "<rss><channel><title>T</title><items>{}{}</items></channel></rss>",
        "<channel><title>T</title>{}{}</channel>",
        "<RSS><Channel><title>T</title>{}{}</Channel></RSS>",
    ],
)
def test_posts_are_found_wherever_they_stand(form: str, spelling: str) -> None:
    inner = "<item><enclosure url='/inner.mp3'/></item>"  # of another feed: part of the post
    post = "<{0}><enclosure url='/{1}.mp3'/><source>{2}</source></{0}>"
    items = items_of(form.format(*(post.format(spelling, n, inner) for n in (1, 2))))
    assert [item.url for item in items] == [f"https://cast.example/{n}.mp3" for n in (1, 2)]
    assert {item.album for item in items} == {"T"}


ATOM = "http://www.w3.org/2005/Atom"
PAGED = [
    # RSS with a link of Atom, as podcast hosts write it; Atom; RDF has the links in its channel
    f'<rss xmlns:a="{ATOM}"><channel><a:link rel="next" href="?page=2"/>'
    '<item><title>T</title><enclosure url="1.mp3"/></item></channel></rss>',
    f'<feed xmlns="{ATOM}"><link rel="self" href="feed.xml"/><link rel=" NEXT " href="?page=2"/>'
    '<entry><title>T</title><link rel="enclosure" href="1.mp3"/></entry></feed>',
]


@pytest.mark.parametrize("text", PAGED)
def test_the_next_page_of_a_feed_is_read_as_well(text: str) -> None:
    item, link = found_on(page(text))
    assert link == Link(f"{HERE}feed.xml?page=2", "next page", pages=50)
    assert isinstance(item, MediaItem) and item.position is None and item.total is None
    assert found_on(page(text), Feeds(max_pages=1)) == [item]


@pytest.mark.parametrize("text", PAGED)
@pytest.mark.parametrize("href", ["feed.xml", "", "mailto:ann@cast.example", "#next"])
def test_a_next_page_that_is_none_is_not_followed(text: str, href: str) -> None:
    assert not [
        each for each in found_on(page(text.replace("?page=2", href))) if isinstance(each, Link)
    ]


def test_episodes_of_a_later_page_keep_their_own_numbers_only() -> None:
    text = (
        PAGED[0]
        .replace('"next"', '"previous"')
        .replace(
            "<title>T",
            '<i:episode xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd">7</i:episode><title>T',
        )
    )
    (item,) = found_on(page(text))
    assert isinstance(item, MediaItem) and (item.position, item.total) == (7, None)
