"""The resumable state of a run, in files that a kill never leaves half written."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STATE_FILE = "state.pt"
BEST_FILE = "best.pt"


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes:
        step: steps done.
        best_uar: best UAR of the watched speakers, -1 before the first judgement.
        best_step: when that was.
        stale: judgements since then.
        is_finished: whether there is nothing left to do.
    """

    step: int = 0
    best_uar: float = -1.0
    best_step: int = 0
    stale: int = 0
    is_finished: bool = False


@dataclass(slots=True)
class Snapshot:
    """Everything that a run continues from.

    Attributes:
        signature: configuration and clips; `Recipe` and `Lesson.signature`.
        progress: how far it is.
        parts: state of model, optimizer and scaler.
        random: states of the random generators.
    """

    signature: dict[str, Any]
    progress: Progress
    parts: dict[str, Any]
    random: dict[str, Any] = field(default_factory=dict)


def save_whole(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file so that it is either the old or the new one, also after a power cut."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        torch.save(dict(content), file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def random_states() -> dict[str, Any]:
    """Return the states of the generators that transformers draws from: torch's and numpy's."""
    numpy: dict[str, Any] = np.random.get_state(legacy=False)  # noqa: NPY002 - transformers'
    keys = torch.from_numpy(numpy["state"]["key"].astype(np.int64))
    states: dict[str, Any] = {
        "torch": torch.get_rng_state(),
        "numpy": numpy | {"state": {"key": keys, "pos": int(numpy["state"]["pos"])}},
    }
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def restore_random(states: Mapping[str, Any]) -> None:
    """Put the generators back; a GPU's only where there are as many as before."""
    torch.set_rng_state(states["torch"])
    keys, position = states["numpy"]["state"]["key"], states["numpy"]["state"]["pos"]
    numpy = {"state": {"key": keys.numpy().astype(np.uint32), "pos": position}}
    np.random.set_state(states["numpy"] | numpy)  # noqa: NPY002 - as above
    cuda = states.get("cuda", [])
    if cuda and len(cuda) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(cuda)


def save_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Write the state of a run, with the generators' states of now."""
    progress = {name: getattr(snapshot.progress, name) for name in Progress.__slots__}
    content = {"signature": snapshot.signature, "progress": progress, "parts": snapshot.parts}
    save_whole(folder / STATE_FILE, content | {"random": random_states()})


def load_snapshot(folder: Path, signature: Mapping[str, Any]) -> Snapshot | None:
    """Return the state that a folder holds, None if it holds none.

    Raises:
        ValueError: it is of a run with another configuration.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return None
    content = torch.load(path, map_location="cpu", weights_only=True)
    held = content["signature"]
    changed = [
        f"{name} {held.get(name)} there, {signature.get(name)} now"
        for name in sorted({*held, *signature})
        if held.get(name) != signature.get(name)
    ]
    if changed:
        message = (
            f"{folder} holds a run of another configuration ({'; '.join(changed)}): go on with the "
            "same options, or give another --out"
        )
        raise ValueError(message)
    progress = Progress(**content["progress"])
    return Snapshot(held, progress, content["parts"], content["random"])
