"""The loop that fine-tunes: steps, judgements of the watched speakers, early stopping, resuming."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader

from training.metrics import confusion, unweighted_average_recall
from training.schedule import learning_rate_factor, log_line
from training.voice.finetune.lesson import Batches
from training.voice.finetune.recipe import (
    CLIP_NORM,
    HEAD_RATE_SHARE,
    LABEL_SMOOTHING,
    PRECISIONS,
    WEIGHT_DECAY,
)
from training.voice.finetune.state import (
    BEST_FILE,
    Progress,
    Snapshot,
    load_snapshot,
    restore_random,
    save_snapshot,
    save_whole,
)
from training.voice.split import is_speech_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from transformers import Wav2Vec2ForSequenceClassification

    from training.voice.finetune.lesson import Lesson
    from training.voice.finetune.recipe import Recipe
    from training.voice.finetune.stopping import Deadline

LOG_STEPS = 20
SAVE_SECONDS = 300.0
"""Longest work that a kill may cost."""
MOST_BAD_STEPS = 50
"""Steps in a row without a finite gradient after which a run has diverged."""


def ignore_interrupts(_worker: int) -> None:
    """Leave Ctrl-C to the main process, which still needs its workers to finish the step."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def optimizer_for(
    model: Wav2Vec2ForSequenceClassification, recipe: Recipe
) -> torch.optim.Optimizer:
    """Return AdamW over what is not frozen: the head learns faster, matrices alone decay."""
    groups = []
    for is_head in (False, True):
        for is_matrix in (False, True):
            weights = [
                weight
                for name, weight in model.named_parameters()
                if weight.requires_grad
                and (not name.startswith("wav2vec2.")) == is_head
                and (weight.ndim > 1) == is_matrix
            ]
            rate = recipe.rate * (HEAD_RATE_SHARE if is_head else 1)
            decay = WEIGHT_DECAY if is_matrix else 0.0
            groups.append({"params": weights, "lr": rate, "peak": rate, "weight_decay": decay})
    return torch.optim.AdamW(groups)


@torch.inference_mode()
def watched_logits(
    model: Wav2Vec2ForSequenceClassification, lesson: Lesson, device: torch.device
) -> NDArray[np.float32]:
    """Return logits float32 [M, C] of the middle of each watched clip.

    One by one: clips differ in length, and padding would change what wav2vec2-base hears.
    """
    model.eval()
    rows = [
        model(lesson.window(int(row))[None].to(device)).logits[0].float().cpu()
        for row in lesson.watched
    ]
    return torch.stack(rows).numpy()


def watched_figures(lesson: Lesson, logits: NDArray[np.float32]) -> dict[str, float]:
    """Return the UAR of each set's watched speakers, and `uar`, their mean over sets of speech."""
    truth, predicted = lesson.targets(lesson.watched), logits.argmax(axis=1)
    datasets = lesson.cache.dataset[lesson.watched]
    figures = {}
    for name in np.unique(datasets).tolist():
        rows = datasets == name
        counts = confusion(truth[rows], predicted[rows], classes=len(lesson.classes))
        figures[f"uar_{name}"] = unweighted_average_recall(counts)
    speech = [value for name, value in figures.items() if is_speech_set(name[4:])]
    return figures | {"uar": float(np.mean(speech or list(figures.values())))}


