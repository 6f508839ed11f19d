"""`reelin plugin new NAME`: a plugin project that works as it is made, to be filled in."""

from __future__ import annotations

import re
from keyword import iskeyword
from pathlib import Path
from string import Template

from ..model.errors import UsageError
from ..plugins.registry import Registry

TEMPLATES = Path(__file__).parent / "template"
# Where each template goes. In texts and paths, name: `my-site`, word: `my_site`, kind: `MySite`.
FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "plugin.py": "reelin_$word.py",
    "index.json": "recordings/index.json",
    "42.html": "recordings/42.html",
    "test_plugin.py": "tests/test_$word.py",
}
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_TAKEN = ("Annotated", "Extractor", "MediaItem", "Path")  # by what the files that are made import


def new_plugin(name: str, parent: Path) -> Path:
    """Make the project `reelin-NAME` in a folder; return its own folder.

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
    for template, path in FILES.items():
        text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
        file = folder / Template(path).substitute(words)
        file.parent.mkdir(exist_ok=True)
        file.write_text(Template(text).substitute(words), encoding="utf-8")
    return folder
