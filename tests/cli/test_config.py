"""Options that nobody typed: the configuration file and the environment, as strict as typing."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from platformdirs import user_config_path

from reelin import Audio
from reelin.cli.command import download
from reelin.cli.config import PREFIX
from reelin.cli.exit_status import run
from reelin.cli.settings import Settings, settings_from
from reelin.model.units import parse_date
from reelin.run.filters import Date, Extension, Size, Type
from reelin.run.options import RunOptions

NOWHERE = "http://127.0.0.1:1/"


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def settings(*arguments: str) -> Settings:
    ctx = download.make_context("download", [NOWHERE, *arguments])
    return settings_from(ctx, ctx.params)


def from_file(text: str, *arguments: str) -> Settings:
    Path("c.toml").write_text(text, encoding="utf-8")
    return settings("--config", "c.toml", *arguments)


def test_each_kind_of_value_means_what_it_means_when_typed() -> None:
    told = from_file(
        'workers = 8\nlimit-rate = "2M"\nmin_size = 10\nmax-size = "1.5GiB"\ntimeout = 5\n'
        'date-from = 2026-01-31\nbefore = 2026-02-01T10:00:00Z\ntype = ["audio", "video"]\n'
        'ext = "mp3,ogg"\nheader = ["A: b, c"]\nquiet = true\nverbose = 2\nno-resume = "yes"\n'
        'output = "~/x"\n[plugins.plyr]\nmax-scripts = 1\n'
    )
    typed = settings(
        *("-w 8 -r 2M --min-size 10 --max-size 1.5GiB --timeout 5 --date-from 2026-01-31").split(),
        *("--before 2026-02-01T10:00:00Z --type audio,video --ext mp3 --ext ogg").split(),
        *("-q -vv --no-resume -o ~/x -O plyr.max_scripts=1").split(),
        *("-H", "A: b, c"),
    )
    assert told.run.plugin_options == {"plyr": {"max_scripts": 1}}
    assert typed.run.plugin_options == {"plyr": {"max_scripts": "1"}}
    assert (told.targets, told.destination, told.display) == (
        typed.targets,
        typed.destination,
        typed.display,
    )
    for name in RunOptions.__slots__:
        if name != "plugin_options":
            assert getattr(told.run, name) == getattr(typed.run, name), name
    assert told.run.filters == (
        Type(frozenset(["audio", "video"])),
        Extension(frozenset(["mp3", "ogg"]), frozenset()),
        Size(10, 1536 << 20),
        Date(parse_date("2026-01-31"), parse_date("2026-02-01T10:00:00Z")),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("workers = true", "workers: 'True' is not"),
        ("retries = 2.7", "retries: '2.7' is not"),
        ("min-size = -5", "'-5' is not a size"),
        ("limit-rate = true", "is not a rate"),
        ("date-from = 10:00:00", "date-from"),
        ("ext = [3]", "ext: 3 is not text"),
        ("proxy = 3", "proxy: 3 is not text"),
        ("zip = ''", "zip: it is empty"),
        ("output = ''", "output: it is empty"),
        ("filename = ''", "filename: it is empty"),
        ("output = ['a']", "output: ['a'] is not text"),
        ("[output]\na = 1", "output: {'a': 1} is not text"),
        ("quiet = 'maybe'", "quiet: 'maybe' is not"),
        ("headers = ['A: b']", "did you mean header?"),
        ("url = 'http://x/'", "no option 'url'"),
        ("demo = true", "no option 'demo'"),
        ("plugins = 1", "[plugins.NAME]"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_file_and_key(
    text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("c.toml").write_text(text)
    assert run([NOWHERE, "--config", "c.toml"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("reelin: error: c.toml: ") and words in error
    assert error.count("\n") == 1


def test_sound_and_ffmpeg() -> None:
    told = from_file('audio-format = "mp3"\nffmpeg_location = "~/bin"\n', "--audio-quality", "192k")
    assert told.run.audio == Audio("mp3", "192k") and told.run.ffmpeg == Path.home() / "bin"
    assert settings("--audio-format", "flac").run.audio == Audio("flac")
    assert settings().run.audio is None and settings().run.ffmpeg is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--audio-format ogg", "'ogg' is not one of 'mp3', 'm4a'"),
        ("--audio-format mp3 --audio-quality 100k", "'100k' is not one of 'best', 'worst', '128k'"),
        ("--audio-quality 192k", "--audio-quality needs --audio-format"),
        ("--ffmpeg-location /nowhere/ffmpeg", "there is no ffmpeg at /nowhere/ffmpeg"),
    ],
)
def test_sound_that_cannot_be_made(
    arguments: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([NOWHERE, *arguments.split()]) == 2
    assert words in capsys.readouterr().err


def test_a_byte_order_mark_is_no_part_of_the_file() -> None:
    assert from_file("\ufeffworkers = 3").run.workers == 3


def test_the_environment_speaks_by_long_option_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "TYPE": "audio",
        "JSON": "1",
        "HEADER": "Cookie: a=b; c=d",
        "AFTER": "2026-01-01",
        "WORKERS": "7",
        "PROXY": "",
        # Names that a container may well set for its own purposes, and actions:
        "VERSION": "0.1",
        "HELP": "1",
        "DEMO": "1",
        "URL": "http://elsewhere.example/",
    }.items():
        monkeypatch.setenv(f"{PREFIX}_{name}", value)
    told = settings()
    assert told.run.filters == (Type(frozenset(["audio"])), Date(parse_date("2026-01-01"), None))
    assert told.run.network.headers == {"Cookie": "a=b; c=d"}
    assert (told.display.json, told.run.workers, told.run.network.proxy, told.display.demo) == (
        True,
        7,
        None,
        False,
    )
    assert [target.urls for target in told.targets] == [(NOWHERE,)]


@pytest.mark.parametrize(
    "option", ["-o", "--zip", "--filename", "--resolution", "--user-agent", "--ext", "--type"]
)
def test_an_empty_value_is_told(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([NOWHERE, option, ""]) == 2
    assert "it is empty: give it a value, or leave the option out" in capsys.readouterr().err


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OUTPUT", "ZIP", "FILENAME", "RESOLUTION", "USER_AGENT", "EXT", "TYPE"):
        monkeypatch.setenv(f"{PREFIX}_{name}", "")
    assert settings().destination.output == "downloads"


def test_a_bad_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REELIN_WORKERS", "99")
    assert run([NOWHERE]) == 2
    assert capsys.readouterr().err.startswith("reelin: error: REELIN_WORKERS: 99 is not")


def test_typed_beats_environment_beats_file(monkeypatch: pytest.MonkeyPatch) -> None:
    file = 'workers = 2\nretries = 2\ntimeout = 2\next = ["a"]\n'
    monkeypatch.setenv("REELIN_RETRIES", "4")
    monkeypatch.setenv("REELIN_TIMEOUT", "4")
    told = from_file(file, "--timeout", "6", "--ext", "b")
    assert (told.run.workers, told.run.network.retries, told.run.network.timeout) == (2, 4, 6)
    assert told.run.filters == (Extension(frozenset("b"), frozenset()),)


def test_which_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = user_config_path("reelin")
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("workers = 2")
    Path("named.toml").write_text("workers = 3")
    assert settings().run.workers == 2
    assert settings("--no-config").run.workers == 5
    monkeypatch.setenv("REELIN_CONFIG", "named.toml")
    assert settings().run.workers == 3
    assert settings("--no-config").run.workers == 5
    assert settings("--no-config", "--config", "named.toml").run.workers == 3


def test_every_option_can_stand_in_a_file_unless_it_is_an_action(
    capsys: pytest.CaptureFixture[str],
) -> None:
    actions = {"input-file", "config", "no-config", "demo", "list-plugins", "version", "help"}
    names = {
        name.removeprefix("--")
        for option in download.params
        if isinstance(option, click.Option)
        for name in option.opts
        if name.startswith("--")
    }
    assert actions - names == {"help"}
    for name in names - actions:
        Path("c.toml").write_text(f"{name} = {{}}")
        assert run([NOWHERE, "--config", "c.toml"]) == 2
        assert f"error: c.toml: {name}: " in capsys.readouterr().err
    for name in actions:
        Path("c.toml").write_text(f"{name} = 1")
        assert run([NOWHERE, "--config", "c.toml"]) == 2
        assert "c.toml: there is no option" in capsys.readouterr().err
