"""A compact `Wav2Vec2ForSequenceClassification` on log-mel spectra.

The contract is that of the Hugging Face class, so that a fine-tuned wav2vec2-base takes its place.
Its 1-D convolutions need far more speech than is at hand: a fixed log-mel front end stands in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification

from training.emotions import LABELS
from training.voice.prepare import SAMPLE_RATE_HZ

WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
FFT_SAMPLES = 512
MEL_BANDS = 64
MEL_RANGE_HZ = (50.0, 7800.0)
LOG_FLOOR = 1e-2
"""Added to mel power of a wave of unit variance: hides noise 40 dB below the speech."""

STYLE_PROBABILITY = 0.15
STYLE_ALPHA = 0.3
"""Mean and deviation of each band are mixed with those of another voice of the batch, so that the
timbre of a few speakers and their microphones is not learned. Source: MixStyle
(https://arxiv.org/abs/2104.02008), over bands as in https://arxiv.org/abs/2206.12513."""
STYLE_EPSILON = 1e-3

MASKS = 2
MASK_BANDS = 12
MASK_FRAMES = 20
"""SpecAugment: two masks of up to so many bands and frames. Source: https://arxiv.org/abs/1904.08779."""


@dataclass(frozen=True, slots=True)
class VoiceConfig:
    """Size of the network; the default has 1.4 million learned parameters."""

    channels: tuple[int, ...] = (40, 80, 112, 144)
    hidden: int = 192
    feed_forward: int = 384
    layers: int = 2
    heads: int = 4
    dropout: float = 0.15
    feature_dropout: float = 0.3


def mel_filters() -> torch.Tensor:
    """Return float32 [257, 64]: triangles evenly spaced on the mel scale, each of peak 1.

    Source: 2595 log10(1 + f / 700), O'Shaughnessy 1987.
    """
    low, high = (2595 * np.log10(1 + np.array(MEL_RANGE_HZ) / 700)).tolist()
    edges_hz = 700 * (10 ** (np.linspace(low, high, MEL_BANDS + 2) / 2595) - 1)
    bins_hz = np.arange(FFT_SAMPLES // 2 + 1) * SAMPLE_RATE_HZ / FFT_SAMPLES
    rising = (bins_hz[:, None] - edges_hz[:-2]) / np.diff(edges_hz)[:-1]
    falling = (edges_hz[2:] - bins_hz[:, None]) / np.diff(edges_hz)[1:]
    return torch.from_numpy(np.maximum(0, np.minimum(rising, falling)).astype(np.float32))


def fourier_filters() -> torch.Tensor:
    """Return float32 [514, 1, 400]: Hann-windowed cosines, then sines, as a convolution."""
    time = np.arange(WINDOW_SAMPLES)
    window = np.hanning(WINDOW_SAMPLES + 1)[:-1]
    phase = 2 * np.pi * np.outer(np.arange(FFT_SAMPLES // 2 + 1), time) / FFT_SAMPLES
    filters = np.concatenate([np.cos(phase), np.sin(phase)]) * window
    return torch.from_numpy(filters[:, None].astype(np.float32))


class LogMel(nn.Module):
    """Log-mel spectrum of a wave of unit variance, with batch norm over bands."""

    def __init__(self) -> None:
        """Create the fixed filters and the norm."""
        super().__init__()
        self.register_buffer("fourier", fourier_filters(), persistent=False)
        self.register_buffer("mel", mel_filters(), persistent=False)
        self.norm = nn.BatchNorm1d(MEL_BANDS)

    def spectrum(self, waves: torch.Tensor) -> torch.Tensor:
        """Map float32 [N, T] to log-mel float32 [N, 64, F], 100 frames a second."""
        parts = functional.conv1d(waves[:, None], self.fourier, stride=HOP_SAMPLES)
        cosines, sines = parts.chunk(2, dim=1)
        power = cosines.square() + sines.square()
        return torch.log(torch.matmul(self.mel.T, power) + LOG_FLOOR)

    def forward(self, waves: torch.Tensor) -> torch.Tensor:
        """Map float32 [N, T] to standardised log-mel float32 [N, 64, F]."""
        if not self.training:
            return self.norm(self.spectrum(waves))
        # Eight bits of mantissa are too few for a power spectrum of 40 dB range.
        with torch.autocast(waves.device.type, enabled=False), torch.no_grad():
            spectrum = self.spectrum(waves.float())
        spectrum = self.norm(spectrum)
        if float(torch.rand(())) < STYLE_PROBABILITY:
            spectrum = mix_styles(spectrum)
        return mask_spectrum(spectrum)


def mix_styles(spectrum: torch.Tensor) -> torch.Tensor:
    """Mix the bands' means and deviations of float32 [N, 64, F] with those of other rows.

    At least half of its own style is left to a row: how bright a voice is also tells its emotion.
    """
    count = len(spectrum)
    mean = spectrum.mean(dim=2, keepdim=True)
    deviation = spectrum.std(dim=2, keepdim=True) + STYLE_EPSILON
    share = torch.distributions.Beta(STYLE_ALPHA, STYLE_ALPHA).sample((count, 1, 1))
    share = torch.maximum(share, 1 - share).to(spectrum.device)
    other = torch.randperm(count)
    mixed_mean = torch.lerp(mean[other], mean, share)
    mixed_deviation = torch.lerp(deviation[other], deviation, share)
    return (spectrum - mean) / deviation * mixed_deviation + mixed_mean


def mask_spectrum(spectrum: torch.Tensor) -> torch.Tensor:
    """Zero random bands and frames of float32 [N, 64, F] (SpecAugment)."""
    count, bands, frames = spectrum.shape
    keep = torch.ones_like(spectrum, dtype=torch.bool)
    for _ in range(MASKS):
        for dimension, size, widest in ((1, bands, MASK_BANDS), (2, frames, MASK_FRAMES)):
            position = torch.arange(size, device=spectrum.device)
            start = torch.rand(count, 1, device=spectrum.device) * size
            width = torch.rand(count, 1, device=spectrum.device) * widest
            outside = (position < start) | (position >= start + width)
            keep &= outside[:, :, None] if dimension == 1 else outside[:, None, :]
    return spectrum * keep


class SpectrumBlock(nn.Module):
    """Two 3 x 3 convolutions around an averaging shortcut; halves bands, and frames if asked to."""

    def __init__(self, channels_in: int, channels_out: int, stride: tuple[int, int]) -> None:
        """Create the block; the stride is (bands, frames)."""
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(),
            nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels_out),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False),
            nn.Conv2d(channels_in, channels_out, 1, bias=False),
            nn.BatchNorm2d(channels_out),
        )

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Map float [N, C, B, F] to float [N, C', B / stride, F / stride]."""
        return functional.relu(self.body(maps) + self.shortcut(maps))


class SpectrumEncoder(nn.Module):
    """The class's feature extractor: waves to a sequence of features, 25 a second."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        """Create the front end and one stage of convolutions per number of channels."""
        super().__init__()
        self.log_mel = LogMel()
        self.stem = nn.Sequential(
            nn.Conv2d(1, channels[0], 5, 2, 2, bias=False), nn.BatchNorm2d(channels[0]), nn.ReLU()
        )
        strides = [(2, 2)] + [(2, 1)] * (len(channels) - 2)
        self.stages = nn.Sequential(
            *(
                SpectrumBlock(before, after, stride)
                for before, after, stride in zip(channels, channels[1:], strides, strict=False)
            )
        )

    @staticmethod
    def width(channels: tuple[int, ...]) -> int:
        """Return the number of features per step: channels times the bands that are left."""
        return channels[-1] * MEL_BANDS // 2 ** len(channels)

    def forward(self, waves: torch.Tensor) -> torch.Tensor:
        """Map float32 [N, T] to features float [N, width, steps]."""
        spectrum = self.log_mel(waves)[:, None].contiguous(memory_format=torch.channels_last)
        return self.stages(self.stem(spectrum)).flatten(1, 2)


def build_voice_model(config: VoiceConfig) -> Wav2Vec2ForSequenceClassification:
    """Return the Hugging Face class with our feature extractor and random weights."""
    width = SpectrumEncoder.width(config.channels)
    model = Wav2Vec2ForSequenceClassification(
        Wav2Vec2Config(
            vocab_size=32,
            hidden_size=config.hidden,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            intermediate_size=config.feed_forward,
            hidden_dropout=config.dropout,
            attention_dropout=config.dropout,
            activation_dropout=config.dropout,
            feat_proj_dropout=config.feature_dropout,
            layerdrop=0.0,
            # The class's own convolutions are replaced below: as few as it allows.
            conv_dim=(width,),
            conv_stride=(WINDOW_SAMPLES,),
            conv_kernel=(WINDOW_SAMPLES,),
            num_conv_pos_embeddings=31,
            num_conv_pos_embedding_groups=16,
            apply_spec_augment=False,
            classifier_proj_size=config.hidden,
            num_labels=len(LABELS),
            id2label=dict(enumerate(LABELS)),
            label2id={label: index for index, label in enumerate(LABELS)},
            attn_implementation="sdpa",
        )
    )
    model.wav2vec2.feature_extractor = SpectrumEncoder(config.channels)
    return model


class VoiceLogits(nn.Module):
    """The exported graph: waves in, logits out."""

    def __init__(self, model: Wav2Vec2ForSequenceClassification) -> None:
        """Wrap a trained model."""
        super().__init__()
        self.model = model

    def forward(self, input_values: torch.Tensor) -> torch.Tensor:
        """Map float32 [N, T] at 16 kHz, zero mean and unit variance, to logits float32 [N, 7]."""
        return self.model(input_values).logits
