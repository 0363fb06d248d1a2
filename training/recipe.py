"""Makes all shipped weights, stage by stage: `python -m training.recipe --faces F --speech D ...`.

Each stage is one command of this folder; stages that are done are skipped, so the recipe goes on
where it was stopped. `--processes 2` runs the faces beside the voices, one thread each.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from training.weights import FACE_WEIGHTS, VOICE_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

CHECKPOINT = "last.pt"
DONE = "done"
VERSION = "2.1.0"
COMMERCIAL = (
    *("--name", "emotionmap-voice-commercial", "--version", VERSION),
    *("--licence", "Apache-2.0; EmoDB asks to be cited"),
)
"""The second voice: its sets allow commercial use."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One command.

    Attributes:
        name: folder of its results, unique.
        module: what is run.
        arguments: its options, but for `--out`; `{name}` stands for the checkpoint of a stage.
        minutes: when its learning-rate curve ends at the latest; None for an export.
        out: where an export goes; empty for the stage's own folder.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    minutes: int | None = None
    out: str = ""


def face_stages(faces: str) -> list[Stage]:
    """Return how the face model is made: a first network, a larger teacher, their student."""
    train, data = "training.faces.train", ("--data", faces)
    first = (*data, "--depths", "2", "2", "1", "--epochs", "60", "--seed", "0")
    grown = ("--start", "{face-first}", "--rate-share", "0.6", "--epochs", "60", "--seed", "1")
    teacher = (*data, "--depths", "2", "2", "3", *grown)
    taught = ("--start", "{face-teacher}", "--teachers", "{face-first}", "{face-teacher}")
    student = (*data, *taught, "--rate-share", "0.6", "--epochs", "60", "--seed", "2")
    return [
        Stage("face-first", train, first, 68),
        Stage("face-teacher", train, teacher, 46),
        Stage("face", train, student, 60),
        Stage(
            "face-export",
            "training.faces.export",
            ("--checkpoint", "{face}", *data),
            out=str(FACE_WEIGHTS),
        ),
    ]


def voice_stages(speech: str, sounds: str, crema: str | None) -> list[Stage]:
    """Return how both voice models are made.

    The watched speakers are kept apart at first, then learned from as well.
    """
    train, mean = "training.voice.train", "training.voice.average"
    export = "training.voice.export"
    data = ("--data", speech, *(("--crema", crema) if crema else ()))
    learn = (*data, "--sounds", sounds, "--cache", "{cache}")
    free = ("emodb", "emogator", *(("cremad",) if crema else ()))
    whole = (*learn, "--start", "{voice-watched}", "--with-watched", "--rate-share", "0.6")
    milder = (*learn, "--start", "{voice-whole}", "--with-watched", "--rate-share", "0.8")
    longer = (*learn, "--start", "{voice-milder}", "--with-watched", "--rate-share", "0.9")
    allowed = (*learn, "--sets", *free, "--with-watched")
    on = ("--start", "{commercial-first}", "--rate-share", "0.8")
    return [
        Stage("voice-watched", train, (*learn, "--steps", "4500", "--seed", "0"), 51),
        Stage("voice-whole", train, (*whole, "--steps", "2600", "--seed", "1"), 32),
        Stage("voice-milder", train, (*milder, "--steps", "3000", "--seed", "3"), 34),
        Stage("voice-longer", train, (*longer, "--steps", "8000", "--seed", "31"), 95),
        Stage("voice", mean, ("{voice-milder}", "{voice-longer}")),
        Stage("commercial-first", train, (*allowed, "--steps", "1800", "--seed", "0"), 17),
        Stage("commercial-longer", train, (*allowed, *on, "--steps", "6000", "--seed", "41"), 27),
        Stage("commercial", mean, ("{commercial-first}", "{commercial-longer}")),
        Stage(
            "voice-export",
            export,
            ("--checkpoint", "{voice}", "--version", VERSION),
            out=str(VOICE_WEIGHTS),
        ),
        Stage(
            "commercial-export",
            export,
            ("--checkpoint", "{commercial}", *COMMERCIAL, *data),
            out=str(VOICE_WEIGHTS / "commercial"),
        ),
    ]


def command(stage: Stage, folder: Path) -> list[str]:
    """Return the stage's command line; stages keep their results below the folder."""
    words = []
    for word in stage.arguments:
        name = word[1:-1] if word.startswith("{") and word.endswith("}") else ""
        cache = folder / "cache"
        words.append(
            str(cache if name == "cache" else folder / name / CHECKPOINT) if name else word
        )
    time = ["--minutes", str(stage.minutes)] if stage.minutes is not None else []
    out = stage.out or str(folder / stage.name)
    return [sys.executable, "-m", stage.module, *words, *time, "--out", out]


def run(stages: Sequence[Stage], folder: Path) -> None:
    """Run the stages that are not done, in order; a failed one ends the run.

    Raises:
        subprocess.CalledProcessError: A stage failed; its output tells why.
    """
    # One process, one thread: with more, two trainings side by side slow each other down.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    for stage in stages:
        own = folder / stage.name
        if (own / DONE).exists():
            continue
        own.mkdir(parents=True, exist_ok=True)
        sys.stdout.write(f"== {stage.name}\n")
        sys.stdout.flush()
        subprocess.run(command(stage, folder), check=True, env=environment)  # noqa: S603 - commands from this file
        (own / DONE).touch()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", required=True, help=".npz with FER2013 and FER+")
    parser.add_argument("--speech", required=True, help="folder with a labels.csv")
    parser.add_argument("--sounds", required=True, help="folder of noises with a labels.csv")
    parser.add_argument("--crema", help="folder of CREMA-D's audio files")
    parser.add_argument("--out", type=Path, default=Path("build/recipe"))
    parser.add_argument("--processes", type=int, default=2, choices=(1, 2))
    options = parser.parse_args(arguments)
    chains = [
        face_stages(options.faces),
        voice_stages(options.speech, options.sounds, options.crema),
    ]
    with ThreadPoolExecutor(options.processes) as pool:
        for finished in [pool.submit(run, chain, options.out) for chain in chains]:
            finished.result()


if __name__ == "__main__":
    main()
