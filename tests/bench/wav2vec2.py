"""wav2vec2-base as `make bench-gpu` runs it: its size, and its graph with random weights.

Writing the graph needs torch and transformers: `python -m tests.bench.wav2vec2 FOLDER` in the
environment of the training code. The rest needs nothing.

Source:
    Baevski et al. 2020 (arXiv:2006.11477), and the defaults of transformers' `Wav2Vec2Config`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

LABELS = ("Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral")
CONVOLUTIONS = ((10, 5), *((3, 2),) * 4, *((2, 2),) * 2)
"""Kernel and stride of each, over samples."""
CONV_CHANNELS, WIDTH, INNER_WIDTH, LAYERS = 512, 768, 3072, 12
POSITION_KERNEL, POSITION_GROUPS = 128, 16


def products(samples: int) -> int:
    """Return how many numbers are multiplied and added for a wave; heads and norms left out."""
    length, channels, total = samples, 1, 0
    for kernel, stride in CONVOLUTIONS:
        length = (length - kernel) // stride + 1
        total += length * CONV_CHANNELS * kernel * channels
        channels = CONV_CHANNELS
    total += length * CONV_CHANNELS * WIDTH
    total += length * WIDTH * POSITION_KERNEL * WIDTH // POSITION_GROUPS
    attention = 4 * length * WIDTH**2 + 2 * length**2 * WIDTH
    return total + LAYERS * (attention + 2 * length * WIDTH * INNER_WIDTH)


def write_model(folder: Path) -> None:
    """Write the model folder: graph and manifest, through the training code's own export."""
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification

    from training.voice.export import main as export

    torch.manual_seed(0)
    ids = {label: number for number, label in enumerate(LABELS)}
    config = Wav2Vec2Config(label2id=ids, id2label={number: label for label, number in ids.items()})
    with tempfile.TemporaryDirectory() as checkpoint:
        Wav2Vec2ForSequenceClassification(config).save_pretrained(checkpoint)
        export(["--checkpoint", checkpoint, "--out", str(folder)])


if __name__ == "__main__":
    write_model(Path(sys.argv[1]))
