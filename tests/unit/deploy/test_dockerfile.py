"""The Dockerfile keeps the rules of the images: no root, pinned, tried, a target a service."""

from __future__ import annotations

import fnmatch
import re
import shlex
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
SERVICES = {"gateway", "media", "face", "audio", "fusion"}
TARGETS = SERVICES | {"face-gpu", "audio-gpu"}
LEAST_UID = 10_000


def instructions(text):
    """Return (instruction, rest) for each, continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def stages(text):
    """Return each stage: its name, what it is made from, and its instructions."""
    found = {}
    for instruction, rest in instructions(text):
        if instruction == "FROM":
            source, _, name = rest.split()
            found[name] = (source, [])
        elif found:
            found[name][1].append((instruction, rest))
    return found


DOCKERFILE = (REPOSITORY / "deploy/Dockerfile").read_text()
STAGES = stages(DOCKERFILE)
COPIES = [
    (stage, shlex.split(rest))
    for stage, (_, content) in STAGES.items()
    for instruction, rest in content
    if instruction in {"COPY", "ADD"}
]


def values(target, instruction):
    """Return what an instruction says in a target and in all that it is made from, last first."""
    source, content = STAGES[target]
    own = [rest for name, rest in reversed(content) if name == instruction]
    return own + (values(source, instruction) if source in STAGES else [])


def service_of(target):
    return target.removesuffix("-gpu")


def test_every_service_has_a_target_and_model_servers_one_for_graphics_cards() -> None:
    assert set(STAGES) >= TARGETS
    installed = {path.name for path in (REPOSITORY / "services").iterdir() if path.is_dir()}
    assert installed - {"runtime", "cli"} == SERVICES


def test_the_base_is_pinned_by_digest_and_the_only_one() -> None:
    [argument] = re.findall(r"^ARG PYTHON_IMAGE=(.*)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"docker\.io/library/python:3\.11-slim-\w+@sha256:[0-9a-f]{64}", argument)
    assert {source for source, _ in STAGES.values()} - set(STAGES) == {"${PYTHON_IMAGE}"}


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_no_target_runs_as_root(target) -> None:
    user, _, group = values(target, "USER")[0].partition(":")
    assert int(user) >= LEAST_UID
    assert int(group) >= LEAST_UID


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_target_is_started_with_check_after_all_is_in_it(target) -> None:
    _, content = STAGES[target]
    module = f"emotionmap_{service_of(target)}"
    check = ("RUN", f'["python", "-m", "{module}", "--check"]')
    assert check in content
    later = content[content.index(check) + 1 :]
    assert {name for name, _ in later} <= {"ENV", "ENTRYPOINT"}
    assert values(target, "ENTRYPOINT")[0] == f'["python", "-m", "{module}"]'


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_target_holds_its_own_packages_and_code_alone(target) -> None:
    copied = [words for stage, words in COPIES if stage == target]
    assert [f"--from={target}-packages", "/opt/emotionmap", "/opt/emotionmap"] in copied
    code = [words[-2] for words in copied if words[-2].startswith("services/")]
    service = service_of(target)
    assert code == [f"services/{service}/emotionmap_{service}"]
    [requirements] = [words[-2] for stage, words in COPIES if stage == f"{target}-packages"]
    assert requirements == f"requirements/{target}.txt"


@pytest.mark.parametrize("service", ["face", "audio"])
def test_one_environment_never_has_both_kinds_of_onnxruntime(service) -> None:
    for name, ours in ((service, "onnxruntime"), (f"{service}-gpu", "onnxruntime-gpu")):
        pins = (REPOSITORY / f"requirements/{name}.txt").read_text()
        assert re.findall(r"^(onnxruntime[a-z-]*)==", pins, re.MULTILINE) == [ours]
    assert f"EMOTIONMAP_{service.upper()}_PROVIDER=cuda" in values(f"{service}-gpu", "ENV")


def test_packages_are_installed_with_hashes_only() -> None:
    script = (REPOSITORY / "deploy/install-packages").read_text()
    assert "--require-hashes" in script
    installing = re.findall(r"pip\S* .*install|apt-get|npm i ", DOCKERFILE)
    assert installing == []
    assert "npm ci" in DOCKERFILE


def test_kubernetes_probes_so_there_is_no_healthcheck() -> None:
    names = {name for _, content in STAGES.values() for name, _ in content}
    assert not names & {"HEALTHCHECK", "ADD", "MAINTAINER", "SHELL"}


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_labels_name_image_licence_version_and_revision(target) -> None:
    labels = " ".join(values(target, "LABEL"))
    assert f'title="emotionmap-{target}"' in labels
    for key in ("licenses", "version", "revision", "source"):
        assert f"org.opencontainers.image.{key}=" in labels


def is_sent(path):
    """Tell whether .dockerignore lets a path of the repository into the build."""
    sent = True
    for line in (REPOSITORY / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = line.lstrip("!").removeprefix("**/")
            parents = [path, *(str(parent) for parent in Path(path).parents)]
            if any(fnmatch.fnmatchcase(parent, pattern) for parent in parents):
                sent = line.startswith("!")
    return sent


def test_whatever_is_copied_is_there_and_is_sent_to_the_builder() -> None:
    sources = [words[-2] for _, words in COPIES if not words[0].startswith("--from")]
    sources += ["web/package.json", "web/src"]
    for source in sources:
        assert (REPOSITORY / source).exists(), source
        assert is_sent(source), source


def test_nothing_built_fetched_or_private_is_sent_to_the_builder() -> None:
    for path in (".git", ".venv", ".emotionmap", "build", "training", "tests", "web/node_modules"):
        assert not is_sent(f"{path}/x"), path
