"""Compares the detectors of faces on videos: what they find, miss and invent, and what they cost.

    python -m training.detectors --videos DIR --out build/detectors.json

Nobody labelled the faces: true are those that YuNet is sure of on the frame as it is. Every video
is also shown dark, noisy and small, as hard copies, judged by the same faces. Videos whose name has
`no_face`, and scikit-image's pictures without people, show what is invented.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import av
import cv2
import numpy as np
from emotionmap_face.deepface_detector import DeepFaceDetector, is_installed
from emotionmap_face.detect import Box
from emotionmap_face.haar import HaarDetector
from emotionmap_face.settings import YUNET_FILE, Settings
from emotionmap_face.track import FaceTracker
from emotionmap_face.yunet import YuNetDetector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from emotionmap_face.detect import FaceDetector
    from numpy.typing import NDArray

    Find = Callable[["Picture"], Sequence[Box]]
    Spoil = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".mpg", ".avi", ".webm"})
FRAMES_PER_S, WIDTH_PX = 15, 640
"""As the service gets them."""
SMALLEST_FACE_PX = 20
SURE = 0.5
"""Score from which YuNet's faces count as true."""
LEAST_SHARED = 0.4
"""Of the area that two boxes cover together, what both cover when they are of one face."""
PICTURES = frozenset(
    {"brick", "cell", "chelsea", "clock_motion", "coffee", "coins", "color", "grass", "gravel"}
    | {"horse", "hubble_deep_field", "ihc", "microaneurysms", "moon", "motorcycle_left"}
    | {"motorcycle_right", "page", "phantom", "retina", "rocket", "text"}
)
"""Files of scikit-image without people, as far as the package brings them."""
PICTURE_REPEATS = 15
"""A picture is shown as a second of still video, so that tracking has its say."""
CLASSIC_EVERY = 5
"""The classic way looks at each frame alone and is slow: it is shown one frame of so many."""


class Picture(NamedTuple):
    """A frame: uint8 [H, W], and when it is on screen, ns."""

    gray: NDArray[np.uint8]
    time_ns: int


@dataclass(slots=True)
class Tally:
    """What one detector did with some frames."""

    frames: int = 0
    boxes: int = 0
    true: int = 0
    hits: int = 0
    false: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, found: Sequence[Box], truth: Sequence[Box], *, seconds: float) -> None:
        """Count one frame; a second box on a face counts as false."""
        hit = [any(is_same(box, face) for box in found) for face in truth]
        self.frames += 1
        self.boxes += len(found)
        self.true += len(truth)
        self.hits += sum(hit)
        self.false += len(found) - sum(hit)
        self.seconds.append(seconds)

    def figures(self) -> dict[str, float | None]:
        """Return what the report says."""
        return {
            "frames": self.frames,
            "faces": self.true,
            "boxes": self.boxes,
            "recall": round(self.hits / self.true, 4) if self.true else None,
            "false_boxes": self.false,
            "ms_per_frame": round(1000 * float(np.mean(self.seconds)), 2),
        }


def is_same(one: Box, other: Box) -> bool:
    """Tell whether two boxes are of one face."""
    shared = one.overlap(other)
    return shared >= LEAST_SHARED * (one.area + other.area - shared)


def read_frames(path: Path) -> Iterator[Picture]:
    """Yield a video's frames as the service gets them."""
    with av.open(str(path)) as video:
        due_s = 0.0
        for frame in video.decode(video=0):
            time_s = float(frame.time or 0)
            if time_s + 1e-6 < due_s:
                continue
            due_s += 1 / FRAMES_PER_S
            width = min(frame.width, WIDTH_PX)
            height = round(frame.height * width / frame.width)
            gray = frame.reformat(width=width, height=height, format="gray").to_ndarray()
            yield Picture(np.ascontiguousarray(gray), round(time_s * 1e9))


