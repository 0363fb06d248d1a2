"""Writes the voice model: `python -m training.voice.export --checkpoint last.pt --out DIR`.

The checkpoint may also be a folder that `save_pretrained` of transformers wrote, for example a
fine-tuned wav2vec2-base: it is exported in the same contract. With `--data DIR` the temperature is
fitted on the validation speakers of the split.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.utils import parametrize
from transformers import Wav2Vec2ForSequenceClassification

from training.emotions import INDEX, LABELS
from training.metrics import fit_temperature
from training.onnx_file import check_onnx, write_onnx
from training.voice.evaluate import clip_probabilities
from training.voice.model import VoiceConfig, VoiceLogits, build_voice_model
from training.voice.prepare import SAMPLE_RATE_HZ, decode, read_labels
from training.voice.split import Part, is_speech_set
from training.weights import SCHEMA, open_weights, sha256_of, write_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.voice.prepare import Clip
    from training.weights import Weights

NAME = "emotionmap-voice"
VERSION = "1.0.0"
INPUT_NAME = "input_values"
OUTPUT_NAME = "logits"
CHECKED_SHAPES = ((1, 6_400), (2, 16_000), (1, 17_777), (3, 48_000), (1, 160_000))
"""From 0.4 s to 10 s."""
DATA = (
    "RAVDESS speech, CC BY-NC-SA 4.0",
    "nEMO, CC BY-NC-SA 4.0",
    "EmoDB, free with citation",
    "EmoGator, Apache-2.0",
)
TEMPERATURE_RANGE = (0.9, 1.5)
"""Few validation speakers fit a temperature badly: it only nudges."""
TINY_SHARE = 1e-9
"""Keeps the logarithm of a share finite."""
OTHER_WORDS = {"happiness": "happy", "angry": "anger", "fearful": "fear", "sad": "sadness"}


def load_checkpoint(path: Path) -> Wav2Vec2ForSequenceClassification:
    """Return the trained model of one of our checkpoints, or of a folder of transformers."""
    if path.is_dir():
        return Wav2Vec2ForSequenceClassification.from_pretrained(path)
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model = build_voice_model(VoiceConfig(**checkpoint["config"]))
    model.load_state_dict(checkpoint["state"])
    return model


def exportable(model: Wav2Vec2ForSequenceClassification) -> VoiceLogits:
    """Return the graph to export, its weight norm folded into plain weights."""
    convolution = model.wav2vec2.encoder.pos_conv_embed.conv
    if parametrize.is_parametrized(convolution):
        parametrize.remove_parametrizations(convolution, "weight")
    return VoiceLogits(model).eval()


def labels_of(model: Wav2Vec2ForSequenceClassification) -> list[str]:
    """Return our label of each output of a model.

    Raises:
        KeyError: the model has a class that is none of the seven.
    """
    words = [str(model.config.id2label[index]).lower() for index in range(model.config.num_labels)]
    return [LABELS[INDEX[OTHER_WORDS.get(word, word)]] for word in words]


def calibrated_temperature(weights: Weights, clips: Sequence[Clip]) -> float:
    """Return the temperature that fits validation speakers: the geometric mean over sets of speech.

    Each set counts once, however many clips it has.
    """
    watched = [
        clip for clip in clips if clip.part is Part.VALIDATION and is_speech_set(clip.dataset)
    ]
    fitted = []
    for name in sorted({clip.dataset for clip in watched}):
        chosen = [clip for clip in watched if clip.dataset == name]
        shares = np.array([clip_probabilities(weights, decode(clip.path)) for clip in chosen])
        truth = np.array([clip.emotion for clip in chosen], dtype=np.int64)
        fitted.append(fit_temperature(np.log(np.maximum(shares, TINY_SHARE)), truth))
    mean = np.exp(np.mean(np.log(fitted))) if fitted else 1.0
    return round(float(np.clip(mean, *TEMPERATURE_RANGE)), 2)


def manifest_of(path: Path, labels: list[str], data: Sequence[str]) -> dict[str, Any]:
    """Return the manifest of an exported file; `training.card` adds the figures."""
    limited = any("-NC-" in item for item in data)
    return {
        "schema": SCHEMA,
        "name": NAME,
        "version": VERSION,
        "modality": "voice",
        "file": path.name,
        "sha256": sha256_of(path),
        "source": "trained by training/voice of this repository",
        "licence": "CC BY-NC-SA 4.0 (non-commercial)" if limited else "see MODEL_CARD.md",
        "data": list(data),
        "labels": labels,
        "input": {
            "name": INPUT_NAME,
            "shape": ["N", "T"],
            "dtype": "float32",
            "range": "zero mean and unit variance per row; 0.4 s to 10 s",
            "sample_rate_hz": SAMPLE_RATE_HZ,
        },
        "output": {"name": OUTPUT_NAME, "kind": "logits"},
        "temperature": 1.0,
        "metrics": {},
    }


def export(
    model: Wav2Vec2ForSequenceClassification, out: Path, *, data: Sequence[str] = DATA
) -> None:
    """Write model.onnx and manifest.json, and check the file against torch."""
    out.mkdir(parents=True, exist_ok=True)
    path, module = out / "model.onnx", exportable(model)
    write_onnx(
        module,
        path,
        example=torch.randn(2, 2 * SAMPLE_RATE_HZ),
        dynamic={0: "N", 1: "T"},
        input_name=INPUT_NAME,
        output_name=OUTPUT_NAME,
    )
    check_onnx(module, path, [torch.randn(shape) for shape in CHECKED_SHAPES])
    write_manifest(out, manifest_of(path, labels_of(model), data))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="last.pt, or a folder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--data", type=Path, help="folder of speech, to fit the temperature")
    parser.add_argument("--sets", nargs="+", default=list(DATA), help="sets it was trained on")
    options = parser.parse_args(arguments)
    export(load_checkpoint(options.checkpoint), options.out, data=options.sets)
    if options.data:
        weights = open_weights(options.out)
        temperature = calibrated_temperature(weights, read_labels(options.data))
        write_manifest(options.out, weights.manifest | {"temperature": temperature})


if __name__ == "__main__":
    main()
