"""Items in an object store: a real S3 server, started for these tests."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import MemoryStore, S3Store
from support.command import Command, wait_until
from support.files import File, noise
from support.loopback import Answer, Loopback, Request, Wire, chunked, raw, reply, stalled
from support.outcomes import QUICK

from reelin import (
    Head,
    MediaItem,
    ObjectSink,
    Report,
    Session,
    SinkError,
    Size,
    Stored,
    UsageError,
    file_identity,
)
from reelin.sinks.records import Records

SMALL, LARGE = noise(20_000), noise(12_000_000, seed=2)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, request: pytest.FixtureRequest) -> str:
    """The name of a bucket of this test alone."""
    name = f"test-{hashlib.sha256(request.node.name.encode()).hexdigest()[:20]}"
    put = urllib.request.Request(f"{s3}/{name}", method="PUT")
    urllib.request.urlopen(put).close()
    return name


@pytest.fixture
def environment(s3: str) -> dict[str, str]:
    """What every S3 tool is told by."""
    return {
        "AWS_ENDPOINT_URL": s3,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }


@pytest.fixture
def store(bucket: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """That bucket, for us to look into; and the environment, for the sink."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return S3Store(bucket)


def objects(store: Any) -> dict[str, bytes]:
    """All that is there, but for the records."""
    paths = [each["path"] for batch in obstore.list(store) for each in batch]
    bodies = {each: bytes(obstore.get(store, each).bytes()) for each in paths}
    return {path: body for path, body in bodies.items() if ".reelin/" not in path}


def records(store: Any) -> list[dict[str, Any]]:
    paths = [each["path"] for batch in obstore.list(store) for each in batch]
    wanted = [each for each in paths if ".reelin/" in each]
    return [json.loads(bytes(obstore.get(store, each).bytes())) for each in wanted]


def uploads(s3: str, bucket: str) -> int:
    """Uploads that were begun and neither completed nor given up."""
    with urllib.request.urlopen(f"{s3}/{bucket}?uploads") as answer:
        return len([*ElementTree.parse(answer).iterfind(".//{*}Upload")])


async def put(url: str, sink: ObjectSink) -> Report:
    async with Session(network=QUICK) as session, session.run(url, sink=sink) as run:
        return await run.finish()


def half(stalls: bool) -> Answer:
    """Two thirds of the large file; then the connection is closed, or nothing more comes."""

    def answer(request: Request, wire: Wire) -> None:
        wire.head(200, File(LARGE).headers() | {"Content-Length": len(LARGE)})
        wire.send(LARGE[:8_000_000])
        wire.stall() if stalls else wire.close()

    return answer


async def test_files_large_and_small(
    server: Loopback, s3: str, bucket: str, store: S3Store
) -> None:
    server.on("/small.mp4", File(SMALL))
    server.on("/large.mp4", File(LARGE))
    url = server.page("/small.mp4", "/large.mp4")
    report = await put(url, ObjectSink(f"s3://{bucket}/films"))
    assert report.ok
    assert objects(store) == {"films/small.mp4": SMALL, "films/large.mp4": LARGE}
    assert obstore.get(store, "films/large.mp4").attributes["Content-Type"] == "video/mp4"
    sums = {each["name"]: each["sha256"] for each in records(store)}
    assert sums == {
        "small.mp4": hashlib.sha256(SMALL).hexdigest(),
        "large.mp4": hashlib.sha256(LARGE).hexdigest(),
    }
    assert {each.sha256 for each in report.saved} == set(sums.values())
    assert uploads(s3, bucket) == 0


async def test_what_is_there_is_not_fetched_again(
    server: Loopback, bucket: str, store: S3Store
) -> None:
    server.on("/small.mp4", File(SMALL))
    url = server.page("/small.mp4")
    await put(url, ObjectSink(f"s3://{bucket}/films"))
    report = await put(url, ObjectSink(f"s3://{bucket}/films"))
    assert (report.skipped, report.saved) == (1, ())
    assert len(server.asked("/small.mp4")) == 1
    again = await put(url, ObjectSink(f"s3://{bucket}/films", overwrite=True))
    assert len(again.saved) == 1 and len(server.asked("/small.mp4")) == 2
    assert [*objects(store)] == ["films/small.mp4"]


