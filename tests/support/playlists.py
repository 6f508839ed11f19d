"""Playlists read in short: a text after the first tags, as a value or as its refusal."""

from __future__ import annotations

import pytest

from reelin import ExtractError, m3u8
from reelin.media.m3u8 import M3U8Error, Master, Media

URL = "https://cdn.example/film/list.m3u8?token=a%2Fb&empty="
FOLDER = "https://cdn.example/film/"
STREAM = "#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n"


def media(text: str, url: str = URL, **variables: str) -> Media:
    playlist = m3u8.parse("#EXTM3U\n#EXT-X-TARGETDURATION:9\n" + text, url, variables)
    assert isinstance(playlist, Media)
    return playlist


def master(text: str) -> Master:
    playlist = m3u8.parse("#EXTM3U\n" + text, URL)
    assert isinstance(playlist, Master)
    return playlist


def refusal(text: str, url: str = URL) -> str:
    with pytest.raises(M3U8Error) as error:
        m3u8.parse(text, url)
    assert isinstance(error.value, ExtractError) and error.value.kind == "ExtractError"
    assert url.partition("?")[0] in str(error.value) and error.value.url
    return str(error.value)
