"""Uploads apart from HTTP: room that runs out, time that passes, and who may work on them."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import time
from contextlib import asynccontextmanager

import pytest
from emotionmap_gateway.storage import local_uploads
from emotionmap_gateway.storage.database import now_us, opening
from emotionmap_gateway.storage.local_objects import LocalObjects
from emotionmap_gateway.storage.local_uploads import LocalUploads
from emotionmap_gateway.storage.upload_rows import UploadRows
from emotionmap_gateway.upload_holds import Holds
from emotionmap_gateway.uploads import Checksum, Chunk, Uploads
from emotionmap_runtime.errors import ServiceError

DATA = os.urandom(1_500_000)


@asynccontextmanager
async def opened(tmp_path):
    """Give uploads in a folder, as one life of a gateway would have them."""
    objects = LocalObjects(tmp_path / "objects")
    async with opening(f"sqlite:///{tmp_path}/db") as database:
        files = LocalUploads(objects)
        rows = UploadRows(database)
        yield Uploads(rows=rows, files=files, max_bytes=2_000_000, kept_s=3600), files
    objects.close()


def chunk(data, offset=0, checksum=None):
    pieces = [data[start : start + 65_536] for start in range(0, len(data), 65_536)]

    async def read():
        return pieces.pop(0) if pieces else b""

    return Chunk(offset=offset, length_bytes=None, checksum=checksum, read=read)


async def created(uploads):
    return (await uploads.create(length_bytes=len(DATA), title="a", metadata="")).id


def files_in(tmp_path):
    return sorted(path.name for path in (tmp_path / "objects/.uploads").iterdir())


async def test_a_full_disk_is_told_and_what_fits_is_kept(tmp_path, monkeypatch):
    room, write = [700_000], os.pwrite

    def pwrite(handle, data, offset):
        written = write(handle, data[: room[0]], offset) if room[0] else 0
        room[0] -= written
        if not written:
            raise OSError(errno.ENOSPC, "no space left")
        return written

    monkeypatch.setattr(os, "pwrite", pwrite)
    async with opened(tmp_path) as (uploads, files):
        upload = await created(uploads)
        with pytest.raises(ServiceError) as caught:
            await uploads.append(upload, chunk(DATA))
        assert caught.value.reason == "STORAGE_FULL"
        assert (await uploads.look(upload)).offset == 700_000
        room[0] = 10_000_000
        assert (await uploads.append(upload, chunk(DATA[700_000:], 700_000))).offset == len(DATA)
        assert await digest_of(files, upload) == hashlib.sha256(DATA).hexdigest()


async def digest_of(files, upload):
    return (await files.publish(upload, f"analyses/{upload}/media")).sha256


@pytest.mark.parametrize("lives", [1, 2])
async def test_the_digest_is_that_of_all_bytes_whoever_took_them(tmp_path, monkeypatch, lives):
    read_again = []
    sha256 = local_uploads._sha256
    monkeypatch.setattr(
        local_uploads, "_sha256", lambda path: read_again.append(path) or sha256(path)
    )
    async with opened(tmp_path) as (uploads, files):
        upload = await created(uploads)
        await uploads.append(upload, chunk(DATA[:1_000_000]))
        wrong = Checksum("sha1", bytes(20))
        with pytest.raises(ServiceError):
            await uploads.append(upload, chunk(DATA[1_000_000:], 1_000_000, wrong))
        if lives == 1:
            await uploads.append(upload, chunk(DATA[1_000_000:], 1_000_000))
            assert await digest_of(files, upload) == hashlib.sha256(DATA).hexdigest()
    if lives == 2:
        async with opened(tmp_path) as (uploads, files):
            await uploads.append(upload, chunk(DATA[1_000_000:], 1_000_000))
            assert await digest_of(files, upload) == hashlib.sha256(DATA).hexdigest()
    assert len(read_again) == lives - 1  # only who has not seen the first bytes reads them


async def test_where_there_are_no_links_the_bytes_are_copied(tmp_path, monkeypatch):
    def link(*_paths):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    async with opened(tmp_path) as (uploads, files):
        upload = await created(uploads)
        await uploads.append(upload, chunk(DATA))
        await digest_of(files, upload)
    assert (tmp_path / f"objects/analyses/{upload}/media").read_bytes() == DATA


async def test_bytes_that_were_not_checked_before_a_crash_do_not_count(tmp_path):
    async with opened(tmp_path) as (uploads, _):
        upload = await created(uploads)
        await uploads.append(upload, chunk(DATA[:1000]))
        await uploads._rows.update(upload, checked_bytes=1000)
    with (tmp_path / "objects/.uploads" / upload).open("ab") as file:
        file.write(b"not checked")
    async with opened(tmp_path) as (uploads, _):
        assert (await uploads.look(upload)).offset == 1000
        assert (await uploads.append(upload, chunk(DATA[1000:1500], 1000))).offset == 1500
        assert (await uploads.look(upload)).offset == 1500


async def test_what_is_abandoned_is_swept_and_what_is_gone_on_with_stays(tmp_path):
    async with opened(tmp_path) as (uploads, _):
        ids = [await created(uploads) for _ in range(20)]
        alive, *abandoned = ids
        for upload in ids:  # a day goes by, for one of them not quite
            await uploads._rows.update(
                upload, expires_us=now_us() + (5_000_000 * (upload == alive))
            )
        assert (await uploads.append(alive, chunk(DATA[:1000]))).upload.expires_us > now_us() + 3e9
        with pytest.raises(ServiceError) as caught:
            await uploads.look(abandoned[0])
        assert caught.value.reason == "UPLOAD_EXPIRED"
        await uploads.sweep()
        assert files_in(tmp_path) == [alive]
        assert await uploads._rows.ids() == {alive}


async def test_bytes_without_a_row_are_swept_unless_they_are_new(tmp_path):
    async with opened(tmp_path) as (uploads, files):
        for name in ("0a", "0b"):
            await files.create(name)
        past_s = time.time() - 100
        os.utime(tmp_path / "objects/.uploads/0a", (past_s, past_s))
        await uploads.sweep()
        assert files_in(tmp_path) == ["0b"]


async def test_another_process_on_the_same_file_is_kept_out(tmp_path):
    async with opened(tmp_path) as (uploads, files):
        upload = await created(uploads)
        other = files.appender(upload, offset=0, cut=False, algorithm=None)
        async with other:
            await other.write(b"x")
            with pytest.raises(ServiceError) as caught:
                await uploads.append(upload, chunk(DATA))
        assert caught.value.reason == "UPLOAD_BUSY"


async def test_a_gateway_that_stops_takes_no_more(tmp_path):
    came = asyncio.Event()

    async def read():
        if came.is_set():
            await asyncio.sleep(60)
        came.set()
        return DATA[:1000]

    async with opened(tmp_path) as (uploads, _):
        upload = await created(uploads)
        sending = asyncio.create_task(uploads.append(upload, Chunk(0, None, None, read)))
        await came.wait()
        uploads.stop()
        for go in (sending, uploads.append(upload, chunk(DATA[1000:], 1000))):
            with pytest.raises(ServiceError) as caught:
                await go
            assert caught.value.reason == "SERVICE_UNAVAILABLE"
        assert (await uploads.look(upload)).offset == 1000


async def test_a_row_without_bytes_is_no_upload(tmp_path):
    async with opened(tmp_path) as (uploads, files):
        upload = await created(uploads)
        await files.delete(upload)
        with pytest.raises(ServiceError) as caught:
            await uploads.look(upload)
    assert caught.value.reason == "UPLOAD_NOT_FOUND"


async def test_who_does_not_let_go_makes_others_give_up():
    holds = Holds()
    async with holds.take("0a", patience_s=1):
        start_s = time.monotonic()
        with pytest.raises(ServiceError) as caught:
            async with holds.take("0a", patience_s=0.05):
                raise AssertionError
        assert time.monotonic() - start_s < 1
        async with holds.take("0b", patience_s=0.05):
            assert holds.is_held("0b")
    assert caught.value.reason == "UPLOAD_BUSY"
    assert not holds.is_held("0a")


async def test_who_has_someone_waiting_is_asked_at_once():
    holds, asked = Holds(), []
    async with holds.take("0a", patience_s=1):
        waiting = [asyncio.create_task(hold_once(holds, asked)) for _ in range(3)]
        await asyncio.sleep(0.01)
    await asyncio.gather(*waiting)
    assert asked == [True, True, False]  # the last one has nobody behind it


async def hold_once(holds, asked):
    async with holds.take("0a", patience_s=1) as hold:
        is_asked = []
        hold.when_asked(lambda: is_asked.append(True))
        await asyncio.sleep(0.01)
        asked.append(bool(is_asked))
