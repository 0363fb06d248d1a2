"""What is asked of the simulation: does it reproduce what was measured, and what a crowd meets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.bench.spread import percentile
from tests.capacity.cluster import CORES, FIXED_S
from tests.capacity.simulation import SLOTS, SOLO, Simulation
from tests.capacity.world import Job, Pool, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.capacity.world import Outcome

MORE = 4
"""What sets the pace gets so many times as much in the next run."""
WAY_IN = "the way in"
ALL_AT_ONCE = "all of that from the start"
MOSTLY_UPLOADS = 0.8
"""Share of the time after which uploads, not work, are what takes long."""
ANALYSES_AT_ONCE, SEGMENTS_AT_ONCE, SEGMENT_S = 16, 1, 16.0
"""Of the one gateway of `make bench-load`: those at work get equal shares of the machine."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a crowd.

    Attributes:
        bound: What set the pace for longest.
        changed: What had been given more before this run.
        outcome: What became of the jobs.
    """

    bound: str
    changed: str
    outcome: Outcome

    def most(self) -> dict[str, int]:
        """Return how many replicas of each service there were at most."""
        looks = self.outcome.looks
        return {name: max(look.replicas[name] for look in looks) for name in CORES}

    def row(self, video_s: float) -> dict[str, Any]:
        """Return it for a table; `video_s` is the length of all videos together."""
        waits_s = after_last_byte_s(self.outcome)
        used = self.outcome.replica_s
        return {
            "with more of": self.changed or "as deployed",
            "sets the pace": self.bound,
            "all done, min": round(self.outcome.ended_s / 60, 1),
            "done after the last byte, p50, min": round(percentile(waits_s, 50) / 60, 1),
            "p95, min": round(percentile(waits_s, 95) / 60, 1),
            "video s/s": round(video_s / self.outcome.ended_s),
            "most replicas (media/face/audio/fusion/gateway)": "/".join(
                map(str, self.most().values())
            ),
            "core-hours": round(sum(CORES[name] * used[name] for name in CORES) / 3600),
        }


def after_last_byte_s(outcome: Outcome) -> list[float]:
    """Return how long each job took after its upload."""
    return [end_s - outcome.sent_s[job] for job, end_s in outcome.done_s.items()]


def one_machine(cpu_s_per_s: float, cores: float) -> World:
    """Return the one gateway of the bench, whose services share the cores of one machine."""
    pool = Pool("machine", cpu_s_per_s, cores)
    return World((pool,), "machine", ANALYSES_AT_ONCE, SEGMENTS_AT_ONCE, SEGMENT_S, fixed_s=FIXED_S)


def reproduced(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what `make bench-load` measured beside what the simulation says.

    How many cores the machine gave comes from the CPU time of each case and its length; when its
    half was done, and how evenly all were, does not.

    Args:
        rows: Its table `crowds`.
    """
    found = []
    for row in rows:
        count = int(row["case"].split()[0])
        ended_s = row["done_p95_s"]
        seconds = row["video_s_per_s"] * ended_s / count
        cores = row["cpu_s_per_s"] * seconds * count / max(0.1, ended_s - FIXED_S)
        outcome = Simulation(
            one_machine(row["cpu_s_per_s"], cores), [Job(0.0, seconds)] * count
        ).run()
        for percent in (50, 95):
            said_s = percentile(list(outcome.done_s.values()), percent)
            was_s = row[f"done_p{percent}_s"]
            found.append(
                {
                    "case": row["case"],
                    "cores": round(cores, 2),
                    "done": f"p{percent}",
                    "measured, s": was_s,
                    "simulated, s": round(said_s, 2),
                    "error": f"{said_s / was_s - 1:+.0%}",
                }
            )
    return found


def relieved(world: World, jobs: Sequence[Job], *, runs: int) -> list[Run]:
    """Run a crowd again and again; each time, what set the pace has been given more.

    In the last run, all replicas that the one before it came to are there from the start.
    """
    done = [_run(world, jobs, "")]
    while len(done) < runs and done[-1].bound != SOLO:
        bound = done[-1].bound
        world = _more_of(world, bound, done[-1])
        done.append(_run(world, jobs, bound))
    for name, count in done[-1].most().items():
        world = world.with_pool(name, replicas=count)
    return [*done, _run(world, jobs, ALL_AT_ONCE)]


def _run(world: World, jobs: Sequence[Job], changed: str) -> Run:
    outcome = Simulation(world, jobs).run()
    is_of_uploads = max(outcome.sent_s.values()) > MOSTLY_UPLOADS * outcome.ended_s
    return Run(WAY_IN if is_of_uploads else outcome.first_bound(), changed, outcome)


def _more_of(world: World, bound: str, run: Run) -> World:
    if bound == WAY_IN:
        return replace(world, ingress_mbit=world.ingress_mbit * MORE)
    if bound == SLOTS:
        return replace(world, analyses=world.analyses * MORE)
    pool = world.pool(bound)
    if pool.scaling is None:
        return world.with_pool(bound, each=pool.each * MORE)
    scaling = replace(pool.scaling, most=pool.scaling.most * MORE)
    most_in_flight = max(look.in_flight for look in run.outcome.looks)
    if scaling.signal == "in flight" and most_in_flight <= pool.scaling.target * pool.scaling.most:
        scaling = replace(scaling, target=scaling.target / MORE)
    return world.with_pool(bound, scaling=scaling)


def cold_starts(
    make: Callable[[float], World], jobs: Sequence[Job], starts_s: Sequence[float]
) -> list[dict[str, Any]]:
    """Return what a crowd meets when new replicas take longer and longer."""
    found = []
    for start_s in starts_s:
        outcome = Simulation(make(start_s), jobs).run()
        waits_s = after_last_byte_s(outcome)
        found.append(
            {
                "a new replica works after, s": start_s,
                "done after the last byte, p50, min": round(percentile(waits_s, 50) / 60, 1),
                "p95, min": round(percentile(waits_s, 95) / 60, 1),
                "all done, min": round(outcome.ended_s / 60, 1),
            }
        )
    return found
