"""JavaScript read as data: values, calls, assignments, literals, and hostile text."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import javascript
from reelin.page.javascript.reader import MOST_DEPTH
from reelin.page.javascript.tokens import MOST_STRING


def value(expression: str, before: str = "") -> Any:
    """What an expression means; the string "unknown" where that cannot be told."""
    found = javascript.read(f"{before}; it = {expression};").assignments("it")
    return found[-1].value if found else "unknown"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a'", "a"),
        ('"it\'s"', "it's"),
        ("`plain`", "plain"),
        (r"'\n\t\'\\\/\0'", "\n\t'\\/\0"),
        (r"'\x41\u00e9\u{1F600}\101'", "Aé😀A"),
        (r"'\ud83d\ude00'", "😀"),
        (r"'\ud83d'", "\ufffd"),
        (r"'\u{110000}'", "\ufffd"),
        ("'one \\\ntwo'", "one two"),
        ("12", 12),
        ("1.50", 1.5),
        ("2.0", 2),
        ("1e3", 1000),
        (".5", 0.5),
        ("0xFF", 255),
        ("0b101", 5),
        ("0o17", 15),
        ("1_000", 1000),
        ("-7", -7),
        ("+7", 7),
        ("true", True),
        ("!0", True),
        ("!1", False),
        ("null", None),
        ("undefined", None),
        ("('a')", "a"),
        ("'a' + 'b' + 1", "ab1"),
        ("1 + 2 + 'a'", "3a"),
        ("'a' + 1.0", "a1"),
        ("[1, 'b', [3],]", [1, "b", [3]]),
        ("{a: 1, 'b-c': 2, 3: 4, größe: 5,}", {"a": 1, "b-c": 2, "3": 4, "größe": 5}),
        ("{a: /* one */ 1, // two\n b: 2}", {"a": 1, "b": 2}),
        ("{url: 'http://x.example//a' /* no comment inside */}", {"url": "http://x.example//a"}),
        ("{r: /[/'\"]\\/{/g, a: 1}", {"a": 1}),
        ("{half: 9 / 2, ratio: '16:9'}", {"ratio": "16:9"}),
        (
            "{f: function (a, b) { return {x: 1}; }, g: (a, b) => ({y: 2}), h: k => k, z: 3}",
            {"z": 3},
        ),
        ("{m() { return {x: 1}; }, get n() { return 2; }, async *o() {}, [p]: 4, z: 3}", {"z": 3}),
        ("{call: go({x: 1}), made: new Date(2020, 1), pick: a ? 'b' : 'c', z: 3}", {"z": 3}),
        ("{or: a || 'b', len: 'abc'.length, i: [1][0], z: 3}", {"z": 3}),
        ("[f(1), 'a', b.c.d, function () {}]", ["a"]),
        ("{a: `${unknown}.mp3`, b: 'b'}", {"b": "b"}),
        ("JSON.parse('{\"a\": [1, 2]}')", {"a": [1, 2]}),
        ("a == 'b'", "unknown"),
        ("x => 'b'", "unknown"),
        ("'a' - 'b'", "unknown"),
        ("9 / 2", "unknown"),
        ("JSON.parse('{broken')", "unknown"),
        ("'never ended", "unknown"),
    ],
)
def test_values(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("before", "expression", "expected"),
    [
        ("const base = '/a/'", "base + 'b.mp3'", "/a/b.mp3"),
        ("var base = '/a/'", "`${base}b${1}.mp3`", "/a/b1.mp3"),
        ("let cfg = {base: '/a/', deep: {er: 'x'}}", "cfg.base + cfg.deep['er']", "/a/x"),
        ("let cfg = {base: '/a/'}", "cfg.base", "/a/"),
        ("cfg.base = '/a/'", "cfg['base']", "/a/"),
        ("window.base = '/a/'", "base", "/a/"),
        ("window['base'] = '/a/'", "window.base", "/a/"),
        ("a = b = 'x'", "a + b", "xx"),
        (
            "const one = {src: 1}, all = [one]",
            "[...all, {...one, n: 2}]",
            [{"src": 1}, {"src": 1, "n": 2}],
        ),
        ("const src = 'a.mp3'", "{src, type: 'audio'}", {"src": "a.mp3", "type": "audio"}),
        ("src = '1.mp3'; f(src); src = '2.mp3'", "src", "2.mp3"),
        ("for (var i = 1; i < 9; i++) {}", "'ch' + i", "unknown"),
        ("var html = ''; html += 'more'", "html", "unknown"),
        ("a = a + 'x'", "a", "unknown"),
        ("a = b; b = a", "a", "unknown"),
    ],
)
def test_constants_of_the_same_script_are_followed(
    before: str, expression: str, expected: Any
) -> None:
    assert value(expression, before) == expected


def test_a_constant_may_be_assigned_behind_its_use() -> None:
    script = javascript.read(
        "function f() { player.source = {src: base + 'a.mp4'} } var base = '/v/'"
    )
    assert script.assignments("source")[0].value == {"src": "/v/a.mp4"}


@pytest.mark.parametrize("end", ["}('/v/', {b: 'x, y'}))", "})('/v/', {b: 'x, y'})"])
def test_what_a_function_on_the_spot_is_handed(end: str) -> None:
    text = "(function (base, more, none) { p.source = {src: base + 'a.mp4', t: more.b}; "
    (assignment,) = javascript.read(text + end).assignments("source")
    assert assignment.value == {"src": "/v/a.mp4", "t": "x, y"}


def test_calls_by_name() -> None:
    text = """
    // new Plyr('#commented')
    const text = "new Plyr('#quoted')";
    const player = new Plyr('#player', {title: 'One', loop: {active: true}});
    MyPlyr('#other'); Plyr ( ); Plyr.setup('.all', opts, 2)
    """
    script = javascript.read(text)
    calls = script.calls("Plyr")
    assert [call.args for call in calls] == [
        ("#player", {"title": "One", "loop": {"active": True}}),
        (),
    ]
    assert text[calls[0].offset :].startswith("Plyr('#player'")
    assert script.calls("Plyr.setup")[0].args == (".all", None, 2)
    assert script.calls("") == script.calls("absent") == []


@pytest.mark.parametrize(
    ("text", "name", "path"),
    [
        ("jwplayer('x').setup({file: 'a.mp4'})", "setup", "jwplayer().setup"),
        ("jwplayer(id('x'))\n  .setup({})", "setup", "jwplayer().setup"),
        ("videojs('v', {}).ready().player.src('a')", "src", "videojs().ready().player.src"),
        ("player?.src('a.mp4')", "src", "player.src"),
        ("hls.loadSource(url)", "loadSource", "hls.loadSource"),
        ("go()", "go", "go"),
        (".go()", "go", ".go"),
        (")).go()", "go", ".go"),
    ],
)
def test_a_call_knows_its_object(text: str, name: str, path: str) -> None:
    assert [call.path for call in javascript.read(text).calls(name)] == [path]


def test_the_players_that_are_to_come() -> None:
    script = javascript.read("""
    var url = 'live/index.m3u8'; hls.loadSource(url);
    videojs('v').src({src: 'a.mp4', type: 'video/mp4'});
    new Howl({src: ['a.webm', "a.mp3"], html5: true});
    jwplayer("x").setup({playlist: [{file: "a.mp4", image: 'a.jpg'}], on: function() {}});
    """)
    assert script.calls("loadSource")[0].args == ("live/index.m3u8",)
    assert script.calls("src")[0].args[0]["src"] == "a.mp4"
    assert script.calls("Howl")[0].args[0] == {"src": ["a.webm", "a.mp3"], "html5": True}
    assert script.calls("setup")[0].args[0]["playlist"] == [{"file": "a.mp4", "image": "a.jpg"}]


def test_assignments_by_name() -> None:
    script = javascript.read("""
    var tracks = ['a.mp3']
    player.source = {type: 'audio'}
    other.source == {type: 'compared'}; resource = {type: 'no'}; source => {}; source = later();
    window["source"] = {type: 'blob'};
    if (x) a.b . source = [1]
    """)
    found = [(each.path, each.value) for each in script.assignments("source")]
    assert found == [
        ("player.source", {"type": "audio"}),
        ("source", {"type": "blob"}),
        ("a.b.source", [1]),
    ]
    assert script.assignments("tracks")[0].value == ["a.mp3"]


def test_a_line_end_may_end_a_statement() -> None:
    script = javascript.read("a = 'x'\nb = ['y']\nnext()\nc = 'v' /* \n */ d = 'w'")
    assert [script.assignments(name)[0].value for name in "abcd"] == ["x", ["y"], "v", "w"]


def test_literals_are_the_outermost_objects_and_arrays() -> None:
    script = javascript.read("""
    ;['a.mp3', 'b.mp3'].forEach(function (each) { play({src: each, volume: 1}); list[0] = 2; });
    window.state = window.state || {tracks: [{src: 'c.mp3'}]};
    if (x) { y = {} } for (const z of ['d.mp3']) { go(z) }
    restore(JSON.parse('{"e": ["e.mp3"]}'), {later: JSON.parse("[1]")}, JSON.parse(text));
    """)
    assert script.literals() == [
        ["a.mp3", "b.mp3"],
        {"volume": 1},
        {"tracks": [{"src": "c.mp3"}]},
        ["d.mp3"],
        {"e": ["e.mp3"]},
        {"later": [1]},
    ]


def test_templates_may_hold_templates() -> None:
    script = javascript.read(
        "el.innerHTML = `<ul>${list.map(t => `<li data-a='${t.a}'>it's</li>`).join('')}</ul>`;"
        "tracks = [{src: 'a.mp3'}]"
    )
    assert script.assignments("tracks")[0].value == [{"src": "a.mp3"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("go(base + tracks[i].file + '.mp3')", ("/a/", "tracks", "file", ".mp3")),
        ("go(`${base}x/${each.file}.mp3`)", ("/a/x/", "each", "file", ".mp3")),
        ("go(base + 'x/' + files[index])", ("/a/x/", "files", "", "")),
        (
            "go(base + t[i].file + end); end = can('ogg') ? '.ogg' : ''",
            ("/a/", "t", "file", ".ogg"),
        ),
        ("var end = ''; go(base + t.file + end)", ("/a/", "t", "file", "")),
        ("go(cfg.dir + this.list[i].src)", ("/d/", "this.list", "src", "")),
    ],
)
def test_joins_around_what_is_not_known(text: str, expected: tuple[str, ...]) -> None:
    (join,) = javascript.read(f"var base = '/a/', cfg = {{dir: '/d/'}}; {text}").joins()
    assert (join.before, join.owner, join.name, join.after) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a + b",
        "'a' + b",
        "'a' + 'b'",
        "t[i].a + t[i].b",
        "`${a + b.c}x`",
        "'" + "x" * 3000 + "' + a.b",
        "1 + t[i].n()",
        "",
    ],
)
def test_what_is_no_join(text: str) -> None:
    assert javascript.read(text).joins() == []


@pytest.mark.parametrize("before", ["x = a / b / c", "x = 'a'.b / 2", "if (/['\"]/.test(a)) b()"])
def test_slashes_are_told_apart(before: str) -> None:
    assert value("['a', \"b\"]", before) == ["a", "b"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**52), 2**52) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_all_json_is_read_as_json_does(data: Any) -> None:
    assert value(json.dumps(data)) == data
    assert value(json.dumps(data, ensure_ascii=False)) == data


@given(st.dictionaries(st.text(), st.text(min_size=1), min_size=1))
def test_a_script_of_json_is_one_literal(data: dict[str, str]) -> None:
    assert javascript.read(json.dumps(data, indent=1)).literals() == [data]


PIECES = (
    "{ } [ ] ( ) , ; : = + - ! . ... ` ${ ' \" / /* */ // \\ \n a source = Plyr( new return => 1 0x"
    " 1e9 'x' {a: [1, JSON.parse('[ true 'a'+ ++ ?. window. window[' ] ="
).split(" ")


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join) | st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    ask_everything(text)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_the_masked_twins_are_as_long_as_the_script(text: str) -> None:
    source = javascript.read(text)._source
    assert len(source.text) == len(source.code) == len(text)


def ask_everything(text: str) -> None:
    script = javascript.read(text)
    script.calls("Plyr")
    script.calls("f")
    script.assignments("source")
    script.literals()
    script.joins()


N = 50_000
HOSTILE = {
    "open square brackets": "[" * 200_000,
    "open curly brackets": "{" * 200_000,
    "open calls": "f(" * N,
    "closed calls": "f(" * N + ")" * N,
    "assigned to assigned": "source=" * N,
    "calls and assignments": "source=()" * N,
    "assigned in objects": "source={a:" * N + "1" + "}" * N,
    "brackets that do not fit": "}])" * N,
    "patterns without end": "(=/[" * N,
    "patterns within a class": "(=/[" * N + "]",
    "slashes": "/" * N,
    "comments": "/**/" * N,
    "open comments": "/*" * N,
    "quotes": "\"'" * N,
    "backslashes": "source='" + "\\" * N,
    "string without end": "source='" + "a" * N,
    "template without end": "source=`" + "a" * N,
    "templates in templates": "source=" + "`${" * N,
    "path": "source=a" + ".a" * N,
    "signs": "source=" + "-" * N + "1",
    "sum": "source=''" + "+'a'" * N,
    "commas": "f(" + "," * N + ")",
    "spaces": "source" + " " * N + "source= \n" + "\t" * N,
    "digits": "source='a'+" + "9" * N,
    "hexadecimal digits": "source='a'+0x" + "f" * N,
    "members": ".".join(["f()"] * N),
    "sums of members": "a[i].b+" * N,
    "sums of strings": "'a'+" * N,
    "indexes": "a[i]" * N,
    "choices": "a=b?'x':c;" * N + "a+t[i].x+a;" * N,
    "choices without end": "a=b?" * N + "+t[i].x+a;" * N,
    "templates of templates": "`${a.b}" * N,
    "braces in templates": "`" + "{" * N + "`" + "{a.b}" * N + "`",
    "functions on the spot": "(function(a){source=a}(1));" * N,
    "parameters": f"(function({','.join('a' * N)}){{source=a}}({','.join('1' * N)}))",
    "constants of constants": "".join(f"a{i + 1}=a{i}+'x';" for i in range(N // 10))
    + "source=a9999",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_neither_hangs_nor_raises(text: str) -> None:
    ask_everything(text)  # what takes quadratic time would take hours


@pytest.mark.parametrize(
    "text",
    [
        "a0=['x','x'];" + "".join(f"a{i + 1}=[a{i},a{i}];" for i in range(40)) + "source=a40",
        "a='" + "x" * 90_000 + "';source=[" + "a+'y'," * 50_000 + "]",
        "a0='xxxxxxxxxx';" + "".join(f"a{i + 1}=a{i}+a{i};" for i in range(40)) + "source=a40",
    ],
    ids=["lists of lists", "long strings", "doubled strings"],
)
def test_memory_is_bounded(text: str) -> None:
    tracemalloc.start()
    try:
        found = javascript.read(text).assignments("source")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64_000_000
    assert len(str(found)) < 64_000_000


def test_too_deep_or_too_long_is_unknown_and_the_rest_is_read() -> None:
    deep = MOST_DEPTH + 1
    assert value("{deep: " + "[" * deep + "1" + "]" * deep + ", a: 1}")["a"] == 1
    assert value("{long: a + a, a: 1}", f"a = '{'x' * MOST_STRING}'") == {"a": 1}
