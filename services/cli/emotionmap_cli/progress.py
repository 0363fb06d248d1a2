"""Shows how far an analysis is: a bar on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

PLAIN_STEP = 0.1
"""Share of the work after which another plain line is written."""


class Progress(Protocol):
    """Takes how far an analysis is."""

    def starting(self) -> None:
        """The services are being started."""

    def uploading(self, sent_bytes: int, size_bytes: int) -> None:
        """The video is on its way."""

    def analysing(self, share: float, *, segments: int) -> None:
        """The analysis is at `share`, in [0, 1]; so many segments are done."""


@contextmanager
def showing(stream: TextIO) -> Iterator[Progress]:
    """Show progress on a stream until the block ends; a bar leaves nothing behind."""
    if not stream.isatty():
        yield PlainProgress(stream)
        return
    # Imported here: it is slow to load and only a terminal needs it.
    from rich import progress as rich_progress  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TaskProgressColumn(),
        rich_progress.TextColumn("{task.fields[detail]}"),
        rich_progress.TimeElapsedColumn(),
    )
    console = Console(file=stream)
    with rich_progress.Progress(*columns, console=console, transient=True) as bar:
        yield BarProgress(bar)


class PlainProgress:
    """Writes a line whenever another tenth is done.

    Says nothing before the analysis has got somewhere, so that a video which is refused leaves
    exactly one line: why.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next_share = PLAIN_STEP

    def starting(self) -> None:
        """Say nothing."""

    def uploading(self, sent_bytes: int, size_bytes: int) -> None:
        """Say nothing."""

    def analysing(self, share: float, *, segments: int) -> None:
        """Write a line if there is enough news."""
        if share < self._next_share:
            return
        self._next_share = share + PLAIN_STEP
        print(f"Analysing: {share:.0%}, {_count(segments)}", file=self._stream, flush=True)


class BarProgress:
    """Draws one bar: first the upload, then the analysis."""

    def __init__(self, bar: RichProgress) -> None:
        self._bar = bar
        self._task: TaskID = bar.add_task("Connecting", total=None, detail="")

    def starting(self) -> None:
        """Show that the services are being started."""
        self._bar.update(self._task, description="Starting", total=None)

    def uploading(self, sent_bytes: int, size_bytes: int) -> None:
        """Show the bytes sent, then that the video is being looked at."""
        self._bar.update(
            self._task,
            description="Uploading" if sent_bytes < size_bytes else "Checking",
            completed=sent_bytes,
            total=size_bytes,
            detail=f"{sent_bytes / 1e6:.1f} of {size_bytes / 1e6:.1f} MB",
        )

    def analysing(self, share: float, *, segments: int) -> None:
        """Show the share of the analysis that is done."""
        self._bar.update(
            self._task,
            description="Analysing",
            completed=share,
            total=1.0,
            detail=_count(segments),
        )


def _count(segments: int) -> str:
    return f"{segments} segment{'' if segments == 1 else 's'} done"
