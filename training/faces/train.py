"""Trains the face model: `python -m training.faces.train --data F.npz --out DIR`.

`--start` goes on from a checkpoint, also of another depth; `--teachers` learns half from the mean
answer of trained networks to the very same augmented faces.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch.nn import functional

from training.emotions import LABELS
from training.faces.augment import augment_batch
from training.faces.data import FaceSet, plurality, read_faces, soft_targets, split_training
from training.faces.model import FaceConfig, FaceNet, resized
from training.metrics import accuracy, confusion, unweighted_average_recall
from training.schedule import (
    Clock,
    WeightAverage,
    best_device,
    learning_rate_factor,
    log_line,
    save_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BATCH = 128
PEAK_RATE = 0.1
MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4
AVERAGE_DECAY = 0.999
MIXUP_ALPHA = 0.2
RARITY_POWER = 0.3
"""Faces are drawn in proportion to (class frequency) ** -power: 0 is as they are, 1 balanced."""
CLIP_NORM = 5.0
TEACHER_SHARE = 0.5
"""Of the target; the rest are annotators' votes. Source: https://arxiv.org/abs/1503.02531."""


def sampling_weights(targets: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return float64 [N], summing to 1: how often each face is drawn.

    Args:
        targets: float32 [N, 7], soft labels; a face counts as the class of its largest share.
    """
    frequency = targets.sum(axis=0, dtype=np.float64) / len(targets)
    weights = np.maximum(frequency, 1e-6)[targets.argmax(axis=1)] ** -RARITY_POWER
    return weights / weights.sum()


class Teachers:
    """Trained networks whose mean answer is half of the target.

    Args:
        nets: at least one.
    """

    def __init__(self, nets: Sequence[FaceNet]) -> None:
        """Freeze the networks."""
        self.nets = [
            net.eval().to(best_device(), memory_format=torch.channels_last) for net in nets
        ]

    @torch.no_grad()
    def teach(self, images: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return targets float32 [B, 7] mixed with the answer to images float32 [B, 48, 48, 1]."""
        with torch.autocast(images.device.type, torch.bfloat16):
            answers = [net(images).float().softmax(dim=1) for net in self.nets]
        return torch.lerp(targets, torch.stack(answers).mean(dim=0), TEACHER_SHARE)


def load_net(path: Path) -> tuple[FaceNet, FaceConfig]:
    """Return the network of a checkpoint and its size."""
    content = torch.load(path, map_location="cpu", weights_only=True)
    config = FaceConfig(**content["config"])
    net = FaceNet(config)
    net.load_state_dict(content["state"])
    return net, config


def starting_net(config: FaceConfig, start: Path | None) -> FaceNet:
    """Return a new network, or one of this size that starts from a checkpoint."""
    if start is None:
        return FaceNet(config)
    net, old = load_net(start)
    return resized(net.state_dict(), old, config)


def batches(
    faces: FaceSet, rng: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield endless augmented, mixed batches: float32 [B, 48, 48, 1] and targets float32 [B, 7]."""
    targets = soft_targets(faces)
    weights = sampling_weights(targets)
    while True:
        rows = rng.choice(len(weights), BATCH, p=weights)
        images = torch.from_numpy(augment_batch(faces.pixels[rows], rng))
        labels = torch.from_numpy(targets[rows])
        share = rng.beta(MIXUP_ALPHA, MIXUP_ALPHA)
        yield torch.lerp(images, images.flip(0), share), torch.lerp(labels, labels.flip(0), share)


@torch.inference_mode()
def predict(net: FaceNet, pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return int64 [N], the top class of uint8 [N, 48, 48] crops."""
    images = torch.from_numpy(pixels.astype(np.float32) / 255)[..., None]
    device = next(net.parameters()).device
    answers = [net(part.to(device)).argmax(dim=1) for part in images.split(BATCH)]
    return torch.cat(answers).cpu().numpy()


def judge(net: FaceNet, faces: FaceSet) -> dict[str, float]:
    """Return plurality accuracy and UAR on the faces with a clear plurality."""
    truth = plurality(faces)
    clear = truth >= 0
    counts = confusion(truth[clear], predict(net, faces.pixels[clear]), classes=len(LABELS))
    return {"accuracy": accuracy(counts), "uar": unweighted_average_recall(counts)}


def optimizer_for(net: FaceNet) -> torch.optim.Optimizer:
    """Return the optimizer; norms and biases do not decay."""
    decayed = [weight for weight in net.parameters() if weight.ndim > 1]
    free = [weight for weight in net.parameters() if weight.ndim == 1]
    groups = [
        {"params": decayed, "weight_decay": WEIGHT_DECAY},
        {"params": free, "weight_decay": 0},
    ]
    return torch.optim.SGD(groups, lr=PEAK_RATE, momentum=MOMENTUM, nesterov=True)


def training_step(
    net: FaceNet, optimizer: torch.optim.Optimizer, images: torch.Tensor, targets: torch.Tensor
) -> float:
    """Learn from one batch; return its loss."""
    with torch.autocast(images.device.type, torch.bfloat16):
        logits = net(images)
    loss = functional.cross_entropy(logits.float(), targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP_NORM)
    if torch.isfinite(norm):
        optimizer.step()
    return float(loss.detach())


def train(
    faces: FaceSet,
    out: Path,
    *,
    config: FaceConfig,
    epochs: float,
    minutes: float,
    seed: int,
    start: Path | None = None,
    teachers: Teachers | None = None,
    rate_share: float = 1.0,
) -> None:
    """Train and leave `last.pt` (averaged weights) and `log.jsonl` in the folder."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    learned, held_out = split_training(faces)
    epoch_steps = max(1, len(learned.label) // BATCH)
    device = best_device()
    net = starting_net(config, start).to(device, memory_format=torch.channels_last)
    optimizer, average = optimizer_for(net), WeightAverage(net, AVERAGE_DECAY)
    source = batches(learned, np.random.default_rng(seed))
    clock, losses = Clock(round(epochs * epoch_steps), minutes), []
    while clock.progress < 1:
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * rate_share * learning_rate_factor(clock.progress)
        images, targets = (values.to(device) for values in next(source))
        if teachers is not None:
            targets = teachers.teach(images, targets)
        losses.append(training_step(net.train(), optimizer, images, targets))
        average.update(net)
        clock.tick()
        if clock.step % epoch_steps == 0 or clock.progress >= 1:
            figures = judge(average.model, held_out)
            figures |= {
                "step": clock.step,
                "progress": clock.progress,
                "loss": float(np.mean(losses)),
            }
            losses.clear()
            log_line(out, figures)
            content = {"state": average.model.state_dict(), "config": asdict(config)}
            save_checkpoint(out, content | {"figures": figures})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=".npz with FER2013 and FER+")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for checkpoints and the log"
    )
    parser.add_argument("--epochs", type=float, default=48)
    parser.add_argument("--minutes", type=float, default=24 * 60, help="the schedule ends by then")
    parser.add_argument("--depths", type=int, nargs=3, default=FaceConfig().depths)
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="checkpoints")
    parser.add_argument("--rate-share", type=float, default=1.0, help="of the peak learning rate")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(0)
    train(
        read_faces(options.data),
        options.out,
        config=FaceConfig(depths=tuple(options.depths)),
        epochs=options.epochs,
        minutes=options.minutes,
        seed=options.seed,
        start=options.start,
        teachers=Teachers([load_net(path)[0] for path in options.teachers])
        if options.teachers
        else None,
        rate_share=options.rate_share,
    )


if __name__ == "__main__":
    main()
