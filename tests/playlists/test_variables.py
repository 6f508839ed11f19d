"""Variables, which a playlist defines, imports or takes from its own address."""

from __future__ import annotations

import pytest
from support.playlists import FOLDER, master, media, refusal


def test_variables() -> None:
    playlist = media(
        """#EXT-X-DEFINE:NAME="host",VALUE="https://b.example"
#EXT-X-DEFINE:NAME="base",VALUE="{$host}/x"
#EXT-X-DEFINE:IMPORT="auth"
#EXT-X-DEFINE:QUERYPARAM="token"
#EXT-X-KEY:METHOD=AES-128,URI="{$base}/k?{$auth}",IV=0x{$auth}
#EXTINF:1,{$host}
{$base}/a.ts?t={$token}
""",
        auth="0a",
    )
    (segment,) = playlist.segments
    assert segment.uri == "https://b.example/x/a.ts?t=a/b" and segment.title == "{$host}"
    assert segment.key and segment.key.uri == "https://b.example/x/k?0a"
    assert segment.iv == bytes(15) + b"\x0a"


def test_what_variables_bring_is_not_replaced_again() -> None:
    playlist = media('#EXT-X-DEFINE:IMPORT="a"\n#EXTINF:1,\nx/{$a}.ts\n', a="{$a}")
    assert playlist.segments[0].uri == FOLDER + "x/%7B$a%7D.ts"


def test_a_master_hands_its_variables_on() -> None:
    found = master('#EXT-X-DEFINE:NAME="a",VALUE="1"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{$a}.m3u8\n')
    assert found.variants[0].uri == FOLDER + "1.m3u8"
    assert found.variables == {"a": "1"}


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        ("#EXTINF:1,\n{$x}.ts", "{$x} has no value"),
        ('#EXTINF:1,\n{$x}.ts\n#EXT-X-DEFINE:NAME="x",VALUE="1"', "{$x} has no value"),
        ('#EXT-X-MAP:URI="{$x}"', "{$x} has no value"),
        ('#EXT-X-DEFINE:IMPORT="x"', "multivariant"),
        ('#EXT-X-DEFINE:QUERYPARAM="x"', "?x="),
        ('#EXT-X-DEFINE:QUERYPARAM="empty"', "?empty="),
        ('#EXT-X-DEFINE:NAME="x y",VALUE="1"', "not a name"),
        (
            '#EXT-X-DEFINE:NAME="x",VALUE="1"\n#EXT-X-DEFINE:NAME="x",VALUE="2"',
            "defined twice",
        ),
    ],
)
def test_variables_that_are_not_there(tags: str, says: str) -> None:
    assert says in refusal("#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + tags + "\n")


def test_a_query_cannot_bring_in_a_line() -> None:
    url = "https://cdn.example/a.m3u8?x=%0A%22"
    assert "quote" in refusal('#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM="x"\n', url)


def test_variables_cannot_blow_up() -> None:
    """A thousand million characters from a few hundred."""
    tags = ['#EXT-X-DEFINE:NAME="v0",VALUE="aaaaaaaaaa"']
    tags += [f'#EXT-X-DEFINE:NAME="v{n + 1}",VALUE="{f"{{$v{n}}}" * 10}"' for n in range(10)]
    assert "blow" in refusal("#EXTM3U\n" + "\n".join(tags))
