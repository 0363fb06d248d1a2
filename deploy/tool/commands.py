"""The commands of `python -m deploy`: what they can be told, and what they do."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from rich.console import Console

from deploy.tool import display, release, rollout, smoke, status
from deploy.tool.cluster import connect
from deploy.tool.failures import DeployError
from deploy.tool.forward import forwarding
from deploy.tool.manifests import namespace_of, render, write_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from deploy.tool.cluster import Cluster

ROLLOUT_TIMEOUT_S = 1800.0
SMOKE_TIMEOUT_S = 120.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status: 0 done, 1 not done, and why is on stderr."""
    parsed = _parse(arguments)
    console = Console(stderr=True)
    try:
        _COMMANDS[parsed.command](parsed, console)
    except DeployError as error:
        print(f"deploy: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _apply(parsed: argparse.Namespace, console: Console) -> None:
    objects = render(parsed.overlay)
    cluster = connect(namespace_of(objects), context=parsed.context)
    before = release.recall(cluster)
    try:
        _bring(cluster, objects, parsed, console)
        if not parsed.no_smoke:
            _smoke_in(cluster, parsed, console)
    except DeployError as error:
        if parsed.no_rollback or not before:
            raise
        console.print(f"{error}\ngoing back to what ran before")
        _go_back(cluster, before, parsed, console)
        raise DeployError(f"{error}; what ran before runs again") from None
    release.remember(cluster, objects)
    console.print(f"{parsed.overlay} runs in {cluster.namespace}")


def _rollback(parsed: argparse.Namespace, console: Console) -> None:
    cluster = _cluster_of(parsed)
    before = release.recall(cluster)
    if not before:
        raise DeployError(f"nothing is known to have run well in {cluster.namespace}")
    _go_back(cluster, before, parsed, console)


def _status(parsed: argparse.Namespace, console: Console) -> None:  # noqa: ARG001 - one of many
    cluster = _cluster_of(parsed)
    forward = partial(forwarding, namespace=cluster.namespace, context=parsed.context)
    Console().print(display.status_table(status.look(cluster, forward)))


def _smoke(parsed: argparse.Namespace, console: Console) -> None:
    if parsed.url:
        _analyse(parsed.url, parsed, console)
    else:
        _smoke_in(_cluster_of(parsed), parsed, console)


def _rules(parsed: argparse.Namespace, console: Console) -> None:  # noqa: ARG001 - one of many
    console.print(str(write_rules()))


def _bring(
    cluster: Cluster,
    objects: Sequence[dict[str, Any]],
    parsed: argparse.Namespace,
    console: Console,
) -> None:
    for wanted in objects:
        cluster.apply(wanted)
    console.print(f"{len(objects)} objects applied")
    with display.showing(console) as show:
        rollout.wait(cluster, objects, timeout_s=parsed.timeout, show=show)


def _go_back(
    cluster: Cluster,
    before: Sequence[dict[str, Any]],
    parsed: argparse.Namespace,
    console: Console,
) -> None:
    for wanted in before:
        cluster.apply(wanted)
    for name in release.unblock(cluster):
        console.print(f"{name} was stuck, and is made anew")
    with display.showing(console) as show:
        rollout.wait(cluster, before, timeout_s=parsed.timeout, show=show)


def _smoke_in(cluster: Cluster, parsed: argparse.Namespace, console: Console) -> None:
    forward = partial(forwarding, namespace=cluster.namespace, context=parsed.context)
    with forward("service/gateway", status.GATEWAY_PORT) as url:
        _analyse(url, parsed, console)


def _analyse(url: str, parsed: argparse.Namespace, console: Console) -> None:
    with httpx.Client(base_url=url) as http:
        outcome = smoke.analyse(http, video=parsed.video, timeout_s=SMOKE_TIMEOUT_S)
    console.print(f"analysed in {outcome.seconds:.1f} s, {outcome.intervals} intervals")


def _cluster_of(parsed: argparse.Namespace) -> Cluster:
    return connect(parsed.namespace, context=parsed.context)


_COMMANDS = {
    "apply": _apply,
    "rollback": _rollback,
    "status": _status,
    "smoke": _smoke,
    "rules": _rules,
}


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    apply = commands.add_parser(
        "apply", help="bring an overlay onto the cluster, try it, or go back"
    )
    apply.add_argument("overlay", help="dev, prod, gpu, or the path of an overlay of your own")
    apply.add_argument("--no-smoke", action="store_true", help="do not analyse a video at the end")
    apply.add_argument("--no-rollback", action="store_true", help="leave a failed rollout as it is")
    rollback = commands.add_parser("rollback", help="go back to what ran well last")
    show = commands.add_parser("status", help="how each service is")
    smoke_test = commands.add_parser("smoke", help="analyse a short video through the gateway")
    smoke_test.add_argument("--url", help="of the gateway; otherwise by port-forward")
    commands.add_parser("rules", help="write the alert rules for the Prometheus operator")
    for each in (rollback, show, smoke_test):
        each.add_argument("--namespace", default="emotionmap")
    for each in (apply, smoke_test):
        each.add_argument("--video", type=Path, help="of your own, in place of two grey seconds")
    for each in (apply, rollback):
        each.add_argument("--timeout", type=float, default=ROLLOUT_TIMEOUT_S, help="seconds")
    for each in (apply, rollback, show, smoke_test):
        each.add_argument("--context", help="of kubeconfig; otherwise the current one")
    return parser.parse_args(arguments)
