"""Replicas of services as processes behind one gateway, to be stopped and started in turn.

with fleet(folder, {"face": 2, "media": 2}) as replicas:
    replicas.roll("face", 0)
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from emotionmap_cli.environment import BACKENDS, environment
from emotionmap_cli.ports import LOOPBACK, free_ports
from emotionmap_cli.supervision import Child, python_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

GRACE_S = 20
EXIT_WITHIN_S = 30.0
READY_WITHIN_S = 120.0


@dataclass(slots=True)
class Fleet:
    """What runs.

    Attributes:
        base_url: Where the gateway answers.
        replicas: The processes of each service.
    """

    base_url: str
    replicas: dict[str, list[Child]] = field(default_factory=dict)

    def roll(self, service: str, number: int) -> float:
        """Stop a replica as Kubernetes does and start it again; return how long it took to stop.

        Raises:
            AssertionError: It did not end well.
        """
        child = self.replicas[service][number]
        start_s = time.monotonic()
        child.signal(signal.SIGTERM)
        status = child.process.wait(EXIT_WITHIN_S)
        took_s = time.monotonic() - start_s
        assert status == 0, f"{child.name} exited with {status}: {child.log_tail()}"
        child.release()
        child.start()
        self.await_answer(child)
        return took_s

    def await_answer(self, child: Child) -> None:
        """Return once a replica works.

        Raises:
            TimeoutError: It does not.
        """
        until_s = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until_s:
            if child.process.poll() is not None:
                break
            if "gateway" not in child.name and '"serving"' in child.log_tail():
                return
            if "gateway" in child.name and _is_ready(self.base_url):
                return
            time.sleep(0.1)
        raise TimeoutError(f"{child.name} does not start: {child.log_tail()}")

    def stop(self) -> None:
        """Stop everything, the gateway first."""
        children = [child for name in ("gateway", *BACKENDS) for child in self.replicas[name]]
        for child in children:
            if child.started_s:
                child.kill_group()
                child.process.wait()
                child.release()


def _is_ready(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/readyz", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def fleet(folder: Path, counts: Mapping[str, int]) -> Iterator[Fleet]:
    """Run so many replicas of each service, one where none are named, until the block ends."""
    ports = {name: free_ports(counts.get(name, 1)) for name in BACKENDS}
    http, grpc = free_ports(2)
    running = Fleet(f"http://{LOOPBACK}:{http}")
    for name, each in ports.items():
        running.replicas[name] = [
            _child(folder, name, number, {name: port}) for number, port in enumerate(each)
        ]
    gateway = _child(folder, "gateway", 0, {name: each[0] for name, each in ports.items()}
                     | {"http": http, "grpc": grpc})  # fmt: skip
    for name, each in ports.items():
        target = "ipv4:" + ",".join(f"{LOOPBACK}:{port}" for port in each)
        gateway.environment = {
            **gateway.environment,
            f"EMOTIONMAP_GATEWAY_{name.upper()}_TARGET": target,
        }
    running.replicas["gateway"] = [gateway]
    try:
        for name in (*BACKENDS, "gateway"):
            for child in running.replicas[name]:
                child.start()
        for name in (*BACKENDS, "gateway"):
            for child in running.replicas[name]:
                running.await_answer(child)
        yield running
    finally:
        running.stop()


def _child(folder: Path, service: str, number: int, ports: Mapping[str, int]) -> Child:
    variables = environment(service, ports=ports, host=LOOPBACK, data_dir=folder / "data")
    variables |= {f"EMOTIONMAP_{service.upper()}_GRACE_S": str(GRACE_S), "OMP_NUM_THREADS": "1"}
    name = f"{service}-{number}"
    return Child(name, python_command(f"emotionmap_{service}"), variables, folder / f"{name}.log")
