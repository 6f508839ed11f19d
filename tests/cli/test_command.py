"""The command line as a person or a script uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hostile import HostileServer, answer

PAGE = b"""<!doctype html><title>Songs</title>
<main><audio src="/one.mp3"></audio><a href="/two.ogg">Two</a><img src="/pic.jpg" alt="A picture">
<img src="/pixel.gif" width=1 height=1></main>"""
FILES = {
    "/one.mp3": (b"ID3" + b"1" * 3000, "audio/mpeg"),
    "/two.ogg": (b"OggS" + b"2" * 300, "audio/ogg"),
    "/pic.jpg": (b"\xff\xd8\xff\xe0" + b"3" * 5000, "image/jpeg"),
}


@pytest.fixture
def page(hostile: HostileServer) -> str:
    for path, (body, mime) in FILES.items():
        hostile.on(
            path,
            answer(200, body, content_type=mime, Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT"),
        )
    return hostile.on("/songs.html", answer(200, PAGE, content_type="text/html"))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment whose configuration folder is empty."""
    yield {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}


def reelin(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reelin", *arguments],
        cwd=cwd,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )


def saved(folder: Path) -> list[str]:
    return sorted(
        path.name for path in folder.rglob("*") if path.is_file() and ".reelin" not in path.parts
    )


def test_a_page_becomes_a_folder_of_files(page: str, tmp_path: Path) -> None:
    done = reelin(page, "songs", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert saved(tmp_path / "downloads" / "songs") == ["one.mp3", "pic.jpg", "two.ogg"]
    assert "3 saved" in done.stderr
    again = reelin(page, "songs", cwd=tmp_path)
    assert (again.returncode, "3 skipped" in again.stderr) == (0, True)
    assert reelin("verify", "downloads/songs", cwd=tmp_path).returncode == 0
    (tmp_path / "downloads" / "songs" / "one.mp3").write_bytes(b"other")
    bad = reelin("verify", "downloads/songs", cwd=tmp_path)
    assert bad.returncode == 1 and "one.mp3" in bad.stdout


@pytest.mark.parametrize(
    ("options", "files"),
    [
        (["--type", "audio"], ["one.mp3", "two.ogg"]),
        (["--type", "image,video"], ["pic.jpg"]),
        (["--ext", ".MP3"], ["one.mp3"]),
        (["--exclude-ext", "jpg", "--exclude-ext", "ogg"], ["one.mp3"]),
        (["--min-size", "1k"], ["one.mp3", "pic.jpg"]),
        (["--max-size", "1k"], ["two.ogg"]),
        (["--date-from", "2026-11-02"], ["one.mp3", "pic.jpg", "two.ogg"]),
        (["--after", "2026-11-03"], []),
        (["--before", "2026-11-01"], []),
        (["-O", "direct.everything=yes", "--type", "image"], ["pic.jpg"]),
        (["--filename", "{extractor}-{name}.{ext}", "--ext", "mp3"], ["direct-one.mp3"]),
    ],
)
def test_filters_and_options(
    options: list[str], files: list[str], page: str, tmp_path: Path
) -> None:
    done = reelin(page, "x", "-o", "out", "-q", *options, cwd=tmp_path)
    everything = "-O" in options  # then the pixel is wanted too, and is not there
    assert (done.returncode, bool(done.stderr)) == ((1, True) if everything else (0, False)), (
        done.stderr
    )
    assert saved(tmp_path / "out") == files


def test_a_dry_run_prints_json_and_fetches_nothing(
    page: str, hostile: HostileServer, tmp_path: Path
) -> None:
    done = reelin(page, "--dry-run", "--json", cwd=tmp_path)
    items = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["url"].rpartition("/")[2] for each in items] == ["one.mp3", "two.ogg", "pic.jpg"]
    assert [each["type"] for each in items] == ["audio", "audio", "image"]
    assert {each["extractor"] for each in items} == {"direct"}
    assert items[2]["title"] == "A picture"
    assert [each.path for each in hostile.requests] == ["/songs.html"]
    assert not (tmp_path / "downloads").exists()


def test_urls_alone(page: str, tmp_path: Path) -> None:
    done = reelin(page, "-g", "--type", "audio", cwd=tmp_path)
    assert [url.rpartition("/")[2] for url in done.stdout.split()] == ["one.mp3", "two.ogg"]


def test_explain_tells_the_fate_of_every_candidate(page: str, tmp_path: Path) -> None:
    done = reelin(page, "--explain", "--ext", "mp3", cwd=tmp_path)
    lines = done.stdout
    assert "keep  audio" in lines and "found by direct: <audio>" in lines
    assert "dropped by noise: tracking pixel" in lines
    assert "dropped by ext: .jpg is not among the wanted extensions" in lines


