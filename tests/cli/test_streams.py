"""What goes to which stream, whatever those streams are; and endings that are not errors."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.hostile import HostileServer, answer
from support.shell import environment, shell

from reelin.cli.exit_status import run

PAGE = '<meta charset=utf-8><title>Т</title><a href="/1.mp3">Первая</a><a href="/2.ogg">2</a>'


@pytest.fixture
def page(hostile: HostileServer) -> str:
    for path in ("/1.mp3", "/2.ogg"):
        hostile.on(path, answer(200, b"ID3" + b"1" * 300, content_type="audio/mpeg"))
    return hostile.on("/p.html", answer(200, PAGE.encode(), content_type="text/html"))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_json_is_json_in_every_encoding(encoding: str, page: str, tmp_path: Path) -> None:
    done = shell(f"$REELIN {page} -s -j", tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()] == ["Первая", "2"]


def test_text_that_a_terminal_cannot_show_stops_nothing(page: str, tmp_path: Path) -> None:
    done = shell(f"$REELIN {page} -s", tmp_path, PYTHONIOENCODING="ascii")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert rb"\u041f" in done.stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_reason_to_fail(closed: str, page: str, tmp_path: Path) -> None:
    assert shell(f"$REELIN {page} x {closed}", tmp_path).returncode == 0
    names = {path.name for path in (tmp_path / "downloads" / "x").iterdir()}
    assert names == {".reelin", "1.mp3", "2.ogg"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_one_line(page: str, tmp_path: Path) -> None:
    done = shell(f"$REELIN {page} -s -j > /dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (1, b"reelin: error: No space left on device\n")


def test_a_reader_of_messages_that_goes_away_is_not_told_of(page: str, tmp_path: Path) -> None:
    done = shell(f"$REELIN {page} x 2>&1 | head -n 1", tmp_path)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, b"")


def test_stdout_carries_data_alone(page: str, tmp_path: Path) -> None:
    assert shell(f"$REELIN {page} x -vv", tmp_path).stdout == b""
    assert shell("$REELIN", tmp_path).stdout == b""
    explained = shell(f"$REELIN {page} --explain -j -vv --ext mp3", tmp_path).stdout
    assert [json.loads(line)["fate"] for line in explained.splitlines()] == ["keep", "drop"]


@pytest.mark.parametrize("option", ["-s", "-g", "--explain", "-s -j", ""])
def test_nothing_found_is_said_however_one_looks(
    option: str, hostile: HostileServer, tmp_path: Path
) -> None:
    url = hostile.on("/none", answer(200, b"<p>no media", content_type="text/html"))
    done = shell(f"$REELIN {url} {option}", tmp_path)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.decode() == f"{url}: nothing found\n"
    assert shell(f"$REELIN {url} -q {option}", tmp_path).stderr == b""


def test_only_noise_is_nothing_and_only_filtered_is_something(
    hostile: HostileServer, page: str, tmp_path: Path
) -> None:
    pixel = b'<img src="/t.gif" width=1 height=1>'
    url = hostile.on("/noise", answer(200, pixel, content_type="text/html"))
    assert shell(f"$REELIN {url}", tmp_path).returncode == 3
    assert shell(f"$REELIN {page} --type image", tmp_path).returncode == 0


def test_secrets_of_a_url_are_shown_nowhere(
    page: str, hostile: HostileServer, tmp_path: Path
) -> None:
    hostile.on("/2.ogg", answer(404))
    url = page.replace("//", "//me:s3cret@")
    for options in ("x -vv --log-file log", "y --json --log-file log", "-s -j", "--explain"):
        done = shell(f"$REELIN {url} {options}", tmp_path)
        assert b"s3cret" not in done.stdout + done.stderr
    assert shell(f"$REELIN record {url} recording", tmp_path).returncode == 0
    assert {each.headers.get("authorization") for each in hostile.requests} == {
        "Basic bWU6czNjcmV0"
    }
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"log", "manifest.jsonl", "index.json"} <= {path.name for path in written}
    assert not [path for path in written if b"s3cret" in path.read_bytes()]


def test_lines_of_a_list_that_are_no_urls_are_told_with_their_number(
    page: str, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xef\xbb\xbf" + page.encode() + b"\r\n\r\nnot a url\r\n")
    done = shell("$REELIN -i list.txt", tmp_path)
    assert (done.returncode, b"list.txt, line 3: 'not a url'" in done.stderr) == (2, True)
    marked = b"\xef\xbb\xbf# mine\n" + page.encode()
    assert shell("$REELIN -i - x", tmp_path, stdin=marked).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--proxy", "nonsense"], "http://host:port"),
        (["--user-agent", "a\nb"], "User-Agent"),
        (["-H", "a b: c"], "'a b'"),
        (["-H", "A: b\x00c"], "'A'"),
        (["-H", ": b"], "''"),
        (["-O", "plyr.zzz=1"], "there is none. There are: max_scripts"),
    ],
)
def test_what_can_never_work_is_told_before_anything_is_asked_for(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["http://127.0.0.1:1/", "--no-config", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_an_unexpected_error_is_a_line_and_with_v_a_traceback(page: str, tmp_path: Path) -> None:
    plugin = (
        "import sys\nimport reelin.cli.output as output\n"
        "def broken(self, event, place):\n    raise ValueError('two\\nlines')\n"
        "output.Output.show = broken\n"
        "from reelin.cli import main\nmain()\n"
    )
    for options, traceback in ([], False), (["-v"], True), (["--log-file", "log"], False):
        done = subprocess.run(
            [sys.executable, "-c", plugin, page, "x", *options],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert "reelin: error: ValueError: two lines: this is a fault of reelin" in done.stderr
        assert ("Traceback" in done.stderr) is traceback
    assert "Traceback" in (tmp_path / "log").read_text()


def test_the_log_file_is_rotated_and_its_lines_cannot_be_forged(tmp_path: Path) -> None:
    script = (
        "import logging, sys\nfrom reelin.cli.command import download\n"
        "from reelin.cli.download import _set_up_logging\nfrom reelin.cli.settings import settings_from\n"
        "ctx = download.make_context('x', ['http://x/', '--log-file', 'log', '--no-config'])\n"
        "with _set_up_logging(settings_from(ctx, ctx.params)):\n"
        "    logging.getLogger('reelin.x').info('a\\nforged \\x1b[31m')\n"
        "    for _ in range(7000):\n        logging.getLogger('reelin.x').debug('y' * 1000)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=60)
    files = sorted(tmp_path.glob("log*"))
    assert [path.name for path in files] == ["log", "log.1", "log.2", "log.3", "log.4"]
    assert all(path.stat().st_size <= 1_000_000 for path in files)


def test_a_logged_message_is_one_line(hostile: HostileServer, tmp_path: Path) -> None:
    body = b'<a href="/a.mp3" download="x&#10;forged&#27;[31m.mp3">x</a>'
    hostile.on(
        "/a.mp3",
        answer(
            200,
            b"ID3" * 99,
            content_type="audio/mpeg",
            Content_Disposition='inline; filename="a\x1b[31m.mp3"',
        ),
    )
    done = shell(
        f"$REELIN {hostile.on('/', answer(200, body, content_type='text/html'))} x -vv --log-file l",
        tmp_path,
    )
    assert done.returncode == 0
    for text in (done.stderr, (tmp_path / "l").read_bytes()):
        assert b"\x1b" not in text
        assert not re.search(rb"^forged", text, re.MULTILINE)


@pytest.mark.parametrize("patience", [0.05, 0.1, 0.2, 0.4])
def test_an_interrupt_while_it_starts_is_quiet(patience: float, page: str, tmp_path: Path) -> None:
    # Python itself is starting before the first line of ours: `-c` says when ours begin.
    script = (
        "import sys; print('here', flush=True)\n"
        "from reelin.cli import main\nsys.argv[0] = 'reelin'\nmain()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, page, "--limit-rate", "1", "x"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 130, error
    assert "Traceback" not in error
