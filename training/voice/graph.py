"""The exported graph: normalised waves in, logits of our labels out, for any checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn.utils import parametrize

from training.voice.model import VoiceLogits

if TYPE_CHECKING:
    from transformers import Wav2Vec2ForSequenceClassification

    from training.voice.labels import LabelPlan

SPEECH_LEVEL = 0.05
"""Root mean square of speech, of full scale 1: -26 dBov, the nominal level of ITU-T P.56. A
checkpoint without normalisation learned from waves of about this level."""
LEVELS_TRIED = (10 ** (-10 / 20), 10 ** (10 / 20))
"""10 dB softer and louder than that."""


class EmotionLogits(nn.Module):
    """Waves of the contract to logits of our labels.

    Classes that mean the same are merged by log-sum-exp: softmax then gives the sum of their
    probabilities. Classes that mean none of ours are left out: softmax then shares their
    probability among the others.
    """

    def __init__(
        self,
        model: Wav2Vec2ForSequenceClassification,
        plan: LabelPlan,
        *,
        level: float | None = None,
    ) -> None:
        """Wrap a model.

        Args:
            model: trained.
            plan: how its classes become ours.
            level: root mean square that its waves had in training, None for unit variance.
        """
        super().__init__()
        self.voice = VoiceLogits(model)
        self.plan = plan
        self.level = level

    def forward(self, input_values: torch.Tensor) -> torch.Tensor:
        """Map float32 [N, T] at 16 kHz, zero mean and unit variance, to logits [N, labels]."""
        logits = self.voice(input_values if self.level is None else input_values * self.level)
        if self.plan.is_identity:
            return logits
        merged = [
            logits[:, columns[0]]
            if len(columns) == 1
            else torch.stack([logits[:, column] for column in columns]).logsumexp(dim=0)
            for columns in self.plan.columns
        ]
        return torch.stack(merged, dim=1)


def fold_weight_norm(model: Wav2Vec2ForSequenceClassification) -> None:
    """Replace the positional convolution's weight norm by plain weights, which export needs."""
    convolution = model.wav2vec2.encoder.pos_conv_embed.conv
    if parametrize.is_parametrized(convolution):
        parametrize.remove_parametrizations(convolution, "weight")


@torch.inference_mode()
def level_sensitivity(module: EmotionLogits, waves: torch.Tensor) -> float:
    """Return how far a probability moves, at most, when the waves are 10 dB softer or louder.

    The contract's waves have lost their level: this is what the guess of a level may cost.

    Args:
        module: the graph of a checkpoint without normalisation.
        waves: float32 [N, T], zero mean and unit variance.
    """
    usual = module(waves).softmax(dim=1)
    return max(
        float((module(waves * factor).softmax(dim=1) - usual).abs().max())
        for factor in LEVELS_TRIED
    )