def test_explain_tells_pages_and_sizes(hostile: HostileServer, tmp_path: Path) -> None:
    inner = '<img src=s.jpg srcset="s.jpg 480w, l.jpg 1600w"><img src=/stars.png>'
    there = hostile.on("/inner", answer(200, inner.encode(), content_type="text/html"))
    frame = b"<iframe src=/inner></iframe>"
    asked = hostile.on("/asked", answer(200, frame, content_type="text/html"))
    lines = reelin(asked, "--explain", cwd=tmp_path).stdout
    assert f"found by direct: <img> srcset on {there}" in lines
    assert "l.jpg  1600 wide\n" in lines
    assert "      instead of" in lines and "s.jpg  480 wide\n" in lines
    assert "dropped by noise: part of the page's design, by its name: stars" in lines


def test_events_as_json_lines(page: str, tmp_path: Path) -> None:
    done = reelin(page, "x", "--json", "-H", "Cookie: id=s3cret", cwd=tmp_path)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["event"] == "finished" and events[-1]["saved"] == 3
    stored = next(each for each in events if each["event"] == "saved")["stored"]
    assert stored["new"] is True and len(stored["sha256"]) == 64
    assert "s3cret" not in done.stdout


def test_many_urls_from_a_file_and_from_stdin(
    page: str, hostile: HostileServer, tmp_path: Path
) -> None:
    lines = f"# songs\n{hostile.origin}/one.mp3\n\n{hostile.origin}/two.ogg  # the second\n"
    (tmp_path / "urls.txt").write_text(lines)
    assert reelin("-i", "urls.txt", "-o", "a", cwd=tmp_path).returncode == 0
    assert len(list((tmp_path / "a").iterdir())) == 2
    assert reelin("-i", "-", "both", "-o", "b", cwd=tmp_path, stdin=lines).returncode == 0
    assert saved(tmp_path / "b" / "both") == ["one.mp3", "two.ogg"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["ftp://x/y"], 2, "should begin with https://"),
        (["http://127.0.0.1:1/", "a/b"], 2, "NAME 'a/b'"),
        (["http://127.0.0.1:1/", "-w", "21"], 2, "1<=x<=20"),
        (["http://127.0.0.1:1/", "-w", "0"], 2, "1<=x<=20"),
        (["http://127.0.0.1:1/", "--min-size", "big"], 2, "'big' is not a size"),
        (["http://127.0.0.1:1/", "--date-from", "soon"], 2, "'soon' is not a date"),
        (
            ["http://127.0.0.1:1/", "--min-size", "2M", "--max-size", "1M"],
            2,
            "nothing would be left",
        ),
        (["http://127.0.0.1:1/", "--type", "movie"], 2, "'movie' is not a type"),
        (["http://127.0.0.1:1/", "--plugin", "plir"], 2, "did you mean plyr"),
        (["http://127.0.0.1:1/", "--no-plugin", "plir"], 2, "did you mean plyr"),
        (["http://127.0.0.1:1/", "-O", "plyr.max=1"], 2, "plyr.max"),
        (["http://127.0.0.1:1/", "-O", "plyr"], 2, "plugin.key=value"),
        (["http://127.0.0.1:1/", "-H", "nonsense"], 2, "Name: value"),
        (["http://127.0.0.1:1/", "--filename", "{titel}"], 2, "no field 'titel'"),
        (["http://127.0.0.1:1/", "--cookies", "nowhere.txt"], 2, "nowhere.txt"),
        (["http://127.0.0.1:1/", "--config", "nowhere.toml"], 2, "nowhere.toml"),
        (["-i", "nowhere.txt"], 2, "nowhere.txt"),
        (["--no-such-option"], 2, "--no-such-option"),
        (["http://127.0.0.1:1/", "--retries", "0"], 1, "127.0.0.1:1"),
        (["http://127.0.0.1:1/", "--no-private"], 1, "refused"),
        (["verify", "."], 1, "no run was finished here"),
        (["completion", "basic"], 2, "basic"),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_do(
    arguments: list[str], status: int, words: str, tmp_path: Path
) -> None:
    done = reelin(*arguments, cwd=tmp_path)
    assert done.returncode == status
    assert words in done.stderr and "Traceback" not in done.stderr
    assert "reelin: error: " in done.stderr


