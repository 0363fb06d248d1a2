"""The one place that has DBOS resume the jobs of a process that is gone.

DBOS does that only for its own process at its start, or through a proprietary service; the function
behind both is private. So the version of DBOS is pinned, and a test holds this to what it promises.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from dbos import DBOS

from emotionmap_gateway.work.jobs import APPLICATION_VERSION

if TYPE_CHECKING:
    from typing import Any


async def take_over(executor_id: str) -> int:
    """Have the unfinished jobs of an executor resumed, by whichever process comes first.

    May be done by several processes at once, and again: each job is resumed once, by one of them.

    Returns:
        How many jobs were found.
    """
    handles = await asyncio.to_thread(DBOS._recover_pending_workflows, [executor_id])  # noqa: SLF001 - there is no other way
    return len(handles)


async def has_unfinished(executor_id: str) -> bool:
    """Tell whether an executor still has jobs to its name that are not finished."""
    found = await DBOS.list_workflows_async(
        status="PENDING",
        executor_id=executor_id,
        app_version=APPLICATION_VERSION,
        limit=1,
        load_input=False,
        load_output=False,
    )
    return bool(cast("list[Any]", found))
