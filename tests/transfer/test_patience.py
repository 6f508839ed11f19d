"""What servers refuse: patience that is asked for costs no item; logins say how they are given."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.files import noise
from support.loopback import Loopback, redirect, reply
from support.outcomes import fetch
from support.runs import finals

from reelin import Network, Session
from reelin.model.errors import FetchError, Transient, UsageError
from reelin.net import hosts
from reelin.net.faults import hint
from reelin.net.retry import PATIENCE, Budget

BODY = noise(1000)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that are too short for a person to wait for."""
    monkeypatch.setattr(hosts, "LONGEST_PAUSE", 0.01)


@pytest.mark.parametrize("more", [{}, {"Retry_After": "soon"}, {"Retry_After": "0"}])
async def test_more_refusals_than_retries_cost_no_item(
    more: dict[str, str], server: Loopback, tmp_path: Path
) -> None:
    refused = [reply(429, **more)] * 4
    for link in ("/a.mp4", "/b.mp4", "/c.mp4"):
        server.on(link, *refused, reply(200, BODY))
    start = server.page("/a.mp4", "/b.mp4", "/c.mp4")
    report, _ = await fetch(start, tmp_path, network=Network(retries=1, timeout=5))
    assert report.ok, report.failures
    assert len(finals(tmp_path)) == 3


async def test_a_page_waits_as_well(server: Loopback, tmp_path: Path) -> None:
    server.on("/a.mp4", reply(200, BODY))
    page = reply(200, b'<video src="/a.mp4"></video>', "text/html")
    start = server.on("/", *[reply(429)] * 3, page)
    report, _ = await fetch(start, tmp_path, network=Network(retries=1, timeout=5))
    assert report.ok, report.failures


async def test_a_host_that_never_relents_is_given_up(server: Loopback, tmp_path: Path) -> None:
    links = [server.on(f"/{number}.mp4", reply(429)) for number in range(60)]
    report, _ = await fetch(server.page(*links), tmp_path, network=Network(retries=1, timeout=5))
    assert len(report.failures) == 60
    assert any("in a row" in each.error for each in report.failures)
    assert len(server.requests) < 60 * PATIENCE


async def test_without_retries_a_refusal_is_final(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.mp4", reply(429), reply(200, BODY))
    report, _ = await fetch(url, tmp_path, network=Network(retries=0))
    assert "429" in report.failures[0].error and "--workers" in report.failures[0].error


def test_pauses_grow_until_an_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "LONGEST_PAUSE", 30.0)
    host = hosts.Host()
    assert [host.note_refusal() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_refusals_within_one_pause_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "LONGEST_PAUSE", 30.0)
    host = hosts.Host(free_at=float("inf"))
    assert [host.note_refusal() for _ in range(5)] == [1] * 5


def test_patience_is_no_part_of_the_budget_for_failures() -> None:
    budget = Budget(Network(retries=2))
    for _ in range(2 * PATIENCE):
        assert budget.spend(Transient("busy", url="u", status=429, retry_after=1.0)) == 1.0
    for _ in range(2):
        budget.spend(Transient("broke off", url="u"))
    with pytest.raises(FetchError):
        budget.spend(Transient("busy", url="u", status=429, retry_after=1.0))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, ["--netrc", "--cookies", "USER:PASSWORD@"]),
        (403, ["--netrc", "--cookies", "Referer"]),
        (404, []),
    ],
)
async def test_what_to_do_about_a_status(
    status: int, words: list[str], server: Loopback, tmp_path: Path
) -> None:
    report, _ = await fetch(server.on("/a.mp4", reply(status)), tmp_path)
    assert all(each in report.failures[0].error for each in words)
    assert bool(hint(status)) is bool(words)


@pytest.mark.parametrize("path", ["/login?next=/a.mp4", "/users/sign_in", "/wp-login.php"])
async def test_a_redirect_to_a_sign_in_page_is_called_that(
    path: str, server: Loopback, tmp_path: Path
) -> None:
    server.on(path, reply(200, b"<html>Welcome back</html>", "text/html"))
    server.on("/a.mp4", redirect(path))
    report, _ = await fetch(server.page("/a.mp4"), tmp_path)
    (failure,) = report.failures
    assert "sign-in page" in failure.error and "--cookies" in failure.error


def test_a_netrc_that_others_may_read_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / ".netrc"
    file.write_text("machine site.example login me password secret\n")
    file.chmod(0o644)
    with pytest.raises(UsageError, match=r"chmod 600 ~/\.netrc"):
        Session(network=Network(netrc=True))
    file.chmod(0o600)
    Session(network=Network(netrc=True))
