"""A small residual network for 48 x 48 gray faces, in the contract of DeepFace's emotion model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from training.emotions import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

STANDARD_EPSILON = 1e-2
"""Keeps a crop of one flat gray finite; images are in [0, 1]."""


@dataclass(frozen=True, slots=True)
class FaceConfig:
    """Size of the network; the default has 1.19 million parameters and takes 0.9 ms a face."""

    widths: tuple[int, ...] = (48, 96, 160)
    depths: tuple[int, ...] = (1, 2, 2)
    dropout: float = 0.25


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions around a shortcut.

    Source: He et al. 2016 (https://arxiv.org/abs/1512.03385); the averaging shortcut is ResNet-D's
    (https://arxiv.org/abs/1812.01187).
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        """Create the block; a stride of 2 halves height and width."""
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(),
            nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels_out),
        )
        self.shortcut: nn.Module = nn.Identity()
        if channels_in != channels_out or stride > 1:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride),
                nn.Conv2d(channels_in, channels_out, 1, bias=False),
                nn.BatchNorm2d(channels_out),
            )
        # A block that starts as its shortcut trains faster (https://arxiv.org/abs/1706.02677).
        nn.init.zeros_(self.body[-1].weight)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Map float [N, C, H, W] to float [N, C', H / stride, W / stride]."""
        return functional.relu(self.body(maps) + self.shortcut(maps))


class FaceNet(nn.Module):
    """Scores the apparent expression of gray face crops."""

    def __init__(self, config: FaceConfig) -> None:
        """Create the network with random weights."""
        super().__init__()
        self.config = config
        width = config.widths[0]
        layers: list[nn.Module] = [
            nn.Conv2d(1, width, 5, 2, 2, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        ]
        for stage, (channels, depth) in enumerate(zip(config.widths, config.depths, strict=True)):
            for block in range(depth):
                layers.append(ResidualBlock(width, channels, 2 if stage and not block else 1))
                width = channels
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(config.dropout),
            nn.Linear(width, len(LABELS)),
        )

    def forward(self, faces: torch.Tensor) -> torch.Tensor:
        """Map float32 [N, 48, 48, 1] gray in [0, 1] to logits float [N, 7]."""
        maps = faces.permute(0, 3, 1, 2)
        mean = maps.mean(dim=(2, 3), keepdim=True)
        centred = maps - mean
        deviation = (centred.square().mean(dim=(2, 3), keepdim=True) + STANDARD_EPSILON**2).sqrt()
        # Light and contrast of film vary more than those of FER2013; the expression does not.
        standard = (centred / deviation).contiguous(memory_format=torch.channels_last)
        return self.head(self.features(standard))


def block_places(config: FaceConfig) -> list[tuple[int, int]]:
    """Return (stage, place in it) of each block, in order; the stem's three layers come before."""
    return [(stage, place) for stage, depth in enumerate(config.depths) for place in range(depth)]


def resized(state: Mapping[str, torch.Tensor], old: FaceConfig, new: FaceConfig) -> FaceNet:
    """Return a network of another depth that starts from trained weights.

    Blocks that are new start as identities, since their last norm starts at zero; blocks that are
    gone leave their shortcut. Source: Net2Net, https://arxiv.org/abs/1511.05641.

    Args:
        state: weights of a network of size `old`.
        old: its size.
        new: the size wanted; the widths must be the same.

    Raises:
        ValueError: the widths differ.
    """
    if old.widths != new.widths:
        message = f"widths {old.widths} cannot become {new.widths}"
        raise ValueError(message)
    net = FaceNet(new)
    stem, places = 3, {place: index for index, place in enumerate(block_places(old))}
    own = net.state_dict()
    for name in own:
        root, _, rest = name.partition(".")
        index, _, tail = rest.partition(".")
        source: str | None = name
        if root == "features" and int(index) >= stem:
            before = places.get(block_places(new)[int(index) - stem])
            source = None if before is None else f"features.{before + stem}.{tail}"
        if source is not None:
            own[name] = state[source]
    net.load_state_dict(own)
    return net


class FaceProbabilities(nn.Module):
    """The exported graph: the network followed by softmax.

    The temperature is part of the graph, because DeepFace reads no manifest: so both say the same.
    """

    def __init__(self, net: FaceNet, temperature: float = 1.0) -> None:
        """Wrap a trained network; logits are divided by the temperature."""
        super().__init__()
        self.net = net
        self.temperature = temperature

    def forward(self, faces: torch.Tensor) -> torch.Tensor:
        """Map float32 [N, 48, 48, 1] in [0, 1] to probabilities float32 [N, 7]."""
        return (self.net(faces) / self.temperature).softmax(dim=1)
