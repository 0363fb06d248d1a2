"""Uploads whose bytes lie in an S3 store."""

from __future__ import annotations

import hashlib
import secrets
import time

import pytest
from emotionmap_gateway.storage.objects import read_all
from emotionmap_gateway.storage.stored_objects import StoredObjects, open_store
from emotionmap_gateway.storage.stored_uploads import StoredUploads
from emotionmap_runtime.errors import ServiceError

from tests.s3_server import s3_server


@pytest.fixture(scope="module")
def store_url():
    with s3_server() as url:
        yield url


@pytest.fixture
async def files(store_url):
    return StoredUploads(StoredObjects(open_store(store_url)))


@pytest.fixture
async def upload_id(files):
    upload_id = secrets.token_hex(16)
    await files.create(upload_id)
    return upload_id


async def append(files, upload_id, data, *, offset=0, cut=False, algorithm=None):
    async with files.appender(upload_id, offset=offset, cut=cut, algorithm=algorithm) as appender:
        await appender.write(data)
        await appender.sync()
        return appender.digest() if algorithm else appender.size_bytes


async def test_it_grows_in_pieces_and_becomes_an_object(files, upload_id):
    assert await files.size_bytes(upload_id) == 0
    assert await append(files, upload_id, b"one") == 3
    assert await append(files, upload_id, b" and two", offset=3) == 11
    assert await files.size_bytes(upload_id) == 11
    written = await files.publish(upload_id, "videos/a")
    assert await read_all(files.objects, "videos/a") == b"one and two"
    assert written.sha256 == hashlib.sha256(b"one and two").hexdigest()
    await files.delete(upload_id)
    with pytest.raises(FileNotFoundError):
        await files.size_bytes(upload_id)


async def test_of_two_at_the_same_place_one_wins(files, upload_id):
    first = files.appender(upload_id, offset=0, cut=False, algorithm=None)
    second = files.appender(upload_id, offset=0, cut=False, algorithm=None)
    async with first, second:
        await first.write(b"first")
        await second.write(b"other one")
        await first.sync()
        with pytest.raises(ServiceError) as caught:
            await second.sync()
    assert caught.value.reason == "UPLOAD_BUSY"
    assert await files.size_bytes(upload_id) == 5


async def test_what_a_checksum_refuses_is_taken_back(files, upload_id):
    await append(files, upload_id, b"kept")
    async with files.appender(upload_id, offset=4, cut=False, algorithm="sha1") as appender:
        await appender.write(b"wrong")
        await appender.sync()
        assert appender.digest() == hashlib.sha1(b"wrong").digest()
        await appender.rewind()
    assert await files.size_bytes(upload_id) == 4


async def test_what_may_not_hold_is_cut(files, upload_id):
    await append(files, upload_id, b"kept")
    await append(files, upload_id, b"unsure", offset=4)
    with pytest.raises(ServiceError):
        await append(files, upload_id, b"!", offset=4)
    assert await append(files, upload_id, b"!", offset=4, cut=True) == 5


async def test_old_ones_are_found(files, upload_id):
    assert upload_id not in await files.ids_untouched_since(time.time() - 60)
    assert upload_id in await files.ids_untouched_since(time.time() + 60)
