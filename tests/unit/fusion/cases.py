"""What tests of fusion start from: the weighing that is the default, and drawn distributions."""

from __future__ import annotations

import numpy as np
from emotionmap_fusion.evidence import EMOTIONS
from emotionmap_fusion.fuse import Weighing
from hypothesis import assume
from hypothesis import strategies as st

ALL = np.ones(EMOTIONS, np.bool_)
WEIGHING = Weighing(
    face_weight=0.55,
    voice_weight=0.45,
    confidence_floor=0.3,
    min_face_share=0.2,
    min_speech=0.2,
    face_mask=ALL,
    voice_mask=ALL,
)


@st.composite
def distributions(draw, mask=ALL):
    raw = np.array(draw(st.lists(st.floats(0, 1), min_size=EMOTIONS, max_size=EMOTIONS))) * mask
    assume(raw.sum() > 1e-3)
    return raw / raw.sum()


masks = st.lists(st.booleans(), min_size=EMOTIONS, max_size=EMOTIONS).filter(any).map(np.array)
