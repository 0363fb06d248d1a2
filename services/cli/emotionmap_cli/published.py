"""Models that others publish: where they lie, what they must be, what they are for.

Each address names a commit, a revision or a release, and each digest was found published by others
than the one address (see DECISIONS.md). A file whose digest nobody publishes has none here either:
it is fetched only when a person gives one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOURCES: Final = "sources"
"""Folder for what no server loads as it is: it is converted, or training starts from it."""

WAV2VEC2_BASE: Final = (
    "https://huggingface.co/facebook/wav2vec2-base/resolve/0b5b8e868dd84f03fd87d01f9c4ff0f080fecfe8"
)
DEEPFACE: Final = "https://github.com/serengil/deepface_models/releases/download/v1.0"
OPENCV_ZOO: Final = (
    "https://media.githubusercontent.com/media/opencv/opencv_zoo/"
    "47534e27c9851bb1128ccc0102f1145e27f23f98"
)


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file to fetch.

    Attributes:
        url: Where it lies.
        path: Where it goes in the models folder.
        sha256: Its digest; None where nobody publishes it.
        size_bytes: None where that is not known.
    """

    url: str
    path: str
    sha256: str | None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PublicModel:
    """Files that belong together, under one name.

    Attributes:
        name: What a person asks for.
        files: What it consists of.
        licence: Under which terms, as far as its publisher says.
        use: What it is for, and what comes next.
    """

    name: str
    files: tuple[PublicFile, ...]
    licence: str
    use: str

    @property
    def is_pinned(self) -> bool:
        """Whether each of its files has a digest."""
        return all(file.sha256 for file in self.files)


PUBLIC_MODELS: Final = (
    PublicModel(
        name="yunet",
        files=(
            PublicFile(
                f"{OPENCV_ZOO}/models/face_detection_yunet/face_detection_yunet_2023mar.onnx",
                "face_detection_yunet_2023mar.onnx",
                "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
                232_589,
            ),
        ),
        licence="MIT",
        use="Finds faces: the detector yunet, from the next start on.",
    ),
    PublicModel(
        name="deepface",
        files=(
            PublicFile(
                f"{DEEPFACE}/facial_expression_model_weights.h5",
                f"{SOURCES}/deepface/facial_expression_model_weights.h5",
                "e8e8851d3fa05c001b1c27fd8841dfe08d7f82bb786a53ad8776725b7a1e824c",
            ),
        ),
        licence="MIT repository; by its README these weights inherit VGG-Face's terms "
        "(non-commercial research)",
        use="DeepFace's own emotion weights: training.faces.deepface_weights makes a model of them "
        "(training/README.md).",
    ),
    PublicModel(
        name="deepface-onnx",
        files=(
            PublicFile(
                f"{DEEPFACE}/facial_expression_model_weights.onnx",
                f"{SOURCES}/deepface/facial_expression_model_weights.onnx",
                None,
            ),
        ),
        licence="as deepface",
        use="The same weights as DeepFace 0.0.103 runs them.",
    ),
    PublicModel(
        name="wav2vec2-base",
        files=(
            PublicFile(
                f"{WAV2VEC2_BASE}/config.json",
                f"{SOURCES}/wav2vec2-base/config.json",
                "4937977e24d12d1bba70cdce8709c3c04807a8e4ae8ddac4229c48c436ae99ae",
                1_842,
            ),
            PublicFile(
                f"{WAV2VEC2_BASE}/preprocessor_config.json",
                f"{SOURCES}/wav2vec2-base/preprocessor_config.json",
                "b225d617c025463b9e157e06afea8b90dc7078fc70b013c533328423e0486b4a",
                159,
            ),
            PublicFile(
                f"{WAV2VEC2_BASE}/pytorch_model.bin",
                f"{SOURCES}/wav2vec2-base/pytorch_model.bin",
                "3249fe98bfc62fcbc26067f724716a6ec49d12c4728a2af1df659013905dff21",
                380_267_417,
            ),
        ),
        licence="Apache-2.0",
        use="What fine-tuning a voice model starts from (training/README.md).",
    ),
)
