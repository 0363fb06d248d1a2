"""The local object folder."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import threading

import pytest
from emotionmap_gateway.http.problems import status_of
from emotionmap_gateway.storage.local_objects import LocalObjects
from emotionmap_gateway.storage.objects import BLOCK_BYTES, read_all, write_all
from emotionmap_gateway.work.failures import is_absence
from emotionmap_runtime.errors import ServiceError


@pytest.fixture
def objects(tmp_path):
    local = LocalObjects(tmp_path)
    yield local
    local.close()


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


async def test_what_is_written_is_read(objects):
    data = bytes(range(256)) * 10_000
    async with objects.writer("a/b") as writer:
        for start in range(0, len(data), 70_000):
            await writer.write(data[start : start + 70_000])
        written = await writer.commit()
    assert (written.size_bytes, written.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert await read_all(objects, "a/b") == data
    assert (await objects.stat("a/b")).size_bytes == len(data)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (5, 5), (BLOCK_BYTES - 1, BLOCK_BYTES + 1), (3, None)]
)
async def test_a_part_is_read(objects, start, end):
    data = bytes(range(256)) * 4200
    await write_all(objects, "a", data)
    part = b"".join([block async for block in objects.read("a", start=start, end=end)])
    assert part == data[start:end]


async def test_an_object_appears_whole_or_not_at_all(objects, tmp_path):
    async with objects.writer("a") as writer:
        await writer.write(bytes(2 * BLOCK_BYTES))
        assert not (tmp_path / "a").exists()
    assert files(tmp_path) == []


async def test_a_writer_that_is_cancelled_while_its_file_opens_leaves_nothing(objects, tmp_path):
    opens, may_open = threading.Event(), threading.Event()

    class SlowPath(type(tmp_path)):
        def open(self, *args, **kwargs):
            opens.set()
            may_open.wait(5)
            return super().open(*args, **kwargs)

    opening = asyncio.ensure_future(objects.open(SlowPath(tmp_path / "new"), "xb"))
    while not opens.is_set():
        await asyncio.sleep(0.001)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    may_open.set()
    objects.close()
    assert files(tmp_path) == []


async def test_a_new_object_replaces_the_old_one(objects):
    await write_all(objects, "a", b"old")
    before = (await objects.stat("a")).etag
    await write_all(objects, "a", b"new!")
    assert await read_all(objects, "a") == b"new!"
    assert (await objects.stat("a")).etag != before


async def test_a_prefix_is_deleted_and_its_neighbours_are_not(objects, tmp_path):
    for key in ("a/1/x", "a/1/y/z", "a/12/x"):
        await write_all(objects, key, b"")
    await objects.delete_prefix("a/1")
    assert files(tmp_path) == ["a/12/x"]
    assert await objects.list_folders("a") == ["12"]


def failing_first(error, monkeypatch):
    """Have a folder removed only at the second try."""
    remove, errors = shutil.rmtree, [error]

    def rmtree(path):
        if errors:
            raise errors.pop()
        remove(path)

    monkeypatch.setattr("emotionmap_gateway.storage.local_objects.shutil.rmtree", rmtree)


@pytest.mark.parametrize("code", [errno.ENOTEMPTY, errno.ENOENT])
async def test_a_prefix_is_deleted_though_others_write_or_remove(
    objects, tmp_path, monkeypatch, code
):
    await write_all(objects, "a/1", b"")
    failing_first(OSError(code, os.strerror(code)), monkeypatch)
    await objects.delete_prefix("a")
    assert files(tmp_path) == []


async def test_what_cannot_be_deleted_is_told(objects, tmp_path, monkeypatch):
    await write_all(objects, "a/1", b"")
    failing_first(PermissionError(errno.EACCES, "no"), monkeypatch)
    with pytest.raises(PermissionError):
        await objects.delete_prefix("a")
    assert files(tmp_path) == ["a/1"]


async def test_what_is_not_there_is_said(objects):
    await objects.delete("none")
    await objects.delete_prefix("none")
    with pytest.raises(FileNotFoundError):
        await objects.stat("none")


async def test_a_full_disk_is_told_and_leaves_nothing(objects, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("emotionmap_gateway.storage.local_objects.os.fsync", full)
    with pytest.raises(ServiceError) as caught:
        await write_all(objects, "a", b"x")
    assert (caught.value.reason, status_of(caught.value)) == ("STORAGE_FULL", 507)
    assert is_absence(caught.value)
    assert files(tmp_path) == []


@pytest.mark.parametrize("key", ["", "/etc", "../a", "a/../b", "A", "a b", "a\0", ".incoming/a"])
def test_malformed_keys_are_refused(objects, key):
    with pytest.raises(ValueError, match="malformed key"):
        objects.path(key)
