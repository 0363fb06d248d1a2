"""How a wav2vec2 is fine-tuned: every number of it, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

CROP_S = (1.0, 3.0)
"""The product scores 1 s intervals in up to 3 s of context."""
HEAD_RATE_SHARE = 10.0
"""The new layers learn so much faster than the pre-trained ones. Source: SpeechBrain's emotion
recipe for wav2vec2-base (1e-4 and 1e-5), which also found the frozen feature encoder 2 % better."""
WEIGHT_DECAY = 0.01
CLIP_NORM = 1.0
LABEL_SMOOTHING = 0.1
PRECISIONS = {"float32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result of a run, but for the clips.

    Public recipes for `facebook/wav2vec2-base` take a peak rate of 3e-5 (the audio-classification
    example of transformers) to 1e-4 (emotion classifiers on RAVDESS and others), a tenth of the
    steps to warm up, mean pooling and a frozen feature encoder. These are the middle of it.

    Attributes:
        base: folder, or id on the hub.
        revision: commit on the hub, None for its newest.
        epochs: at most; one goes over as many clips as there are to learn from.
        batch: clips at once.
        accumulate: batches for one step of the optimizer.
        rate: peak learning rate of the pre-trained layers.
        mask_time: probability that a frame begins a mask of ten (SpecAugment within the class).
        patience: judgements without a better UAR before the run ends.
        watch_steps: steps between judgements, None for an epoch.
        precision: of the forward pass, `float32`, `bf16` or `fp16`.
        checkpointing: recompute activations: a third of the memory, a third slower.
        seed: of everything random.
    """

    base: str
    revision: str | None = None
    epochs: int = 20
    batch: int = 8
    accumulate: int = 4
    rate: float = 5e-5
    mask_time: float = 0.05
    patience: int = 5
    watch_steps: int | None = None
    precision: str = "float32"
    checkpointing: bool = False
    seed: int = 0

    def epoch_steps(self, clips: int) -> int:
        """Return the steps in which one epoch goes over so many clips."""
        return max(1, clips // (self.batch * self.accumulate))

    @property
    def base_name(self) -> str:
        """What the base is called where it is written down: no path of this machine."""
        folder = Path(self.base)
        return folder.resolve().name if folder.is_dir() else self.base


def best_precision(device: torch.device) -> str:
    """Return the precision for a device: 16 bits on a GPU, float32 on a processor."""
    if device.type != "cuda":
        return "float32"
    return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
