"""Deletes bytes that belong to no analysis, where other gateways may be taking some in.

Bytes lie for minutes before the row of their analysis is written. So what has none is looked at
again an hour later.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from emotionmap_gateway.storage import keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.objects import Objects

PERIOD_S: Final = 3600.0

log = logging.getLogger(__name__)


class Orphans:
    """Remembers what belonged to no analysis an hour ago."""

    def __init__(
        self,
        store: AnalysisStore,
        objects: Objects,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._objects = objects
        self._clock = clock
        self._seen: set[str] = set()
        self._looked_s = clock() - PERIOD_S

    async def sweep(self) -> None:
        """Look, if an hour has passed, and delete what was found then and is found again."""
        if self._clock() - self._looked_s < PERIOD_S:
            return
        self._looked_s = self._clock()
        # In this order: a row that comes between is of bytes that are not in the list.
        folders = await self._objects.list_folders(keys.ROOT)
        found = set(folders) - await self._store.ids()
        for analysis_id in found & self._seen:
            log.warning("orphan deleted", extra={"analysis_id": analysis_id})
            await self._objects.delete_prefix(keys.prefix(analysis_id))
        self._seen = found
