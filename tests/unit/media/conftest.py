"""What the tests of the media service share."""

from __future__ import annotations

import pytest
from emotionmap_media.streams import Limits


@pytest.fixture
def limits():
    return Limits(max_duration_s=3600, max_pixels=3840 * 2160, decode_threads=2)
