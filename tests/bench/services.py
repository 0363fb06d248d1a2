"""The five services for a bench, with what it looks at: metrics, memory, databases, a second face.

with serving(faces=2) as served:
    served.counted("face"), served.memory_mb()
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import httpx
from emotionmap_cli.environment import environment
from emotionmap_cli.local import running
from emotionmap_cli.ports import LOOPBACK, free_ports
from emotionmap_cli.supervision import Child, Supervisor, python_command
from prometheus_client.parser import text_string_to_metric_families

from tests.bench.cost import cpu_s, memory_mb, processes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from emotionmap_cli.local import System

MODELS = ("face", "audio")
"""Services that batch, and tell it in their metrics."""
READY_TIMEOUT_S = 120.0
POLL_S = 0.1
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
"""Values of metrics by name and labels."""


@dataclass(frozen=True, slots=True)
class Served:
    """Services that run.

    Attributes:
        system: The five.
        replicas: Further face servers by name, `face-2` and so on.
        metrics_ports: Where each tells its metrics.
    """

    system: System
    replicas: Mapping[str, Child]
    metrics_ports: Mapping[str, int]

    def pids(self) -> dict[str, int]:
        """Return the process of each service."""
        first = {name: process.pid for name, process in self.system.processes.items()}
        return first | {name: child.process.pid for name, child in self.replicas.items()}

    def memory_mb(self) -> float:
        """Return what all services hold now."""
        return memory_mb(*self.pids().values())

    def spent_s(self) -> dict[str, float]:
        """Return the CPU-seconds so far of each service."""
        alive = processes()
        return {name: cpu_s(pid, alive) for name, pid in self.pids().items()}

    def faces(self) -> list[str]:
        """Return the names of all face servers."""
        return ["face", *self.replicas]

    def counted(self, name: str) -> Samples:
        """Return the metrics of a service."""
        return metrics_of(self.metrics_ports[name])


@contextmanager
def serving(*, faces: int = 1, settings: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run the services, with so many face servers behind the gateway, until the block ends.

    Args:
        faces: How many; each further one is a process of its own on a port of its own.
        settings: Environment variables of all services.
    """
    names = [*MODELS, *(f"face-{number}" for number in range(2, faces + 1))]
    metrics_ports = dict(zip(names, free_ports(len(names)), strict=True))
    variables = {_variable(name, "METRICS_PORT"): str(metrics_ports[name]) for name in MODELS}
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, variables | dict(settings or {})))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emotionmap-bench-")))
        further = [face_server(name, folder, metrics_ports[name]) for name in names[len(MODELS) :]]
        stack.enter_context(supervised(further))
        command = partial(_command, further_faces=[address_of(child) for child in further])
        system = stack.enter_context(running(folder / "data", command=command))
        for name in names:
            await_loaded(metrics_ports[name])
        yield Served(system, {child.name: child for child in further}, metrics_ports)


@contextmanager
def supervised(children: Sequence[Child]) -> Iterator[None]:
    """Keep processes running until the block ends."""
    supervisor = Supervisor(children, report=lambda _line: None)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def await_loaded(metrics_port: int) -> None:
    """Return once the model of a service has answered.

    Raises:
        TimeoutError: It does not.
    """
    until_s = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < until_s:
        try:
            if metrics_of(metrics_port)[("em_model_loaded", ())] == 1.0:
                return
        except httpx.TransportError:
            pass
        time.sleep(POLL_S)
    raise TimeoutError(f"The service with metrics on port {metrics_port} does not start.")


def total(samples: Samples, name: str, **labels: str) -> float:
    """Return the sum of a metric over all labels that include these, by parts of their values."""
    return sum(
        value
        for (found, pairs), value in samples.items()
        if found == name and all(part in dict(pairs).get(key, "") for key, part in labels.items())
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What the gateway keeps on disk.

    Attributes:
        database_kb, jobs_kb: Pages in use of its two databases.
        objects: Files.
    """

    database_kb: float
    jobs_kb: float
    objects: int

    @classmethod
    def look(cls, data_dir: Path) -> Kept:
        """Look at a data folder in use."""
        database, jobs = data_dir / "emotionmap.sqlite3", data_dir / "jobs.sqlite3"
        objects = (path for path in (data_dir / "objects").rglob("*") if path.is_file())
        return cls(_used_kb(database), _used_kb(jobs), sum(1 for _ in objects))


def rows_of(data_dir: Path, table: str, analysis_id: str) -> int:
    """Return how many rows of a table an analysis has."""
    query = f"SELECT count(*) FROM {table} WHERE analysis_id = ?"
    with closing(_reading(data_dir / "emotionmap.sqlite3")) as database:
        return int(database.execute(query, (analysis_id,)).fetchone()[0])


def face_server(name: str, folder: Path, metrics_port: int) -> Child:
    """Return a face server on a free port, to be started."""
    (port,) = free_ports(1)
    variables = environment("face", ports={"face": port}, host=LOOPBACK, data_dir=folder)
    variables |= {_variable("face", "METRICS_PORT"): str(metrics_port)}
    log = folder / f"{name}.log"
    return Child(name, python_command("emotionmap_face"), variables, log)


def address_of(face: Child) -> str:
    """Return where a face server listens."""
    return f"{LOOPBACK}:{face.environment[_variable('face', 'PORT')]}"


def _command(module: str, *, further_faces: Sequence[str]) -> list[str]:
    """Return the command of a service; that of the gateway names all face servers."""
    command = python_command(module)
    if module != "emotionmap_gateway" or not further_faces:
        return command
    target = _variable("gateway", "FACE_TARGET")
    every = ",".join((f"${target}", *further_faces))
    return ["sh", "-c", f'{target}="ipv4:{every}" exec "$@"', "sh", *command]


def _variable(service: str, name: str) -> str:
    return f"EMOTIONMAP_{service.upper()}_{name}"


def metrics_of(port: int) -> Samples:
    """Return what a service tells Prometheus."""
    text = httpx.get(f"http://{LOOPBACK}:{port}/metrics", timeout=10.0, trust_env=False).text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _used_kb(path: Path) -> float:
    with closing(_reading(path)) as database:
        values = [database.execute(f"PRAGMA {name}").fetchone()[0] for name in _PAGES]
    size_bytes, pages, free = values
    return (pages - free) * size_bytes / 1e3


_PAGES = ("page_size", "page_count", "freelist_count")


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
