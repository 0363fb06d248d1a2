"""Opens and closes an MP4 that is written; what goes into it is decided elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import av
import av.error

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import OutputContainer


def open_mp4(path: Path) -> OutputContainer:
    """Return an MP4 to write, which will have its index in front."""
    return av.open(str(path), "w", options={"movflags": "+faststart"})


def close_mp4(output: OutputContainer, path: Path, *, is_whole: bool) -> None:
    """Close it; of one that is not whole nothing is left."""
    if is_whole:
        output.close()
        return
    # Without its name it cannot be opened again, which is how all of it is moved behind the index:
    # 0.5 s for 500 MB that nobody wants.
    path.unlink(missing_ok=True)
    with suppress(av.error.FFmpegError):
        output.close()
