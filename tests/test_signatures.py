"""What in an address only says who may fetch it: the table of signing parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin.model.signatures import SCHEMES, lasting_path, unsigned

FILE = "https://cdn.example/media/a%20song.mp3"
HEX = "0123456789abcdef0123456789abcdef"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP"

SIGNED = {
    "S3 V4": "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260101%2Fs3&X-Amz-Date="
    "20260101T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=ab12",
    "S3 V4 with a session": "?X-Amz-Security-Token=Fwo&X-Amz-Signature=ab12&X-Amz-Date=2026",
    "S3 V4 in lower case": "?x-amz-signature=ab12&x-amz-date=2026",
    "S3 V2": "?AWSAccessKeyId=AK&Expires=1700000000&Signature=a%2Bb%3D",
    "CloudFront, canned": "?Expires=1700000000&Signature=ab~_&Key-Pair-Id=APK",
    "CloudFront, custom": "?Policy=eyJ&Signature=ab~_&Key-Pair-Id=APK&Hash-Algorithm=SHA256",
    "Azure": "?sv=2024-08-04&se=2026-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=ab%2B%3D",
    "Azure, stored policy": "?sv=2024-08-04&sr=c&si=read&sig=ab",
    "Google V4": "?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Date=2026&X-Goog-Signature=00ff",
    "Google V2": "?GoogleAccessId=me%40example&Expires=1700000000&Signature=ab",
    "Google Media CDN": "?URLPrefix=aHR0&Expires=1700000000&KeyName=key&Signature=ab",
    "Alibaba": "?OSSAccessKeyId=AK&Expires=1700000000&Signature=ab",
    "Tencent": "?q-sign-algorithm=sha1&q-ak=AK&q-sign-time=1;2&q-key-time=1;2&q-signature=ab",
    "Swift": "?temp_url_sig=ab&temp_url_expires=1700000000",
    "Akamai": "?hdnts=st=1~exp=2~acl=/*~hmac=ab",
    "Akamai by another name": f"?mine=exp%3D1700000000~acl%3D%2F*~hmac%3D{HEX}",
    "Bunny": "?token=aiDhHXZGHidb&token_path=%2Fmedia%2F&expires=1700000000",
    "nginx": "?md5=ab-_&expires=1700000000",
    "KeyCDN": "?token=ab&expire=1700000000",
    "Laravel": "?expires=1700000000&signature=ab",
    "Wowza": "?wowzatokenhash=ab&wowzatokenendtime=1&wowzatokenCustom=2",
    "Instagram": "?_nc_cat=1&_nc_ht=scontent-a&_nc_ohc=x&_nc_gid=y&oh=00_Af&oe=69EFEA01&ccb=1-7",
    "Discord": "?ex=65d903de&is=65c68ede&hm=2481f30d&",
    "TikTok": "?x-expires=1700000000&x-signature=ab%3D",
    "phpBB": f"?sid={HEX}",
    "a web token": f"?jwt={JWT}",
}


@pytest.mark.parametrize("kind", SIGNED)
def test_what_signs_is_taken_off(kind: str) -> None:
    assert unsigned(FILE + SIGNED[kind]) == FILE


@pytest.mark.parametrize("kind", SIGNED)
def test_what_says_which_file_stays(kind: str) -> None:
    if kind == "Discord":
        return  # ends with an empty parameter, as Discord's addresses do
    signature = SIGNED[kind].removeprefix("?")
    assert unsigned(f"{FILE}?id=7&{signature}&w=100") == f"{FILE}?id=7&w=100"
    assert unsigned(f"{FILE}?id=7&{signature}") != unsigned(f"{FILE}?id=8&{signature}")


@pytest.mark.parametrize(
    "path",
    [
        f"/exp=1700000000~acl=%2Fv%2F*~hmac={HEX}/v/a.mp4",
        "/bcdn_token=aiDhHXZGHidb&expires=1598024587/v/a.mp4",
        "/DMF1ucDxtHCxwYQDMF1ucD,1700000000/v/a.mp4",
        f"/v/a.mp4;jsessionid={HEX}.node1",
        f"/{HEX}/6929c0de/v/a.mp4",
        f"/{HEX}/1764400000/v/a.mp4",
        f"/1764400000/{HEX}/v/a.mp4",
        f"/202611281545/{HEX}/v/a.mp4",
        "/DMF1ucDxtHCxwYQ-5_Vcbg/1764400000/v/a.mp4",
        f"/token/{HEX}/expires/1764400000/v/a.mp4",
        f"/expires=1764400000/hash={HEX}/v/a.mp4",
        "/(S(lit3py55t21z5v55vlm25s55))/v/a.mp4",
    ],
)
def test_signatures_in_paths(path: str) -> None:
    assert unsigned(f"https://cdn.example{path}") == "https://cdn.example/v/a.mp4"


@pytest.mark.parametrize(
    "path",
    [
        f"/{HEX}/v/a.mp4",
        f"/{HEX}/00000001/v/a.mp4",
        "/1764400000/v/a.mp4",
        "/1764400000/a-walk-along-the-river/a.mp4",
        "/a-walk-along-the-river/1764400000/a.mp4",
        f"/{HEX}/1764400000",
        f"/v/{HEX}/2026/a.mp4",
        f"/token/{HEX}/a.mp4",
        f"/{JWT}/a.mp4",
    ],
)
def test_folders_that_may_say_which_file_is_meant_stay(path: str) -> None:
    assert unsigned(f"https://cdn.example{path}") == f"https://cdn.example{path}"


@pytest.mark.parametrize(
    ("path", "same"),
    [
        (f"/{HEX}/v/a.mp4", f"/{HEX[::-1]}/v/a.mp4"),
        (f"/{JWT}/a.mp4", "/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0.aBjftJeZ4CVQ/a.mp4"),
        ("/play/expire/1764400000/ei/Ab3dEf6hIj9lMn2p/a.mp4",
         "/play/expire/1764500000/ei/Zb3dEf6hIj9lMn2q/a.mp4"),
        (f"/key={HEX},end=1764400000/a.mp4", f"/key={HEX[::-1]},end=1764500000/a.mp4"),
        ("/v/1764400000123/a.mp4", "/v/1764500000456/a.mp4"),
    ],
)  # fmt: skip
def test_paths_that_may_be_of_one_file(path: str, same: str) -> None:
    assert lasting_path(f"https://a.example{path}?x=1") == lasting_path(f"https://b.example{same}")


@pytest.mark.parametrize("path", ["/2024/05/a.mp4", "/season-1/a.mp4", "/", "", f"/{HEX}.mp4"])
def test_plain_paths_last(path: str) -> None:
    assert lasting_path(f"https://a.example{path}") == path


@pytest.mark.parametrize(
    "url",
    [
        f"{FILE}?id=1&Signature=a",
        f"{FILE}?token=ab",
        f"{FILE}?hash={HEX}",
        f"{FILE}?expires=1700000000",
        f"{FILE}?oe=1",
        f"{FILE}?v=2&e=3",
        "https://example.org/download?token=ab&expires=1700000000",
        "https://example.org/get.php?token=ab&expires=1700000000",
        f"https://example.org/get.php?sid={HEX}",
        f"https://example.org/get?jwt={JWT}",
        f"{FILE}?x-oss-process=image%2Fresize",
        f"{FILE}?stp=dst-jpg_s640x640",
        "https://example.org/?",
        "https://example.org",
    ],
)
def test_what_may_be_all_that_tells_files_apart_stays(url: str) -> None:
    assert unsigned(url) == url


def test_a_session_beside_what_names_the_file() -> None:
    assert unsigned(f"https://example.org/file.php?id=5&sid={HEX}") == (
        "https://example.org/file.php?id=5"
    )


PARAMETERS = st.lists(
    st.tuples(
        st.sampled_from(sorted(set().union(*(each.marks | each.others for each in SCHEMES)))),
        st.text("abc0123456789=~%", max_size=20),
    ),
    max_size=8,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@given(PARAMETERS, st.sampled_from([FILE, "https://example.org/get.php", "https://example.org/a"]))
def test_taking_it_off_twice_changes_nothing_more(query: str, start: str) -> None:
    once = unsigned(f"{start}?{query}&id=1")
    assert once.startswith(start) and once.endswith("id=1")
    assert unsigned(once) == once
