"""What the whole gateway stands on: its folder, its database, its connections, its stores."""

from __future__ import annotations

import asyncio
import fcntl
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotionmap_gateway.backends import connecting
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.correction_store import CorrectionStore
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.export_store import ExportStore
from emotionmap_gateway.storage.growth_rows import GrowthRows
from emotionmap_gateway.storage.hearing import hearing
from emotionmap_gateway.storage.person_store import PersonStore
from emotionmap_gateway.storage.places import open_places
from emotionmap_gateway.storage.upload_rows import UploadRows
from emotionmap_gateway.uploads import Uploads
from emotionmap_gateway.work.arrival import Arrivals
from emotionmap_gateway.work.timelines import Timelines
from emotionmap_gateway.work.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.settings import Settings
    from emotionmap_gateway.storage.database import Database
    from emotionmap_gateway.storage.objects import Objects

ALONE_LOOK_AGAIN_S = 5.0
"""A gateway alone hears of every change; only a bug would make it miss one."""
PAUSE_SHARE = 0.25
"""Share of the deadline of a segment for which it may wait while others come first."""


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything else stands on."""

    settings: Settings
    backends: Backends
    database: Database
    objects: Objects
    store: AnalysisStore
    exports: ExportStore
    corrections: CorrectionStore
    people: PersonStore
    uploads: Uploads
    growth: GrowthRows
    arrivals: Arrivals
    changes: Changes
    timelines: Timelines
    threads: ThreadPoolExecutor
    turns: Turns
    stopping: asyncio.Event


async def lay_foundation(settings: Settings, stack: AsyncExitStack) -> Foundation:
    """Open what everything else stands on; the stack closes it.

    Raises:
        OSError: The data folder is in use by another gateway.
        ServiceError: UNAVAILABLE `SERVICE_UNAVAILABLE`: the database is away.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.is_embedded:
        stack.enter_context(_locked(settings.data_dir / "lock"))
    objects, upload_files = open_places(settings.object_store_url, settings.data_dir / "objects")
    stack.callback(objects.close)
    threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="gateway")
    stack.callback(threads.shutdown)
    database = await stack.enter_async_context(opening(settings.main_url()))
    backends = await stack.enter_async_context(connecting(settings))
    changes = Changes(look_again_s=ALONE_LOOK_AGAIN_S) if settings.is_embedded else Changes()
    if not settings.is_embedded:
        await stack.enter_async_context(hearing(settings.main_url(), changes, database))
    store = AnalysisStore(database, changes)
    timelines = Timelines(
        store=store,
        objects=objects,
        backends=backends,
        threads=threads,
        timeout_s=settings.summary_timeout_s,
    )
    growth, upload_rows = GrowthRows(database, changes), UploadRows(database)
    return Foundation(
        settings=settings,
        backends=backends,
        database=database,
        objects=objects,
        store=store,
        exports=ExportStore(database, changes),
        corrections=CorrectionStore(database),
        people=PersonStore(database),
        uploads=Uploads(
            rows=upload_rows,
            files=upload_files,
            max_bytes=settings.max_media_bytes,
            kept_s=settings.upload_kept_s,
        ),
        growth=growth,
        arrivals=Arrivals(growth=growth, rows=upload_rows, files=upload_files, objects=objects),
        changes=changes,
        timelines=timelines,
        threads=threads,
        turns=Turns(
            settings.segments_in_flight,
            alone=settings.segments_per_analysis,
            longest_pause_s=settings.segment_timeout_s * PAUSE_SHARE,
        ),
        stopping=asyncio.Event(),
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file so that no second gateway works on the same folder.

    Raises:
        OSError: Another one holds it.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"another gateway works on {path.parent}"
            raise OSError(error.errno, message) from None
        yield
