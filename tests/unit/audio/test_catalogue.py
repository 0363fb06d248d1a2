"""Models are found where they may lie, and no two can be mistaken for each other."""

from __future__ import annotations

import pytest
from emotionmap_audio.catalogue import find_models
from emotionmap_audio.manifest import WeightsError

from tests.onnx_files import write_model


def write(folder, name):
    return write_model(folder, b"data", name=name, modality="voice")


@pytest.fixture
def roots(tmp_path):
    """Installed, then shipped; the shipped ones are "main" and, in a sub-folder, "other"."""
    write(tmp_path / "shipped", "main")
    write(tmp_path / "shipped/sub", "other")
    return [tmp_path / "installed", tmp_path / "shipped"]


def names(*, named=None, roots, default=""):
    folders = find_models(named=named, roots=roots, default=default)
    return [str(folder.relative_to(roots[-1].parent)) for folder in folders]


def test_the_model_of_the_folder_itself_is_the_default(roots):
    assert names(roots=roots) == ["shipped", "shipped/sub"]


def test_a_name_makes_another_the_default(roots):
    assert names(roots=roots, default="other") == ["shipped/sub", "shipped"]


def test_an_installed_model_comes_before_the_shipped_ones(roots):
    write(roots[0], "mine")
    assert names(roots=roots) == ["installed", "shipped", "shipped/sub"]


def test_an_installed_model_in_a_sub_folder_may_be_chosen(roots):
    write(roots[0] / "b", "mine")
    assert names(roots=roots) == ["shipped", "installed/b", "shipped/sub"]


def test_an_installed_model_takes_the_place_of_a_shipped_one_of_its_name(roots):
    write(roots[0] / "new", "main")
    assert names(roots=roots) == ["installed/new", "shipped/sub"]


def test_a_named_folder_comes_first_and_alone(roots, tmp_path):
    named = write(tmp_path / "named", "mine")
    write(tmp_path / "named/sub", "mine")
    assert names(named=named, roots=roots) == ["named", "shipped", "shipped/sub"]


def test_hidden_folders_and_folders_without_manifest_are_no_models(roots):
    write(roots[1] / "..data", "main")
    (roots[1] / "empty").mkdir()
    (roots[1] / "file").touch()
    assert names(roots=roots) == ["shipped", "shipped/sub"]


def test_two_models_of_one_name_are_refused(roots):
    write(roots[1] / "twin", "other")
    with pytest.raises(WeightsError, match=r"sub and .*twin both hold a model named other"):
        names(roots=roots)


def test_an_unknown_default_is_refused_and_the_known_ones_are_named(roots):
    with pytest.raises(WeightsError, match=r"no voice model 'x'; .*: main, other\."):
        names(roots=roots, default="x")


def test_a_named_folder_without_model_is_refused(roots, tmp_path):
    with pytest.raises(WeightsError, match=r"nowhere/manifest\.json"):
        names(named=tmp_path / "nowhere", roots=roots)


def test_without_any_model_there_is_no_default(tmp_path):
    with pytest.raises(WeightsError, match="there is no default model"):
        names(roots=[tmp_path / "none"])


def test_a_manifest_that_links_to_nothing_is_refused(roots):
    (roots[1] / "broken").mkdir()
    (roots[1] / "broken/manifest.json").symlink_to("gone")
    with pytest.raises(WeightsError, match=r"broken/manifest\.json"):
        names(roots=roots)
