"""EmotionMap on one machine: the five services as child processes on loopback ports.

with running(Path(".emotionmap")) as system:
    httpx.get(f"{system.base_url}/readyz")
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx

from emotionmap_cli.environment import BACKENDS, environment
from emotionmap_cli.failures import BadInput, Failure
from emotionmap_cli.ports import LOOPBACK, check_free, free_ports
from emotionmap_cli.supervision import Child, Supervisor, python_command
from emotionmap_cli.watch import watching

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

SERVICES: Final = (*BACKENDS, "gateway")
"""In the order in which they are started; they are stopped gateway first."""

LOCK_NAME: Final = "running.lock"
"""In the data folder; the gateway has a lock of its own, for installations without this command."""

READY_TIMEOUT_S: Final = 120.0
READY_POLL_S: Final = 0.1


class System:
    """The running services.

    Attributes:
        base_url: Where the gateway answers HTTP, such as "http://127.0.0.1:8080".
        grpc_target: Where the gateway answers gRPC, such as "127.0.0.1:50050".
        data_dir: Where everything is kept; logs lie in its folder `logs`.
    """

    def __init__(
        self,
        children: Mapping[str, Child],
        supervisor: Supervisor,
        *,
        base_url: str,
        grpc_target: str,
        data_dir: Path,
    ) -> None:
        self._children = children
        self._supervisor = supervisor
        self.base_url = base_url
        self.grpc_target = grpc_target
        self.data_dir = data_dir

    @property
    def processes(self) -> dict[str, subprocess.Popen[bytes]]:
        """The current process of each service; a restarted service has another one."""
        return {name: child.process for name, child in self._children.items()}

    def kill(self, service: str) -> None:
        """Kill a service without warning; it is started again by itself."""
        self._children[service].signal(signal.SIGKILL)

    def check(self) -> None:
        """Return if every service runs or is being started again.

        Raises:
            Failure: One was given up.
        """
        if self._supervisor.failure:
            raise Failure(self._supervisor.failure)


@contextmanager
def running(
    data_dir: Path,
    *,
    host: str = LOOPBACK,
    http_port: int = 0,
    grpc_port: int = 0,
    quiet: bool = True,
    models_dir: Path | None = None,
    command: Callable[[str], Sequence[str]] = python_command,
    ready_timeout_s: float = READY_TIMEOUT_S,
) -> Iterator[System]:
    """Run the five services until the block ends; every one is ready inside it.

    Args:
        data_dir: Data folder; made if it is not there, locked against a second user.
        host: Address on which the gateway listens; the others listen on loopback alone.
        http_port: The gateway's HTTP port; 0 takes a free one.
        grpc_port: The gateway's gRPC port; 0 takes a free one.
        quiet: Say nothing on stderr when a service dies and is started again.
        models_dir: Folder of fetched models, if EMOTIONMAP_MODELS_DIR names none.
        command: Gives the command that runs a module.
        ready_timeout_s: Longest time until all are ready.

    Raises:
        Failure: The folder is in use, a port is taken, or a service does not start.
    """
    data_dir = resolved(data_dir)
    with ExitStack() as stack:
        stack.enter_context(locked(data_dir))
        for port in (http_port, grpc_port):
            check_free(host, port)
        ports = dict(zip([*BACKENDS, "grpc", "http"], free_ports(len(SERVICES) + 1), strict=True))
        ports |= {"http": http_port or ports["http"], "grpc": grpc_port or ports["grpc"]}
        children = {
            name: Child(
                name=name,
                command=command(f"emotionmap_{name}"),
                environment=environment(
                    name, ports=ports, host=host, data_dir=data_dir, models_dir=models_dir
                ),
                log=_fresh_log(data_dir, name),
            )
            for name in SERVICES
        }
        supervisor = Supervisor(list(children.values()), report=_ignore if quiet else _report)
        stack.callback(supervisor.stop)
        supervisor.start()
        reachable = LOOPBACK if host in ("0.0.0.0", "::") else host  # noqa: S104 - only compared
        system = System(
            children,
            supervisor,
            base_url=f"http://{_in_url(reachable)}:{ports['http']}",
            grpc_target=f"{_in_url(reachable)}:{ports['grpc']}",
            data_dir=data_dir,
        )
        _await_ready(system, supervisor, timeout_s=ready_timeout_s)
        with watching(system.base_url, system.kill):
            yield system


def check_options(options: Mapping[str, Any]) -> None:
    """Return if the services, which are of this version, will take these options.

    Raises:
        BadInput: They will not.
    """
    # Imported here: only a local analysis needs it, and it is slow to load.
    from emotionmap_gateway.documents.options import options_from_json  # noqa: PLC0415
    from emotionmap_runtime.errors import ServiceError  # noqa: PLC0415

    try:
        options_from_json(options)
    except ServiceError as error:
        raise BadInput(error.message) from error


def resolved(data_dir: Path) -> Path:
    """Return the absolute path of a data folder, which need not be there.

    Raises:
        Failure: It is relative to a folder that is gone.
    """
    try:
        return data_dir.resolve()
    except OSError as error:
        raise Failure(f"The data folder {data_dir} cannot be used: {error.strerror}.") from error


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the lock of a data folder, which the kernel lets go however this process ends.

    Raises:
        Failure: Another process holds it, or the folder cannot be written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Failure(f"The data folder {data_dir} cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Failure(
            f"Another EmotionMap is running on the data folder {data_dir}; "
            "stop it, or choose another folder with --data-dir."
        ) from None
    try:
        yield
    finally:
        os.close(descriptor)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _fresh_log(data_dir: Path, name: str) -> Path:
    """Return an empty log; what the run before wrote is kept beside it."""
    log = data_dir / "logs" / f"{name}.log"
    log.parent.mkdir(exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    return log


def _await_ready(system: System, supervisor: Supervisor, *, timeout_s: float) -> None:
    deadline_s = time.monotonic() + timeout_s
    answer = "the gateway has not answered"
    # No proxy of the environment stands between this process and its own children.
    with httpx.Client(base_url=system.base_url, timeout=5.0, trust_env=False) as client:
        while time.monotonic() < deadline_s:
            system.check()
            try:
                response = client.get("/readyz")
            except httpx.TransportError:
                pass
            else:
                if response.status_code == httpx.codes.OK:
                    supervisor.was_ready = True
                    return
                answer = f"the gateway says {response.text.strip()[:500]}"
            time.sleep(READY_POLL_S)
    raise Failure(f"EmotionMap is not ready after {timeout_s:g} s: {answer}.")


def _report(line: str) -> None:
    print(f"emotionmap: {line}", file=sys.stderr, flush=True)


def _ignore(_line: str) -> None:
    return
