"""Accuracy of the shipped models on labelled data: `python -m training.evaluate --faces F.npz`.

Needs no torch. The report is one flat JSON object of named figures, with machine, commit and
versions; `training.card` makes manifests, model cards, plots and the README's table of it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from training.faces.evaluate import judge_faces
from training.latency import cost_figures
from training.videos import judge_videos
from training.voice.evaluate import Voices, judge_speech
from training.weights import (
    FACE_WEIGHTS,
    REPOSITORY,
    VOICE_WEIGHTS,
    open_weights,
    shipped_models,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.weights import Weights

    Report = dict[str, float | int | str]

PACKAGES = ("numpy", "onnxruntime", "av", "opencv-python-headless")
THREADS = 2
NOTHING = "give at least one of --faces, --speech and --videos (make eval FACES=F.npz SPEECH=DIR)"


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


def identity(weights: Weights, name: str) -> dict[str, str]:
    """Return which file was judged."""
    manifest = weights.manifest
    text = f"{manifest['name']} {manifest['version']} {manifest['sha256'][:12]}"
    return {f"{name}_model": text}


def tell(text: str) -> None:
    """Say on stderr what is done; stdout has the report alone."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def judge_models(options: argparse.Namespace) -> Report:
    """Return the figures of every shipped model for whose modality there is data."""
    report: Report = {}
    voices = Voices()
    for model in shipped_models(options.face_weights, options.voice_weights):
        data = options.faces if model.modality == "face" else options.speech
        if data is None:
            tell(f"{model.name}: left out, no data given")
            continue
        tell(f"{model.name}: judging on {data}")
        weights = open_weights(model.folder, threads=THREADS)
        report |= identity(weights, model.name)
        report |= cost_figures(model)
        if model.modality == "face":
            report |= judge_faces(weights, data, name=model.name)
        else:
            report |= judge_speech(
                weights, data, all_speakers=options.all_speakers, name=model.name, voices=voices
            )
    return report


def judge_both(options: argparse.Namespace) -> Report:
    """Return the figures of the default face and voice model together, by the code that serves."""
    try:
        # The environment that trains has no services.
        from emotionmap_fusion.calibration import CalibrationError  # noqa: PLC0415

        from training.fusion.evaluate import judge_fusion, shipped_strategies  # noqa: PLC0415
    except ImportError as error:
        tell(f"fusion: left out, {error}")
        return {}
    try:
        strategies = shipped_strategies()
    except CalibrationError as error:
        tell(f"fusion: left out, {error}")
        return {}
    tell("fusion: judging on faces and voices of the same emotion")
    face, voice = (
        open_weights(folder, threads=THREADS)
        for folder in (options.face_weights, options.voice_weights)
    )
    return dict(judge_fusion(face, voice, options.faces, options.speech, strategies))


def evaluate(options: argparse.Namespace) -> Report:
    """Return the report on what the options ask for."""
    started_s = time.monotonic()
    report = judge_models(options)
    if options.faces and options.speech:
        report |= judge_both(options)
    if options.videos:
        report |= judge_videos(options.videos)
    # JSON has no NaN: a figure that cannot be computed is left out.
    numbers = {name: value for name, value in report.items() if not is_nan(value)}
    tell(f"{len(numbers)} figures in {time.monotonic() - started_s:.0f} s")
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
        parser.error(NOTHING)
    for path in (options.faces, options.speech, options.videos):
        if path is not None and not path.exists():
            parser.error(f"{path} does not exist")
    text = json.dumps(evaluate(options), indent=2) + "\n"
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
