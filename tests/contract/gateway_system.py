"""A gateway in front of fake services, on real sockets, and what tests do with it."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from emotionmap_gateway.gateway import running
from emotionmap_gateway.settings import Settings
from emotionmap_runtime.errors import ServiceError

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_script import Script
from tests.contract.threaded_servers import FakeServer, in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import grpc

VIDEO = b"the bytes of a video" * 1000
MAX_BYTES = 3_000_000
FINAL = {"SUCCEEDED", "FAILED", "CANCELLED"}


@dataclass
class System:
    """A running gateway."""

    script: Script
    services: dict[str, FakeServer]
    data_dir: Path
    http: httpx.Client
    grpc_target: str
    http_port: int

    def create(self, video: bytes = VIDEO, name: str = "clip.mp4", **kwargs: Any) -> httpx.Response:
        options = kwargs.pop("options", None)
        data = {} if options is None else {"options": json.dumps(options)}
        return self.http.post("/v1/analyses", files={"file": (name, video)}, data=data, **kwargs)

    def created(self, **kwargs: Any) -> str:
        response = self.create(**kwargs)
        assert response.status_code == 202, response.text
        return response.json()["id"]

    def wait(self, path: str, timeout_s: float = 30) -> dict[str, Any]:
        return wait_for(
            lambda: (body := self.http.get(path).json())["state"] in FINAL and body, timeout_s
        )

    def finished(self, **kwargs: Any) -> str:
        analysis_id = self.created(**kwargs)
        body = self.wait(f"/v1/analyses/{analysis_id}")
        assert body["state"] == "SUCCEEDED", body
        return analysis_id

    def fail(self, method: str, code: grpc.StatusCode, reason: str) -> None:
        """Make a method of the fakes fail until the test ends."""
        self.script.errors[method] = ServiceError(code, reason, "It does not work.")

    def reset(self) -> None:
        """Let the fakes work again, and leave no unfinished analysis to the next test."""
        script = self.script
        script.gate.set()
        script.errors.clear()
        script.failures.clear()
        script.removed.clear()
        script.duration_s, script.has_video, script.has_audio = 9, True, True
        script.truncated_at_s, script.people = None, 1
        for analysis in self.http.get("/v1/analyses?limit=100").json()["analyses"]:
            if analysis["state"] not in FINAL:
                self.http.delete(f"/v1/analyses/{analysis['id']}")
        script.calls.clear()
        script.configs.clear()

    def files(self) -> list[str]:
        root = self.data_dir / "objects"
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def wait_for(look: Any, timeout_s: float = 30) -> Any:
    """Return what `look` gives once that is true."""
    end_s = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < end_s, "did not come"
        time.sleep(0.02)
    return found


def settings_for(services: dict[str, FakeServer], data_dir: Path, **changes: Any) -> Settings:
    targets = {f"{name}_target": f"127.0.0.1:{fake.port}" for name, fake in services.items()}
    values: dict[str, Any] = {
        "http_port": 0,
        "grpc_port": 0,
        "data_dir": data_dir,
        "max_media_bytes": MAX_BYTES,
        "upload_idle_s": 1,
        "grace_s": 2,
        **targets,
        **changes,
    }
    return Settings(**values)


@contextmanager
def gateway_system(data_dir: Path, **changes: Any) -> Iterator[System]:
    """Run a gateway in front of fakes."""
    script = Script(data_dir / "objects")
    script.gate.set()
    with fake_services(script) as services:
        settings = settings_for(services, data_dir, **changes)
        with (
            in_thread(lambda: running(settings)) as ports,
            httpx.Client(base_url=f"http://127.0.0.1:{ports.http}", timeout=30) as http,
        ):
            yield System(script, services, data_dir, http, f"127.0.0.1:{ports.grpc}", ports.http)