@pytest.mark.parametrize("change", ["gone", "other"])
async def test_what_is_no_longer_there_is_put_again(
    server: Loopback, bucket: str, store: S3Store, change: str
) -> None:
    server.on("/small.mp4", File(SMALL))
    url = server.page("/small.mp4")
    await put(url, ObjectSink(f"s3://{bucket}/films"))
    if change == "gone":
        obstore.delete(store, "films/small.mp4")
    else:
        obstore.put(store, "films/small.mp4", bytes(len(SMALL)))
    report = await put(url, ObjectSink(f"s3://{bucket}/films"))
    assert report.ok and len(report.saved) == 1
    assert SMALL in objects(store).values()


async def test_names_stay_unique(server: Loopback, bucket: str, store: S3Store) -> None:
    obstore.put(store, "films/a.mp4", b"somebody else's")
    server.on("/1/a.mp4", File(SMALL))
    server.on("/2/a.mp4", File(SMALL[:-1]))
    report = await put(server.page("/1/a.mp4", "/2/a.mp4"), ObjectSink(f"s3://{bucket}/films"))
    assert report.ok
    found = objects(store)
    assert found.pop("films/a.mp4") == b"somebody else's"
    assert sorted(found.values(), key=len) == [SMALL[:-1], SMALL]


async def test_half_a_body_leaves_nothing(
    server: Loopback, s3: str, bucket: str, store: S3Store
) -> None:
    server.on("/large.mp4", half(stalls=False), reply(404))
    report = await put(server.page("/large.mp4"), ObjectSink(f"s3://{bucket}"))
    assert [each.kind for each in report.failures] == ["FetchError"]
    assert objects(store) == {} and records(store) == []
    assert uploads(s3, bucket) == 0


async def test_a_break_is_healed(server: Loopback, bucket: str, store: S3Store) -> None:
    server.on("/large.mp4", half(stalls=False), File(LARGE))
    report = await put(server.page("/large.mp4"), ObjectSink(f"s3://{bucket}"))
    assert report.ok and objects(store) == {"large.mp4": LARGE}


async def test_a_body_that_begins_anew(server: Loopback, bucket: str, store: S3Store) -> None:
    """As on a disk: what cannot be continued is fetched again, and is of one version."""
    server.on("/large.mp4", half(stalls=False), File(LARGE[::-1], etag='"version-2"'))
    report = await put(server.page("/large.mp4"), ObjectSink(f"s3://{bucket}"))
    assert report.ok and objects(store) == {"large.mp4": LARGE[::-1]}
    assert [each["size"] for each in records(store)] == [len(LARGE)]


async def test_a_filter_may_refuse_what_only_its_end_tells(
    server: Loopback, s3: str, bucket: str, store: S3Store
) -> None:
    """Nothing of it is there then."""
    for name, body in (("small", SMALL), ("large", LARGE)):
        coded = chunked(body) + b"0\r\n\r\n"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n"
        server.on(f"/{name}.mp4", raw(head, coded))
    url = server.page("/small.mp4", "/large.mp4")
    for wanted, left in ((Size(least=1_000_000), "large.mp4"), (Size(most=1_000_000), "small.mp4")):
        async with Session(network=QUICK) as session:
            sink = ObjectSink(f"s3://{bucket}/{left}")
            async with session.run(url, sink=sink, filters=[wanted]) as run:
                report = await run.finish()
        assert (report.ok, report.skipped, len(report.saved)) == (True, 1, 1)
        assert [path for path in objects(store) if path.startswith(left)] == [f"{left}/{left}"]
    assert uploads(s3, bucket) == 0 and len(records(store)) == 2


async def test_a_run_that_is_left_between_an_object_and_its_record(
    server: Loopback, bucket: str, store: S3Store
) -> None:
    """Else the next one would put it a second time, under another name."""
    server.on("/small.mp4", File(SMALL))
    is_put = asyncio.Event()

    class Slow(ObjectSink):
        async def _remember(self, *about: Any) -> None:
            is_put.set()
            await asyncio.sleep(0.3)
            await super()._remember(*about)

    url = server.page("/small.mp4")
    async with Session(network=QUICK) as session:
        async with session.run(url, sink=Slow(f"s3://{bucket}")) as run:
            reading = asyncio.create_task(run.finish())
            await is_put.wait()
        await asyncio.gather(reading, return_exceptions=True)
    report = await put(url, ObjectSink(f"s3://{bucket}"))
    assert report.skipped == 1 and objects(store) == {"small.mp4": SMALL}


