"""Averages checkpoints of one run: `python -m training.voice.average A.pt B.pt --out DIR`.

Stages that go on from each other lie in one valley; between them the network is surer of less, and
unseen speakers are heard better. Source: model soups (https://arxiv.org/abs/2203.05482).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from training.schedule import save_checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence


def average(checkpoints: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a checkpoint whose floating-point weights are the mean of the others'.

    Counters are those of the last. Means are taken in float64.

    Raises:
        ValueError: There are fewer than two, or they are of networks of different sizes.
    """
    if len(checkpoints) < 2:
        message = "give at least two checkpoints"
        raise ValueError(message)
    last = checkpoints[-1]
    if any(one["config"] != last["config"] for one in checkpoints):
        message = "the checkpoints are of networks of different sizes"
        raise ValueError(message)
    state = {}
    for name, weight in last["state"].items():
        values = [one["state"][name] for one in checkpoints]
        floating = weight.is_floating_point()
        mean = torch.stack([value.double() for value in values]).mean(0)
        state[name] = mean.to(weight.dtype) if floating else weight
    return {"state": state, "config": last["config"]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder of the result")
    options = parser.parse_args(arguments)
    loaded = [
        torch.load(path, map_location="cpu", weights_only=True) for path in options.checkpoints
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    save_checkpoint(options.out, average(loaded))


if __name__ == "__main__":
    main()
