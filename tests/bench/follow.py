"""Sends one video to a gateway and notes when what came back."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emotionmap_cli.client import GatewayClient, Limits
from emotionmap_cli.failures import BadInput, Failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emotionmap_cli.local import System

TELL_EVERY_S = 15.0
REFUSED = "REFUSED"
SUCCEEDED = "SUCCEEDED"


@dataclass(slots=True)
class Followed:
    """What became of a video; moments are on time.monotonic(), 0 is never.

    Attributes:
        begun_s, sent_s: When the upload began, and its last byte was sent.
        first_draft_s, first_interval_s: When the first result came, rough or real.
        ended_s: When it was finished.
        state, why: How it ended.
        analysis_id: Its analysis, which is kept until it is deleted.
        timeline: The finished timeline.
    """

    begun_s: float = field(default_factory=time.monotonic)
    sent_s: float = 0.0
    first_draft_s: float = 0.0
    first_interval_s: float = 0.0
    ended_s: float = 0.0
    state: str = REFUSED
    why: str = ""
    analysis_id: str = ""
    timeline: dict[str, Any] = field(default_factory=dict)

    @property
    def took_s(self) -> float:
        return self.ended_s - self.begun_s

    @property
    def first_after_s(self) -> float | None:
        """How long after the last byte the first interval came; None if none did."""
        return self.first_interval_s - self.sent_s if self.first_interval_s else None

    @property
    def draft_after_s(self) -> float | None:
        return self.first_draft_s - self.sent_s if self.first_draft_s else None

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Take in one event."""
        if kind == "draft":
            self.first_draft_s = self.first_draft_s or time.monotonic()
        elif kind == "intervals":
            self.first_interval_s = self.first_interval_s or time.monotonic()
        elif kind == "analysis":
            self.state = data["state"]
            self.why = (data.get("failure") or {}).get("message", "")

    def found(self) -> dict[str, Any]:
        """Return what shows that the work was done."""
        intervals = self.timeline.get("intervals", [])
        faces = sum(interval["evidence"] in ("face", "both") for interval in intervals)
        return {
            "state": self.state,
            "intervals": len(intervals),
            "seconds_with_face": round(faces / max(1, len(intervals)), 3),
        }


def follow(system: System, video: Path, *, say: Callable[[str], None], limit_s: float) -> Followed:
    """Have a video analysed and wait for the end, however it ends, no longer than `limit_s`."""
    followed = Followed()

    def sent(done: int, size: int) -> None:
        if done >= size and not followed.sent_s:
            followed.sent_s = time.monotonic()

    limits = Limits(deadline_s=followed.begun_s + limit_s)
    with GatewayClient(system.base_url, limits=limits, check=system.check) as client:
        try:
            followed.analysis_id = client.create(video, options={}, on_sent=sent)["id"]
            _watch(client, followed, say)
        except (BadInput, Failure) as error:
            followed.why = str(error)
        followed.ended_s = time.monotonic()
        if followed.state == SUCCEEDED:
            text = client.timeline(followed.analysis_id, document_format="json")
            followed.timeline = json.loads(text)
    return followed


def forget(system: System, analysis_id: str) -> None:
    """Delete an analysis, stopping it first if it runs."""
    with GatewayClient(system.base_url, limits=Limits(), check=system.check) as client:
        client.abandon(analysis_id)


def _watch(client: GatewayClient, followed: Followed, say: Callable[[str], None]) -> None:
    told_s = time.monotonic()
    for kind, data in client.watch(followed.analysis_id):
        followed.note(kind, data)
        if kind == "analysis" and time.monotonic() - told_s > TELL_EVERY_S:
            told_s = time.monotonic()
            say(f"    {data['progress']:.0%} after {told_s - followed.begun_s:.0f} s")
