"""What is built of this checkout works by itself: a wheel, also one that is made of the sdist."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: object, cwd: Path) -> str:
    """Run a command that should succeed; return what it printed."""
    environment = {**os.environ, "HOME": str(cwd), "XDG_CACHE_HOME": str(cwd / "cache")}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind: str, source: Path, target: Path) -> Path:
    """Build a `wheel` or `sdist` as pip does, with the setuptools that are here."""
    script = f"import sys; from setuptools.build_meta import *; build_{kind}(sys.argv[1])"
    target.mkdir()
    run(sys.executable, "-c", script, target, cwd=source)
    (built,) = target.iterdir()
    return built


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    keep = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "downloads")
    source = shutil.copytree(ROOT, folder / "source", ignore=keep)
    sdist = build("sdist", source, folder / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    for name in ("main.py", "cli.py", "tests/test_packaging.py", "fixtures/demo/index.html"):
        assert (unpacked / name).is_file(), name
    wheel = build("wheel", source, folder / "wheel")
    assert names(build("wheel", unpacked, folder / "again")) == names(wheel)
    return wheel


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel, and what it needs from this environment."""
    folder = tmp_path_factory.mktemp("env")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    here = sysconfig.get_path("purelib")
    (packages / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    return folder / "bin" / "python"


def test_nothing_but_reelin_reaches_site_packages(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"reelin"}
    modules = {f"reelin/{path.relative_to(ROOT / 'core' / 'reelin')}" for path in sources("core")}
    for folder in ("extractors", "sinks"):
        modules |= {f"reelin/{path.relative_to(ROOT)}" for path in sources(folder)}
    assert {name for name in names(wheel) if name.endswith(".py")} == modules
    assert "reelin/py.typed" in names(wheel)


def sources(folder: str) -> list[Path]:
    return list((ROOT / folder).rglob("*.py"))


def test_the_wheel_runs_the_demo_and_makes_plugins(python: Path, tmp_path: Path) -> None:
    run(python, "-m", "reelin", "--demo", "-q", cwd=tmp_path)
    saved = [path.name for path in (tmp_path / "downloads").glob("*/*") if path.is_file()]
    assert len(saved) == 13 and "01 The first tone.wav" in saved
    run(python, "-m", "reelin", "plugin", "new", "clips", cwd=tmp_path)
    made = (tmp_path / "reelin-clips" / "reelin_clips.py").read_text(encoding="utf-8")
    example = ROOT / "examples" / "reelin-clips" / "reelin_clips.py"
    assert made == example.read_text(encoding="utf-8")
    where = run(python, "-c", "import reelin; print(reelin.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(python.parents[1])


def test_the_wheel_type_checks(python: Path, tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    untyped = (
        *("yt_dlp", "zipstream", "filetype", "aiohttp_socks", "imageio_ffmpeg", "obstore"),
        "brotli",
    )
    config.write_text(
        "[mypy]\n"
        + "".join(f"[mypy-{name}.*]\nignore_missing_imports = True\n" for name in untyped)
    )
    checked = run(
        *(sys.executable, "-m", "mypy", "--strict", "--python-executable", python),
        *("--config-file", config, "--cache-dir", tmp_path / "cache", "-p", "reelin"),
        cwd=tmp_path,
    )
    assert checked.startswith("Success")
