"""Makes manifests' figures, cards, plots and the README's table: `python -m training.card`.

All of it comes from a report of `training.evaluate`; no number is typed by hand. With `--out DIR`
the cards and plots are written below that folder, and nothing in the repository changes.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.markdown import figures_of, number, spread, table
from training.overview import write_overview
from training.weights import (
    FACE_WEIGHTS,
    MANIFEST,
    REPOSITORY,
    VOICE_WEIGHTS,
    shipped_models,
    write_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import ModuleType

    from training.weights import ModelFolder

    Report = dict[str, float | int | str]

TEMPLATES = {
    "face": REPOSITORY / "training/faces/MODEL_CARD.md",
    "voice": REPOSITORY / "training/voice/MODEL_CARD.md",
}
CARD = "MODEL_CARD.md"
PICTURES = Path("docs/models")
MARK = re.compile(r"<!-- (?P<name>[a-z ]+) -->")
README_TABLE = re.compile(r"(<!-- models -->\n).*?(<!-- /models -->)", re.DOTALL)
APART = re.compile(r"confusion|reliability|^ms_|^mb$|_ms_|^speakers_|^interval_samples$")
"""Figures that the manifest does not keep: tables, plots, and what depends on the machine."""


def manifest_of(model: ModelFolder) -> dict[str, Any]:
    """Return the model's manifest."""
    manifest: dict[str, Any] = json.loads((model.folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def check_judged(report: Report, model: ModelFolder, manifest: Mapping[str, Any]) -> None:
    """Make sure that the report is of this very file.

    Raises:
        ValueError: it is of another one.
    """
    judged = str(report[f"{model.name}_model"])
    if not judged.endswith(manifest["sha256"][:12]):
        message = f"{model.folder}: the report judged {judged}, not this file; run make eval anew"
        raise ValueError(message)


def metrics_of(report: Report, model: ModelFolder) -> dict[str, float | int]:
    """Return the figures that the manifest keeps, named by modality alike for all its models."""
    return {
        f"{model.modality}_{name}": round(value, 6)
        for name, value in figures_of(report, model.name).items()
        if not APART.search(name)
    }


def writer_of(modality: str) -> ModuleType:
    """Return the module that knows what a card of the modality says.

    By name, because it draws with matplotlib, which only `make eval` installs.
    """
    return importlib.import_module(f"training.{TEMPLATES[modality].parent.name}.card")


def picture_path(model: ModelFolder, name: str) -> Path:
    """Return where a picture lies, from the repository's root."""
    return PICTURES / f"{model.name}_{name}.png".replace("_", "-")


def place_of(model: ModelFolder) -> Path:
    """Return where a model lies, from the repository's root; models from elsewhere get a place."""
    inside = model.folder.is_relative_to(REPOSITORY)
    return model.folder.relative_to(REPOSITORY) if inside else Path("models") / model.name


def card_text(report: Report, model: ModelFolder, where: Path) -> str:
    """Return the card of a model that lies at a path from the repository's root.

    Raises:
        KeyError: the template has a mark that nothing fills.
    """
    manifest = manifest_of(model)
    text = writer_of(model.modality).sections(manifest, figures_of(report, model.name))
    text["title"] = f"{manifest['name']} {manifest['version']}"
    text["measured"] = (
        f"`make eval` measured `{report[f'{model.name}_model']}` on {report['machine']}; "
        f"{report['versions']}; commit {str(report['commit'])[:12]}."
    )
    template = TEMPLATES[model.modality].read_text(encoding="utf-8")

    def filled(match: re.Match[str]) -> str:
        kind, _, name = match["name"].partition(" ")
        if kind == "picture":
            return Path(os.path.relpath(picture_path(model, name), where)).as_posix()
        return str(text[match["name"]])

    return MARK.sub(filled, template)


def write_card(report: Report, model: ModelFolder, out: Path) -> None:
    """Write the card and the plots of a model below a folder that is laid out as the repository."""
    from training.plots import styled  # noqa: PLC0415 - matplotlib, which tests may lack

    where = place_of(model)
    path = out / where / CARD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(card_text(report, model, where), encoding="utf-8")
    title = manifest_of(model)["name"]
    pictures = writer_of(model.modality).pictures(title, figures_of(report, model.name))
    with styled():
        for name, draw in pictures.items():
            draw(out / picture_path(model, name))


def models_table(models: Iterable[ModelFolder], *, where: Path = Path()) -> str:
    """Return the table of models from their manifests, for a page at a path from the root."""
    rows = []
    for model in models:
        manifest = manifest_of(model)
        metrics = manifest["metrics"]
        size = (model.folder / manifest["file"]).stat().st_size / 1e6
        link = Path(os.path.relpath(place_of(model) / CARD, where)).as_posix()
        words = short_row(model, metrics)
        rows.append([f"[{manifest['name']}]({link}), {size:.1f} MB", *words])
    return table(["weights", "judged on", "figures, with 95 % interval"], rows)


def face_row(metrics: Mapping[str, float]) -> list[str]:
    """Return what a face model was judged on, and how well it did."""
    figures = ", ".join(
        f"{words} {number(metrics, name)} ({spread(metrics, name)})"
        for words, name in (("accuracy", "face_accuracy"), ("mean recall (UAR)", "face_uar"))
    )
    images = f"FER+ PublicTest, {metrics['face_samples']:,.0f} images with a clear plurality"
    return [images, f"{figures}; ECE {number(metrics, 'face_ece')}"]


def voice_row(metrics: Mapping[str, float]) -> list[str]:
    """Return what a voice model was judged on, and how well it did."""
    titles = {"emodb": "EmoDB", "ravdess": "RAVDESS", "nemo": "nEMO", "cremad": "CREMA-D"}
    sets = ", ".join(
        f"{title} {number(metrics, name)}"
        for dataset, title in titles.items()
        if (name := f"voice_uar_{dataset}_test_speakers") in metrics
    )
    mean = f"{number(metrics, 'voice_uar_mean')} ({spread(metrics, 'voice_uar_mean')})"
    unseen, bursts = "voice_uar_unseen_mean", "voice_bursts_uar"
    more = [f"sets never heard {number(metrics, unseen)}"] if unseen in metrics else []
    more += [f"vocal bursts {number(metrics, bursts)}"] if bursts in metrics else []
    more.append(f"ECE of seconds {number(metrics, 'voice_interval_ece')}")
    return ["speakers never learned from", f"UAR {mean}: {sets}; {'; '.join(more)}"]


def short_row(model: ModelFolder, metrics: Mapping[str, float]) -> list[str]:
    """Return what a model was judged on and its main figures."""
    return face_row(metrics) if model.modality == "face" else voice_row(metrics)


def summary(report: Report, models: Iterable[ModelFolder]) -> str:
    """Return the short table of the models' main figures."""
    rows = [[model.name, *short_row(model, metrics_of(report, model))] for model in models]
    return table(["model", "judged on", "figures, with 95 % interval"], rows)


def publish(report: Report, models: Iterable[ModelFolder]) -> None:
    """Write the figures into the manifests, and the README's table of them."""
    for model in models:
        manifest = manifest_of(model)
        write_manifest(model.folder, manifest | {"metrics": metrics_of(report, model)})
    readme = REPOSITORY / "README.md"
    text = readme.read_text(encoding="utf-8")
    shipped = models_table(shipped_models())
    changed = README_TABLE.sub(lambda found: f"{found[1]}{shipped}\n{found[2]}", text)
    readme.write_text(changed, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", type=Path, required=True, help="report of training.evaluate")
    parser.add_argument("--out", type=Path, help="folder for cards and plots; nothing else changes")
    parser.add_argument("--face-weights", type=Path, default=FACE_WEIGHTS)
    parser.add_argument("--voice-weights", type=Path, default=VOICE_WEIGHTS)
    options = parser.parse_args(arguments)
    report = json.loads(options.report.read_text(encoding="utf-8"))
    models = [
        model
        for model in shipped_models(options.face_weights, options.voice_weights)
        if f"{model.name}_model" in report
    ]
    try:
        for model in models:
            check_judged(report, model, manifest_of(model))
    except ValueError as error:
        parser.error(str(error))
    if options.out is None:
        publish(report, models)
    out = options.out or REPOSITORY
    for model in models:
        write_card(report, model, out)
    listed = (
        models_table(models, where=PICTURES) if options.out is None else summary(report, models)
    )
    write_overview(report, listed, out / PICTURES)
    sys.stdout.write(summary(report, models) + "\n")


if __name__ == "__main__":
    main()