def test_nothing_found_is_three(hostile: HostileServer, tmp_path: Path) -> None:
    url = hostile.on("/", answer(200, b"<p>no media here", content_type="text/html"))
    done = reelin(url, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (3, f"{url}: nothing found\n")
    assert not (tmp_path / "downloads").exists()


def test_a_missing_file_is_one_and_all_else_is_there(
    page: str, hostile: HostileServer, tmp_path: Path
) -> None:
    hostile.on("/two.ogg", answer(404, b""))
    done = reelin(page, "x", "-q", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"reelin: error: {hostile.origin}/two.ogg: 404 Not Found\n"
    assert saved(tmp_path / "downloads") == ["one.mp3", "pic.jpg"]


def test_configuration_environment_and_options_in_this_order(
    page: str, home: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "config" / "reelin"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        'output = "from-file"\next = ["mp3"]\nquiet = true\n[plugins.plyr]\nmax_scripts = 1\n'
    )
    assert reelin(page, "x", cwd=tmp_path, env=home).stderr == ""
    assert saved(tmp_path / "from-file") == ["one.mp3"]
    home["REELIN_OUTPUT"] = "from-env"
    reelin(page, "x", cwd=tmp_path, env=home)
    assert saved(tmp_path / "from-env") == ["one.mp3"]
    reelin(page, "x", "-o", "from-option", "--ext", "jpg", cwd=tmp_path, env=home)
    assert saved(tmp_path / "from-option") == ["pic.jpg"]
    reelin(page, "x", "-o", "none", "--no-config", cwd=tmp_path, env=home)
    assert len(saved(tmp_path / "none")) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("wokers = 3", "did you mean workers"),
        ("workers = 99", "workers"),
        ("x = [", "config.toml"),
        ("plugins = 3", "[plugins.NAME]"),
        ("[plugins.plyr]\nmax = 1", "plyr.max"),
    ],
)
def test_a_bad_configuration_is_told(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(text)
    done = reelin("http://127.0.0.1:1/", "--config", "config.toml", cwd=tmp_path)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr


def test_the_log_file_keeps_what_was_done(page: str, tmp_path: Path) -> None:
    reelin(page, "x", "-q", "--log-file", "log.txt", cwd=tmp_path)
    assert "saved one.mp3" in (tmp_path / "log.txt").read_text()


def test_plugins_are_listed_with_their_options(tmp_path: Path) -> None:
    listed = reelin("--list-plugins", cwd=tmp_path).stdout
    assert "plyr  (built in)" in listed and "-O plyr.max_scripts=3  a whole number" in listed
    assert '    for example  <a data-fancybox href="large.jpg"><img src="small.jpg"></a>' in listed
    assert "    for example  https://www.youtube.com/watch?v=" in listed
    assert "-O indexes.recurse=false  yes or no: " in listed
    lines = listed.splitlines()
    names = [at for at, line in enumerate(lines) if not line.startswith(" ")]
    assert all(lines[at + 2].startswith("    for example  ") for at in names)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, tmp_path: Path) -> None:
    assert "reelin" in reelin("completion", shell, cwd=tmp_path).stdout


def test_version_and_help(tmp_path: Path) -> None:
    assert reelin("--version", cwd=tmp_path).stdout.startswith("reelin 0.")
    shown = reelin("--help", cwd=tmp_path)
    assert shown.returncode == 0 and "Exit status" in shown.stdout
    assert reelin(cwd=tmp_path).returncode == 2


def test_the_demo(tmp_path: Path) -> None:
    done = reelin("--demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = saved(tmp_path / "downloads")
    assert "01 The first tone.wav" in names and "rings8.png" in names and len(names) == 13
    again = reelin("--demo", cwd=tmp_path)  # on another port
    assert again.returncode == 0 and saved(tmp_path / "downloads") == names
    assert "0 saved (0 B), 5 skipped" in again.stderr and "8 skipped" in again.stderr


def test_a_reader_that_goes_away_is_no_trouble(page: str, tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m reelin {page} --dry-run --json | head -n 1'
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


def test_control_characters_of_a_page_do_not_reach_the_terminal(
    hostile: HostileServer, tmp_path: Path
) -> None:
    body = b'<a href="/a.mp3">\x1b]0;owned\x07evil</a>'
    done = reelin(hostile.on("/", answer(200, body, content_type="text/html")), "-s", cwd=tmp_path)
    assert "\x1b" not in done.stdout


def test_main_py_and_what_it_says_without_an_installation(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, str(root / "main.py"), "--version"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stdout.startswith("reelin")
    bare = subprocess.run(
        [sys.executable, "-I", "-S", str(root / "main.py")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert bare.returncode == 1 and "pip install" in bare.stderr


def test_the_library_doors(page: str, tmp_path: Path) -> None:
    script = (
        "import sys, asyncio, reelin\n"
        "url, folder = sys.argv[1:]\n"
        "print(sorted(item.type for item in reelin.find(url)))\n"
        "report = reelin.download(url, to=folder, types={'audio'})\n"
        "print(report.ok, sorted(each.name for each in report.saved))\n"
        "async def inside():\n"
        "    try:\n"
        "        reelin.find(url)\n"
        "    except reelin.UsageError as error:\n"
        "        print('Session' in str(error))\n"
        "asyncio.run(inside())\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, page, str(tmp_path / "lib")],
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        "['audio', 'audio', 'image']",
        "True ['one.mp3', 'two.ogg']",
        "True",
    ], done.stderr
