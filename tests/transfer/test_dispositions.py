"""File names in Content-Disposition: the standard's, and what servers make of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile import HostileServer, answer
from support.outcomes import fetch, names_in

from reelin.transfer.disposition import filename_in


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (b"attachment", None),
        (b"attachment; filename=", None),
        (b"attachment; filename=a.zip; filename=b.zip", "a.zip"),
        (b"attachment; FILENAME = a b.zip ; size=7", "a b.zip"),
        (b'inline; title="; filename=no.zip"; filename="yes.zip"', "yes.zip"),
        (rb'attachment; filename="say \"hi\".zip"', 'say "hi".zip'),
        (b'attachment; filename="never closed.zip', "never closed.zip"),
        (b'attachment;filename="a.zip";', "a.zip"),
        (b"attachment; filename='a.zip'", "'a.zip'"),
        (b"filename=bare.zip", "bare.zip"),
        (b"attachment, filename=a.zip", None),
        # RFC 8187
        (b"attachment; filename=no.zip; filename*=UTF-8'de'%C3%BCber%20uns.zip", "über uns.zip"),
        (b"attachment; filename*=\"UTF-8''%C3%BC.zip\"", "ü.zip"),
        (b"attachment; filename*=windows-1251''%EF%E5%F1%ED%FF.zip", "песня.zip"),
        (b"attachment; filename*=UTF-8''%FF.zip; filename=plain.zip", "plain.zip"),
        (b"attachment; filename*=klingon''x; filename=plain.zip", "plain.zip"),
        (b"attachment; filename*=UTF-8''100%25%2520.zip", "100%%20.zip"),
        (b"attachment; filename*=UTF-8''%C3%BC; filename*=UTF-8''x", "ü"),
        # RFC 2231
        (b'attachment; filename*0="a long "; filename*1="name.zip"', "a long name.zip"),
        (b"attachment; filename*0*=UTF-8''%C3%BC; filename*1=' 5%.zip'", "ü' 5%.zip'"),
        # RFC 2047
        (b'attachment; filename="=?iso-8859-1?Q?caf=E9_x.zip?="', "café x.zip"),
        (b'attachment; filename="=?utf-8?b?5pel?= =?utf-8?b?5pys?=.zip"', "日本.zip"),
        (b'attachment; filename="=?gbk?B?0vTA1g==?=.zip"', "音乐.zip"),
        (b'attachment; filename="=?nonsense?B?0vTA1g==?=.zip"', "=?nonsense?B?0vTA1g==?=.zip"),
        # escapes
        (b'attachment; filename="50% off.zip"', "50% off.zip"),
        (b'attachment; filename="%E9t%E9.zip"', "%E9t%E9.zip"),
        (b'attachment; filename="a+b%20c.zip"', "a+b c.zip"),
        # raw bytes
        (b'attachment; filename="\xe2\x82\xac.zip"', "€.zip"),
        (b'attachment; filename="\x93fin\x94 \xe9.zip"', "“fin” é.zip"),
        (b'attachment; filename="\x81\xe9.zip"', "\x81é.zip"),
    ],
)
def test_names_as_servers_send_them(said: bytes, name: str | None) -> None:
    assert filename_in(said.decode("utf-8", "surrogateescape")) == name


@pytest.mark.parametrize(
    ("encoding", "name"), [("gb18030", "音乐.zip"), ("cp1251", "песня.zip"), ("cp949", "노래.zip")]
)
def test_raw_bytes_are_those_of_the_page(encoding: str, name: str) -> None:
    raw = b'attachment; filename="' + name.encode(encoding) + b'"'
    assert filename_in(raw.decode("utf-8", "surrogateescape"), encoding) == name
    escaped = "".join(f"%{byte:02X}" for byte in name.encode(encoding))
    assert filename_in(f"attachment; filename={escaped}", encoding) == name


@given(st.binary(max_size=80), st.sampled_from(["", "cp1251", "shift_jis"]))
def test_nothing_is_too_odd(said: bytes, encoding: str) -> None:
    for value in (said, b"attachment; filename=" + said, b"attachment; filename*=" + said):
        name = filename_in(value.decode("utf-8", "surrogateescape"), encoding)
        assert name is None or name.encode("utf-8", "surrogateescape")


async def test_names_in_the_bytes_of_a_page(hostile: HostileServer, tmp_path: Path) -> None:
    html = '<meta charset="gbk"><a href="/get?1">下载 MP3</a><audio src="/get?1"></audio>'
    url = hostile.on("/", answer(200, html.encode("gbk"), content_type="text/html"))
    said = answer(200, b"ID3 data", content_type="audio/mpeg", Content_Disposition="filename=NAME")
    hostile.on("/get?1", said.replace(b"NAME", "歌曲.mp3".encode("gbk")))
    report, _ = await fetch(url, tmp_path)
    assert report.ok and names_in(tmp_path) == ["歌曲.mp3"]
