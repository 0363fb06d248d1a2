"""Objects in an S3 store do what objects in a folder do; moto's server stands for the store."""

from __future__ import annotations

import asyncio
import hashlib
import os

import httpx
import obstore
import pytest
from emotionmap_gateway.storage.local_objects import LocalObjects
from emotionmap_gateway.storage.objects import BLOCK_BYTES, read_all, write_all
from emotionmap_gateway.storage.stored_objects import PART_BYTES, StoredObjects, open_store
from emotionmap_runtime.errors import ServiceError

from tests.s3_server import BUCKET, s3_server

LARGE = bytes(range(256)) * (2 * PART_BYTES // 256) + b"the end"


@pytest.fixture(scope="module")
def store_url():
    with s3_server() as url:
        yield url


@pytest.fixture(params=["folder", "store"])
def objects(request, tmp_path):
    if request.param == "store":
        yield StoredObjects(open_store(request.getfixturevalue("store_url")))
    else:
        local = LocalObjects(tmp_path)
        yield local
        local.close()


async def test_what_was_written_is_read_whole_and_in_part(objects):
    async with objects.writer("a/large") as writer:
        for at in range(0, len(LARGE), 1_000_000):
            await writer.write(LARGE[at : at + 1_000_000])
        written = await writer.commit()
    assert (written.size_bytes, written.sha256) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())
    assert await read_all(objects, "a/large") == LARGE
    part = [block async for block in objects.read("a/large", start=5, end=5 + 3 * BLOCK_BYTES)]
    assert b"".join(part) == LARGE[5 : 5 + 3 * BLOCK_BYTES]
    assert max(map(len, part)) <= BLOCK_BYTES
    assert b"".join([b async for b in objects.read("a/large", start=len(LARGE) - 3)]) == b"end"
    assert (await objects.stat("a/large")).size_bytes == len(LARGE)


async def test_the_tag_tells_one_content_from_another(objects):
    await write_all(objects, "tag", b"one")
    first = await objects.stat("tag")
    await write_all(objects, "tag", b"other")
    second = await objects.stat("tag")
    assert first.etag != second.etag
    assert first.etag[0] == first.etag[-1] == '"'


@pytest.mark.parametrize("size", [10, len(LARGE)])
async def test_what_is_not_committed_leaves_nothing(objects, size):
    async with objects.writer("gone/a") as writer:
        await writer.write(LARGE[:size])
    assert await objects.list_folders("gone") == []
    if isinstance(objects, StoredObjects):
        url = f"{os.environ['AWS_ENDPOINT_URL']}/{BUCKET}?uploads"
        listed = await asyncio.to_thread(httpx.get, url)
        assert "ListMultipartUploadsResult" in listed.text
        assert "<Upload>" not in listed.text


async def test_folders_are_listed_and_deleted(objects):
    for key in ("f/a/1", "f/a/b/2", "f/ab/3", "f/c"):
        await write_all(objects, key, b"x")
    await objects.delete_prefix("f/a")
    await objects.delete("f/c")
    await objects.delete("f/c")
    assert await objects.list_folders("f") == ["ab"]
    assert await read_all(objects, "f/ab/3") == b"x"


async def test_what_is_not_there_is_not_found(objects):
    with pytest.raises(FileNotFoundError):
        await objects.stat("nothing")
    with pytest.raises(FileNotFoundError):
        await read_all(objects, "nothing")
    with pytest.raises(ValueError, match="malformed"):
        await objects.stat("../etc/passwd")


async def test_a_store_that_is_away_is_told(store_url, monkeypatch):
    assert store_url
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    store = obstore.store.from_url(f"s3://{BUCKET}", retry_config={"max_retries": 0})
    with pytest.raises(ServiceError) as caught:
        await StoredObjects(store).stat("a")
    assert caught.value.reason == "SERVICE_UNAVAILABLE"
