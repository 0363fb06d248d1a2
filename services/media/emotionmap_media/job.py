"""What is to be cut, and from which file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.objects import Source
    from emotionmap_media.probe import Description
    from emotionmap_media.streams import Limits


@dataclass(frozen=True, slots=True)
class CutJob:
    """One file that is to be cut."""

    path: Source
    description: Description
    ranges: Sequence[Span]
    """In playing order, within the file."""
    target: Path
    """The MP4 to write."""
    limits: Limits
    budget: Budget
