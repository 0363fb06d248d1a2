"""Fits the fusion's parameters on what is watched, and judges them on what is held out.

`python -m training.fusion --faces F.npz --speech DIR --out FILE`. Where the shipped weights have
learned from the watched speakers too, `--fit-voice-weights` names weights of the same recipe from
before, which have not: on voices that a model knows by heart it would be found too reliable.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from emotionmap_fusion.calibration import SHIPPED, Calibration
from emotionmap_fusion.reliability import floored_logs
from emotionmap_fusion.weighted_mean import WeightedMean

from training.emotions import LABELS
from training.fusion.evaluate import judge_fusion
from training.fusion.fit import fit_pool
from training.fusion.seconds import watched_seconds
from training.weights import FACE_WEIGHTS, VOICE_WEIGHTS, open_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emotionmap_fusion.fuse import Strategy

    from training.fusion.fit import Fit
    from training.fusion.seconds import Seconds
    from training.weights import Weights

DIGITS = 4


def fitted(seconds: Seconds) -> dict[str, Any]:
    """Return the parameters as the file holds them."""
    face, voice = floored_logs(seconds.face), floored_logs(seconds.voice)
    alone = {
        name: fit_pool(logs[None], seconds.truth)
        for name, logs in (("face", face), ("voice", voice))
    }
    both = fit_pool(np.stack([face, voice]), seconds.truth)
    return {
        name: {"exponents": _rounded(fit, 0), "offsets": _offsets(fit)}
        for name, fit in alone.items()
    } | {
        "both": {
            "face_exponents": _rounded(both, 0),
            "voice_exponents": _rounded(both, 1),
            "offsets": _offsets(both),
        }
    }


def identities(face: Weights, voice: Weights) -> dict[str, dict[str, str]]:
    """Return which models these are."""
    return {
        modality: {key: weights.manifest[key] for key in ("name", "version", "sha256")}
        for modality, weights in (("face", face), ("voice", voice))
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = _options(arguments)
    face, voice = open_weights(options.face_weights), open_weights(options.voice_weights)
    fit_face = open_weights(options.fit_face_weights or options.face_weights)
    fit_voice = open_weights(options.fit_voice_weights or options.voice_weights)
    for weights in (fit_face, fit_voice):
        if len(weights.class_index) < len(LABELS):
            sys.exit(f"{weights.manifest['name']} does not express all seven emotions")
    paths = {"faces": options.faces, "speech": options.speech}
    watched = watched_seconds(fit_face, fit_voice, **paths)
    if not len(watched.truth):
        sys.exit("no emotion has both watched faces and watched speakers")
    document = {
        "schema": "emotionmap.fusion/1",
        **fitted(watched),
        "fitted_on": identities(fit_face, fit_voice),
        "judged_on": identities(face, voice),
        "metrics": {},
    }
    strategies: dict[str, Strategy] = {
        "weighted_mean": WeightedMean(),
        "reliability": Calibration.model_validate(document).strategy(),
    }
    figures = judge_fusion(face, voice, options.faces, options.speech, strategies)
    document["metrics"] = {name: round(value, DIGITS) for name, value in figures.items()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(document["metrics"], indent=2) + "\n")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="training.fusion", description=__doc__)
    parser.add_argument("--faces", type=Path, required=True, help=".npz of labelled crops")
    parser.add_argument("--speech", type=Path, required=True, help="folder with a labels.csv")
    parser.add_argument("--face-weights", type=Path, default=FACE_WEIGHTS)
    parser.add_argument("--voice-weights", type=Path, default=VOICE_WEIGHTS)
    parser.add_argument("--fit-face-weights", type=Path, help="default: --face-weights")
    parser.add_argument("--fit-voice-weights", type=Path, help="default: --voice-weights")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    return parser.parse_args(arguments)


def _rounded(fit: Fit, model: int) -> list[float]:
    return [round(float(value), DIGITS) for value in fit.exponents[model]]


def _offsets(fit: Fit) -> list[float]:
    return [round(float(value), DIGITS) for value in fit.offsets]


if __name__ == "__main__":
    main()
