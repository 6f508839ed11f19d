"""Free space as files claim it: together they begin nothing that will not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.command import Command
from support.disk import Disk, small_disk
from support.files import MIB, File, noise
from support.loopback import Loopback
from support.outcomes import leftovers
from support.runs import finals

from reelin import DiskSpace, FetchError, Head, MediaItem, RunFolder, SinkError
from reelin.disk.writer import has_no_room


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets how much every disk has."""

    def set_free(size: int, total: int = 1 << 40) -> None:
        usage = SimpleNamespace(total=total, free=size)
        monkeypatch.setattr("shutil.disk_usage", lambda _: usage)

    return set_free


def test_files_under_way_count_together(tmp_path: Path, free: Callable[[int], None]) -> None:
    space = DiskSpace()
    free(15 * MIB)
    one = space.claim(tmp_path, "one", 10 * MIB, None)
    assert one is not None
    with pytest.raises(SinkError, match=r"two needs 10.* 15.* are left, of which 10.* under way"):
        space.claim(tmp_path, "two", 10 * MIB, None)
    assert space.claim(tmp_path, "three", 5 * MIB, None) is not None
    with pytest.raises(SinkError) as refused:
        space.claim(tmp_path, "four", 1, None)
    assert has_no_room(refused.value)
    space.release(one)
    assert space.claim(tmp_path, "two", 10 * MIB, None) is not None


def test_what_is_written_needs_no_more_room(tmp_path: Path, free: Callable[[int], None]) -> None:
    space = DiskSpace()
    part = tmp_path / "one.part"
    part.write_bytes(noise(6 * MIB))
    free(5 * MIB)
    assert space.claim(tmp_path, "one", 10 * MIB, part) is not None
    with pytest.raises(SinkError, match="two needs 2"):
        space.claim(tmp_path, "two", 2 * MIB, None)
    part.write_bytes(noise(9 * MIB))
    free(2 * MIB)
    assert space.claim(tmp_path, "two", 1 * MIB, None) is not None


def test_a_part_with_gaps_is_not_there_yet(tmp_path: Path, free: Callable[[int], None]) -> None:
    part = tmp_path / "one.part"
    with part.open("wb") as file:
        file.truncate(10 * MIB)
    free(9 * MIB)
    with pytest.raises(SinkError, match="one needs 10"):
        DiskSpace().claim(tmp_path, "one", 10 * MIB, part)


@pytest.mark.parametrize("problem", ["no total", "no answer"])
def test_a_disk_that_does_not_tell_is_tried(
    problem: str, tmp_path: Path, free: Callable[..., None]
) -> None:
    folder = tmp_path
    if problem == "no total":
        free(0, total=0)
    else:
        folder = tmp_path / "gone"
    assert DiskSpace().claim(folder, "one", 10 * MIB, None) is None


async def test_a_folder_claims_for_its_files(tmp_path: Path, free: Callable[[int], None]) -> None:
    """Until they have their names, or are left; small ones claim nothing."""
    free(15 * MIB)
    space = DiskSpace()
    first, second = (RunFolder(tmp_path / name, space=space) for name in "ab")
    items = [MediaItem(f"http://site.example/{n}.mp4", type="video") for n in range(4)]
    heads = [Head(each.url, size=10 * MIB) for each in items]
    async with first, second:
        one = first.land(items[0], heads[0], None)
        for folder in first, second:
            with pytest.raises(SinkError, match="needs 10"):
                folder.land(items[1], heads[1], None)
        small = second.land(items[2], Head(items[2].url, size=MIB), None)
        await one.begin(None)
        await one.append([noise(10 * MIB)])
        await one.publish()
        two = second.land(items[1], heads[1], None)  # though the first is not left yet
        assert two.path.name == "1.mp4", "its name was not lost"
        await first.leave(one)
        await second.leave(two, FetchError("it broke"))
        await second.leave(small)
        last = first.land(items[3], heads[3], None)
        await first.leave(last, FetchError("it broke"))


async def test_what_was_begun_is_kept(tmp_path: Path, free: Callable[[int], None]) -> None:
    free(100 * MIB)
    items = [MediaItem(f"http://site.example/{n}.mp4", type="video") for n in range(3)]
    heads = [Head(each.url, size=10 * MIB) for each in items]
    async with RunFolder(tmp_path) as folder:
        broken = folder.land(items[0], heads[0], None)
        await broken.begin({"url": items[0].url})
        await broken.append([noise(2 * MIB)])
        await folder.leave(broken, FetchError("it broke"))
        others = [folder.land(items[n], heads[n], None) for n in (1, 2)]
        begun = folder.begun(items[0])
        assert begun is not None
        free(25 * MIB)
        with pytest.raises(SinkError, match="needs 8") as full:
            folder.land(items[0], heads[0], begun)
        await folder.leave(begun, full.value)
        assert begun.part.stat().st_size == 2 * MIB and begun.sidecar.exists()
        for each in others:
            await folder.leave(each)


# With disks


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.mark.parametrize("apart", [False, True], ids=["one folder", "a folder for each"])
def test_the_second_is_foreseen(apart: bool, disk: Disk, tmp_path: Path) -> None:
    disk.mount("size=16m")
    files = {f"{number}.mp4": noise(10 * MIB, number) for number in range(3)}
    with Loopback(rate=10e6) as server:
        for name, body in files.items():
            server.on("/" + name, File(body, etag=f'"{name}"'))
        pages = [server.page(f"/{name}", path=f"/{name}.html") for name in files]
        (tmp_path / "urls").write_text("\n".join(pages))
        where = ("-i", "urls", *([] if apart else ["run"]), "-o", disk.path, "-w", 3)
        ended = Command(*where, home=tmp_path).end()
        assert ended.code == 1 and ended.err.count("reelin: error:") == 1, ended.err
        assert "for files under way; the run ends here" in ended.err
        folders = [each for each in disk.path.iterdir() if each.is_dir()]
        assert sum(len(finals(each)) for each in folders) == 1
        assert [leftovers(each) for each in folders] == [[] for _ in folders]
        assert server.sent < 14 * MIB
        disk.mount("remount,size=64m")
        assert Command(*where, home=tmp_path).end().code == 0
        saved = {name: body for each in disk.path.iterdir() for name, body in finals(each).items()}
    assert saved == files
