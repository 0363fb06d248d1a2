"""The few HTTP calls that end-to-end tests make."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from pathlib import Path

FINAL_STATES = {"SUCCEEDED", "FAILED", "CANCELLED"}
DEADLINE_S = 240
"""Longest wait for an analysis: the clips take seconds, a loaded machine takes longer."""


def create(base_url: str, path: Path, **options: Any) -> httpx.Response:
    """Upload a video; return the response, whatever it says."""
    with path.open("rb") as file:
        return httpx.post(
            f"{base_url}/v1/analyses",
            files={"file": (path.name, file)},
            data={"options": json.dumps(options)},
            timeout=60,
        )


def wait(url: str, *, until=lambda body: body["state"] in FINAL_STATES) -> dict[str, Any]:
    """Poll a job until it is as wanted; return it.

    Raises:
        TimeoutError: It did not get there in DEADLINE_S.
    """
    deadline_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline_s:
        try:
            body = httpx.get(url, timeout=10).json()
        except httpx.TransportError:
            body = {"state": "UNREACHABLE", "progress": 0}
        if until(body):
            return body
        time.sleep(0.1)
    raise TimeoutError(f"{url} is still {body}")


def analyze(base_url: str, path: Path, **options: Any) -> dict[str, Any]:
    """Upload a video, wait, and return its timeline document."""
    response = create(base_url, path, **options)
    assert response.status_code == 202, response.text
    url = f"{base_url}{response.headers['location']}"
    job = wait(url)
    assert job["state"] == "SUCCEEDED", job
    return httpx.get(f"{url}/timeline", timeout=30).raise_for_status().json()


def seconds(timeline: dict[str, Any], start_s: float, end_s: float) -> list[dict[str, Any]]:
    """Return the intervals that lie wholly within [start_s, end_s)."""
    return [i for i in timeline["intervals"] if i["start"] >= start_s and i["end"] <= end_s]
