"""Opens and closes an MP4 that is written; what goes into it is decided elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Self

import av
import av.error

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from av.container import OutputContainer


class Mp4File:
    """An MP4 that grows; of one that is not finished nothing is left.

    Args:
        path: File to write.
    """

    _output: OutputContainer

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._output = av.open(str(self._path), "w", options={"movflags": "+faststart"})
        self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            self._finish()
        except BaseException:
            self._discard()
            raise
        self._output.close()

    def _begin(self) -> None:
        """Add the tracks."""

    def _finish(self) -> None:
        """Write what is held back."""

    def _discard(self) -> None:
        # Without its name it cannot be opened again, which is how all of it is moved behind the
        # index: 0.5 s for 500 MB that nobody wants.
        self._path.unlink(missing_ok=True)
        with suppress(av.error.FFmpegError):
            self._output.close()
