"""The help of the command leaves no option out, and bad choices are bad input."""

from __future__ import annotations

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_cli.arguments import OPTION_HELP
from emotionmap_cli.client import is_bad_input
from emotionmap_gateway.documents.options import options_to_json


@pytest.mark.parametrize("key", options_to_json(pb.AnalysisOptions()))
def test_the_help_names_every_option(key) -> None:
    assert key in OPTION_HELP


@pytest.mark.parametrize(
    ("reason", "is_bad"),
    [
        ("MEDIA_UNREADABLE", True),
        ("MODEL_UNAVAILABLE", True),
        ("DETECTOR_UNAVAILABLE", True),
        ("SERVICE_UNAVAILABLE", False),
        ("INTERNAL", False),
    ],
)
def test_what_lies_in_the_input_is_told_from_what_lies_in_the_system(reason, is_bad) -> None:
    assert is_bad_input(reason) == is_bad
