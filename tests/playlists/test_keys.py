"""Keys: which are in force for a segment, and which of them are DRM."""

from __future__ import annotations

import pytest
from support.playlists import FOLDER, STREAM, master, media

from reelin import m3u8
from reelin.media.m3u8 import Key


def test_keys_change_and_end() -> None:
    playlist = media(
        """#EXT-X-MEDIA-SEQUENCE:258
#EXTINF:1,
clear.ts
#EXT-X-KEY:METHOD=AES-128,URI="k1"
#EXTINF:1,
one.ts
#EXT-X-KEY:METHOD=AES-128,URI="k1"
#EXTINF:1,
same.ts
#EXT-X-KEY:METHOD=AES-128,URI="k2?a=1,b=2",IV=0X00ff00ff00ff00ff00ff00ff00ff00ff
#EXTINF:1,
two.ts
#EXT-X-KEY:METHOD=NONE
#EXTINF:1,
end.ts
"""
    )
    clear, one, same, two, end = playlist.segments
    assert (clear.keys, clear.key, end.keys) == ((), None, ())
    assert one.key == Key("AES-128", FOLDER + "k1", None, "identity", "1")
    assert one.keys is same.keys
    assert one.iv == bytes(14) + b"\x01\x03" and same.iv == bytes(14) + b"\x01\x04"
    assert two.key and two.key.uri == FOLDER + "k2?a=1,b=2"
    assert two.iv == two.key.iv == bytes.fromhex("00ff" * 8)
    assert m3u8.drm_of(playlist) == ()


WIDEVINE = (
    'METHOD=SAMPLE-AES-CTR,URI="data:text/plain;base64,AAAA",'
    'KEYFORMAT="urn:uuid:EDEF8BA9-79D6-4ACE-A3C8-27DCD51D21ED",KEYFORMATVERSIONS="1"'
)
FAIRPLAY = 'METHOD=SAMPLE-AES,URI="skd://asset",KEYFORMAT="com.apple.streamingkeydelivery"'
PLAYREADY = 'METHOD=SAMPLE-AES,URI="data:;base64,AA",KEYFORMAT="com.microsoft.playready"'


def test_keys_of_several_formats_are_in_force_together() -> None:
    playlist = media(
        f"""#EXT-X-KEY:{FAIRPLAY}
#EXT-X-KEY:METHOD=AES-128,URI="k1"
#EXTINF:1,
a.ts
#EXT-X-KEY:METHOD=AES-128,URI="k2"
#EXTINF:1,
b.ts
"""
    )
    assert [[key.uri for key in each.keys] for each in playlist.segments] == [
        ["skd://asset", FOLDER + "k1"],
        ["skd://asset", FOLDER + "k2"],
    ]
    assert [each.key and each.key.uri for each in playlist.segments] == [
        FOLDER + "k1",
        FOLDER + "k2",
    ]
    assert m3u8.drm_of(playlist) == ()


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ([WIDEVINE], ("Widevine",)),
        ([FAIRPLAY], ("FairPlay",)),
        ([PLAYREADY], ("PlayReady",)),
        ([WIDEVINE, FAIRPLAY, PLAYREADY], ("Widevine", "FairPlay", "PlayReady")),
        (['METHOD=SAMPLE-AES,URI="k"'], ("SAMPLE-AES",)),
        (['METHOD=SAMPLE-AES-CTR,URI="k"'], ("SAMPLE-AES-CTR",)),
        (['METHOD=AES-256,URI="k"'], ("AES-256",)),
        (['METHOD=AES-128,URI="skd://asset"'], ("FairPlay",)),
        (['METHOD=AES-128,URI="k",KEYFORMAT="com.example"'], ("AES-128 (com.example)",)),
        (['METHOD=AES-128,URI="k"'], ()),
        (["METHOD=NONE"], ()),
        ([], ()),
    ],
)
def test_drm_is_known_by_name(keys: list[str], names: tuple[str, ...]) -> None:
    tags = "".join(f"#EXT-X-KEY:{key}\n" for key in keys)
    assert m3u8.drm_of(media(tags + "#EXTINF:1,\na.ts\n")) == names
    assert m3u8.drm_of(media("#EXTINF:1,\na.ts\n" + tags + "#EXTINF:1,\nb.ts\n")) == names
    assert m3u8.drm_of(master(tags.replace("X-KEY", "X-SESSION-KEY") + STREAM)) == names


def test_a_key_may_stand_in_the_playlist_itself() -> None:
    sixteen = "data:application/octet-stream;base64,MDEyMzQ1Njc4OWFiY2RlZg=="
    playlist = media(f'#EXT-X-KEY:METHOD=AES-128,URI="{sixteen}"\n#EXTINF:1,\na.ts\n')
    key = playlist.segments[0].key
    assert key and key.uri == sixteen and key.inline == b"0123456789abcdef"
    assert Key("AES-128", "data:,%30123").inline == b"0123"
    assert Key("AES-128", "https://x.example/,k").inline is None
    assert Key("AES-128", "data:;base64,!").inline is None
