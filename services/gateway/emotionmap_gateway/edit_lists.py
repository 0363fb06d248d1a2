"""Edit lists of timelines, made on request. HTTP and gRPC both do it through this."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.edit_lists.clips import programme_of
from emotionmap_gateway.documents.edit_lists.edl import to_edl
from emotionmap_gateway.documents.edit_lists.fcpxml import to_fcpxml
from emotionmap_gateway.documents.edit_lists.otio import to_otio
from emotionmap_gateway.documents.edit_lists.skip_list import to_skip_list
from emotionmap_gateway.documents.pieces import pieces_of
from emotionmap_gateway.documents.words import duration_ns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from emotionmap.v1 import timeline_pb2

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.documents.edit_lists.clips import Programme
    from emotionmap_gateway.documents.pieces import Piece
    from emotionmap_gateway.documents.selection import Selection
    from emotionmap_gateway.storage.person_store import PersonStore

SKIP_LIST: Final = "skip_list"

_WRITERS: Mapping[str, Callable[[Programme], Iterator[str]]] = MappingProxyType(
    {"edl": to_edl, "fcpxml": to_fcpxml, "otio": to_otio}
)
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {form: f".{form}" for form in _WRITERS} | {SKIP_LIST: ".edl"}
)
"""What the name of a file in each form ends with; its keys are the forms."""

BLOCK_CHARS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class EditList:
    """A document that is about to be written."""

    file_name: str
    _parts: Iterator[str]

    async def blocks(self) -> AsyncIterator[bytes]:
        """Give the document in order, in blocks of about `BLOCK_CHARS`."""
        while block := await asyncio.to_thread(_next_block, self._parts):
            yield block


class EditLists:
    """Writes the pieces of a video as editors and players take them."""

    def __init__(self, *, analyses: Analyses, people: PersonStore) -> None:
        self._analyses = analyses
        self._people = people

    async def make(self, analysis_id: str, *, form: str, selection: Selection) -> EditList:
        """Return the edit list of what a selection means.

        Args:
            analysis_id: Whose timeline.
            form: One of `SUFFIXES`.
            selection: Which moments.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; FAILED_PRECONDITION
                `ANALYSIS_NOT_FINISHED` or `HIGHLIGHTS_EMPTY`; INVALID_ARGUMENT `OPTIONS_INVALID`: a
                person is not in the timeline.
        """
        timeline = await self._analyses.timeline(analysis_id)
        merged = await self._people.merged(analysis_id)
        pieces = await asyncio.to_thread(pieces_of, timeline, selection, merged=merged)
        if not pieces:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION,
                reasons.HIGHLIGHTS_EMPTY,
                "No moment of the video matches.",
            )
        return EditList(_file_name(timeline.title, form), _parts(form, timeline, pieces))


def _parts(form: str, timeline: timeline_pb2.Timeline, pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield a document in parts."""
    if form == SKIP_LIST:
        end_ns = max(duration_ns(timeline.media.duration), pieces[-1].end_ns)
        yield from to_skip_list(pieces, end_ns=end_ns)
    else:
        yield from _WRITERS[form](programme_of(timeline, pieces))


def _next_block(parts: Iterator[str]) -> bytes:
    """Return the next bytes, none at the end."""
    taken: list[str] = []
    chars = 0
    for part in parts:
        taken.append(part)
        chars += len(part)
        if chars >= BLOCK_CHARS:
            break
    return "".join(taken).encode()


def _file_name(title: str, form: str) -> str:
    stem, dot, _ = title.rpartition(".")
    return (stem if dot and stem else title) + SUFFIXES[form]
