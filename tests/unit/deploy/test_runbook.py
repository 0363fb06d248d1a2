"""Every command of docs/operations.md can be typed, and every alarm says what to look at and do."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from functools import cache

import pytest
import yaml

from deploy.tool import commands
from tests.unit.deploy.manifests import K8S, REPOSITORY, needs_kubectl

TEXT = (REPOSITORY / "docs/operations.md").read_text()
MAKEFILE = (REPOSITORY / "Makefile").read_text()
[GROUP] = yaml.safe_load((REPOSITORY / "deploy/monitoring/alerts.yaml").read_text())["groups"]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LEAST_STEPS = 2


def told():
    """Return every command line that is told: those of the blocks, and those in the text."""
    blocks = "\n".join(text for kind, text in FENCE.findall(TEXT) if kind == "sh")
    spans = re.findall(r"`([^`]+)`", FENCE.sub("", TEXT))
    lines = [*blocks.replace("\\\n", " ").splitlines(), *(" ".join(s.split()) for s in spans)]
    plain = [re.sub(r"\$\([^)]*\)", "made", line.partition(" #")[0]) for line in lines]
    parts = [part.strip() for line in plain for part in re.split(r"&&|;| \| ", line)]
    return sorted(dict.fromkeys(part.removeprefix("do ").strip() for part in parts))


def lines_of(*beginnings):
    return [line for line in told() if line.startswith(beginnings)]


@cache
def options_of(command):
    """Return the options that kubectl knows for a command, short and long; none if unknown."""
    texts = [
        subprocess.run(["kubectl", *words], capture_output=True, text=True, check=False).stdout
        for words in ([command, "--help"], ["options"])
    ]
    if f"\n  kubectl {command} " not in texts[0]:
        return frozenset()
    return frozenset(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", "".join(texts)))


def command_of(words):
    """Return the command among the words of a kubectl line: the first that is no option's value."""
    rest = iter(words)
    for word in rest:
        if word in ("-n", "-l", "-f"):
            next(rest)
        elif not word.startswith("-"):
            return word
    raise AssertionError(f"no command in {words}")


@needs_kubectl
def test_commands_are_found_and_one_that_is_none_is_not_known() -> None:
    assert not options_of("applly")
    assert len(lines_of("kubectl ")) >= 8
    assert len(lines_of("make ")) >= 5
    assert any("deploy rollback" in line for line in told())


@needs_kubectl
@pytest.mark.parametrize("line", [line for line in lines_of("kubectl ") if " create " not in line])
def test_kubectl_knows_what_it_is_told(line) -> None:
    words = shlex.split(line)[1:]
    known = options_of(command_of(words))
    assert known, f"kubectl has no command {command_of(words)}"
    asked = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert asked <= known


@needs_kubectl
@pytest.mark.parametrize("line", [line for line in lines_of("kubectl ") if " create " in line])
def test_what_is_told_to_make_can_be_made(line) -> None:
    command = [*shlex.split(line), "--dry-run=client", "--output=yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    made = yaml.safe_load(done.stdout)
    assert made["kind"] in {"Namespace", "Secret"}
    assert made["kind"] == "Namespace" or len(made["data"]) == 2


@pytest.mark.parametrize("line", lines_of("make "))
def test_make_has_the_target_and_reads_the_variables(line) -> None:
    target, *variables = shlex.split(line)[1:]
    assert re.search(rf"^{target}:.*##", MAKEFILE, re.MULTILINE)
    for variable in variables:
        assert f"$({variable.partition('=')[0]})" in MAKEFILE


@pytest.mark.parametrize(
    "line", [line for line in told() if re.match(r"\S*python -m deploy\b", line)]
)
def test_the_tool_takes_what_it_is_told(line) -> None:
    words = shlex.split(line)[3:]
    more = ["prod"] if words == ["apply"] else []
    assert commands._parse([*words, *more]).command == words[0]


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="PostgreSQL is not installed")
@pytest.mark.parametrize("line", lines_of("pg_dump ", "pg_restore "))
def test_postgresql_takes_what_it_is_told(line) -> None:
    program, *words = shlex.split(line)
    known = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(word.partition("=")[0] in known for word in words if word.startswith("-"))


def test_images_are_pushed_to_where_the_overlay_takes_them_from() -> None:
    [registry] = re.findall(r"export REGISTRY=(\S+)", TEXT)
    images = yaml.safe_load((K8S / "overlays/dev/kustomization.yaml").read_text())["images"]
    assert {image["newName"] for image in images} == {
        f"{registry}/{image['name']}" for image in images
    }
    assert {image["newTag"] for image in images} == set(
        re.findall(r"make images VERSION=(\w+)", TEXT)
    )


def section_of(rule):
    """Return the section of the document that an alert leads to."""
    anchor = rule["annotations"]["runbook"].partition("#")[2]
    sections = re.split(r"^#+ (.+)\n", TEXT, flags=re.MULTILINE)[1:]
    by_anchor = {
        heading.lower().replace(" ", "-"): text
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }
    return by_anchor[anchor]


@pytest.mark.parametrize("rule", GROUP["rules"], ids=lambda rule: rule["alert"])
def test_an_alarm_names_its_metric_and_tells_steps(rule) -> None:
    section = section_of(rule)
    metrics = set(re.findall(r"\b(em_[a-z_]+?)(?:_bucket)?\b(?=[{\[)])|\b(up)\{", rule["expr"]))
    named = {name for pair in metrics for name in pair if name}
    assert named
    assert any(f"`{name}" in section for name in named), named
    steps = re.findall(r"^(\d+)\. ", section, re.MULTILINE)
    assert len(steps) >= LEAST_STEPS
    assert steps == [str(number + 1) for number in range(len(steps))]


@pytest.mark.parametrize("rule", GROUP["rules"], ids=lambda rule: rule["alert"])
def test_every_reason_that_an_alarm_is_about_is_explained(rule) -> None:
    reasons = {
        reason
        for listed in re.findall(r'reason=~?"([A-Z_|]+)"', rule["expr"])
        for reason in listed.split("|")
    }
    assert reasons <= set(re.findall(r"`([A-Z_]+)`", section_of(rule)))