async def test_a_run_that_is_left(server: Loopback, s3: str, bucket: str, store: S3Store) -> None:
    server.on("/large.mp4", half(stalls=True))
    sink = ObjectSink(f"s3://{bucket}")
    async with Session(network=QUICK) as session:
        async with session.run(server.page("/large.mp4"), sink=sink) as run:
            reading = asyncio.create_task(run.finish())
            while not await asyncio.to_thread(uploads, s3, bucket):
                await asyncio.sleep(0.01)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    async with asyncio.timeout(10):
        while await asyncio.to_thread(uploads, s3, bucket):
            await asyncio.sleep(0.05)
    assert objects(store) == {}


async def test_a_store_that_is_set_up_by_the_program(server: Loopback) -> None:
    server.on("/small.mp4", File(SMALL))
    store = MemoryStore()
    report = await put(server.page("/small.mp4"), ObjectSink("memory://", store=store))
    assert report.ok and objects(store) == {"small.mp4": SMALL}


@pytest.mark.usefixtures("store")
async def test_a_bucket_that_is_not_there(server: Loopback) -> None:
    with pytest.raises(SinkError, match=r"s3://nobody-has-this/x: .*NoSuchBucket"):
        server.on("/small.mp4", File(SMALL))
        await put(server.page("/small.mp4"), ObjectSink("s3://nobody-has-this/x"))


@pytest.mark.parametrize("url", ["ftp://a/b", "https://a.example/b", "nonsense://x"])
def test_places_that_are_none(url: str) -> None:
    with pytest.raises(UsageError, match=r"nothing is known of how to write there; .* s3://"):
        ObjectSink(url)


@pytest.mark.parametrize(
    "prefix", ["50%41 off", "a#1", "a?x=1", "\u20ac \U0001f600", "%2e%2e", "a%2Fb", "a\\b", "a/b c"]
)
async def test_a_prefix_is_taken_as_it_stands(
    server: Loopback, bucket: str, store: S3Store, prefix: str
) -> None:
    server.on("/small.mp4", File(SMALL))
    report = await put(server.page("/small.mp4"), ObjectSink(f"s3://{bucket}/{prefix}"))
    assert report.ok and objects(store) == {f"{prefix}/small.mp4": SMALL}


@pytest.mark.parametrize("prefix", ["a//b", "../a", "a/./b", "a/..", "a\tb", "a\ud800"])
def test_a_prefix_that_cannot_be(prefix: str) -> None:
    with pytest.raises(UsageError, match="one slash between them"):
        ObjectSink(f"s3://bucket/{prefix}")


@pytest.mark.parametrize("url", ["s3://me:word@bucket/a", "gs://word@bucket", "abfs://a:word@b/c"])
def test_a_login_is_neither_taken_nor_told(url: str) -> None:
    with pytest.raises(UsageError, match="a login does not belong there") as caught:
        ObjectSink(url)
    assert "word" not in str(caught.value)


