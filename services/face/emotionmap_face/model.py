"""What the face service needs from an emotion model, and nothing about which model it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emotionmap_face.manifest import Manifest


class EmotionModel(Protocol):
    """Scores the emotions of prepared face crops."""

    @property
    def manifest(self) -> Manifest:
        """What the weights are."""
        ...

    def predict(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score a batch.

        Args:
            crops: float32 [B, 48, 48, 1], gray, in [0, 1], as `crop.prepare` makes them.

        Returns:
            float32 [B, 7]: probabilities in the vocabulary's order; rows sum to 1.
        """
        ...
