"""Builds the images, runs them as a pod, analyses a video through them: `make images-test`.

Prints one flat JSON object: sizes in MB and what was found. Needs podman with runc, and a base
image or debootstrap (as root) to make a stand-in for one. What is particular to a machine comes
from the environment:

    IMAGES_PODMAN      podman and its options; default: podman
    IMAGES_BUILD_ARGS  more options for `podman build`, such as --volume of pip.conf
    IMAGES_BASE        image to build on instead of the one that deploy/Dockerfile pins; it is made
                       by debootstrap if it is not in the store
    IMAGES_MIRROR      where debootstrap fetches Debian from; default: debootstrap's own
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests import client
from tests.clips import Scene, write_clip
from tests.images.podman import CONFIGURATION, ImagesError, Podman

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKERFILE = REPOSITORY / "deploy/Dockerfile"
POD = REPOSITORY / "deploy/pod.yaml"
SERVICES = ("fusion", "audio", "face", "media", "gateway")
SETTINGS = {name: f"EMOTIONMAP_{name.upper()}_PORT" for name in SERVICES if name != "gateway"}
GATEWAY_SETTINGS = ("EMOTIONMAP_GATEWAY_HTTP_PORT", "EMOTIONMAP_GATEWAY_GRPC_PORT")
READY_S = 240
SUITE = "bookworm"
BASE_PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
SCENES = [Scene(3, face=True, voice=True), Scene(2)]


def ensure_base(podman: Podman, image: str, folder: Path) -> None:
    """Make a stand-in for the base image, unless it is there.

    Raises:
        ImagesError: It cannot be made here.
    """
    if podman.has(image):
        return
    say(f"making {image} by debootstrap")
    root = folder / "base"
    command = ["debootstrap", "--variant=minbase", f"--include={BASE_PACKAGES}", SUITE, str(root)]
    mirror = os.environ.get("IMAGES_MIRROR")
    try:
        subprocess.run([*command, *([mirror] if mirror else [])], check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ImagesError(f"debootstrap made no base image: {error}") from error
    for name in ("python", "python3"):
        (root / "usr/local/bin" / name).symlink_to("/usr/bin/python3")
    archive = folder / "base.tar"
    subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
    podman.run("import", str(archive), image)


def build(podman: Podman, target: str, base: str | None) -> float:
    """Build an image; return the seconds it took."""
    start_s = time.monotonic()
    say(f"building {target}")
    options = shlex.split(os.environ.get("IMAGES_BUILD_ARGS", ""))
    if base is not None:
        options += ["--pull=never", f"--build-arg=PYTHON_IMAGE={base}"]
    options += ["--network=host", f"--file={DOCKERFILE}", f"--target={target}"]
    podman.run("build", *options, f"--tag=localhost/emotionmap-{target}", str(REPOSITORY))
    return time.monotonic() - start_s


def pod_on_free_ports(folder: Path) -> tuple[Path, str]:
    """Write the pod with ports that are free here; return its file and the gateway's URL.

    It shares the machine's network, where another system may listen on the usual ports.
    """
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(6)]
        ports = [str(each.getsockname()[1]) for each in sockets]
    of_gateway = dict(zip(GATEWAY_SETTINGS, ports, strict=False))
    of_services = dict(zip(SETTINGS, ports[2:], strict=True))
    for name, port in of_services.items():
        of_gateway[f"EMOTIONMAP_GATEWAY_{name.upper()}_TARGET"] = f"127.0.0.1:{port}"
    pod = yaml.safe_load(POD.read_text(encoding="utf-8"))
    for container in pod["spec"]["containers"]:
        name = container["name"]
        values = of_gateway if name == "gateway" else {SETTINGS[name]: of_services[name]}
        container["env"] += [{"name": key, "value": value} for key, value in values.items()]
    path = folder / "pod.yaml"
    path.write_text(yaml.safe_dump(pod), encoding="utf-8")
    return path, f"http://127.0.0.1:{ports[0]}"


@contextmanager
def running(podman: Podman, folder: Path) -> Iterator[str]:
    """Run the pod while the block runs; gives the URL of its gateway, which is ready.

    Raises:
        ImagesError: It does not get ready.
    """
    path, url = pod_on_free_ports(folder)
    try:
        podman.run("kube", "play", str(path))
        await_ready(url)
        yield url
    except ImagesError:
        for name in SERVICES:
            say(f"log of {name}:")
            podman.run("logs", "--tail=5", f"emotionmap-{name}")
        raise
    finally:
        podman.run("kube", "down", str(path))


def await_ready(url: str) -> None:
    """Wait until the gateway says that it and the services behind it are ready."""
    deadline_s, said = time.monotonic() + READY_S, "nothing"
    while time.monotonic() < deadline_s:
        try:
            answer = httpx.get(f"{url}/readyz", timeout=5)
        except httpx.TransportError as error:
            said = str(error)
        else:
            if answer.is_success:
                return
            said = answer.text
        time.sleep(0.5)
    raise ImagesError(f"the pod is not ready after {READY_S} s: {said}")


def analyse(url: str, folder: Path) -> dict[str, Any]:
    """Analyse a clip through the pod; return what was found."""
    clip = write_clip(folder / "clip.mp4", SCENES)
    start_s = time.monotonic()
    intervals = client.analyze(url, clip)["intervals"]
    seconds = time.monotonic() - start_s
    page = httpx.get(url, timeout=10)
    found = {
        "seconds": round(seconds, 1),
        "intervals": len(intervals),
        "first_emotion": intervals[0]["emotion"],
        "page_bytes": len(page.raise_for_status().content),
        "polished_bytes": len(polished(url, intervals[0]["emotion"])),
    }
    if not (len(intervals) == sum(s.seconds for s in SCENES) and intervals[0]["emotion"]):
        raise ImagesError(f"the analysis through the pod found {found}")
    return found


def polished(url: str, emotion: str) -> bytes:
    """Return a polished cut of the only analysis: MoviePy is in the image and draws."""
    [analysis] = httpx.get(f"{url}/v1/analyses", timeout=10).json()["analyses"]
    created = httpx.post(
        f"{url}/v1/analyses/{analysis['id']}/highlights",
        json={"emotions": [emotion], "style": "polished"},
        timeout=30,
    ).raise_for_status()
    export = f"{url}{created.headers['location']}"
    job = client.wait(export)
    if job["state"] != "SUCCEEDED":
        raise ImagesError(f"the polished cut through the pod ended as {job}")
    return httpx.get(f"{export}/file", timeout=30).raise_for_status().content


def sizes(podman: Podman, base: str | None, folder: Path) -> dict[str, float]:
    """Return sizes in MB of the base and the images, unpacked and as a registry keeps them."""
    images = {name: f"localhost/emotionmap-{name}" for name in SERVICES}
    named = images if base is None else {"base": base, **images}
    report = {}
    for name, image in named.items():
        report[f"{name}_mb"] = round(podman.size_mb(image), 1)
        report[f"{name}_packed_mb"] = round(podman.packed_mb(image, folder / name), 1)
    return report


def say(line: str) -> None:
    """Tell a person how far it is."""
    sys.stderr.write(f"images-test: {line}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, run, analyse, report; exit 1 with a sentence where that cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m tests.images", description=__doc__)
    parser.add_argument("--no-build", action="store_true", help="take the images that are there")
    options = parser.parse_args(arguments)
    base = os.environ.get("IMAGES_BASE")
    with tempfile.TemporaryDirectory(prefix="emotionmap-images-") as name:
        folder = Path(name)
        (folder / "containers.conf").write_text(CONFIGURATION, encoding="utf-8")
        podman = Podman(os.environ.get("IMAGES_PODMAN", "podman"), folder / "containers.conf")
        try:
            if base is not None:
                ensure_base(podman, base, folder)
            report: dict[str, Any] = {
                f"{target}_build_s": round(build(podman, target, base), 1)
                for target in (() if options.no_build else SERVICES)
            }
            with running(podman, folder) as url:
                report |= analyse(url, folder)
            report |= sizes(podman, base, folder)
        except ImagesError as error:
            raise SystemExit(f"images-test: {error}.") from error
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
