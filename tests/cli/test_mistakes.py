"""What people type by mistake: each is told what was meant, or what does that job."""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
import zipfile
from pathlib import Path

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from support.shell import shell
from support.site import Site

from reelin.cli.command import reelin as commands
from reelin.cli.unknown_option import describe_unknown_option
from reelin.disk.writer import disk_error
from reelin.net.faults import as_fetch_error

PAGE = "http://127.0.0.1:1/x.png"


def said(words: str, home: Path, **more: str) -> tuple[int, str]:
    done = shell(f"$REELIN {words}", home, **more)
    assert done.stdout == b"" and b"Traceback" not in done.stderr
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--typ", "did you mean --type?"),
        ("--TYPE", "did you mean --type?"),
        ("--ouput", "did you mean --output?"),
        ("--dry_run", "did you mean --dry-run?"),
        ("--retrie", "did you mean --retries?"),
        ("--no-p", "--no-plugin or --no-private or --no-progress?"),
        ("--load-cookies", "--cookies FILE"),
        ("--extract-audio", "--audio-format mp3 (or m4a, opus, flac, wav)"),
        ("--frobnicate", "--help"),
        ("--range", "--help"),
        ("--mirror", "--help"),
        ("-Z", "--help"),
        ("--a", "--help"),
    ],
)
def test_the_nearest_option_or_none(typed: str, meant: str) -> None:
    download = commands.commands["download"]
    told = describe_unknown_option(typed, [name for each in download.params for name in each.opts])
    assert told.startswith(f"there is no option {typed}") and told.endswith(
        (meant, "all that there are")
    )
    assert meant in told


def test_the_command_line_says_so(tmp_path: Path) -> None:
    code, err = said(f"{PAGE} --frobnicate", tmp_path)
    assert (code, err.count("did you mean")) == (2, 0)
    code, err = said("record --cokies x a b", tmp_path)
    assert code == 2 and "did you mean --cookies?" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("file:///etc/hosts", "it is a file on a disk"),
        ("saved.html", "it is a file on a disk"),
        ("./saved.html", "it is a file on a disk"),
        ("ftp://a.example/b", "should begin with https://"),
        ("magnet:?xt=1", "should begin with https://"),
        ("htp://a.example", "should begin with https://"),
        ("verfy downloads", "the command verify?"),
        (f"{PAGE} http://b.example/", "-i FILE"),
        (f"{PAGE} -o s3:/bucket", "s3://BUCKET/PREFIX"),
        (f"{PAGE} -o s3:", "s3://BUCKET/PREFIX"),
        (f"{PAGE} -o s3://", "its bucket is missing"),
        (f"{PAGE} -o s3:///prefix", "its bucket is missing"),
        (f"{PAGE} -o gs:// NAME", "its bucket is missing"),
        (f"{PAGE} -o s3://b --zip a.zip", "an archive is a file"),
        (f"{PAGE} -o - --zip a.zip", "--zip -"),
        (f"{PAGE} -o my.jpg", "-o - > my.jpg"),
        (f"{PAGE} -o films/a.mp4", "names the folder"),
        (f"{PAGE} -o a.zip", "--zip FILE"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "saved.html").touch()
    code, err = said(words, tmp_path)
    assert code == 2 and told in err and err.count("\n") == 1
    left = {each.name for each in tmp_path.iterdir()} - {".cache", ".config", "config"}
    assert left == {"saved.html"}


def test_nothing_at_all_is_answered_in_a_few_lines(tmp_path: Path) -> None:
    code, err = said("", tmp_path)
    assert code == 2 and "reelin --help" in err and err.count("\n") <= 5


def test_no_folder_is_named_that_was_not_made(tmp_path: Path) -> None:
    code, err = said(f"{PAGE} -R 0", tmp_path)
    assert code == 1 and "1 failed" in err and "->" not in err


