"""The reasons in the code are those that the proto promises."""

from __future__ import annotations

import re
from pathlib import Path

from emotionmap_face import reasons

PROTO = Path(__file__).parents[3] / "proto/emotionmap/v1/face_service.proto"


def test_reasons_are_those_of_the_proto():
    promised = set(re.findall(r"// [A-Z_]+ `([A-Z_]+)`", PROTO.read_text()))
    ours = {value for name, value in vars(reasons).items() if name.isupper()}
    assert ours == promised
