"""Fine-tunes `--base facebook/wav2vec2-base` on `--crema DIR` into `--out OUT`.

Leaves OUT/model, a folder as `save_pretrained` writes it, for training.voice.export. Ctrl-C, a kill
or the end of `--minutes` leave a state in OUT; the same command goes on from there.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from training.schedule import best_device
from training.voice.finetune.lesson import decoded, gather, plan_lesson
from training.voice.finetune.loop import FineTuning
from training.voice.finetune.model import MODEL_FOLDER, build, write_model
from training.voice.finetune.recipe import PRECISIONS, Recipe, best_precision
from training.voice.finetune.state import BEST_FILE
from training.voice.finetune.stopping import Deadline
from training.voice.prepare import read_sounds

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_WORKERS = 8


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="training.voice.finetune", description=__doc__)
    usual = Recipe(base="")
    parser.add_argument("--base", required=True, help="id of a wav2vec2 on the hub, or a folder")
    parser.add_argument("--revision", help="commit on the hub")
    parser.add_argument("--crema", type=Path, help="folder of CREMA-D's audio files")
    parser.add_argument("--data", type=Path, help="folder of speech with a labels.csv")
    parser.add_argument("--sounds", type=Path, help="folder of noises to mix under, likewise")
    parser.add_argument("--out", type=Path, required=True, help="state, log and OUT/model")
    parser.add_argument("--cache", type=Path, help="decoded clips; made if missing (OUT/cache)")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop then, to be resumed")
    parser.add_argument("--epochs", type=int, default=usual.epochs, help="at most")
    parser.add_argument("--batch", type=int, default=usual.batch)
    parser.add_argument("--accumulate", type=int, default=usual.accumulate, help="batches a step")
    parser.add_argument("--rate", type=float, default=usual.rate, help="peak; the head's is 10x")
    parser.add_argument("--mask-time", type=float, default=usual.mask_time)
    parser.add_argument("--patience", type=int, default=usual.patience, help="judgements")
    parser.add_argument("--watch-steps", type=int, help="steps between judgements (an epoch)")
    parser.add_argument("--precision", choices=sorted(PRECISIONS), help="16 bits on a GPU")
    parser.add_argument("--checkpointing", action="store_true", help="less memory, slower")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, help="of the processor")
    parser.add_argument("--workers", type=int, help="processes that augment")
    options = parser.parse_args(arguments)
    if options.crema is None and options.data is None:
        parser.error("give --crema, --data or both")
    counts = (options.epochs, options.batch, options.accumulate, options.patience)
    if min(*counts, options.watch_steps or 1) < 1 or options.rate <= 0:
        parser.error("epochs, batch, accumulate, patience and watch-steps are 1 or more, rate > 0")
    return options


def recipe_of(options: argparse.Namespace, device: torch.device) -> Recipe:
    """Return the recipe that the options name."""
    return Recipe(
        base=options.base,
        revision=options.revision,
        epochs=options.epochs,
        batch=options.batch,
        accumulate=options.accumulate,
        rate=options.rate,
        mask_time=options.mask_time,
        patience=options.patience,
        watch_steps=options.watch_steps,
        precision=options.precision or best_precision(device),
        checkpointing=options.checkpointing,
        seed=options.seed,
    )


def run(options: argparse.Namespace) -> int:
    """Fine-tune, and write the model; return the exit status.

    Raises:
        ValueError: base, clips or folder cannot be used.
    """
    device = best_device()
    if device.type == "cpu":
        sys.stderr.write("no GPU: on a processor wav2vec2-base takes hours for each epoch\n")
        torch.set_num_threads(options.threads or os.cpu_count() or 1)
    options.out.mkdir(parents=True, exist_ok=True)
    clips = gather(options.data, options.crema)
    lesson = plan_lesson(decoded(clips, options.cache or options.out / "cache"))
    recipe = recipe_of(options, device)
    torch.manual_seed(recipe.seed)
    np.random.seed(recipe.seed)  # noqa: NPY002 - the class masks with this generator
    model = build(recipe, lesson)
    workers = options.workers
    if workers is None:
        workers = min(MOST_WORKERS, os.cpu_count() or 1) if device.type == "cuda" else 0
    sounds = read_sounds(options.sounds) if options.sounds else []
    tuning = FineTuning(
        model, lesson, recipe, out=options.out, device=device, sounds=sounds, workers=workers
    )
    deadline = Deadline(options.minutes)
    with deadline.listening():
        tuning.run(deadline)
    progress = tuning.progress
    if not progress.is_finished:
        where = f"stopped at step {progress.step} of {tuning.steps}"
        sys.stderr.write(f"{where}; the same command goes on from there\n")
    if deadline.signalled is not None:
        return 128 + deadline.signalled
    if (options.out / BEST_FILE).exists():
        write_model(tuning)
        sys.stdout.write(
            f"best UAR of watched speakers {progress.best_uar:.3f} at step {progress.best_step}\n"
            f"python -m training.voice.export --checkpoint {options.out / MODEL_FOLDER} --out ...\n"
        )
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = parse(arguments)
    try:
        status = run(options)
    except (ValueError, OSError) as error:
        sys.exit(f"training.voice.finetune: {error}")
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    sys.exit(status)


if __name__ == "__main__":
    main()
