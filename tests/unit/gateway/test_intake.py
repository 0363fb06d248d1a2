"""Titles and sizes of uploads, and what is left of one that is broken off."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_gateway.intake import Intake, IntakeParts, Wish, check_size, clean_title
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.local_objects import LocalObjects
from emotionmap_gateway.work.turns import Turns
from emotionmap_runtime.errors import ServiceError


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("clip.mp4", "clip.mp4"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b\x1b[31m\nc", "a b [31m c"),
        ("gnp.\u202eexe", "gnp. exe"),
        ("  spaces \t everywhere  ", "spaces everywhere"),
        ("Сүлд тэмдэг.mp4", "Сүлд тэмдэг.mp4"),
        ("😀.mp4", "😀.mp4"),
        ("x" * 300, "x" * 255),
        ("folder/", ""),
        ("\u200b\x00", ""),
    ],
)
def test_a_title_is_the_bare_name_without_what_cannot_be_seen(name, title):
    assert clean_title(name) == title


def test_only_a_size_over_the_limit_is_refused_and_the_limit_named():
    check_size(10, 10)
    with pytest.raises(ServiceError, match="at most 10 bytes") as caught:
        check_size(11, 10)
    assert caught.value.reason == "MEDIA_TOO_LARGE"
    assert caught.value.metadata == {"max_bytes": "10"}


class _Store(AnalysisStore):
    """Tells when a row is there, before the one who asked for it hears so."""

    inserted: asyncio.Event

    async def insert(self, new, idempotency, **upload):
        analysis_id = await super().insert(new, idempotency, **upload)
        self.inserted.set()
        await asyncio.sleep(0.05)
        return analysis_id


class _Media:
    async def ProbeMedia(self, request, **_):
        return media_service_pb2.ProbeMediaResponse()


class _Jobs:
    async def submit(self, kind, job_id):
        pass


@asynccontextmanager
async def _parts(tmp_path):
    objects = LocalObjects(tmp_path / "objects")
    async with opening(f"sqlite:///{tmp_path}/db") as database:
        store = _Store(database, Changes())
        store.inserted = asyncio.Event()
        yield IntakeParts(
            store=store,
            objects=objects,
            backends=SimpleNamespace(media=_Media()),
            models=SimpleNamespace(),
            jobs=_Jobs(),
            turns=Turns(1, alone=1, longest_pause_s=1),
            max_media_bytes=100,
            probe_timeout_s=1,
        )
    objects.close()


async def _take_in(parts) -> str:
    async with Intake(parts) as intake:
        await intake.write(b"video")
        return await intake.finish(Wish("a.mp4", pb.AnalysisOptions(), None))


async def test_an_analysis_whose_client_leaves_keeps_its_bytes(tmp_path):
    """A row without bytes would fail, and be what a repeated request with the same key gets."""
    async with _parts(tmp_path) as parts:
        task = asyncio.create_task(_take_in(parts))
        await parts.store.inserted.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        [analysis_id] = await parts.store.ids()
        assert (await parts.objects.stat(keys.media(analysis_id))).size_bytes == 5
