"""The page's types name what the gateway sends: no field more, none less, none renamed."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from emotionmap_gateway.http import wire

SOURCE = Path(__file__).parents[3].joinpath("web/src/api/api-types.ts").read_text()
SCHEMA = json.loads(
    files("emotionmap_gateway.documents").joinpath("timeline.schema.json").read_text()
)
BODIES = ["Failure", "Media", "Analysis", "AnalysisPage", "Interval", "Export", "Problem"]
WIRE_NAMES = {"HighlightsRequest": "HighlightsWish"}
NOT_READ_BY_THE_PAGE = {
    "Analysis": {"options"},
    "Problem": {"type", "metadata"},
    "Timeline": {"options"},
}


def fields_of(interface: str) -> set[str]:
    """Names of the fields on the first level of an interface, inherited ones included."""
    pattern = rf"interface {interface}(?: extends (\w+))? \{{\n(.*?)^\}}"
    found = re.search(pattern, SOURCE, re.DOTALL | re.MULTILINE)
    assert found, f"no interface {interface}"
    inherited = fields_of(found[1]) if found[1] else set()
    return inherited | set(re.findall(r"^  readonly (\w+)\??:", found[2], re.MULTILINE))


@pytest.mark.parametrize("interface", [*BODIES, *WIRE_NAMES])
def test_a_body_has_the_fields_of_the_gateway(interface):
    model = getattr(wire, WIRE_NAMES.get(interface, interface))
    expected = set(model.model_fields) - NOT_READ_BY_THE_PAGE.get(interface, set())
    assert fields_of(interface) == expected


def test_a_timeline_has_the_fields_of_its_schema():
    expected = set(SCHEMA["properties"]) - NOT_READ_BY_THE_PAGE["Timeline"]
    assert fields_of("Timeline") == expected


@pytest.mark.parametrize(
    ("interface", "definition"),
    [("Interval", "interval"), ("Person", "person"), ("Analytics", "analytics")],
)
def test_a_part_of_a_timeline_has_the_fields_of_its_schema(interface, definition):
    assert fields_of(interface) == set(SCHEMA["$defs"][definition]["properties"])


def test_the_labels_are_those_of_the_gateway_in_the_same_order():
    union = re.search(r"ScoredEmotion =\s+(.*?);", SOURCE, re.DOTALL)
    assert union
    assert re.findall(r'"(\w+)"', union[1]) == list(wire.Scored.__args__)
