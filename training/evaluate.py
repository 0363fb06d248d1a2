"""Accuracy of the shipped models on labelled data: `python -m training.evaluate --faces F.npz`.

Needs no torch. The report is one flat JSON object of named figures, with machine, commit and
versions; README and model cards quote it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from training.faces.evaluate import judge_faces
from training.videos import judge_videos
from training.voice.evaluate import judge_speech
from training.weights import FACE_WEIGHTS, REPOSITORY, VOICE_WEIGHTS, open_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.weights import Weights

PACKAGES = ("numpy", "onnxruntime", "av")


def commit() -> str:
    """Return the repository's commit, or `unknown` outside of one."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - git of the caller's path
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def processor() -> str:
    """Return the processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def circumstances() -> dict[str, str]:
    """Return machine, commit and versions."""
    versions = [f"python {platform.python_version()}"]
    versions += [f"{name} {metadata.version(name)}" for name in PACKAGES]
    return {
        "machine": f"{platform.system()}, {processor()}, {os.cpu_count()} cores",
        "commit": commit(),
        "versions": ", ".join(versions),
    }


def identity(weights: Weights, modality: str) -> dict[str, str]:
    """Return which file was judged."""
    manifest = weights.manifest
    text = f"{manifest['name']} {manifest['version']} {manifest['sha256'][:12]}"
    return {f"{modality}_model": text}


def evaluate(options: argparse.Namespace) -> dict[str, float | int | str]:
    """Return the report on what the options ask for."""
    report: dict[str, float | int | str] = {}
    if options.faces:
        weights = open_weights(options.face_weights)
        report |= identity(weights, "face")
        report |= judge_faces(weights, options.faces)
    if options.speech:
        weights = open_weights(options.voice_weights)
        report |= identity(weights, "voice")
        report |= judge_speech(weights, options.speech, all_speakers=options.all_speakers)
    if options.videos:
        report |= judge_videos(options.videos)
    # JSON has no NaN: a figure that cannot be computed is left out.
    numbers = {name: value for name, value in report.items() if not is_nan(value)}
    return numbers | circumstances()


def is_nan(value: float | str) -> bool:
    """Return whether a figure could not be computed."""
    return isinstance(value, float) and math.isnan(value)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, help=".npz of labelled crops")
    parser.add_argument("--speech", type=Path, help="folder of clips with a labels.csv")
    parser.add_argument("--videos", type=Path, help="folder of videos with a labels.csv")
    parser.add_argument("--all-speakers", action="store_true", help="also report whole sets")
    parser.add_argument("--face-weights", type=Path, default=FACE_WEIGHTS)
    parser.add_argument("--voice-weights", type=Path, default=VOICE_WEIGHTS)
    parser.add_argument("--out", type=Path, help="file of the report; it is printed too")
    options = parser.parse_args(arguments)
    if not (options.faces or options.speech or options.videos):
        parser.error("give at least one of --faces, --speech and --videos")
    text = json.dumps(evaluate(options), indent=2) + "\n"
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
