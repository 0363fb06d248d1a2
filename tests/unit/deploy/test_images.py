"""What `make images-test` does around podman: which is played here by a script."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.images import __main__ as images
from tests.images.podman import ImagesError, Podman


def podman(tmp_path, script):
    path = tmp_path / "podman"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Podman(f"{path} --root=x", tmp_path / "containers.conf")


def test_without_podman_one_sentence_says_so(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("IMAGES_PODMAN", str(tmp_path / "none"))
    monkeypatch.delenv("IMAGES_BASE", raising=False)
    with pytest.raises(SystemExit, match=r"^images-test: .*/none is not installed\.$"):
        images.main([])


def test_a_failure_has_podmans_last_words(tmp_path) -> None:
    failing = podman(tmp_path, "echo one; echo two >&2; exit 125")
    with pytest.raises(ImagesError, match=r"--root=x build \.\.\.` failed: one / two"):
        failing.run("build")
    assert not failing.has("image")


def test_podman_reads_the_configuration_that_is_given(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("CONTAINERS_CONF", raising=False)
    said = podman(tmp_path, 'echo "$CONTAINERS_CONF $@"').run("version")
    assert said.split() == [str(tmp_path / "containers.conf"), "--root=x", "version"]


def test_sizes_are_megabytes_unpacked_and_in_a_registry(tmp_path) -> None:
    manifest = json.dumps({"layers": [{"size": 2_000_000}, {"size": 500_000}]})
    (tmp_path / "manifest.json").write_text(manifest)
    sized = podman(tmp_path, "echo '[{\"Size\": 7000000}]'")
    assert sized.size_mb("image") == 7.0
    assert sized.packed_mb("image", tmp_path) == 2.5


def test_a_target_is_built_on_the_base_that_is_named_without_fetching(
    monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("IMAGES_BUILD_ARGS", "--volume=/a:/b:ro")
    images.build(podman(tmp_path, f'echo "$@" > {tmp_path}/said'), "face", "base:1")
    said = (tmp_path / "said").read_text().split()
    assert {"--target=face", "--volume=/a:/b:ro", "--pull=never"} <= set(said)
    assert {"--build-arg=PYTHON_IMAGE=base:1", "--tag=localhost/emotionmap-face"} <= set(said)


def test_the_pod_gets_ports_that_are_free_and_fit_together(tmp_path) -> None:
    path, url = images.pod_on_free_ports(tmp_path)
    pod = yaml.safe_load(path.read_text())
    given = {
        container["name"]: {entry["name"]: entry["value"] for entry in container["env"]}
        for container in pod["spec"]["containers"]
    }
    gateway = given["gateway"]
    assert url == f"http://127.0.0.1:{gateway['EMOTIONMAP_GATEWAY_HTTP_PORT']}"
    for name in ("media", "face", "audio", "fusion"):
        port = given[name][f"EMOTIONMAP_{name.upper()}_PORT"]
        assert gateway[f"EMOTIONMAP_GATEWAY_{name.upper()}_TARGET"] == f"127.0.0.1:{port}"


def test_a_pod_that_cannot_start_is_taken_down_again(tmp_path) -> None:
    script = f'echo "$@" >> {tmp_path}/said; [ "$3" != play ]'
    with (
        pytest.raises(ImagesError, match="failed"),
        images.running(podman(tmp_path, script), tmp_path),
    ):
        pass
    said = (tmp_path / "said").read_text()
    assert "logs --tail=5 emotionmap-gateway" in said
    assert said.splitlines()[-1].startswith("--root=x kube down")
