"""Reaches a pod or service of a cluster from here, past network policies, by kubectl."""

from __future__ import annotations

import re
import subprocess
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from deploy.tool.failures import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_TIMEOUT_S = 20.0
END_TIMEOUT_S = 5.0


@contextmanager
def forwarding(
    what: str, port: int, *, namespace: str, context: str | None = None
) -> Iterator[str]:
    """Give the URL under which a port answers here, until the block ends.

    Args:
        what: Such as "service/gateway" or "pod/face-abc".
        port: Its port.
        namespace: Where it is.
        context: Of kubeconfig; None for the current one.

    Raises:
        DeployError: kubectl is missing or cannot reach it.
    """
    command = ["kubectl", "port-forward", "--namespace", namespace, what, f":{port}"]
    command += ["--context", context] if context else []
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except FileNotFoundError:
        raise DeployError("kubectl is missing, which reaches into the cluster") from None
    try:
        yield f"http://127.0.0.1:{_local_port(process, what)}"
    finally:
        process.terminate()
        try:
            process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _local_port(process: subprocess.Popen[str], what: str) -> int:
    timer = Timer(CONNECT_TIMEOUT_S, process.terminate)
    timer.start()
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
    finally:
        timer.cancel()
    found = re.match(r"Forwarding from 127\.0\.0\.1:(\d+)", line)
    if found is None:
        raise DeployError(f"{what} cannot be reached: {line.strip() or 'kubectl says nothing'}")
    return int(found[1])
