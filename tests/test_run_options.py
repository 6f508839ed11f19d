"""One value for what may be asked of a run, and the same meaning and errors at every door to it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reelin import Audio, Date, Extension, Network, Resolution, Size, Type, UsageError
from reelin.cli.command import download
from reelin.cli.exit_status import run
from reelin.run.option_kinds import WordList
from reelin.run.option_table import OPTIONS
from reelin.run.options import RunOptions

NOWHERE = "http://127.0.0.1:1/"
SCHEMA = RunOptions.schema()


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_nothing_asked_for_is_all_defaults() -> None:
    assert RunOptions.of({}) == RunOptions()
    assert RunOptions.of(dict.fromkeys(each.name for each in OPTIONS)) == RunOptions()


def test_values_of_json_mean_what_they_mean_as_text() -> None:
    body = {
        "plugin": "gallery",
        "no_plugin": ["ytdlp"],
        "plugins": {"gallery": {"max-pages": 3}},
        "workers": 2,
        "type": ["image", "VIDEO"],
        "ext": ["jpg"],
        "exclude_ext": ["gif"],
        "min_size": 10240,
        "max_size": "1.5GiB",
        "date_from": "2026-01-31",
        "date_to": "2026-02-01",
        "resolution": "720p",
        "live": 5,
        "audio_format": "mp3",
        "audio_quality": "192k",
        "ffmpeg_location": "/opt/ffmpeg",
        "fail_fast": True,
        "filter": ["loud:least=3"],
        "retries": 1,
        "retry_wait": 1.5,
        "timeout": 2.5,
        "connect_timeout": 4.0,
        "limit_rate": "2M",
        "per_host": 3,
        "connections": 4,
        "proxy": "http://proxy.example:8080",
        "user_agent": "me",
        "header": ["Referer: https://x.example/"],
        "cookies": "cookies.txt",
        "cookies_from_browser": "firefox",
        "netrc": True,
        "no_private": True,
    }
    assert body.keys() == SCHEMA["properties"].keys(), "an option that this test does not know"
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(body)) | {"type": ["image"]})
    options = RunOptions.of(body)
    assert options == RunOptions(
        plugin="gallery",
        filters=(
            Type(frozenset(["image", "video"])),
            Extension(frozenset(["jpg"]), frozenset(["gif"])),
            Size(10240, 1536 << 20),
            Date(
                datetime(2026, 1, 31, tzinfo=UTC),
                datetime(2026, 2, 1, 23, 59, 59, 999999, tzinfo=UTC),
            ),
        ),
        plugin_filters=("loud:least=3",),
        resolution=Resolution.of("720p"),
        live=5.0,
        audio=Audio("mp3", "192k"),
        fail_fast=True,
        network=Network(
            retries=1,
            retry_wait=1.5,
            timeout=2.5,
            connect_timeout=4.0,
            limit_rate=2 << 20,
            per_host=3,
            connections=4,
            proxy="http://proxy.example:8080",
            user_agent="me",
            headers={"Referer": "https://x.example/"},
            cookies=Path("cookies.txt"),
            cookies_from_browser="firefox",
            netrc=True,
            allow_private=False,
        ),
        workers=2,
        ffmpeg=Path("/opt/ffmpeg"),
        without=("ytdlp",),
        plugin_options={"gallery": {"max_pages": 3}},
    )
    as_text = {
        name: ",".join(value) if name in ("type", "ext", "exclude_ext") else value
        for name, value in body.items()
    }
    for name in ("workers", "min_size", "live", "retries", "timeout", "per_host", "connections"):
        as_text[name] = str(body[name])
    for name in ("fail_fast", "netrc", "no_private"):
        as_text[name] = "yes"
    assert (
        RunOptions.of({name.replace("_", "-"): each for name, each in as_text.items()}) == options
    )


def test_aliases_and_types_of_toml() -> None:
    options = RunOptions.of({"after": date(2026, 1, 31), "before": "2026-01-31", "type": "audio"})
    assert options.filters[-1] == Date(
        datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("workers", "21", "21 is not in the range 1<=x<=20"),
        ("workers", "many", "'many' is not a whole number"),
        ("retries", "2.5", "'2.5' is not a whole number"),
        ("timeout", "0", "0 is not in the range 0.1<=x<=3600"),
        ("timeout", "nan", "nan is not in the range"),
        ("live", "0", "0 is not in the range 0<x<=604800"),
        ("min-size", "big", "'big' is not a size; write it as 500, 10k, 5M or 1.5GiB"),
        ("limit-rate", "0", "'0' is not a rate; write it as 500k or 2M (bytes per second)"),
        ("date-from", "soon", "'soon' is not a date; write it as 2026-01-31"),
        ("before", "2026-13-01", "'2026-13-01' is not a date"),
        ("audio-format", "ogg", "'ogg' is not one of 'mp3', 'm4a', 'wav', 'flac', 'opus'"),
        ("audio-quality", "best", "--audio-quality needs --audio-format"),
        ("type", "movie", "'movie' is not a type; there are image, video, audio"),
        ("resolution", "huge", "'huge' is no resolution; write 1280x720, 720p, best or worst"),
        ("header", "nonsense", "header 'nonsense': write it as 'Name: value'"),
        ("proxy", "nonsense", "a proxy is written as http://host:port"),
    ],
)
def test_the_same_value_is_refused_in_the_same_words_at_every_door(
    name: str,
    text: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(UsageError) as refusal:
        RunOptions.of({name.replace("-", "_"): text})
    assert words in str(refusal.value)
    Path("c.toml").write_text(f"{name} = {json.dumps(text)}")
    errors = []
    assert run([NOWHERE, f"--{name}", text]) == 2
    errors.append(capsys.readouterr().err)
    assert run([NOWHERE, "--config", "c.toml"]) == 2
    errors.append(capsys.readouterr().err)
    monkeypatch.setenv("REELIN_" + name.replace("-", "_").upper(), text)
    assert run([NOWHERE]) == 2
    errors.append(capsys.readouterr().err)
    for error in errors:
        assert error.startswith("reelin: error: ") and error.count("\n") == 1
        assert words in error


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"wokers": 3}, "there is no option 'wokers'; did you mean workers?"),
        ({"url": NOWHERE}, "there is no option 'url'"),
        ({"workers": True}, "workers: 'True' is not a whole number"),
        ({"workers": 2.0}, "workers: '2.0' is not a whole number"),
        ({"timeout": False}, "timeout: 'False' is not"),
        ({"timeout": [1]}, "timeout: '[1]' is not"),
        ({"min_size": -5}, "min_size: '-5' is not a size"),
        ({"min_size": {}}, "min_size: {} is neither text nor a number"),
        ({"fail_fast": "maybe"}, "fail_fast: 'maybe' is not yes or no"),
        ({"fail_fast": 3}, "fail_fast: 3 is not yes or no"),
        ({"proxy": 3}, "proxy: 3 is not text"),
        ({"user_agent": ""}, "user_agent: it is empty"),
        ({"resolution": " "}, "resolution: it is empty"),
        ({"type": ","}, "type: it is empty"),
        ({"ext": ["mp3", ""]}, "ext: it is empty"),
        ({"cookies": ""}, "cookies: it is empty"),
        ({"type": 3}, "type: 3 is not text"),
        ({"ext": [3]}, "ext: 3 is not text"),
        ({"header": {"A": "b"}}, "header: {'A': 'b'} is not text"),
        ({"audio_format": 3}, "audio_format: 3 is not one of"),
        ({"plugins": []}, "plugins: options of plugins are written in a table"),
        ({"plugins": {"plyr": 3}}, "plugins: options of plugins are written in a table"),
        ({"min_size": "2M", "max_size": "1M"}, "nothing would be left"),
        ({"date_from": "2026-02-01", "date_to": "2026-01-01"}, "nothing would be left"),
    ],
)
def test_what_does_not_fit_is_told_with_its_name(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as refusal:
        RunOptions.of(values)
    assert words in str(refusal.value)


def test_the_schema_describes_every_option_of_the_command_line_that_concerns_a_run() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    json.dumps(SCHEMA)
    typed = {str(option.name) for option in download.params}
    only_typed = typed - SCHEMA["properties"].keys()
    where = {"output", "filename", "overwrite", "no_resume", "zip", "zip_spool", "sink"}
    shown = {"dry_run", "get_urls", "json", "explain", "quiet", "verbose", "no_progress"}
    actions = {"url", "name", "input_file", "plugin_options", "config", "no_config"}
    actions |= {"list_plugins", "demo", "version", "log_file"}
    assert only_typed == where | shown | actions
    assert SCHEMA["properties"].keys() - typed == {"plugins"}  # which -O sets one by one
    for name, each in SCHEMA["properties"].items():
        assert each["description"].endswith((".", ".)")), name
        assert each["x-group"] in ("what", "which", "network"), name
    assert SCHEMA["properties"]["workers"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 20,
        "default": 5,
        "description": "Downloads at the same time.",
        "x-group": "what",
    }


def test_defaults_and_examples_of_the_schema_are_taken() -> None:
    for name, each in SCHEMA["properties"].items():
        for value in [each[key] for key in ("default",) if key in each] + each.get("examples", []):
            Draft202012Validator(each).validate(value)
            RunOptions.of({name: value})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])), JSON))
def test_whatever_json_is_given_is_taken_or_refused(values: dict[str, Any]) -> None:
    with suppress(UsageError):
        RunOptions.of(values)


@pytest.mark.parametrize("text", ["jpg,png", "jpg png", "JPG, png", " .jpg ,, .png\n"])
def test_words_stand_between_commas_or_spaces(text: str) -> None:
    words = WordList().parse(text)
    assert tuple(word.strip(".") for word in words) == ("jpg", "png")
