"""The recipe runs every stage once, in order, and goes on where it was stopped."""

from __future__ import annotations

import subprocess
import sys

import pytest

from training.recipe import Stage, command, face_stages, run, voice_stages


def test_a_stage_starts_from_the_checkpoints_of_others(tmp_path):
    stage = Stage("b", "some.module", ("--start", "{a}", "--cache", "{cache}"), 5)
    words = command(stage, tmp_path)
    assert words[2:] == [
        *("some.module", "--start", str(tmp_path / "a/last.pt")),
        *("--cache", str(tmp_path / "cache")),
        *("--minutes", "5", "--out", str(tmp_path / "b")),
    ]


@pytest.mark.parametrize("crema", [None, "crema"])
def test_stages_only_use_what_came_before(crema):
    for stages in (face_stages("f.npz"), voice_stages("speech", "sounds", crema)):
        known = {"{cache}"}
        for stage in stages:
            assert {word for word in stage.arguments if word.startswith("{")} <= known
            known.add(f"{{{stage.name}}}")


def test_the_commercial_voice_learns_from_free_sets_alone():
    for crema in (None, "crema"):
        stages = [s for s in voice_stages("s", "n", crema) if s.name.startswith("commercial")]
        assert not [word for s in stages for word in s.arguments if word.startswith("{voice")]
        trained = [s.arguments for s in stages if s.module == "training.voice.train"]
        assert len(trained) == 2
        for words in trained:
            learned = words[words.index("--sets") + 1 : words.index("--with-watched")]
            assert set(learned) <= {"emodb", "emogator", "cremad"}


def test_finished_stages_are_not_run_again(tmp_path):
    works = Stage("works", "this", ())
    fails = Stage("fails", "no_such_module", ())
    with pytest.raises(subprocess.CalledProcessError):
        run([works, fails], tmp_path)
    assert (tmp_path / "works/done").exists()
    assert not (tmp_path / "fails/done").exists()
    assert command(works, tmp_path)[0] == sys.executable
