"""Simulates uploads, queues, services and autoscalers, from event to event. Pure.

Segments that are worked on at once stream through all services side by side, and each service
shares itself equally among them; so all of them advance at one rate, that which the scarcest
service allows (egalitarian processor sharing: L. Kleinrock, Queueing Systems II, 1976, chapter 4).
Uploads share the way in likewise. Jobs get their places in the order of their last bytes.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.capacity.scaling import Replicas
from tests.capacity.world import Look, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.capacity.world import Job, World

LOOK_S = 15.0
SLOTS, SOLO = "places for segments", "one segment alone"


@dataclass(slots=True)
class Sharing:
    """Things that all advance at the same rate; the one with least left is done next."""

    rate: float = 0.0
    _progress: float = 0.0
    _number: int = 0
    _heap: list[tuple[float, int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, job: int, amount: float) -> None:
        """Take in a thing of a job."""
        self._number += 1
        heapq.heappush(self._heap, (self._progress + amount, self._number, job))

    def pop(self) -> int:
        """Take out what is done; return whose it is."""
        end, _, job = heapq.heappop(self._heap)
        self._progress = max(self._progress, end)  # rounding never makes it late
        if not self._heap:
            self._progress = 0.0
        return job

    def advance(self, seconds: float) -> None:
        self._progress += self.rate * seconds if self._heap else 0.0

    def next_in_s(self) -> float:
        """Return when the next one is done."""
        if not self._heap or not self.rate:
            return math.inf
        return max(0.0, (self._heap[0][0] - self._progress) / self.rate)


class Simulation:
    """One run.

    Args:
        world: What work is done by.
        jobs: What is to be done, in the order in which it begins.
    """

    def __init__(self, world: World, jobs: Sequence[Job]) -> None:
        self._world, self._jobs = world, jobs
        self._now_s = 0.0
        self._replicas = {pool.name: Replicas(pool) for pool in world.pools}
        self._uploads, self._segments = Sharing(), Sharing()
        self._upcoming = deque(sorted(range(len(jobs)), key=lambda job: jobs[job].begins_s))
        self._timers: list[tuple[float, int, Callable[[int], None], int]] = []
        self._waiting: deque[int] = deque()
        self._working: dict[int, float] = {}  # seconds of video that no segment has yet
        self._held: dict[int, int] = {}  # segments that are being worked on
        self._open = 0
        self._bound = SLOTS
        self._next_look_s = 0.0
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Work until every job is done."""
        while len(self._outcome.done_s) < len(self._jobs):
            self._set_rates()
            self._step(self._until_next())
            self._happen()
        self._outcome.replica_s = {name: each.spent_s for name, each in self._replicas.items()}
        return self._outcome

    def _until_next(self) -> float:
        times_s = [self._next_look_s]
        if self._upcoming:
            times_s.append(self._jobs[self._upcoming[0]].begins_s)
        if self._timers:
            times_s.append(self._timers[0][0])
        times_s += [each.next_s for each in self._replicas.values()]
        shared_s = min(self._uploads.next_in_s(), self._segments.next_in_s())
        return max(0.0, min(min(times_s) - self._now_s, shared_s))

    def _step(self, seconds: float) -> None:
        if len(self._segments) or self._waiting:
            bound_s = self._outcome.bound_s
            bound_s[self._bound] = bound_s.get(self._bound, 0.0) + seconds
        self._uploads.advance(seconds)
        self._segments.advance(seconds)
        for replicas in self._replicas.values():
            replicas.spent_s += seconds * replicas.count
        self._now_s += seconds

    def _happen(self) -> None:
        """Do what is due now."""
        while self._upcoming and self._jobs[self._upcoming[0]].begins_s <= self._now_s:
            self._begin_upload(self._upcoming.popleft())
        while self._timers and self._timers[0][0] <= self._now_s:
            _, _, what, job = heapq.heappop(self._timers)
            what(job)
        while self._uploads.next_in_s() <= 0:
            self._end_upload(self._uploads.pop())
        while self._segments.next_in_s() <= 0:
            self._end_segment(self._segments.pop())
        for replicas in self._replicas.values():
            replicas.happen(self._now_s, self._signals(replicas))
        if self._now_s >= self._next_look_s:
            self._look()
        self._fill_places()

    def _begin_upload(self, job: int) -> None:
        self._open += 1
        megabits = self._jobs[job].megabits
        if megabits:
            self._uploads.add(job, megabits)
        else:
            self._end_upload(job)

    def _end_upload(self, job: int) -> None:
        self._outcome.sent_s[job] = self._now_s
        self._after(self._world.fixed_s / 2, self._waiting.append, job)

    def _fill_places(self) -> None:
        places = self._replicas[self._world.gateway].count * self._world.analyses
        while self._waiting and len(self._working) < places:
            job = self._waiting.popleft()
            self._outcome.begun_s[job] = self._now_s
            self._working[job], self._held[job] = self._jobs[job].video_s, 0
            for _ in range(self._world.segments):
                self._begin_segment(job)

    def _begin_segment(self, job: int) -> None:
        length_s = min(self._world.segment_s, self._working[job])
        if length_s > 0:
            self._working[job] -= length_s
            self._held[job] += 1
            self._segments.add(job, length_s)

    def _end_segment(self, job: int) -> None:
        self._held[job] -= 1
        self._begin_segment(job)
        if not self._held[job]:
            del self._working[job], self._held[job]
            self._after(self._world.fixed_s / 2, self._end_job, job)

    def _end_job(self, job: int) -> None:
        self._open -= 1
        self._outcome.done_s[job] = self._now_s

    def _after(self, seconds: float, what: Callable[[int], None], job: int) -> None:
        heapq.heappush(self._timers, (self._now_s + seconds, len(self._outcome.sent_s), what, job))

    def _set_rates(self) -> None:
        uploads, segments = len(self._uploads), len(self._segments)
        if uploads:
            # Senders of one run are alike.
            fastest = self._jobs[0].upload_mbit
            self._uploads.rate = min(fastest, self._world.ingress_mbit / uploads)
        if segments:
            rates = {
                name: each.capacity / (each.pool.work * segments)
                for name, each in self._replicas.items()
                if each.pool.work
            } | {SOLO: self._world.solo_rate}
            self._bound, self._segments.rate = min(rates.items(), key=lambda item: item[1])
            if self._bound == SOLO and self._waiting:
                self._bound = SLOTS

    def _signals(self, replicas: Replicas) -> dict[str, float]:
        used = len(self._segments) * self._segments.rate * replicas.pool.work
        return {
            "busy": used / replicas.pool.each,
            "in flight": float(len(self._segments)),
            "open": float(self._open - len(self._uploads)),
        }

    def _look(self) -> None:
        self._next_look_s += LOOK_S
        counts = {name: each.count for name, each in self._replicas.items()}
        in_flight = len(self._segments)
        rate = in_flight * self._segments.rate
        state = (len(self._uploads), len(self._waiting), in_flight, rate, counts)
        self._outcome.looks.append(Look(self._now_s, *state))
