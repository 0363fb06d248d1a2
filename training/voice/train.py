"""Trains the voice model: `python -m training.voice.train --data DIR [--crema DIR] --out DIR`.

`--start` goes on from a checkpoint; `--sets` names what is learned from, if not everything;
`--with-watched` learns from the watched speakers too, once nothing is chosen by them any more.
Judged speakers are never learned from.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from training.emotions import LABELS
from training.metrics import confusion, unweighted_average_recall
from training.schedule import (
    Clock,
    WeightAverage,
    best_device,
    learning_rate_factor,
    log_line,
    save_checkpoint,
)
from training.voice.augment import augment_voice, normalize
from training.voice.model import VoiceConfig, build_voice_model
from training.voice.prepare import (
    SAMPLE_RATE_HZ,
    Cache,
    open_cache,
    read_crema,
    read_labels,
    read_sounds,
    write_cache,
)
from training.voice.split import BURST_SETS, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from transformers import Wav2Vec2ForSequenceClassification

BATCH = 64
CROP_S = (1.0, 3.0)
PEAK_RATE = 1.3e-3
TRANSFORMER_RATE_SHARE = 0.55
"""The transformer diverges at the rate that the convolutions like."""
BETAS = (0.9, 0.98)
WEIGHT_DECAY = 0.05
CLIP_NORM = 2.0
AVERAGE_DECAY = 0.997
LABEL_SMOOTHING = 0.1
MIXUP_ALPHA = 0.3
MIXUP_PROBABILITY = 0.3
SET_WEIGHTS = {"ravdess": 1.6, "nemo": 1.0, "emodb": 2.0}
"""How often a clip of a set of speech is drawn, beside 1: few clips of many speakers count more."""
BURST_SHARE = 0.22
"""Of all clips drawn where there is speech too: bursts are many, but no speech."""
VALIDATION_CLIPS = 150
"""Clips of each set that are watched while training."""
LOG_STEPS = 200


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned from.

    Attributes:
        parts: parts of the speakers; never the judged ones.
        sets: names of the sets, empty for all.
    """

    parts: frozenset[Part] = frozenset({Part.TRAIN})
    sets: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse judged speakers."""
        if Part.TEST in self.parts:
            message = "judged speakers are never learned from"
            raise ValueError(message)

    def rows_of(self, cache: Cache) -> NDArray[np.bool_]:
        """Return bool [clips]: which ones are learned from."""
        wanted = np.isin(cache.part, sorted(self.parts))
        return wanted & np.isin(cache.dataset, sorted(self.sets)) if self.sets else wanted


def sampling_weights(cache: Cache, lesson: Lesson) -> NDArray[np.float64]:
    """Return float64 [clips], summing to 1 over the lesson's clips, 0 for all others."""
    weights = np.zeros(len(cache.emotion))
    learned = lesson.rows_of(cache)
    for dataset in np.unique(cache.dataset):
        rows = (cache.dataset == dataset) & learned
        if rows.any():
            counts = np.bincount(cache.emotion[rows], minlength=len(LABELS)) / rows.sum()
            rarity = 1 / np.sqrt(counts[cache.emotion[rows]])
            weights[rows] = SET_WEIGHTS.get(str(dataset), 1.0) * rarity / rarity.mean()
    if not weights.any():
        message = "no clip of a training speaker: see training/voice/split.py"
        raise ValueError(message)
    bursts = np.isin(cache.dataset, sorted(BURST_SETS))
    if weights[bursts].any() and weights[~bursts].any():
        weights[bursts] *= BURST_SHARE / weights[bursts].sum()
        weights[~bursts] *= (1 - BURST_SHARE) / weights[~bursts].sum()
    return weights / weights.sum()


