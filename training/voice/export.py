"""Writes a voice model: `python -m training.voice.export --checkpoint CHECKPOINT --out DIR`.

The checkpoint is our own `last.pt`, a folder that `save_pretrained` of transformers wrote (such as
training.voice.finetune leaves), or the id of a published `Wav2Vec2ForSequenceClassification` with
`--revision`. All become one contract: model.onnx with labels and temperature inside, manifest.json.
With `--data` or `--crema` the temperature is fitted on the validation speakers of the split.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from training.onnx_file import check_onnx, write_onnx
from training.voice.checkpoints import open_checkpoint
from training.voice.graph import SPEECH_LEVEL, EmotionLogits, fold_weight_norm, level_sensitivity
from training.voice.labels import plan_labels, read_label_map
from training.voice.manifest import (
    INPUT_NAME,
    OUTPUT_NAME,
    SET_LICENCES,
    Description,
    licence_of,
    manifest_of,
    stamp,
)
from training.voice.prepare import SAMPLE_RATE_HZ, read_crema, read_labels
from training.voice.quantize import quantize_folder
from training.voice.temperature import calibrated_temperature
from training.weights import open_weights, sha256_of, write_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.voice.checkpoints import Checkpoint
    from training.voice.labels import LabelPlan
    from training.voice.prepare import Clip

NAME = "emotionmap-voice"
COMMERCIAL_NAME = "emotionmap-voice-commercial"
VERSION = "1.0.0"
NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@+-]{0,127}")
"""What the audio service accepts: requests choose models by name."""
FILE_NAME = "model.onnx"
CHECKED_SHAPES = ((1, 6_400), (2, 16_000), (1, 17_777), (3, 48_000), (1, 160_000))
"""From 0.4 s to 10 s."""
LARGEST_BYTES = 2_000_000_000
"""One ONNX file holds at most 2 GiB."""
SHIPPED_SETS = {
    NAME: ("ravdess", "nemo", "emodb", "emogator"),
    COMMERCIAL_NAME: ("emodb", "emogator"),
}
"""What the shipped models were trained on."""


def write_graph(module: EmotionLogits, path: Path) -> None:
    """Write the graph as ONNX and check it against torch at several lengths and batches.

    Raises:
        ValueError: it differs from torch, or is larger than one file may be.
    """
    size = sum(weight.numel() for weight in module.parameters()) * 4
    if size > LARGEST_BYTES:
        message = f"{size / 1e9:.1f} GB of weights: one ONNX file holds at most 2 GB"
        raise ValueError(message)
    write_onnx(
        module,
        path,
        example=torch.randn(2, 2 * SAMPLE_RATE_HZ),
        dynamic={0: "N", 1: "T"},
        input_name=INPUT_NAME,
        output_name=OUTPUT_NAME,
    )
    check_onnx(module, path, [torch.randn(shape) for shape in CHECKED_SHAPES])


def export(
    module: EmotionLogits,
    out: Path,
    *,
    description: Description,
    clips: Sequence[Clip] = (),
    temperature: float | None = None,
    is_int8: bool = False,
) -> None:
    """Write model.onnx and manifest.json; nothing is left half done.

    Args:
        module: the graph.
        out: folder of the model.
        description: its origin.
        clips: labelled clips; the temperature is fitted on their validation speakers.
        temperature: taken as it is if there are no clips; 1 if not given either.
        is_int8: whether the matrices get 8-bit weights.
    """
    out.mkdir(parents=True, exist_ok=True)
    fold_weight_norm(module.voice.model)
    # Hidden, so that no service that looks for models now finds half of one.
    with tempfile.TemporaryDirectory(dir=out, prefix=".export-") as name:
        folder = Path(name)
        path = folder / FILE_NAME
        write_graph(module.eval(), path)
        manifest = manifest_of(path, module.plan.labels, description)
        write_manifest(folder, manifest)
        if is_int8:
            manifest["quantization"] = quantize_folder(folder, clips)
            manifest["sha256"] = sha256_of(path)
        if clips:
            manifest["temperature"] = calibrated_temperature(open_weights(folder), clips)
        elif temperature is not None:
            manifest["temperature"] = temperature
        stamp(folder, manifest)
        for file in (FILE_NAME, "manifest.json"):
            (folder / file).replace(out / file)


def describe(checkpoint: Checkpoint, options: argparse.Namespace) -> Description:
    """Return what the manifest says of a checkpoint; options come before what is known of it.

    Raises:
        ValueError: the name is none that a request may carry.
    """
    name = options.name or (NAME if checkpoint.is_own else options.out.resolve().name)
    if not NAME_PATTERN.fullmatch(name):
        message = f"{name!r} cannot name a model; give --name of letters, digits, and ._/@+-"
        raise ValueError(message)
    own = [SET_LICENCES[key] for key in SHIPPED_SETS.get(name, SHIPPED_SETS[NAME])]
    known = own if checkpoint.is_own else checkpoint.notes.get("data", ())
    data = tuple(known if options.sets is None else options.sets)
    return Description(
        name=name,
        version=options.version,
        source=options.source or checkpoint.notes.get("source") or checkpoint.source,
        licence=options.licence or licence_of(data),
        data=data,
    )


def tell_labels(classes: Sequence[str], plan: LabelPlan) -> None:
    """Print which classes become which label, and warn of those that become none."""
    for label, columns in zip(plan.labels, plan.columns, strict=True):
        sys.stdout.write(f"{label}: {' + '.join(classes[column] for column in columns)}\n")
    if plan.dropped:
        sys.stderr.write(
            f"warning: {', '.join(plan.dropped)} dropped: none of the seven emotions; the others "
            "share their probability (--label-map says otherwise)\n"
        )


def graph_of(checkpoint: Checkpoint, plan: LabelPlan) -> EmotionLogits:
    """Return the graph of a checkpoint; tell what an unknown level of the waves may cost."""
    if checkpoint.does_normalize:
        return EmotionLogits(checkpoint.model, plan)
    module = EmotionLogits(checkpoint.model, plan, level=SPEECH_LEVEL).eval()
    moved = level_sensitivity(module, torch.randn(4, 2 * SAMPLE_RATE_HZ))
    sys.stderr.write(
        "warning: trained on waves as they are (do_normalize is false), but the contract's waves "
        f"have lost their level: they are scaled to {SPEECH_LEVEL} of full scale (-26 dB); 10 dB "
        f"more or less would move a probability by up to {moved:.2g}\n"
    )
    return module


def run(options: argparse.Namespace) -> None:
    """Export what the options name.

    Raises:
        ValueError: the checkpoint, its labels or its name cannot be used.
    """
    checkpoint = open_checkpoint(options.checkpoint, options.revision)
    label_map = read_label_map(options.label_map) if options.label_map else None
    plan = plan_labels(checkpoint.classes, label_map)
    description = describe(checkpoint, options)
    tell_labels(checkpoint.classes, plan)
    if options.temperature is not None and options.temperature <= 0:
        message = f"--temperature {options.temperature}: must be above 0"
        raise ValueError(message)
    clips = read_labels(options.data) if options.data else []
    export(
        graph_of(checkpoint, plan),
        options.out,
        description=description,
        clips=clips + (read_crema(options.crema) if options.crema else []),
        temperature=options.temperature or checkpoint.notes.get("temperature"),
        is_int8=options.int8,
    )
    sys.stdout.write(f"{options.out}: {description.name} {description.version}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--checkpoint", required=True, help="last.pt, a folder, or an id of the hub"
    )
    parser.add_argument("--revision", help="full commit id on the hub")
    parser.add_argument("--label-map", help="angry=anger,other=- or a JSON file of such pairs")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--data", type=Path, help="folder of speech, to fit the temperature")
    parser.add_argument("--crema", type=Path, help="folder of CREMA-D, likewise")
    parser.add_argument("--temperature", type=float, help="if it is not fitted here")
    parser.add_argument("--name", help=f"of the model ({NAME}, or that of the folder)")
    parser.add_argument("--version", default=VERSION)
    parser.add_argument("--source", help="where the weights come from")
    parser.add_argument("--licence", help="of the weights; follows from the sets if not given")
    parser.add_argument("--sets", nargs="*", help="sets it was trained on, with their licences")
    parser.add_argument("--int8", action="store_true", help="8-bit matrices: a quarter of the size")
    options = parser.parse_args(arguments)
    try:
        run(options)
    except ValueError as error:
        sys.exit(f"training.voice.export: {error}")


if __name__ == "__main__":
    main()
