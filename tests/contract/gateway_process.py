"""A gateway as a process of its own, to be killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager

import httpx
from pydantic import SecretStr

from tests.contract.gateway_system import settings_for


@contextmanager
def gateway_process(services, data_dir, **changes):
    """Run `python -m emotionmap_gateway`; what is left of it at the end is killed."""
    settings = settings_for(services, data_dir, **{"grace_s": 2, **changes})
    environment = {
        f"EMOTIONMAP_GATEWAY_{name.upper()}": _told(value)
        for name, value in settings.model_dump(exclude_none=True).items()
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "emotionmap_gateway"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    # Once it is up: nobody else reads on, and it would stop for ever when the pipe is full.
    reader = threading.Thread(target=process.stdout.read, daemon=True)
    try:
        line = next(line for line in process.stdout if '"http_port"' in line)
        reader.start()
        http_port = json.loads(line)["http_port"]
        http = httpx.Client(base_url=f"http://127.0.0.1:{http_port}", timeout=30)
        yield process, http
        http.close()
    finally:
        process.kill()
        process.wait()
        if reader.is_alive():
            reader.join()
        process.stdout.close()


def _told(value):
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
