"""The seven emotions, in the order of every model's outputs. Not the product's protocol."""

from __future__ import annotations

LABELS = ("Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral")
"""Names as in DESIGN's vocabulary; the order is DeepFace's: angry, disgust, fear, happy, ..."""

INDEX = {name.lower(): index for index, name in enumerate(LABELS)} | {
    "calm": LABELS.index("Neutral")
}
"""Label words of the data sets to class index. RAVDESS alone has `calm`; it counts as neutral."""
