"""Analyses a short video through a gateway: the proof that all services work together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from deploy.tool.failures import DeployError
from deploy.tool.smoke_video import smoke_video

if TYPE_CHECKING:
    from pathlib import Path

FINAL = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
REQUEST_TIMEOUT_S = 90.0
LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the analysis gave."""

    seconds: float
    intervals: int
    analysis_id: str


def analyse(
    http: httpx.Client,
    *,
    video: Path | None = None,
    timeout_s: float,
    look_every_s: float = LOOK_EVERY_S,
) -> Outcome:
    """Have a video analysed, look at its timeline, and delete the analysis.

    Args:
        http: Leads to the gateway.
        video: File to send; None for two seconds made here.
        timeout_s: Longest time for the analysis.
        look_every_s: Pause between looks.

    Raises:
        DeployError: The gateway refuses it, the analysis fails, or the timeline is empty.
    """
    start_s = time.monotonic()
    content = video.read_bytes() if video is not None else smoke_video()
    created = _json(http, "POST", "/v1/analyses", files={"file": ("smoke.mp4", content)})
    path = f"/v1/analyses/{created['id']}"
    try:
        while created["state"] not in FINAL:
            if time.monotonic() - start_s > timeout_s:
                raise DeployError(f"the analysis is {created['state']} after {timeout_s:.0f} s")
            time.sleep(look_every_s)
            created = _json(http, "GET", path)
        if created["state"] != "SUCCEEDED":
            raise DeployError(f"the analysis is {created['state']}: {created.get('failure')}")
        timeline = _json(http, "GET", f"{path}/timeline")
    finally:
        _delete(http, path)
    if not timeline.get("intervals"):
        raise DeployError("the timeline is empty")
    return Outcome(time.monotonic() - start_s, len(timeline["intervals"]), created["id"])


def _json(http: httpx.Client, method: str, path: str, **more: Any) -> dict[str, Any]:
    try:
        answer = http.request(method, path, timeout=REQUEST_TIMEOUT_S, **more)
        if answer.is_error:
            raise DeployError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json())
    except (httpx.HTTPError, ValueError) as error:
        raise DeployError(f"{method} {path}: {error}") from None


def _delete(http: httpx.Client, path: str) -> None:
    try:
        http.delete(path, timeout=REQUEST_TIMEOUT_S)
    except httpx.HTTPError:
        return  # what was found out stands; the analysis is two seconds of grey
