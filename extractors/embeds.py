"""Videos and tracks of other sites that a page embeds: links to the pages that they come from.

Players stand in <iframe>, <embed> and <object>, wait in data attributes until a visitor agrees
or scrolls, or are elements of their own: `<lite-youtube videoid=…>`, `<amp-vimeo data-videoid=…>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from reelin import Extractor, Link, Page, hookimpl

YOUTUBE = "https://www.youtube.com/watch?v={}"
VIMEO = "https://vimeo.com/{}"
# A player's address, from its host on and without `www.`, and the page behind it: the parts in
# parentheses, decoded, replace `{}`. Not here: Spotify, whose tracks are encrypted.
PLAYERS = {
    r"youtube(?:-nocookie)?\.com/(?:embed|v)/(?!videoseries)([\w-]{11})(?![\w-])": YOUTUBE,
    r"youtube(?:-nocookie)?\.com/embed/?(?:videoseries)?\?(?:.*&)?list=([\w-]+)": (
        "https://www.youtube.com/playlist?list={}"
    ),
    r"youtube(?:-nocookie)?\.com/embed/live_stream\?(?:.*&)?channel=([\w-]+)": (
        "https://www.youtube.com/channel/{}/live"
    ),
    r"player\.vimeo\.com/video/(\d+)\?(?:.*&)?h=(\w+)": "https://vimeo.com/{}/{}",
    r"player\.vimeo\.com/video/(\d+)": VIMEO,
    r"vimeo\.com/moogaloop\.swf\?(?:.*&)?clip_id=(\d+)": VIMEO,
    r"vimeo\.com/((?:event|showcase)/\d+)/embed": VIMEO,
    r"w\.soundcloud\.com/player/?\?(?:.*&)?url=([^&#]+)": "{}",
    r"dailymotion\.com/embed/video/(\w+)": "https://www.dailymotion.com/video/{}",
    r"geo\.dailymotion\.com/player[^?]*\?(?:.*&)?video=(\w+)": (
        "https://www.dailymotion.com/video/{}"
    ),
    r"player\.twitch\.tv/\?(?:.*&)?video=v?(\d+)": "https://www.twitch.tv/videos/{}",
    r"player\.twitch\.tv/\?(?:.*&)?channel=(\w+)": "https://www.twitch.tv/{}",
    r"clips\.twitch\.tv/embed\?(?:.*&)?clip=([\w-]+)": "https://clips.twitch.tv/{}",
    r"mixcloud\.com/widget/iframe/?\?(?:.*&)?feed=(?:https?%3A%2F%2F(?:www\.)?mixcloud\.com)?"
    r"((?:%2F|/)[^&#]+)": "https://www.mixcloud.com{}",
    r"facebook\.com/plugins/(?:video|post)\.php\?(?:.*&)?href=([^&#]+)": "{}",
    r"facebook\.com/video/embed\?(?:.*&)?video_id=(\d+)": "https://www.facebook.com/watch/?v={}",
    r"tiktok\.com/(?:embed/(?:v\d/)?|player/v\d/)(\d+)": "https://www.tiktok.com/@/video/{}",
    r"streamable\.com/[eos]/(\w+)": "https://streamable.com/{}",
    r"(fast\.wistia\.(?:net|com)/embed/iframe/\w+)": "https://{}",
    r"(rumble\.com/embed/\w+)": "https://{}/",
    r"odysee\.com/\$/embed/([^?#]+)": "https://odysee.com/{}",
    r"loom\.com/embed/(\w+)": "https://www.loom.com/share/{}",
    r"embed\.ted\.com/talks/(?:lang/[\w-]+/)?(\w+)": "https://www.ted.com/talks/{}",
    r"player\.bilibili\.com/player\.html\?(?:.*&)?bvid=(\w+)": (
        "https://www.bilibili.com/video/{}"
    ),
    r"archive\.org/embed/([^/?#]+)": "https://archive.org/details/{}",
}
# Elements and attributes that carry no address but a video's id.
IDS = {
    r"(?:lite|amp)-youtube (?:data-)?video-?id|\S+ data-(?:youtube|yt)-?(?:video-?)?id": YOUTUBE,
    r"(?:lite|amp)-vimeo (?:data-)?video-?id|\S+ data-vimeo-?(?:video-?)?id": VIMEO,
    r"amp-dailymotion data-videoid": "https://www.dailymotion.com/video/{}",
    r"amp-soundcloud data-trackid": "https://api.soundcloud.com/tracks/{}",
    r"amp-soundcloud data-playlistid": "https://api.soundcloud.com/playlists/{}",
    r"amp-tiktok data-src": "https://www.tiktok.com/@/video/{}",
}
RULES = [(re.compile(pattern), page) for pattern, page in PLAYERS.items()]
NAMED = [(re.compile(pattern), page) for pattern, page in IDS.items()]

# One of these is in every page with such a player…
WORDS = (
    "youtube dailymotion soundcloud vimeo twitch.tv mixcloud.com facebook.com/ tiktok bandcamp.com/"
    " streamable.com/ wistia. rumble.com/ odysee.com/ loom.com/ ted.com/ bilibili.com/ archive.org/"
    " data-yt"
).split()
# …and one of these in the attribute, or in its name.
SIGNS = "embed player Player widget/ plugins/ /v/ moogaloop streamable.com/".split()
ATTRIBUTES = " or ".join(f"contains(., '{sign}')" for sign in SIGNS)
NAMES = " or ".join(f"contains(name(), '{name}')" for name in ("youtube", "yt", "vimeo"))
ELEMENTS = "//*[starts-with(name(), 'amp-') or starts-with(name(), 'lite-')]"
FOUND = f"//@*[{ATTRIBUTES}] | //@*[{NAMES}] | {ELEMENTS}/@*"
ADDRESS = re.compile(r"(?:https?:)?//(?:www\.)?([^\s\"'<>\\]{4,2000})")
BANDCAMP = re.compile(r"https?://[\w-]{1,63}\.bandcamp\.com/(?:album|track)/[\w-]+")
ID = re.compile(r"[\w-]{5,40}")


class Embeds(Extractor):
    """Embedded YouTube, Vimeo, SoundCloud, Dailymotion, Twitch, Bandcamp… players, as links."""

    name = "embeds"

    def extract(self, page: Page) -> Iterator[Link]:
        """Yield the pages of the videos and tracks that a page embeds."""
        if not page.is_markup or not any(word in page.text for word in WORDS):
            return
        found: dict[str, str] = {}
        for value in page.tree.xpath(FOUND):
            tag, attribute = str(value.getparent().tag), str(value.attrname)
            for url in _pages(tag, attribute, str(value)):
                found.setdefault(url, f"<{tag} {attribute}>")
        for frame in page.select("iframe[src*='bandcamp.com/EmbeddedPlayer']"):
            # The address does not tell the album's page; what browsers without frames show does.
            inside = " ".join(
                [frame.text or "", *(str(each) for each in frame.xpath(".//a/@href"))]
            )
            found.update((url, "<iframe>") for url in BANDCAMP.findall(inside))
        for url, origin in found.items():
            if page.absolute(url):
                yield Link(url, origin=origin)


def _pages(tag: str, attribute: str, value: str) -> Iterator[str]:
    """The pages behind the players that an attribute names, by address or by id."""
    for address in ADDRESS.findall(value.replace("\\/", "/")):
        rules = ((rule.match(address), page) for rule, page in RULES)
        yield from (
            [page.format(*map(unquote, found.groups())) for found, page in rules if found][:1]
        )
    if ID.fullmatch(value):
        for rule, page in NAMED:
            if rule.fullmatch(f"{tag} {attribute}"):
                yield page.format(value)


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `embeds`."""
    return [Embeds()]