def hard_copies() -> Mapping[str, Spoil]:
    """Return by name what makes frames harder; all keep their size."""
    noise = np.random.default_rng(0).normal(0, 12, (2048, 2048)).astype(np.float32)

    def noisy(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = gray.shape
        start = int(gray[::7, ::7].sum()) % 512  # another part for another frame
        grain = noise[start : start + height, start : start + width]
        return (gray * 0.7 + grain + 20).clip(0, 255).astype(np.uint8)

    def dark(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return (gray // 5 * 2 + 8).astype(np.uint8)

    def small(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Make the picture a third as large, in the middle of gray."""
        third = cv2.resize(gray, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
        frame = np.full_like(gray, 110)
        frame[: third.shape[0], : third.shape[1]] = third
        return frame

    return {"plain": lambda gray: gray, "dark": dark, "noisy": noisy, "small": small}


def shrunk(box: Box) -> Box:
    """Return where a face is in the `small` copy."""
    return Box(*(round(edge / 3) for edge in (box.left, box.top, box.right, box.bottom)))


def tracked(detector: FaceDetector, *, counts_carried: bool = True) -> Find:
    """Return the service's way for one stream: a detector within a tracker."""
    tracker = FaceTracker(detector, min_face_px=SMALLEST_FACE_PX, pace=Settings().pace())

    def find(picture: Picture) -> Sequence[Box]:
        faces = tracker.update(picture.gray, time_ns=picture.time_ns).faces
        return [face.box for face in faces if counts_carried or not face.is_carried]

    return find


def classic() -> Find:
    """Return the usual way: the default cascade, scale 1.05, every whole frame."""
    folder = Path(cv2.data.haarcascades)
    cascade = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_default.xml"))

    def find(picture: Picture) -> Sequence[Box]:
        found = cascade.detectMultiScale(picture.gray, 1.05, 3, minSize=(20, 20))
        return [Box(x, y, x + width, y + height) for x, y, width, height in np.array(found, int)]

    return find


def every(name: str) -> int:
    """Return one frame of how many a way is shown."""
    return CLASSIC_EVERY if name == "classic" else 1


def contenders(yunet: YuNetDetector) -> dict[str, Callable[[], Find]]:
    """Return by name what makes a way to find faces in one stream of frames."""
    haar = HaarDetector()
    ways: dict[str, Callable[[], Find]] = {
        "classic": classic,
        "haar": lambda: tracked(haar),
        "haar_uncarried": lambda: tracked(haar, counts_carried=False),
        "yunet": lambda: tracked(yunet),
    }
    if is_installed():
        deepface = DeepFaceDetector("opencv")
        ways["deepface"] = lambda: tracked(deepface)
    return ways


def judge(
    find: Find, frames: Iterable[Picture], truth: Sequence[Sequence[Box]], *, every: int
) -> Tally:
    """Show frames to a way of finding faces; times are of its thread alone."""
    tally = Tally()
    for picture, faces in list(zip(frames, truth, strict=True))[::every]:
        start = time.thread_time()
        found = find(picture)
        tally.add(found, faces, seconds=time.thread_time() - start)
    return tally


def merge(tallies: Iterable[Tally]) -> Tally:
    """Add up."""
    total = Tally()
    for tally in tallies:
        for name in ("frames", "boxes", "true", "hits", "false", "seconds"):
            setattr(total, name, getattr(total, name) + getattr(tally, name))
    return total


def true_faces(yunet: YuNetDetector, frames: Iterable[Picture]) -> list[list[Box]]:
    """Return the faces of each frame that YuNet is sure of."""
    return [
        [
            found.box
            for found in yunet.scan(picture.gray, min_face_px=SMALLEST_FACE_PX, is_thorough=True)
            if found.score >= SURE
        ]
        for picture in frames
    ]


def judge_videos(
    paths: Iterable[Path], ways: Mapping[str, Callable[[], Find]], yunet: YuNetDetector
) -> dict[str, dict[str, list[Tally]]]:
    """Return tallies by copy and way; videos without faces are the copy `no_face`."""
    tallies: dict[str, dict[str, list[Tally]]] = {}
    for path in paths:
        frames = list(read_frames(path))
        is_empty = "no_face" in path.name
        truth = [[] for _ in frames] if is_empty else true_faces(yunet, frames)
        for copy, spoil in hard_copies().items():
            shown = [Picture(spoil(picture.gray), picture.time_ns) for picture in frames]
            there = [[shrunk(b) for b in f] for f in truth] if copy == "small" else truth
            for name, make in ways.items():
                group = tallies.setdefault("no_face" if is_empty else copy, {})
                group.setdefault(name, []).append(judge(make(), shown, there, every=every(name)))
    return tallies


def judge_pictures(ways: Mapping[str, Callable[[], Find]]) -> dict[str, list[Tally]]:
    """Return what each way finds in pictures without people."""
    import skimage.data  # noqa: PLC0415 - only here

    folder = Path(skimage.data.__file__).parent
    files = sorted(path for path in folder.iterdir() if path.stem in PICTURES)
    tallies: dict[str, list[Tally]] = {name: [] for name in ways}
    for path in files:
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if gray is None:
            continue
        step_ns = 1_000_000_000 // FRAMES_PER_S
        frames = [Picture(np.asarray(gray, np.uint8), i * step_ns) for i in range(PICTURE_REPEATS)]
        for name, make in ways.items():
            tallies[name].append(judge(make(), frames, [[]] * len(frames), every=every(name)))
    return tallies


def table(report: Mapping[str, Mapping[str, Mapping[str, float | None]]]) -> str:
    """Return the report as a Markdown table."""
    lines = [
        "| frames | detector | recall | false boxes | ms a frame |",
        "| --- | --- | --- | --- | --- |",
    ]
    for group, ways in report.items():
        for name, row in ways.items():
            recall = "" if row["recall"] is None else f"{row['recall']:.3f}"
            false = f"{row['false_boxes']} in {row['frames']}"
            lines.append(f"| {group} | {name} | {recall} | {false} | {row['ms_per_frame']:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print a table, write the report."""
    parser = argparse.ArgumentParser(description="Compare detectors of faces on videos.")
    parser.add_argument("--videos", type=Path, required=True, help="folder of videos")
    parser.add_argument("--models", type=Path, default=None, help=f"folder of {YUNET_FILE}")
    parser.add_argument("--out", type=Path, required=True, help="report to write")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    models = options.models or options.videos.parent / "models"
    yunet = YuNetDetector(models / YUNET_FILE)
    ways = contenders(yunet)
    paths = sorted(p for p in options.videos.iterdir() if p.suffix in SUFFIXES)
    tallies = judge_videos(paths, ways, yunet) | {"pictures": judge_pictures(ways)}
    report = {
        group: {name: merge(found).figures() for name, found in by_way.items()}
        for group, by_way in tallies.items()
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(table(report))  # noqa: T201 - what was asked for


if __name__ == "__main__":
    main()
