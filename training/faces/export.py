"""Writes the face model: `python -m training.faces.export --checkpoint last.pt --out DIR`.

With `--data F.npz` the temperature is fitted on the slice that was watched while training: soft
labels make a model less sure of the plurality than it may be. It becomes part of the graph.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from training.emotions import LABELS
from training.faces.augment import SIDE_PX
from training.faces.data import plurality, read_faces, split_training
from training.faces.model import FaceConfig, FaceNet, FaceProbabilities
from training.metrics import fit_temperature
from training.onnx_file import check_onnx, write_onnx
from training.weights import SCHEMA, sha256_of, write_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.faces.data import FaceSet

NAME = "emotionmap-face"
VERSION = "2.0.0"
INPUT_NAME = "input"
OUTPUT_NAME = "probabilities"
CHECKED_COUNTS = (1, 2, 7)


def load_checkpoint(path: Path) -> FaceProbabilities:
    """Return the trained network of a checkpoint, ready for export."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    net = FaceNet(FaceConfig(**checkpoint["config"]))
    net.load_state_dict(checkpoint["state"])
    return FaceProbabilities(net).eval()


@torch.inference_mode()
def calibrated_temperature(module: FaceProbabilities, faces: FaceSet) -> float:
    """Return the temperature that fits the clear pluralities of the validation slice."""
    _, held_out = split_training(faces)
    truth = plurality(held_out)
    clear = truth >= 0
    images = torch.from_numpy((held_out.pixels[clear][..., None] / 255).astype(np.float32))
    return fit_temperature(module.net(images).numpy(), truth[clear])


def manifest_of(path: Path, temperature: float) -> dict[str, Any]:
    """Return the manifest of an exported file; `training.card` adds the figures."""
    return {
        "schema": SCHEMA,
        "name": NAME,
        "version": VERSION,
        "modality": "face",
        "file": path.name,
        "sha256": sha256_of(path),
        "source": "trained by training/faces of this repository",
        "licence": "Apache-2.0 (our part; the terms of FER2013's images are unverified)",
        "data": [
            "FER2013 (ICML 2013 challenge), usage Training; terms of the images unverified",
            "FER+ labels (Microsoft), MIT",
        ],
        "labels": list(LABELS),
        "input": {
            "name": INPUT_NAME,
            "shape": ["N", SIDE_PX, SIDE_PX, 1],
            "dtype": "float32",
            "range": "gray, [0, 1]",
        },
        "output": {"name": OUTPUT_NAME, "kind": "probabilities"},
        "temperature": 1.0,
        "calibration": {"temperature_in_graph": temperature},
        "metrics": {},
    }


def export(module: FaceProbabilities, out: Path, *, temperature: float = 1.0) -> None:
    """Write model.onnx and manifest.json, and check the file against torch."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "model.onnx"
    module.temperature = temperature
    write_onnx(
        module,
        path,
        example=torch.rand(2, SIDE_PX, SIDE_PX, 1),
        dynamic={0: "N"},
        input_name=INPUT_NAME,
        output_name=OUTPUT_NAME,
    )
    check_onnx(module, path, [torch.rand(count, SIDE_PX, SIDE_PX, 1) for count in CHECKED_COUNTS])
    write_manifest(out, manifest_of(path, temperature))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--data", type=Path, help=".npz it was trained on, to fit the temperature")
    options = parser.parse_args(arguments)
    module = load_checkpoint(options.checkpoint)
    temperature = calibrated_temperature(module, read_faces(options.data)) if options.data else 1.0
    export(module, options.out, temperature=temperature)


if __name__ == "__main__":
    main()
