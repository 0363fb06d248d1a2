"""Every form of a timeline can be asked for, and comes out as the gateway sends it."""

from __future__ import annotations

from typing import Literal, get_args, get_type_hints

import pytest
from emotionmap_cli.__main__ import run
from emotionmap_cli.analyze import FORMATS
from emotionmap_gateway.http import timeline_routes

from tests.unit.cli.fake_gateway import HAPPY_PATH


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(1000))
    return path


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
def test_a_form_is_asked_for_and_written_as_it_comes(gateway, script, video, capfd, form):
    assert run(["analyze", str(video), "--server", gateway, "--format", form]) == 0
    assert script.formats == [form]
    assert capfd.readouterr().out == "start,end\r\n"


def test_the_forms_are_those_of_the_gateway():
    hint = get_type_hints(timeline_routes.get_timeline)["form"]
    (literal,) = (part for part in get_args(hint) if part is not type(None))
    assert literal == Literal[FORMATS]


def test_events_of_other_kinds_are_passed_over(gateway, script, video, capfd):
    script.events = (HAPPY_PATH[0], ("draft", {"intervals": []}), *HAPPY_PATH[1:])
    assert run(["analyze", str(video), "--server", gateway, "--format", "edl"]) == 0
    assert "2 segments done" in capfd.readouterr().err