# Archives and output directories


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("--zip a.zip", "a.zip"),
        ("--zip a.zip -o out", "out/a.zip"),
        ("--zip sub/a.zip -o out", "out/sub/a.zip"),
        ("--zip $PWD/a.zip -o out", "a.zip"),
    ],
)
async def test_an_archive_goes_into_the_output_directory(
    words: str, place: str, site: Site, tmp_path: Path
) -> None:
    site.add("/a.png", b"\x89PNG\r\n\x1a\n" + bytes(5000), "image/png")
    command = f"$REELIN {site.origin}/a.png {words}"
    done = await asyncio.to_thread(shell, command, tmp_path)
    assert done.returncode == 0 and place in done.stderr.decode()
    with zipfile.ZipFile(tmp_path / place) as archive:
        assert archive.namelist() == ["a.png"]
    assert (tmp_path / "out").exists() == ("out" in place)


# Folders that cannot be written


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.EACCES, "Permission denied; choose a folder that you may write in"),
        (errno.EROFS, "Read-only file system; choose a folder on another disk"),
        (errno.ENOTDIR, "Not a directory; a file is where a folder should be"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_an_error_of_a_disk_says_what_to_do(number: int, hint: str) -> None:
    told = str(disk_error(OSError(number, os.strerror(number), "x")))
    assert told.startswith(f"x: {hint}") and ("--output" in told) == (number != errno.EIO)


async def test_a_file_in_the_way_of_a_folder(site: Site, tmp_path: Path) -> None:
    page = site.add("/a.png", b"\x89PNG\r\n\x1a\n" + bytes(5000), "image/png")
    (tmp_path / "afile").touch()
    for words in ("-o afile", "afile -o .", "--zip afile/a.zip"):
        code, err = await asyncio.to_thread(said, f"{page} {words}", tmp_path)
        assert code == 1 and "afile" in err and "--output" in err


# Hosts that do not answer


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(111, "Connect call failed ('127.0.0.1', 9)"), "connection refused"),
        (OSError("Multiple exceptions: [Errno 111] Connect ('::1', 9), [Errno 111] …"), "refused"),
        (OSError(113, "Connect call failed ('10.0.0.1', 80)"), "no route to host"),
        (OSError("[Errno 101] Connect call failed ('10.0.0.1', 80)"), "network is unreachable"),
    ],
)
def test_no_connection_is_told_in_words(error: OSError, told: str) -> None:
    key = ConnectionKey("a", 80, False, True, None, None, None)
    failed = aiohttp.ClientConnectorError(key, error)
    said = str(as_fetch_error(failed, "http://a/", "no answer", 5))
    assert told in said and "Connect call" not in said and "('" not in said


def test_a_host_name_that_cannot_be() -> None:
    said = str(as_fetch_error(UnicodeError("label empty"), "http://x..y/", "no answer", 5))
    assert "no server can have this name" in said and "codec" not in said


# Certificates


@pytest.mark.parametrize(
    ("code", "reason", "hint"),
    [
        (18, "self-signed certificate", "SSL_CERT_FILE"),
        (20, "unable to get local issuer certificate", "SSL_CERT_FILE"),
        (10, "certificate has expired", "renew"),
        (62, "Hostname mismatch, certificate is not valid for 'a'.", "is the address right?"),
    ],
)
def test_a_certificate_that_is_not_valid(code: int, reason: str, hint: str) -> None:
    error = ssl.SSLCertVerificationError(1, "[SSL] failed (_ssl.c:1006)")
    error.verify_code, error.verify_message = code, reason
    told = str(as_fetch_error(error, "https://a/", "no answer", 5))
    assert told.startswith(f"https://a/: the certificate is not valid: {reason.rstrip('.')}; ")
    assert hint in told and "_ssl.c" not in told


# Files of URLs


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("http://127.0.0.1:9/a\r\n".encode("utf-16"), "127.0.0.1:9/a: no answer"),
        ("\ufeffhttp://127.0.0.1:9/a\r\n".encode("utf-16-be"), "127.0.0.1:9/a: no answer"),
        (b"\xef\xbb\xbfhttp://127.0.0.1:9/a", "127.0.0.1:9/a: no answer"),
        (b"\x89PNG\r\n\xf7\xff", "it is no text in UTF-8"),
    ],
)
def test_a_file_of_urls_as_people_have_it(tmp_path: Path, data: bytes, told: str) -> None:
    (tmp_path / "urls.txt").write_bytes(data)
    _, err = said(f"-i {tmp_path}/urls.txt --retries 0", tmp_path)
    assert told in err and "codec" not in err
