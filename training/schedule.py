"""What both trainings share: device, learning-rate curve, weight average and checkpoint."""

from __future__ import annotations

import copy
import json
import math
import sys
import time
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from pathlib import Path

WARM_UP_SHARE = 0.1


def best_device() -> torch.device:
    """Return the GPU if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def learning_rate_factor(progress: float) -> float:
    """Return the share of the peak rate at a progress in [0, 1]: linear up, then cosine to zero."""
    if progress < WARM_UP_SHARE:
        return max(progress / WARM_UP_SHARE, 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - WARM_UP_SHARE) / (1 - WARM_UP_SHARE)))


class Clock:
    """Progress of a training that ends after its steps or its minutes, whichever comes first.

    On a busy machine the whole curve is run in the minutes given instead of being cut off.
    """

    def __init__(self, steps: int, minutes: float) -> None:
        """Start the clock."""
        self.steps = steps
        self.seconds = minutes * 60
        self.step = 0
        self.started_s = time.monotonic()

    def tick(self) -> None:
        """Count one step."""
        self.step += 1

    @property
    def progress(self) -> float:
        """How much of the training is over, in [0, 1]."""
        elapsed_s = time.monotonic() - self.started_s
        return min(1.0, max(self.step / self.steps, elapsed_s / self.seconds))


class WeightAverage:
    """Exponential moving average of a model's weights and buffers; that is what is exported."""

    def __init__(self, model: torch.nn.Module, decay: float) -> None:
        """Start from the model's present weights."""
        self.model = copy.deepcopy(model).eval()
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, model: torch.nn.Module) -> None:
        """Move the average towards the model; faster at first, so that the start is forgotten."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for mean, now in zip(
            self.model.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - decay)
            else:
                mean.copy_(now)


def save_checkpoint(folder: Path, content: dict[str, Any]) -> None:
    """Write `last.pt` so that a reader never sees half a file."""
    partial = folder / "last.pt.partial"
    torch.save(content, partial)
    partial.replace(folder / "last.pt")


def log_line(folder: Path, figures: dict[str, float]) -> None:
    """Append one line of figures to `log.jsonl` and print it."""
    line = json.dumps({name: round(value, 5) for name, value in figures.items()})
    with (folder / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
