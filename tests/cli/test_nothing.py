"""What is said where nothing is found, or nothing is taken."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.hostile import HostileServer, answer

from reelin import Page
from reelin.page.why_empty import why_empty

HERE = "https://site.example/app/"
TEXT = "<p>" + "Some words that a person reads on the page. " * 8
JPEG = b"\xff\xd8\xff\xe0" + bytes(2000)


def reelin(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reelin", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def serve(hostile: HostileServer, html: str) -> str:
    for name in "ab":
        hostile.on(f"/{name}.jpg", answer(200, JPEG, content_type="image/jpeg"))
    return hostile.on("/page", answer(200, html.encode(), content_type="text/html"))


def test_what_is_of_no_use_is_counted_by_its_reason(hostile: HostileServer, tmp_path: Path) -> None:
    icons = "".join(f"<img src=/icons/{n}.png>" for n in range(4))
    url = serve(hostile, f"{TEXT}<img src=/blank.gif>{icons}")
    said = reelin(url, cwd=tmp_path).stderr
    assert said == (
        f"{url}: nothing found but 5 items of no use (4 x part of the page's design, by its name:"
        " icons; 1 x placeholder); --explain shows each\n"
    )
    assert "--explain" not in reelin(url, "--explain", cwd=tmp_path).stderr


@pytest.mark.parametrize("option", ["", "-s", "-g", "--explain"])
def test_filters_that_leave_nothing_say_so(
    option: str, hostile: HostileServer, tmp_path: Path
) -> None:
    url = serve(hostile, f"{TEXT}<img src=/a.jpg><img src=/b.jpg>")
    done = reelin(url, "--ext", "png", *filter(None, [option]), cwd=tmp_path)
    words = f"{url}: all 2 items are left out by filters (2 x ext: .jpg is not among the wanted"
    assert (done.returncode, words in done.stderr) == (0, True)


def test_what_the_answer_decides_is_told_too(hostile: HostileServer, tmp_path: Path) -> None:
    url = serve(hostile, f"{TEXT}<img src=/a.jpg>")
    done = reelin(url, "--min-size", "1M", cwd=tmp_path)
    assert "the only item is left out by filters (size: 2.0 KiB is less than" in done.stderr


def test_nothing_more_is_said_where_something_is_taken(
    hostile: HostileServer, tmp_path: Path
) -> None:
    url = serve(hostile, f"{TEXT}<img src=/a.jpg><a href=/b.jpg>b</a><a href=/c.mp3>c</a>")
    first = reelin(url, "-o", "x", "--type", "image", cwd=tmp_path)
    again = reelin(url, "-o", "x", "--type", "image", cwd=tmp_path)
    assert "2 saved" in first.stderr
    assert "3 skipped" in again.stderr
    assert "left out" not in first.stderr + again.stderr


def test_explain_does_not_promise_what_it_cannot_know(
    hostile: HostileServer, tmp_path: Path
) -> None:
    url = serve(hostile, f"{TEXT}<img src=/a.jpg><a href=/song.mp3>a song</a>")
    options = ("--max-size", "1k", "--type", "image", "--explain")
    lines = reelin(url, *options, cwd=tmp_path).stdout
    assert "keep? image" in lines
    assert "decided later by size: only the answer to its request tells" in lines
    found = reelin(url, *options, "--json", cwd=tmp_path).stdout.splitlines()
    assert [json.loads(each)["fate"] for each in found] == ["keep?", "drop"]


def test_a_sign_in_page_is_called_that(hostile: HostileServer, tmp_path: Path) -> None:
    form = "<title>Sign in</title><form><input name=p type=password></form>"
    there = hostile.on("/login", answer(200, form.encode(), content_type="text/html"))
    url = hostile.on("/private", answer(302, b"", location="/login"))
    done = reelin(url, cwd=tmp_path)
    assert done.returncode == 1
    assert f"{url}: a login is needed: {there} came instead; give one with --cookies" in done.stderr


def test_a_field_for_a_password_beside_images_is_no_sign_in_page(
    hostile: HostileServer, tmp_path: Path
) -> None:
    form = "<title>Thread - log in or register</title><form><input type=password></form>"
    serve(hostile, f"{form}{TEXT}<img src=/a.jpg>")
    done = reelin(hostile.on("/thread", answer(302, b"", location="/page")), cwd=tmp_path)
    assert (done.returncode, "1 saved" in done.stderr) == (0, True)
    empty = hostile.on("/page", answer(200, form.encode(), content_type="text/html"))
    assert "a login is needed" in reelin(empty, cwd=tmp_path).stderr


def test_a_page_that_builds_itself_is_called_that(hostile: HostileServer, tmp_path: Path) -> None:
    url = serve(hostile, "<div id=root></div><script src=/static/main.4f2.js></script>")
    done = reelin(url, cwd=tmp_path)
    assert done.returncode == 3
    assert f"{url} builds itself with JavaScript (main.4f2.js), which is not run" in done.stderr


def test_one_url_without_anything_is_told_among_others(
    hostile: HostileServer, tmp_path: Path
) -> None:
    url = serve(hostile, f"{TEXT}<img src=/a.jpg>")
    empty = hostile.on("/empty", answer(200, TEXT.encode(), content_type="text/html"))
    (tmp_path / "urls.txt").write_text(f"{url}\n{empty}\n")
    done = reelin("-i", "urls.txt", cwd=tmp_path)
    assert done.returncode == 3
    assert f"{empty}: nothing found\n" in done.stderr
    assert "1 saved" in done.stderr


@pytest.mark.parametrize("into", [["all"], ["--zip", "all.zip"], ["-s"], ["all", "-s", "--json"]])
def test_also_where_all_go_to_one_place(
    into: list[str], hostile: HostileServer, tmp_path: Path
) -> None:
    url = serve(hostile, f"{TEXT}<img src=/a.jpg>")
    empty = hostile.on("/empty", answer(200, TEXT.encode(), content_type="text/html"))
    icons = f"{TEXT}<img src=/icons/1.png>"
    useless = hostile.on("/useless", answer(200, icons.encode(), content_type="text/html"))
    gone = hostile.on("/gone", answer(404))
    same = hostile.on("/same", answer(200, b"<a href=a.jpg>a</a>", content_type="text/html"))
    for more, status in ([], 3), ([gone], 1):
        (tmp_path / "urls.txt").write_text("\n".join([url, empty, same, useless, *more]))
        done = reelin("-i", "urls.txt", *into, cwd=tmp_path)
        assert done.returncode == status
        assert f"{empty}: nothing found\n" in done.stderr
        assert f"{useless}: nothing found but 1 item of no use (part of the page" in done.stderr
        assert done.stderr.count("nothing found") == 2
    (tmp_path / "urls.txt").write_text(f"{url}\n{same}\n")
    done = reelin("-i", "urls.txt", "other", cwd=tmp_path)
    assert (done.returncode, "nothing found" in done.stderr) == (0, False)


@pytest.mark.parametrize(
    ("html", "name"),
    [
        ("<div id=app></div><script type=module src=/assets/index-1a.js></script>", "index-1a.js"),
        ("<script src=/vendor.js></script><script src=/app.js></script><p>Loading…", "app.js"),
        ("<script type=module src=m.mjs></script><script src=old.js nomodule></script>", "m.mjs"),
        ("<script>document.write(make())</script>", ""),
        (f"{TEXT}<noscript>Please enable JavaScript.</noscript><script>go()</script>", ""),
    ],
)
def test_pages_that_scripts_fill(html: str, name: str) -> None:
    reason = why_empty(Page(HERE, html.encode(), {"content-type": "text/html"}))
    assert reason is not None
    assert reason.startswith(f"{HERE} builds itself with JavaScript{f' ({name})' if name else ','}")


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>no media",
        TEXT + "<script src=/app.js></script>",
        TEXT * 9 + "<noscript>Please enable JavaScript.</noscript><script>go()</script>",
        "<script type='application/json'>{}</script><p>short",
        "<rss><channel><title>Nothing yet</title></channel></rss>",
    ],
)
def test_other_pages_are_just_empty(html: str) -> None:
    assert why_empty(Page(HERE, html.encode(), {"content-type": "text/html"})) is None