def batches(
    cache: Cache, sounds: Sequence[NDArray[np.int16]], rng: np.random.Generator, lesson: Lesson
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield endless augmented batches: waves float32 [B, T] and targets float32 [B, 7]."""
    weights = sampling_weights(cache, lesson)
    classes = np.eye(len(LABELS), dtype=np.float32)
    while True:
        samples = round(rng.uniform(*CROP_S) * SAMPLE_RATE_HZ)
        rows = rng.choice(len(weights), BATCH, p=weights)
        parts = (cache.pcm[start:end] for start, end in cache.bounds[rows])
        waves = torch.from_numpy(
            np.stack([augment_voice(part, samples, sounds, rng) for part in parts])
        )
        targets = torch.from_numpy(classes[cache.emotion[rows]])
        if rng.random() < MIXUP_PROBABILITY:
            share = rng.beta(MIXUP_ALPHA, MIXUP_ALPHA)
            waves = functional.layer_norm(torch.lerp(waves, waves.flip(0), share), (samples,))
            targets = torch.lerp(targets, targets.flip(0), share)
        yield waves, targets


@torch.inference_mode()
def judge(model: Wav2Vec2ForSequenceClassification, cache: Cache) -> dict[str, float]:
    """Return the UAR of each set on some whole clips of its validation speakers."""
    figures = {}
    for dataset in np.unique(cache.dataset):
        rows = np.flatnonzero((cache.dataset == dataset) & (cache.part == Part.VALIDATION))
        if not len(rows):
            continue
        rows = np.random.default_rng(0).permutation(rows)[:VALIDATION_CLIPS]
        longest = round(CROP_S[1] * SAMPLE_RATE_HZ)
        predicted = []
        for start, end in cache.bounds[rows]:
            middle = max(start, (start + end - longest) // 2)
            wave = normalize(cache.pcm[middle : min(end, middle + longest)].astype(np.float32))
            values = torch.from_numpy(wave)[None].to(model.device)
            predicted.append(int(model(values).logits.argmax()))
        counts = confusion(cache.emotion[rows], np.array(predicted), classes=len(LABELS))
        figures[f"uar_{dataset}"] = unweighted_average_recall(counts)
    return figures


def optimizer_for(model: Wav2Vec2ForSequenceClassification) -> torch.optim.Optimizer:
    """Return the optimizer: a lower rate for the transformer, decay for matrices only."""
    groups = []
    for is_transformer in (False, True):
        for is_matrix in (False, True):
            weights = [
                weight
                for name, weight in model.named_parameters()
                if name.startswith("wav2vec2.encoder") == is_transformer
                and (weight.ndim > 1) == is_matrix
            ]
            rate = PEAK_RATE * (TRANSFORMER_RATE_SHARE if is_transformer else 1)
            decay = WEIGHT_DECAY if is_matrix else 0.0
            groups.append({"params": weights, "lr": rate, "peak": rate, "weight_decay": decay})
    return torch.optim.AdamW(groups, betas=BETAS)


def training_step(
    model: Wav2Vec2ForSequenceClassification,
    optimizer: torch.optim.Optimizer,
    waves: torch.Tensor,
    targets: torch.Tensor,
) -> float:
    """Learn from one batch; return its loss. A step whose gradient is not finite is skipped."""
    with torch.autocast(waves.device.type, torch.bfloat16):
        logits = model(waves).logits
    loss = functional.cross_entropy(logits.float(), targets, label_smoothing=LABEL_SMOOTHING)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    if torch.isfinite(norm):
        optimizer.step()
    return float(loss.detach())


def train(
    cache: Cache,
    sounds: Sequence[NDArray[np.int16]],
    out: Path,
    *,
    model: Wav2Vec2ForSequenceClassification,
    config: VoiceConfig,
    rate_share: float,
    steps: int,
    minutes: float,
    seed: int,
    lesson: Lesson,
) -> None:
    """Train and leave `last.pt` (averaged weights) and `log.jsonl` in the folder."""
    out.mkdir(parents=True, exist_ok=True)
    device = best_device()
    model = model.to(device)
    optimizer, average = optimizer_for(model), WeightAverage(model, AVERAGE_DECAY)
    source = batches(cache, sounds, np.random.default_rng(seed), lesson)
    clock, losses = Clock(steps, minutes), []
    while clock.progress < 1:
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * rate_share * learning_rate_factor(clock.progress)
        waves, targets = (values.to(device) for values in next(source))
        losses.append(training_step(model.train(), optimizer, waves, targets))
        average.update(model)
        clock.tick()
        if clock.step % LOG_STEPS == 0 or clock.progress >= 1:
            figures = judge(average.model, cache)
            figures |= {
                "step": clock.step,
                "progress": clock.progress,
                "loss": float(np.mean(losses)),
            }
            losses.clear()
            log_line(out, figures)
            content = {"state": average.model.state_dict(), "config": asdict(config)}
            save_checkpoint(out, content | {"figures": figures})


def start_from(checkpoint: Path | None) -> tuple[Wav2Vec2ForSequenceClassification, VoiceConfig]:
    """Return a new model, or the one of a checkpoint, and its size."""
    if checkpoint is None:
        config = VoiceConfig()
        return build_voice_model(config), config
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    config = VoiceConfig(**content["config"])
    model = build_voice_model(config)
    model.load_state_dict(content["state"])
    return model, config


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of speech with a labels.csv")
    parser.add_argument("--crema", type=Path, help="folder of CREMA-D's audio files")
    parser.add_argument("--sounds", type=Path, help="folder of noises and music with a labels.csv")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for checkpoints and the log"
    )
    parser.add_argument("--cache", type=Path, help="decoded clips; made if missing (OUT/cache)")
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--minutes", type=float, default=24 * 60, help="the schedule ends by then")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--rate-share", type=float, default=1.0, help="of the peak learning rate")
    parser.add_argument("--sets", nargs="*", default=[], help="learn from these sets alone")
    parser.add_argument("--with-watched", action="store_true", help="learn from them as well")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    cache = options.cache or options.out / "cache"
    if not (cache / "clips.csv").exists():
        clips = read_labels(options.data) if options.data else []
        write_cache(clips + (read_crema(options.crema) if options.crema else []), cache)
    parts = frozenset({Part.TRAIN} | ({Part.VALIDATION} if options.with_watched else set()))
    torch.manual_seed(options.seed)
    model, config = start_from(options.start)
    train(
        open_cache(cache),
        read_sounds(options.sounds) if options.sounds else [],
        options.out,
        model=model,
        config=config,
        rate_share=options.rate_share,
        steps=options.steps,
        minutes=options.minutes,
        seed=options.seed,
        lesson=Lesson(parts, frozenset(options.sets)),
    )


if __name__ == "__main__":
    main()
