"""Joins tracks that continue each other across segment borders into people.

Within a segment a track is a person. Nobody is recognised: a person who leaves the picture and
comes back is another person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emotionmap_fusion.evidence import Box, Span

MIN_OVERLAP: Final = 0.3
"""Least intersection over union of a face before and after a border: 1/15 s apart, a face moves
less than half its width."""

MIN_AREA_RATIO: Final = 0.5
"""Least ratio of the smaller to the larger area of a face before and after a border."""

MIN_FRAMES: Final = 5
MIN_INTERVALS: Final = 3
"""A person is seen in at least so many frames, or, where frames are sampled sparsely, intervals;
less is mostly a chance find."""

PERSON_BYTES: Final = 64
PERSON_INTERVAL_BYTES: Final = 35
"""Most that a person without intervals, and one interval of a person, take in an answer."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One track within one interval."""

    track_id: str
    span: Span
    frames: int
    seen_ns: int
    emotion: int
    confidence: float
    first_box: Box
    last_box: Box
    best_ns: int
    best_box: Box


@dataclass(frozen=True, slots=True)
class Person:
    """One person: where seen, in order, and the best moment for a picture."""

    sightings: tuple[Sighting, ...]

    @property
    def seen_ns(self) -> int:
        """Time on screen, ns."""
        return sum(sighting.seen_ns for sighting in self.sightings)

    @property
    def best(self) -> Sighting:
        """The sighting whose best picture shows the face largest and most surely."""
        return max(self.sightings, key=lambda seen: seen.best_box.area * seen.confidence)

    @property
    def is_lasting(self) -> bool:
        """Whether this is more than a chance find."""
        frames = sum(sighting.frames for sighting in self.sightings)
        return frames >= MIN_FRAMES or len(self.sightings) >= MIN_INTERVALS


class PeopleJoin:
    """Collects sightings interval by interval and joins them where segments meet.

    Args:
        borders_ns: Times at which one segment ends and the next begins.
    """

    def __init__(self, borders_ns: Iterable[int]) -> None:
        self._borders_ns = frozenset(borders_ns)
        self._before: tuple[Sighting, ...] = ()
        self._people: list[list[Sighting]] = []
        self._person_of: dict[str, list[Sighting]] = {}

    def add(self, span: Span, sightings: Sequence[Sighting]) -> None:
        """Take the sightings of the next interval, an empty list too."""
        if span.start_ns in self._borders_ns:
            for earlier, later in continuations(self._before, sightings):
                self._person_of[later.track_id] = self._person_of[earlier.track_id]
        for sighting in sightings:
            if sighting.track_id not in self._person_of:
                self._person_of[sighting.track_id] = []
                self._people.append(self._person_of[sighting.track_id])
            self._person_of[sighting.track_id].append(sighting)
        self._before = tuple(sightings)

    def people(self, *, max_bytes: int) -> list[Person]:
        """Return the people, longest seen first, who first of those seen equally long.

        Args:
            max_bytes: Room for them in an answer; those who do not fit are left out.
        """
        people = [Person(tuple(sightings)) for sightings in self._people]
        lasting = sorted(
            (person for person in people if person.is_lasting),
            key=lambda person: -person.seen_ns,  # stable: first seen stays first
        )
        return list(_limited(lasting, max_bytes))


def continuations(
    before: Sequence[Sighting], after: Sequence[Sighting]
) -> list[tuple[Sighting, Sighting]]:
    """Pair tracks on both sides of a border, one to one, those that overlap most first.

    Args:
        before: Tracks of the last interval before the border.
        after: Tracks of the first interval after it.
    """
    candidates = sorted(
        (-earlier.last_box.overlap(later.first_box), i, j)
        for i, earlier in enumerate(before)
        for j, later in enumerate(after)
        if earlier.track_id != later.track_id and _continues(earlier.last_box, later.first_box)
    )
    pairs: dict[int, int] = {}
    for _, i, j in candidates:
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return [(before[i], after[j]) for i, j in pairs.items()]


def _continues(last: Box, first: Box) -> bool:
    smaller, larger = sorted((last.area, first.area))
    return last.overlap(first) >= MIN_OVERLAP and smaller >= MIN_AREA_RATIO * larger


def _limited(people: Iterable[Person], max_bytes: int) -> Iterable[Person]:
    size_bytes = 0
    for person in people:
        size_bytes += PERSON_BYTES + len(person.sightings) * PERSON_INTERVAL_BYTES
        if size_bytes > max_bytes:
            return
        yield person