async def test_no_credentials(
    server: Loopback, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked is then the machine itself, as those of a cloud have some."""
    for name in environment:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", server.url(""))
    server.on("/small.mp4", File(SMALL))
    with pytest.raises(SinkError, match=r"s3://bucket: no credentials"):
        await put(server.page("/small.mp4"), ObjectSink("s3://bucket"))


async def test_tags_are_compared_without_their_quotes(
    server: Loopback, bucket: str, store: S3Store
) -> None:
    """Azure says them with quotes when it stores an object, and without in its lists."""
    server.on("/small.mp4", File(SMALL))
    url = server.page("/small.mp4")
    await put(url, ObjectSink(f"s3://{bucket}"))
    listed = [each["path"] for batch in obstore.list(store) for each in batch]
    (path,) = [each for each in listed if ".reelin" in each]
    record = json.loads(bytes(obstore.get(store, path).bytes()))
    assert record["etag"].startswith('"')
    obstore.put(store, path, json.dumps(record | {"etag": record["etag"].strip('"')}).encode())
    report = await put(url, ObjectSink(f"s3://{bucket}"))
    assert report.ok and report.skipped == 1 and len(server.asked("/small.mp4")) == 1


async def test_a_torn_record_is_no_record(server: Loopback, bucket: str, store: S3Store) -> None:
    server.on("/small.mp4", File(SMALL))
    url = server.page("/small.mp4")
    await put(url, ObjectSink(f"s3://{bucket}"))
    (path,) = [
        each["path"] for batch in obstore.list(store) for each in batch if ".reelin" in each["path"]
    ]
    obstore.put(store, path, b'{"name": "sma')
    report = await put(url, ObjectSink(f"s3://{bucket}"))
    assert report.ok and len(report.saved) == 1
    assert set(objects(store).values()) == {SMALL}


def test_the_command_line(
    server: Loopback, bucket: str, store: S3Store, environment: dict[str, str], tmp_path: Path
) -> None:
    server.on("/small.mp4", File(SMALL))
    words = (server.page("/small.mp4"), "album", "-o", f"s3://{bucket}/prefix", "--no-config")
    ended = Command(*words, home=tmp_path, environment=environment).end()
    assert ended.code == 0, ended
    assert f"-> s3://{bucket}/prefix/album" in ended.err + ended.out
    assert objects(store) == {"prefix/album/small.mp4": SMALL}
    assert not (tmp_path / "s3:").exists()


def test_the_command_line_without_a_bucket(
    server: Loopback, environment: dict[str, str], tmp_path: Path
) -> None:
    server.on("/small.mp4", File(SMALL))
    words = (server.page("/small.mp4"), "-o", "s3://nobody-has-this/x", "--no-config")
    ended = Command(*words, home=tmp_path, environment=environment).end()
    assert ended.code != 0 and "NoSuchBucket" in ended.err


def test_killed(
    server: Loopback, bucket: str, store: S3Store, environment: dict[str, str], tmp_path: Path
) -> None:
    server.on("/small.mp4", File(SMALL))
    server.on("/large.mp4", stalled)
    url = server.page("/small.mp4", "/large.mp4")
    words = (url, "album", "-o", f"s3://{bucket}", "--no-config")
    command = Command(*words, home=tmp_path, environment=environment)
    wait_until(lambda: len(records(store)) == 1)
    command.send(signal.SIGKILL)
    command.kill()
    assert objects(store) == {"album/small.mp4": SMALL}
    server.on("/large.mp4", File(LARGE))
    assert Command(*words, home=tmp_path, environment=environment).end().code == 0
    assert objects(store) == {"album/small.mp4": SMALL, "album/large.mp4": LARGE}
    assert len(server.asked("/small.mp4")) == 1
    assert os.listdir(tmp_path) == []


async def test_an_item_is_told_from_others_by_its_format() -> None:
    records = Records(MemoryStore())
    url, head = "https://a.example/film", Head("https://a.example/film")
    await records.add(MediaItem(url), head, Stored("a", 1, "00"), None)
    assert await records.find(MediaItem(url))
    assert not await records.find(MediaItem(url, format="720p"))


# Addresses that are signed anew


SIGNED = "/clip.mp4?Expires=1&Signature={}&Key-Pair-Id=K"


async def put_signed(server: Loopback, store: Any, *signed: tuple[str, bytes]) -> Report:
    """Put files behind addresses of one page that differ by their signature."""
    links = [server.on(SIGNED.format(mark), File(body, etag=f'"{mark}"')) for mark, body in signed]
    return await put(server.page(*links), ObjectSink("memory://", store=store))


async def test_an_object_whose_address_is_signed_anew_is_not_put_twice(server: Loopback) -> None:
    store = MemoryStore()
    assert (await put_signed(server, store, ("a1", SMALL))).ok
    report = await put_signed(server, store, ("a2", SMALL))
    assert report.skipped == 1 and objects(store) == {"clip.mp4": SMALL}
    assert not server.asked(SIGNED.format("a2"))


async def test_what_differs_by_its_signature_on_one_page_is_all_put(server: Loopback) -> None:
    other = noise(20_000, seed=7)
    store = MemoryStore()
    await put_signed(server, store, ("a1", SMALL))
    for signed in ([("b2", other), ("a2", SMALL)], [("a3", SMALL), ("b3", other)]):
        assert (await put_signed(server, store, *signed)).ok
        assert {SMALL, other} == set(objects(store).values())


# Addresses that are other ones


async def put_all(server: Loopback, store: Any, links: dict[str, Answer]) -> Report:
    """Put what one page links to now, below two names of the server: two hosts."""
    for link, answer in links.items():
        server.on(link.removeprefix(OTHER.format(server.port)), answer)
    return await put(server.page(*links), ObjectSink("memory://", store=store))


OTHER = "http://localhost:{}"
TAG = '"a-tag-that-tells"'


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    ("facts", "asked_again"),
    [
        ({"etag": TAG}, 0),  # the head is enough
        ({"etag": None}, 1),  # the bytes decide
    ],
)
async def test_another_host_is_no_other_object(
    server: Loopback,
    s3: str,
    bucket: str,
    store: S3Store,
    body: bytes,
    facts: dict[str, Any],
    asked_again: int,
) -> None:
    served = File(body, **facts)
    await put_all(server, store, {"/deep/clip.mp4": served})
    moved = OTHER.format(server.port) + "/deep/clip.mp4"
    for _ in range(2):
        report = await put_all(server, store, {moved: served})
        assert report.ok and report.skipped == 1, report
    assert objects(store) == {"clip.mp4": body} and uploads(s3, bucket) == 0
    # From then on it is known at the new address, and nothing is asked.
    assert len(server.asked("/deep/clip.mp4")) == 2
    assert [each["url"] for each in records(store)] == [moved]


@pytest.mark.parametrize("etag", [None, TAG, '"1"'])
async def test_one_query_is_not_another(server: Loopback, etag: str | None) -> None:
    """Things of one path and size stay as many as they are, also those with the same bytes."""
    store = MemoryStore()
    bodies = [SMALL, noise(20_000, seed=7), SMALL]
    links: dict[str, Answer] = {}
    for number, body in enumerate(bodies):
        tag = etag and etag.replace("1", str(number)).replace("tells", body[5:9].hex())
        links[f"/show.mp4?id={number}"] = File(body, etag=tag)
    await put_all(server, store, links)
    assert sorted(objects(store).values()) == sorted(bodies)
    moved = {OTHER.format(server.port) + link: answer for link, answer in links.items()}
    report = await put_all(server, store, moved)
    assert report.ok and sorted(objects(store).values()) == sorted(bodies)
    assert report.skipped == 3


async def test_a_short_tag_of_everything_is_no_proof(server: Loopback) -> None:
    store = MemoryStore()
    await put_all(server, store, {"/show.mp4?id=1": File(SMALL, etag='"1"')})
    other = noise(20_000, seed=7)
    await put_all(server, store, {"/show.mp4?id=2": File(other, etag='"1"')})
    assert sorted(objects(store).values()) == sorted([SMALL, other])


async def test_an_object_that_was_changed_is_not_taken_for_the_same(server: Loopback) -> None:
    store = MemoryStore()
    await put_all(server, store, {"/clip.mp4": File(SMALL, etag=TAG)})
    obstore.put(store, "clip.mp4", bytes(len(SMALL)))
    moved = OTHER.format(server.port) + "/clip.mp4"
    report = await put_all(server, store, {moved: File(SMALL, etag=TAG)})
    assert len(report.saved) == 1 and SMALL in objects(store).values()


@pytest.mark.parametrize("link", ["/clip.mp4", SIGNED.format("a1")])
async def test_records_of_earlier_versions_are_read(server: Loopback, link: str) -> None:
    store = MemoryStore()
    await put_all(server, store, {link: File(SMALL)})
    path = next(each["path"] for batch in obstore.list(store) for each in batch)
    (record,) = records(store)
    obstore.delete(store, path)
    item = MediaItem(record["url"])
    for signed in (True, False):
        words = json.dumps(file_identity(item, signed=signed), ensure_ascii=False).encode()
        old = f".reelin/{hashlib.sha256(words).hexdigest()[:32]}.json"
        obstore.put(store, old, json.dumps(record).encode())
    again = await put_all(server, store, {link.replace("a1", "a2"): File(SMALL)})
    assert again.skipped == 1 and objects(store) == {"clip.mp4": SMALL}
