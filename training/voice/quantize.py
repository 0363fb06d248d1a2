"""Makes an ONNX file a quarter of its size: the weights of its matrices become 8-bit numbers."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.voice.evaluate import contexts
from training.voice.prepare import decode
from training.voice.temperature import watched_clips
from training.weights import open_weights, sha256_of, write_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from training.voice.prepare import Clip

OPERATIONS = ("MatMul",)
"""Convolutions are left alone: their dynamic 8-bit kernels are slower than float32."""
COMPARED_CLIPS = 100
NOISE_SHAPES = ((8, 16_000), (8, 48_000), (8, 6_400))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How an 8-bit file answers beside its original.

    Attributes:
        waves: how many waves were compared.
        same_label: share of them with the same top label.
        largest_difference: of a probability.
    """

    waves: int
    same_label: float
    largest_difference: float


def quantize_file(path: Path) -> None:
    """Replace an ONNX file by one with 8-bit matrices; activations are scaled at run time.

    Weights are unsigned: on processors without VNNI, signed ones saturate silently. Source:
    quantization guide of onnxruntime, "U8S8".
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    partial = path.with_suffix(".int8")
    quantize_dynamic(
        path, partial, op_types_to_quantize=list(OPERATIONS), weight_type=QuantType.QUInt8
    )
    partial.replace(path)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the probabilities of logits [N, C]."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    shares = np.exp(shifted)
    return shares / shares.sum(axis=1, keepdims=True)


def agreement(
    expected: Sequence[NDArray[np.float32]], found: Sequence[NDArray[np.float32]]
) -> Agreement:
    """Compare logits [N, C] of the same waves, batch by batch."""
    before = np.concatenate([softmax(logits) for logits in expected])
    after = np.concatenate([softmax(logits) for logits in found])
    same = before.argmax(axis=1) == after.argmax(axis=1)
    return Agreement(len(same), float(same.mean()), float(np.abs(before - after).max()))


def compared_waves(clips: Sequence[Clip]) -> list[NDArray[np.float32]]:
    """Return waves float32 [1, T] of watched clips; noise, which tells less, if there are none."""
    watched, rng = watched_clips(clips), np.random.default_rng(0)
    if not watched:
        return [rng.standard_normal(shape, dtype=np.float32) for shape in NOISE_SHAPES]
    chosen = rng.permutation(len(watched))[:COMPARED_CLIPS]
    return [contexts(decode(watched[index].path))[0][None] for index in chosen]


def quantize_folder(folder: Path, clips: Sequence[Clip]) -> dict[str, Any]:
    """Make the folder's file an 8-bit one; return and print how it answers beside the original."""
    waves, path = compared_waves(clips), folder / "model.onnx"
    before = [open_weights(folder).run(wave) for wave in waves]
    quantize_file(path)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write_manifest(folder, manifest | {"sha256": sha256_of(path)})
    after = [open_weights(folder).run(wave) for wave in waves]
    found = agreement(before, after)
    heard = "watched clips" if watched_clips(clips) else "pieces of noise (give --data for voices)"
    sys.stdout.write(
        f"8 bits: {path.stat().st_size / 1e6:.2f} MB; on {found.waves} {heard} the same label "
        f"{found.same_label:.1%} of the time, probabilities within {found.largest_difference:.2g}\n"
    )
    return {
        "weights": "uint8 of MatMul, dynamic",
        "compared_on": f"{found.waves} {heard}",
        "same_label": round(found.same_label, 4),
        "largest_difference": round(found.largest_difference, 4),
    }
