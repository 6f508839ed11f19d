"""`reelin plugin new NAME`: a plugin project that works as it is made, to be filled in."""

from __future__ import annotations

import re
from keyword import iskeyword
from pathlib import Path
from string import Template

from ..model.errors import UsageError
from ..plugins.registry import Registry

# name: `my-site`, word: `my_site`, kind: `MySite`. `examples/reelin-clips` is made of them too.
FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "reelin-$name"
version = "0.1.0"
description = "Videos on $name.example, for reelin"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["reelin"]

[project.optional-dependencies]
test = ["pytest"]

[project.entry-points.reelin]
$name = "reelin_$word"

[tool.setuptools]
py-modules = ["reelin_$word"]

[tool.pytest.ini_options]
pythonpath = ["."]
""",
    "README.md": """\
# reelin-$name

Videos on $name.example, for [reelin](https://pypi.org/project/reelin/).

```
pip install reelin-$name
reelin https://$name.example/watch/42
```

`-O $name.trailers=true` takes trailers too.

## Work on it

```
pip install -e ".[test]"
python -m pytest
```

Pages for the tests are recorded by `reelin record URL recordings --plugin $name`.
""",
    "reelin_$word.py": """\
\"\"\"Videos on $name.example, for reelin.\"\"\"

from typing import Annotated

from reelin import Extractor, MediaItem, hookimpl


class $kind(Extractor):
    \"\"\"Videos on $name.example.\"\"\"

    name = "$name"
    pattern = r"https://$name\\.example/watch/\\d+"
    examples = ["https://$name.example/watch/42"]

    trailers: Annotated[bool, "take trailers too"] = False

    def extract(self, page):
        for url in page.urls("video source", "src"):
            if self.trailers or "trailer" not in url:
                yield MediaItem(url, title=page.title)


@hookimpl
def reelin_extractors():
    return [$kind()]
""",
    "recordings/index.json": """\
{
  "https://$name.example/watch/42": {
    "file": "42.html",
    "headers": {
      "content-type": "text/html; charset=utf-8"
    }
  }
}
""",
    "recordings/42.html": """\
<!doctype html>
<title>A cat on a piano</title>
<video controls><source src="/media/42.mp4" type="video/mp4"></video>
<video controls><source src="/media/42-trailer.mp4" type="video/mp4"></video>
""",
    "tests/test_$word.py": """\
\"\"\"The extractor on a recorded page; no network is needed.\"\"\"

from pathlib import Path

from reelin_$word import $kind

from reelin.testing import check, extract

RECORDINGS = Path(__file__).parent.parent / "recordings"
WATCH = "https://$name.example/watch/42"


def test_a_watch_page():
    found = extract($kind(), WATCH, RECORDINGS)
    assert [item.url for item in found] == ["https://$name.example/media/42.mp4"]
    assert found[0].title == "A cat on a piano"


def test_trailers_on_demand():
    found = extract($kind(trailers=True), WATCH, RECORDINGS)
    assert [item.url for item in found] == [
        "https://$name.example/media/42.mp4",
        "https://$name.example/media/42-trailer.mp4",
    ]


def test_promises():
    check($kind(), recordings=RECORDINGS)
""",
}
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_TAKEN = ("Annotated", "Extractor", "MediaItem", "Path")  # by what the files that are made import


def new_plugin(name: str, parent: Path) -> Path:
    """Make the project `reelin-NAME` in a folder; its own folder.

    Raises `UsageError` for a name that cannot be one or is taken. Nothing is overwritten.
    """
    name = name.removeprefix("reelin-")
    kind = "".join(part.capitalize() for part in name.split("-"))
    is_taken = kind in _TAKEN or iskeyword(kind)
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or is_taken:
        raise UsageError(
            f"{name!r} cannot be the name of a plugin: it should be lower case letters and digits,"
            f" with single hyphens between them, at most {_LONGEST}, such as my-site"
        )
    if name in Registry.load().names:
        raise UsageError(f"there is a plugin {name!r} already; choose another name")
    folder = parent / f"reelin-{name}"
    try:
        folder.mkdir()
    except FileExistsError:
        raise UsageError(f"{folder} exists already, and nothing is overwritten") from None
    words = {"name": name, "word": name.replace("-", "_"), "kind": kind}
    for path, text in FILES.items():
        file = folder / Template(path).substitute(words)
        file.parent.mkdir(exist_ok=True)
        file.write_text(Template(text).substitute(words), encoding="utf-8")
    return folder
