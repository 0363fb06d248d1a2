"""What the audio service needs from its models, and nothing about which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emotionmap_audio.manifest import Manifest

SAMPLE_RATE_HZ = 16_000


class EmotionModel(Protocol):
    """Scores the emotions of voices."""

    @property
    def manifest(self) -> Manifest:
        """What the weights are."""
        ...

    def predict(self, waves: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score a batch of equally long waves.

        Args:
            waves: float32 [B, T], mono, 16 kHz, each of zero mean and unit variance.

        Returns:
            float32 [B, 7]: probabilities in the vocabulary's order; rows sum to 1.
        """
        ...


class SpeechDetector(Protocol):
    """Tells speech from everything else. One per stream: it remembers what it heard."""

    def listen(self, samples: NDArray[np.int16]) -> list[float]:
        """Judge the next stretch of sound.

        Args:
            samples: int16 [N * 512], mono, 16 kHz.

        Returns:
            N probabilities of speech, one for each 512 samples (32 ms).
        """
        ...
