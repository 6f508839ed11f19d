"""Names end to end: section 6 of the rules. Nothing leaves the folder, nothing takes another's name."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from support.files import MIB, File, noise
from support.loopback import Answer, Loopback, Request, Wire, page, reply
from support.outcomes import fetch
from support.runs import finals

BODY = noise(5000)
NASTY = [
    "../../evil.mp4",
    "..\\..\\evil.mp4",
    "/etc/cron.d/evil.mp4",
    "C:\\Windows\\evil.mp4",
    "C:evil.mp4",
    "....//evil.mp4",
    "..",
    ".",
    "...",
    "",
    " ",
    ".reelin",
    ".reelin/manifest.jsonl",
    "manifest.jsonl",
    ".bashrc",
    "-rf.mp4",
    "clip.mp4.part",
    "clip.part.json",
    "CON",
    "con.mp4",
    "COM1.tar.mp4",
    "aux ",
    "a:b.mp4",
    "what?*<>|.mp4",
    'quote".mp4',
    "trailing. .",
    "x" * 1500 + ".mp4",
    "\u00fc" * 300 + ".mp4",
    "\U0001f600" * 100 + ".mp4",
    "exe.\u202e4pm.exe",
    "zero\u200bwidth\u2066.mp4",
    "invoice.pdf.exe",
    "page.html",
    "run.sh",
    "link.desktop",
]


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("where", ["header", "extended header", "URL", "double encoded URL"])
async def test_no_name_leaves_the_folder(
    where: str, name: str, server: Loopback, tmp_path: Path
) -> None:
    """Not of the server, not of the page: one plain file in the folder, whatever they say."""
    if where == "URL" and name in (".", ".."):
        pytest.skip("as in browsers, such a segment leads to another URL")
    encoded = "".join(f"%{byte:02x}" for byte in name.encode())
    link, more = "/clip", {}
    if where == "header":
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        more["Content-Disposition"] = f'attachment; filename="{quoted}"'
    elif where == "extended header":
        more["Content-Disposition"] = f"attachment; filename*=UTF-8''{encoded}"
    else:
        link = "/files/" + (encoded if where == "URL" else encoded.replace("%", "%25"))
    server.on(link, reply(200, BODY, **more))
    folder = tmp_path / "deep" / "run"
    report, _ = await fetch(server.on("/", player(link)), folder)
    assert report.ok, report.failures
    (saved,) = finals(folder)
    assert finals(folder)[saved] == BODY
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == sorted(
        [saved, "manifest.jsonl", "lock"]
    )
    assert_safe(saved)


def player(link: str) -> Answer:
    """A page whose link is not looked at for an extension."""
    return page(f'<video src="{link}"></video>')


def assert_safe(name: str) -> None:
    """One component that every system takes."""
    assert name and not name.startswith((".", "-", " ")) and not name.endswith((".", " "))
    assert not set(name) & set('<>:"/\\|?*') and name.isprintable()
    assert len(name.encode()) <= 255 - len(".part.json")
    assert name == unicodedata.normalize("NFC", name)
    assert name.partition(".")[0].upper() not in {"CON", "AUX", "COM1"}
    assert name.rpartition(".")[2].lower() not in {"exe", "html", "sh", "desktop", "part"}


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=plain.mp4", "plain.mp4"),
        ('attachment; filename="with space.mp4"', "with space.mp4"),
        ("attachment; filename*=UTF-8''n%C3%A9.mp4; filename=no.mp4", "né.mp4"),
        ("attachment; filename=no.mp4; filename*=UTF-8''n%C3%A9.mp4", "né.mp4"),
        ("attachment; filename*=ISO-8859-1''n%E9.mp4", "né.mp4"),
        ("attachment; filename*=UTF-8''100%2525.mp4", "100%25.mp4"),
        ('attachment; filename="raw né.mp4"', "raw né.mp4"),
        ("inline; filename=plain.mp4", "plain.mp4"),
        ("attachment", "clip.mp4"),
        ("attachment; filename", "clip.mp4"),
        ("attachment; filename=", "clip.mp4"),
        ("attachment; filename*=UTF-7''x", "clip.mp4"),
        ("; ; ;", "clip.mp4"),
        ('attachment; filename="unclosed.mp4', None),
    ],
)
async def test_content_disposition_is_read(
    disposition: str, name: str | None, server: Loopback, tmp_path: Path
) -> None:
    server.on("/clip.mp4", reply(200, BODY, Content_Disposition=disposition))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    assert report.ok and list(finals(tmp_path).values()) == [BODY]
    if name is not None:
        assert list(finals(tmp_path)) == [name]


ALIKE = {
    "same name": ["/a/clip.mp4", "/b/clip.mp4", "/c/clip.mp4"],
    "case": ["/clip.mp4", "/CLIP.mp4", "/Clip.MP4"],
    "normal form": ["/n%C3%A9.mp4", "/ne%CC%81.mp4"],
    "sharp s": ["/stra%C3%9Fe.mp4", "/strasse.mp4"],
    "query": ["/clip.mp4?1", "/clip.mp4?2"],
    "numbered already": ["/x/clip.mp4", "/clip%20(2).mp4", "/y/clip.mp4"],
    "what is dropped": ["/clip.mp4", "/clip%E2%80%8B.mp4", "/..%2Fclip.mp4"],
}


@pytest.mark.parametrize("kind", ALIKE)
async def test_names_alike_are_kept_apart_and_stay(
    kind: str, server: Loopback, tmp_path: Path
) -> None:
    links = ALIKE[kind]
    bodies = {link: noise(2000, seed) for seed, link in enumerate(links, 1)}
    for link, body in bodies.items():
        server.on(link, reply(200, body))
    report, _ = await fetch(server.page(*links), tmp_path, workers=3)
    assert report.ok
    first = finals(tmp_path)
    keys = {unicodedata.normalize("NFC", name).casefold() for name in first}
    assert len(keys) == len(links)
    assert sorted(first.values()) == sorted(bodies.values())

    again, _ = await fetch(server.page(*reversed(links)), tmp_path)
    assert again.ok and again.skipped == len(links)
    assert finals(tmp_path) == first
    assert all(len(server.asked(link)) == 1 for link in links)


async def test_a_file_lost_comes_back_under_its_name(server: Loopback, tmp_path: Path) -> None:
    one, two = noise(2000, 1), noise(2000, 2)
    server.on("/a/clip.mp4", reply(200, one))
    server.on("/b/clip.mp4", reply(200, two))
    await fetch(server.page("/a/clip.mp4", "/b/clip.mp4"), tmp_path, workers=1)
    before = finals(tmp_path)
    for path in tmp_path.glob("*.mp4"):
        path.unlink()
    await fetch(server.page("/b/clip.mp4", "/a/clip.mp4"), tmp_path, workers=1)
    assert finals(tmp_path) == before


async def test_a_new_link_of_the_same_name_does_not_shift_the_others(
    server: Loopback, tmp_path: Path
) -> None:
    links = ["/a/clip.mp4", "/b/clip.mp4"]
    for seed, link in enumerate(["/new/clip.mp4", *links]):
        server.on(link, reply(200, noise(2000, seed)))
    await fetch(server.page(*links), tmp_path)
    before = finals(tmp_path)
    report, _ = await fetch(server.page("/new/clip.mp4", *links), tmp_path)
    assert report.ok and len(report.saved) == 1
    assert {name: finals(tmp_path)[name] for name in before} == before
    assert len(finals(tmp_path)) == 3


@pytest.mark.parametrize("theirs", ["clip.mp4", "CLIP.MP4"])
async def test_a_file_of_somebody_else_is_left_alone(
    theirs: str, server: Loopback, tmp_path: Path
) -> None:
    (tmp_path / theirs).write_bytes(b"mine")
    server.on("/clip.mp4", reply(200, BODY))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    assert report.ok and finals(tmp_path) == {theirs: b"mine", "clip (2).mp4": BODY}


async def test_a_folder_of_that_name_is_left_alone(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "run" / "clip.mp4").mkdir(parents=True)
    server.on("/clip.mp4", reply(200, BODY))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path / "run")
    assert report.ok and (tmp_path / "run" / "clip (2).mp4").read_bytes() == BODY


async def test_a_file_that_appears_meanwhile_is_not_overwritten(
    server: Loopback, tmp_path: Path
) -> None:
    def appear(request: Request, wire: Wire) -> None:
        (tmp_path / "clip.mp4").write_bytes(b"mine")
        reply(200, BODY)(request, wire)

    server.on("/clip.mp4", appear)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    assert finals(tmp_path)["clip.mp4"] == b"mine"
    assert not report.ok or BODY in finals(tmp_path).values()


async def test_overwrite_replaces_what_is_there(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"old")
    server.on("/clip.mp4", reply(200, BODY))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path, overwrite=True)
    assert report.ok and finals(tmp_path) == {"clip.mp4": BODY}


@pytest.mark.parametrize("size", [5000, 3 << 20])
@pytest.mark.parametrize("link", ["clip.mp4", "clip.mp4.part", ".reelin/clip.mp4.part.json"])
async def test_a_planted_link_is_not_written_through(
    link: str, size: int, server: Loopback, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "run", tmp_path / "outside"
    (folder / ".reelin").mkdir(parents=True)
    outside.write_bytes(b"precious")
    (folder / link).symlink_to(outside)
    server.on("/clip.mp4", File(noise(size)))
    report, _ = await fetch(server.page("/clip.mp4"), folder)
    assert outside.read_bytes() == b"precious"
    if report.ok:
        saved = [path for path in folder.glob("*.mp4") if not path.is_symlink()]
        assert [path.read_bytes() for path in saved] == [noise(size)]


async def test_a_dangling_link_is_not_followed(server: Loopback, tmp_path: Path) -> None:
    folder, outside = tmp_path / "run", tmp_path / "outside"
    folder.mkdir()
    (folder / "clip.mp4").symlink_to(outside)
    server.on("/clip.mp4", reply(200, BODY))
    report, _ = await fetch(server.page("/clip.mp4"), folder)
    assert not outside.exists()
    assert report.ok and (folder / "clip (2).mp4").read_bytes() == BODY


@pytest.mark.parametrize("body", [bytes(5000), noise(MIB + 7)], ids=["zeros", "noise"])
async def test_a_binary_file_called_plain_text_is_a_file(
    body: bytes, server: Loopback, tmp_path: Path
) -> None:
    """Many servers call text what they do not know."""
    report, _ = await fetch(server.on("/disk.bin", reply(200, body, "text/plain")), tmp_path)
    assert report.ok and finals(tmp_path) == {"disk.bin": body}
    assert len(server.asked("/disk.bin")) == 1