class FineTuning:
    """One run.

    Attributes:
        model: being trained, on the device.
        progress: how far it is.
    """

    def __init__(
        self,
        model: Wav2Vec2ForSequenceClassification,
        lesson: Lesson,
        recipe: Recipe,
        *,
        out: Path,
        device: torch.device,
        sounds: Sequence[NDArray[np.int16]] = (),
        workers: int = 0,
    ) -> None:
        """Start anew, or where the folder's state is.

        Raises:
            ValueError: the folder holds a run of another configuration.
        """
        self.model = model.to(device)
        self.lesson = lesson
        self.recipe = recipe
        self.out = out
        self.device = device
        self.workers = workers
        self.batches = Batches(lesson, recipe, sounds)
        self.optimizer = optimizer_for(model, recipe)
        self.scaler = torch.amp.GradScaler(device.type, enabled=recipe.precision == "fp16")
        self.epoch_steps = recipe.epoch_steps(len(lesson.learned))
        self.steps = recipe.epochs * self.epoch_steps
        self.signature = asdict(recipe) | lesson.signature()
        self.progress = Progress()
        self.bad_steps = 0
        self._resume()

    def _parts(self) -> dict[str, Any]:
        return {"model": self.model, "optimizer": self.optimizer, "scaler": self.scaler}

    def _resume(self) -> None:
        snapshot = load_snapshot(self.out, self.signature)
        if snapshot is None:
            return
        for name, part in self._parts().items():
            part.load_state_dict(snapshot.parts[name])
        self.progress = snapshot.progress
        restore_random(snapshot.random)
        sys.stderr.write(f"going on from step {self.progress.step} of {self.steps}\n")

    def save(self) -> None:
        """Write the state that a later run goes on from."""
        parts = {name: part.state_dict() for name, part in self._parts().items()}
        save_snapshot(self.out, Snapshot(self.signature, self.progress, parts))

    def run(self, deadline: Deadline) -> None:
        """Train until the end, the deadline or a signal, and save the state."""
        source, losses = self._source(), []
        started_s = saved_s = time.monotonic()
        first, saved_step = self.progress.step, -1
        while not self.progress.is_finished and not deadline.is_over:
            losses.append(self._step(source))
            step = self.progress.step
            if step % LOG_STEPS == 0:
                pace_s = (time.monotonic() - started_s) / (step - first)
                self._log(losses, pace_s=pace_s)
                losses.clear()
            if step % (self.recipe.watch_steps or self.epoch_steps) == 0 or step == self.steps:
                self._watch()
            elif time.monotonic() - saved_s < SAVE_SECONDS:
                continue
            self.save()
            saved_s, saved_step = time.monotonic(), step
        if saved_step != self.progress.step:
            self.save()

    def _source(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        accumulate = self.recipe.accumulate
        loader = DataLoader(
            self.batches,
            batch_size=None,
            sampler=range(self.progress.step * accumulate, self.steps * accumulate),
            num_workers=self.workers,
            worker_init_fn=ignore_interrupts,
            pin_memory=self.device.type == "cuda",
            generator=torch.Generator(),  # the global one is part of the state
        )
        return iter(loader)

    def _step(self, source: Iterator[tuple[torch.Tensor, torch.Tensor]]) -> float:
        """Do one step of the optimizer; return its loss."""
        factor = learning_rate_factor(self.progress.step / self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for _ in range(self.recipe.accumulate):
            loss = self._loss(*next(source)) / self.recipe.accumulate
            self.scaler.scale(loss).backward()
            total += float(loss.detach())
        self.scaler.unscale_(self.optimizer)
        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        norm = torch.nn.utils.clip_grad_norm_(weights, CLIP_NORM)
        self._check(is_finite=bool(torch.isfinite(norm)))
        if self.scaler.is_enabled() or torch.isfinite(norm):
            self.scaler.step(self.optimizer)
        self.scaler.update()
        self.progress.step += 1
        return total

    def _loss(self, waves: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        dtype = PRECISIONS[self.recipe.precision]
        with torch.autocast(self.device.type, dtype, enabled=dtype is not None):
            logits = self.model(waves.to(self.device, non_blocking=True)).logits
        targets = targets.to(self.device, non_blocking=True)
        return functional.cross_entropy(logits.float(), targets, label_smoothing=LABEL_SMOOTHING)

    def _check(self, *, is_finite: bool) -> None:
        """Count steps in a row whose gradient is not finite.

        Raises:
            ValueError: too many; the run has diverged.
        """
        self.bad_steps = 0 if is_finite else self.bad_steps + 1
        if self.bad_steps >= MOST_BAD_STEPS:
            message = f"{MOST_BAD_STEPS} steps without a finite gradient: lower --rate"
            raise ValueError(message)

    def _watch(self) -> None:
        """Judge the watched speakers; keep the best weights; end when they get no better."""
        figures = watched_figures(self.lesson, watched_logits(self.model, self.lesson, self.device))
        progress = self.progress
        if figures["uar"] > progress.best_uar:
            progress.best_uar, progress.best_step, progress.stale = figures["uar"], progress.step, 0
            state = {name: value.cpu() for name, value in self.model.state_dict().items()}
            save_whole(self.out / BEST_FILE, {"state": state, "figures": figures})
        else:
            progress.stale += 1
        is_over = progress.step >= self.steps or progress.stale >= self.recipe.patience
        progress.is_finished = is_over
        log_line(self.out, {"step": progress.step, "best_uar": progress.best_uar} | figures)

    def _log(self, losses: Sequence[float], *, pace_s: float) -> None:
        step = self.progress.step
        clips = self.recipe.batch * self.recipe.accumulate
        figures = {
            "step": step,
            "of": self.steps,
            "epoch": step / self.epoch_steps,
            "loss": float(np.mean(losses)),
            "rate_share": learning_rate_factor(step / self.steps),
            "clips_per_s": clips / pace_s,
            "minutes_left_at_most": (self.steps - step) * pace_s / 60,
        }
        log_line(self.out, figures)
