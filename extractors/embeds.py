"""Videos and tracks of other sites that a page embeds: links to the pages that they come from.

Players stand in <iframe>, <embed> and <object>, wait in data attributes until a visitor agrees
or scrolls, or are elements of their own: `<lite-youtube videoid=…>`, `<amp-vimeo data-videoid=…>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from reelin import Extractor, Link, Page, hookimpl

YOUTUBE = "https://www.youtube.com/watch?v={}"
VIMEO = "https://vimeo.com/{}"


class EmbeddedPlayer(NamedTuple):
    """A kind of player: how its address begins, without `www.`, how it goes on, and the page
    behind it, where the parts in parentheses, decoded, stand for `{}`.
    """

    start: str
    rest: str
    page: str

    def page_of(self, address: str) -> str | None:
        if not address.startswith(self.start):
            return None
        found = re.compile(self.rest).match(address, len(self.start))
        return self.page.format(*map(unquote, found.groups())) if found else None


# `[?&]` stands for a parameter, the first or a later one, of a query that begins here.
# Not among them: Spotify, whose tracks are encrypted.
TABLE = r"""
youtube.com/embed/ (?!videoseries|live_stream)([\w-]{11})(?![\w-]) https://www.youtube.com/watch?v={}
youtube.com/v/ ([\w-]{11})(?![\w-]) https://www.youtube.com/watch?v={}
youtube.com/embed (?:/videoseries|/)?[?&]list=([\w-]+) https://www.youtube.com/playlist?list={}
youtube.com/embed/live_stream [?&]channel=([\w-]+) https://www.youtube.com/channel/{}/live
youtube-nocookie.com/embed/ (?!videoseries)([\w-]{11})(?![\w-]) https://www.youtube.com/watch?v={}
youtube-nocookie.com/embed/videoseries [?&]list=([\w-]+) https://www.youtube.com/playlist?list={}
player.vimeo.com/video/ (\d+)[?&]h=(\w+) https://vimeo.com/{}/{}
player.vimeo.com/video/ (\d+) https://vimeo.com/{}
vimeo.com/moogaloop.swf [?&]clip_id=(\d+) https://vimeo.com/{}
vimeo.com/event/ (\d+)/embed https://vimeo.com/event/{}
vimeo.com/showcase/ (\d+)/embed https://vimeo.com/showcase/{}
w.soundcloud.com/player /?[?&]url=([^&#]+) {}
dailymotion.com/embed/video/ (\w+) https://www.dailymotion.com/video/{}
geo.dailymotion.com/player [^?]*[?&]video=(\w+) https://www.dailymotion.com/video/{}
player.twitch.tv/ [?&]video=v?(\d+) https://www.twitch.tv/videos/{}
player.twitch.tv/ [?&]channel=(\w+) https://www.twitch.tv/{}
clips.twitch.tv/embed [?&]clip=([\w-]+) https://clips.twitch.tv/{}
mixcloud.com/widget/iframe/ [?&]feed=(?:http[^&]+?\.com)?((?:%2F|/)[^&#]+) https://www.mixcloud.com{}
facebook.com/plugins/video.php [?&]href=([^&#]+) {}
facebook.com/video/embed [?&]video_id=(\d+) https://www.facebook.com/watch/?v={}
tiktok.com/embed/ (?:v\d/)?(\d+) https://www.tiktok.com/@/video/{}
tiktok.com/player/ v\d/(\d+) https://www.tiktok.com/@/video/{}
streamable.com/ [eos]/(\w+) https://streamable.com/{}
fast.wistia.net/embed/iframe/ (\w+) https://fast.wistia.net/embed/iframe/{}
rumble.com/embed/ (\w+) https://rumble.com/embed/{}/
odysee.com/$/embed/ ([^?#]+) https://odysee.com/{}
loom.com/embed/ (\w+) https://www.loom.com/share/{}
embed.ted.com/talks/ (?:lang/[\w-]+/)?(\w+) https://www.ted.com/talks/{}
player.bilibili.com/player.html [?&]bvid=(\w+) https://www.bilibili.com/video/{}
archive.org/embed/ ([^/?#]+) https://archive.org/details/{}
"""
PLAYERS = [
    EmbeddedPlayer(*line.replace("[?&]", r"\?(?:.*&)?").split())
    for line in TABLE.strip().splitlines()
]
# Elements and attributes that hold no address but a video's id: `element attribute`.
IDS = {
    r"(?:lite|amp)-youtube (?:data-)?video-?id|\S+ data-(?:youtube|yt)-?(?:video-?)?id": YOUTUBE,
    r"(?:lite|amp)-vimeo (?:data-)?video-?id|\S+ data-vimeo-?(?:video-?)?id": VIMEO,
    r"amp-dailymotion data-videoid": "https://www.dailymotion.com/video/{}",
    r"amp-soundcloud data-trackid": "https://api.soundcloud.com/tracks/{}",
    r"amp-soundcloud data-playlistid": "https://api.soundcloud.com/playlists/{}",
    r"amp-tiktok data-src": "https://www.tiktok.com/@/video/{}",
}
# What tells a page with such, and where to look for them there.
WITH_ID = {
    "<lite-": "//*[starts-with(name(), 'lite-')]/@*",
    "<amp-": "//*[starts-with(name(), 'amp-')]/@*",
    "data-yt": "//@*[starts-with(name(), 'data-yt')]",
    "data-youtube": "//@*[starts-with(name(), 'data-youtube')]",
    "data-vimeo": "//@*[starts-with(name(), 'data-vimeo')]",
}
ID = re.compile(r"[\w-]{5,40}")
ADDRESS = re.compile(r"(?:https?:)?//(?:www\.)?([^\s\"'<>\\]{4,2000})")
BANDCAMP = re.compile(r"https?://[\w-]{1,63}\.bandcamp\.com/(?:album|track)/[\w-]+")


class Embeds(Extractor):
    """Embedded YouTube, Vimeo, SoundCloud, Dailymotion, Twitch, Bandcamp… players, as links."""

    name = "embeds"
    finds = '<iframe src="https://www.youtube.com/embed/bTqVqk7FSmY"></iframe>'

    def extract(self, page: Page) -> Iterator[Link]:
        """Yield the pages of the videos and tracks that a page embeds."""
        if not page.is_markup:
            return
        found: dict[str, str] = {}
        for url, origin in (*_by_address(page), *_by_id(page), *_bandcamp(page)):
            if page.absolute(url):
                found.setdefault(url, origin)
        for url, origin in found.items():
            yield Link(url, origin=origin)


def _by_address(page: Page) -> Iterator[tuple[str, str]]:
    """Players whose address stands in an attribute, be it within JSON or markup."""
    players = [each for each in PLAYERS if each.start.partition("/")[0] in page.hosts]
    forms = {form for each in players for form in (each.start, _escape(each.start))}
    there = [form for form in forms if form in page.text]
    if not there:
        return
    tests = " or ".join(f"contains(., '{form}')" for form in there)
    for value in page.tree.xpath(f"//@*[{tests}]"):
        for address in ADDRESS.findall(value.replace("\\/", "/")):
            url = _page_behind(players, address)
            if url:
                yield url, f"<{value.getparent().tag} {value.attrname}>"


def _escape(start: str) -> str:
    return start.replace("/", "\\/")


def _page_behind(players: Sequence[EmbeddedPlayer], address: str) -> str | None:
    return next(filter(None, (each.page_of(address) for each in players)), None)


def _by_id(page: Page) -> Iterator[tuple[str, str]]:
    """Players that are named by the id of a video."""
    there = [path for word, path in WITH_ID.items() if word in page.text]
    for value in page.tree.xpath(" | ".join(there)) if there else ():
        place = f"{value.getparent().tag} {value.attrname}"
        for rule, url in IDS.items():
            if ID.fullmatch(value) and re.fullmatch(rule, place):
                yield url.format(value), f"<{place}>"


def _bandcamp(page: Page) -> Iterator[tuple[str, str]]:
    """The album's page is not in the player's address, but in what its <iframe> holds."""
    if "bandcamp.com" in page.hosts:
        for frame in page.select("iframe[src*='bandcamp.com/EmbeddedPlayer']"):
            # Parsers differ on whether this is text or markup.
            inside = [frame.text or "", *(str(each) for each in frame.xpath(".//a/@href"))]
            for url in BANDCAMP.findall(" ".join(inside)):
                yield url, "<iframe>"


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `embeds`."""
    return [Embeds()]
