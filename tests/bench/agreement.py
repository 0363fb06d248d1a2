"""Compares the shipped pace of face search with the unhurried way: the same labels for less work?

    python -m tests.bench.agreement --videos ../shared/media [--models ../shared/models]

The unhurried way searches every sampled frame at full size and scores every face in every frame.
Seconds of videos (also as copies made dark, noisy and small), of the bench's clip and of made-up
hard cases are labelled by faces alone, and compared. CPU times are of the thread that searches.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from emotionmap_face.crop import prepare
from emotionmap_face.haar import HaarDetector
from emotionmap_face.manifest import read_weights
from emotionmap_face.onnx_model import load_model
from emotionmap_face.pace import UNHURRIED
from emotionmap_face.reuse import Crop, Reuse
from emotionmap_face.settings import SHIPPED_WEIGHTS, YUNET_FILE, Settings
from emotionmap_face.track import FaceTracker
from emotionmap_face.yunet import YuNetDetector
from emotionmap_fusion.evidence import EMOTIONS, Box, Face, Frame, Span
from emotionmap_fusion.fuse import Weighing
from emotionmap_fusion.segment import Segment, SegmentFusion
from emotionmap_fusion.weighted_mean import WeightedMean

from tests.bench.hard_cases import hard_cases
from training.detectors import SUFFIXES, Picture, hard_copies, read_frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from emotionmap_face.detect import FaceDetector
    from emotionmap_face.model import EmotionModel
    from emotionmap_face.pace import Pace
    from emotionmap_face.track import Sighting
    from numpy.typing import NDArray

SECOND_NS = 1_000_000_000
SMALLEST_FACE_PX = 20
LONGEST_GAP = 5
"""Frames in a row without a face that do not end its appearance."""
LEAST_APPEARANCE = 8
"""Frames of the shortest appearance whose delay is told."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one way saw in one film.

    Attributes:
        labels: Emotion of each second, 0 for none.
        faces: Valid faces in each frame.
        scored: How many of them were scored.
        cpu_s: Thread time of search and crops, without the model's.
    """

    labels: tuple[int, ...]
    faces: tuple[int, ...]
    scored: int
    cpu_s: float


@dataclass(slots=True)
class Row:
    """What one way did with a group of films, next to the unhurried way."""

    seconds: int = 0
    agreed: int = 0
    faces: int = 0
    true_faces: int = 0
    scored: int = 0
    cpu_s: float = 0.0
    true_cpu_s: float = 0.0
    delays: list[int] = field(default_factory=list)
    unseen: int = 0

    def add(self, shipped: Result, truth: Result) -> None:
        """Count one film."""
        self.seconds += len(truth.labels)
        self.agreed += sum(a == b for a, b in zip(shipped.labels, truth.labels, strict=True))
        self.faces += sum(shipped.faces)
        self.true_faces += sum(truth.faces)
        self.scored += shipped.scored
        self.cpu_s += shipped.cpu_s
        self.true_cpu_s += truth.cpu_s
        for delay in first_seen_delays(shipped.faces, truth.faces):
            if delay is None:
                self.unseen += 1
            else:
                self.delays.append(delay)

    def figures(self, *, frames_per_s: float = 15.0) -> dict[str, float]:
        """Return what the report says."""
        delays_s = np.array(self.delays or [0]) / frames_per_s
        return {
            "seconds": self.seconds,
            "agreed": round(self.agreed / max(1, self.seconds), 4),
            "faces_per_s": round(self.faces / max(1, self.seconds), 2),
            "unhurried_faces_per_s": round(self.true_faces / max(1, self.seconds), 2),
            "scored_per_s": round(self.scored / max(1, self.seconds), 2),
            "first_seen_mean_s": round(float(delays_s.mean()), 2),
            "first_seen_most_s": round(float(delays_s.max()), 2),
            "never_seen": self.unseen,
            "cpu_ms_per_s": round(1000 * self.cpu_s / max(1, self.seconds), 1),
            "unhurried_cpu_ms_per_s": round(1000 * self.true_cpu_s / max(1, self.seconds), 1),
        }


def appearances(faces: Sequence[int], least: int) -> Iterator[tuple[int, int]]:
    """Give first and last frame of each stretch with at least so many faces."""
    at = [i for i, count in enumerate(faces) if count >= least]
    for run in np.split(at, np.flatnonzero(np.diff(at) > LONGEST_GAP) + 1):
        if len(run) >= LEAST_APPEARANCE:
            yield int(run[0]), int(run[-1])


def first_seen_delays(faces: Sequence[int], truth: Sequence[int]) -> Iterator[int | None]:
    """Give, per appearance in `truth`, how many frames later it is seen; None if it never is."""
    for least in range(1, max(truth, default=0) + 1):
        for first, last in appearances(truth, least):
            seen = (i - first for i in range(first, last + 1) if faces[i] >= least)
            yield next(seen, None)


def weighing() -> Weighing:
    """Return the defaults, with faces alone."""
    every = np.ones(EMOTIONS, np.bool_)
    return Weighing(
        face_weight=1.0,
        voice_weight=0.0,
        confidence_floor=0.3,
        min_face_share=0.2,
        min_speech=0.2,
        face_mask=every,
        voice_mask=every,
    )


def watch(
    film: Sequence[Picture], detector: FaceDetector, model: EmotionModel, *, pace: Pace
) -> Result:
    """Search and score a film as the service does, and label its seconds."""
    tracker = FaceTracker(detector, min_face_px=SMALLEST_FACE_PX, pace=pace)
    reuse = Reuse(pace)
    cpu_s, frames = 0.0, []
    for picture in film:
        start = time.thread_time()
        sightings = tracker.update(picture.gray, time_ns=picture.time_ns).faces
        crops = [
            reuse.crop_for(Crop(prepare(picture.gray, f.box), picture.time_ns), track=f.track)
            for f in sightings
        ]
        cpu_s += time.thread_time() - start
        frames.append((picture, sightings, crops))
    different = {crop for _, _, crops in frames for crop in crops}
    scores = {crop: model.predict(crop.pixels[None])[0] for crop in different}
    return Result(
        labels=tuple(label(frames, scores)),
        faces=tuple(len(sightings) for _, sightings, _ in frames),
        scored=len(scores),
        cpu_s=cpu_s,
    )


def label(
    frames: Sequence[tuple[Picture, Sequence[Sighting], Sequence[Crop]]],
    scores: Mapping[Crop, NDArray[np.float32]],
) -> Iterator[int]:
    """Give the emotion of each second."""
    last_ns = frames[-1][0].time_ns
    span = Span(0, (last_ns // SECOND_NS + 1) * SECOND_NS)
    segment = Segment(span, SECOND_NS, expects_faces=True, expects_speech=False)
    fusion = SegmentFusion(segment, weighing=weighing(), strategy=WeightedMean())
    for picture, sightings, crops in frames:
        faces = tuple(
            _to_face(face, scores[crop], picture)
            for face, crop in zip(sightings, crops, strict=True)
        )
        fusion.add_frame(Frame(picture.time_ns, faces))
    for interval in fusion.take_rest():
        yield interval.decision.emotion


def _to_face(sighting: Sighting, emotions: NDArray[np.float32], picture: Picture) -> Face:
    height, width = picture.gray.shape
    box = sighting.box
    edges = Box(box.left / width, box.top / height, box.right / width, box.bottom / height)
    return Face(edges, emotions.astype(np.float64), sighting.track, sighting.quality)


def films(videos: Iterable[Path]) -> Iterator[tuple[str, str, list[Picture]]]:
    """Give group, name and frames of all films."""
    for name, film in hard_cases():
        yield "hard cases", name, film
    for path in videos:
        frames = list(read_frames(path))
        for copy, spoil in hard_copies().items():
            shown = [Picture(spoil(picture.gray), picture.time_ns) for picture in frames]
            yield f"videos, {copy}", path.name, shown


def table(groups: dict[str, Row]) -> str:
    """Return the report as a Markdown table."""
    figures = {name: row.figures() for name, row in groups.items()}
    titles = list(next(iter(figures.values())))
    lines = [f"| films | {' | '.join(titles)} |", "| --- " * (len(titles) + 1) + "|"]
    lines += [
        f"| {name} | {' | '.join(str(value) for value in row.values())} |"
        for name, row in figures.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print a table, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="files or folders")
    parser.add_argument("--models", type=Path, help=f"folder of {YUNET_FILE}: use YuNet")
    parser.add_argument("--out", type=Path, help="report to write")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    detector = YuNetDetector(options.models / YUNET_FILE) if options.models else HaarDetector()
    model = load_model(read_weights(SHIPPED_WEIGHTS), threads=1)
    paths = [
        p for given in options.videos for p in (given.iterdir() if given.is_dir() else [given])
    ]
    groups: dict[str, Row] = {}
    for group, name, film in films(sorted(p for p in paths if p.suffix in SUFFIXES)):
        truth = watch(film, detector, model, pace=UNHURRIED)
        shipped = watch(film, detector, model, pace=Settings().pace())
        for key in (group, f"- {name}", "all") if group == "hard cases" else (group, "all"):
            groups.setdefault(key, Row()).add(shipped, truth)
    groups["all"] = groups.pop("all")
    print(table(groups))  # noqa: T201 - what was asked for
    if options.out is not None:
        report = {name: row.figures() for name, row in groups.items()}
        options.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
