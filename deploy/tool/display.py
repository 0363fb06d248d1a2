"""Shows on a terminal how far a rollout is, and how the services are."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.live import Live
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

    from deploy.tool.rollout import Progress
    from deploy.tool.status import ServiceStatus


@contextmanager
def showing(console: Console) -> Iterator[Callable[[Sequence[Progress]], None]]:
    """Give what draws the progress of all workloads, in one place until the block ends."""
    with Live(console=console, auto_refresh=False) as live:
        yield lambda progress: live.update(progress_table(progress), refresh=True)


def progress_table(progress: Sequence[Progress]) -> Table:
    """Return how far each workload is."""
    table = Table(box=None)
    for column in ("", "updated", "ready", "of", "state"):
        table.add_column(
            column, justify="right" if column in {"updated", "ready", "of"} else "left"
        )
    for each in progress:
        state = each.failure or ("done" if each.is_done else "rolling out")
        table.add_row(each.name, str(each.updated), str(each.ready), str(each.wanted), state)
    return table


def status_table(services: Sequence[ServiceStatus]) -> Table:
    """Return how each service is."""
    table = Table(box=None)
    for column in ("service", "ready", "version", "models", "queue", "graphics cards"):
        table.add_column(column)
    for each in services:
        ready = f"{each.ready}/{each.wanted}"
        cards = str(each.cards) if each.cards else ""
        table.add_row(each.name, ready, each.version, each.models, each.queue, cards)
    return table
