"""Podman as `make images-test` needs it: on machines without systemd, ulimits or a registry too."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = """\
[containers]
default_ulimits = []
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
"""


class ImagesError(Exception):
    """What kept the images from being tried, in one sentence."""


@dataclass(frozen=True, slots=True)
class Podman:
    """Runs podman.

    Attributes:
        command: Its path, perhaps with options such as --root.
        configuration: A containers.conf; one that the environment names counts more.
    """

    command: str
    configuration: Path

    def run(self, *arguments: str, quietly: bool = False) -> str:
        """Run a command of podman; return its output, which is also shown unless quietly.

        Raises:
            ImagesError: There is no podman, or it failed; the message has its last words.
        """
        environment = {"CONTAINERS_CONF": str(self.configuration), **os.environ}
        command = [*shlex.split(self.command), *arguments]
        lines = []
        try:
            with subprocess.Popen(
                command,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process:
                for line in process.stdout or ():
                    lines.append(line)
                    if not quietly:
                        sys.stderr.write(line)
        except FileNotFoundError as error:
            raise ImagesError(f"{command[0]} is not installed") from error
        if process.returncode:
            words = " / ".join(line.strip() for line in lines[-3:])
            raise ImagesError(f"`{shlex.join(command[:4])} ...` failed: {words}")
        return "".join(lines)

    def size_mb(self, image: str) -> float:
        """Return what an image takes unpacked, all of its layers."""
        [described] = json.loads(self.run("image", "inspect", image, quietly=True))
        return float(described["Size"]) / 1e6

    def packed_mb(self, image: str, folder: Path) -> float:
        """Return what an image takes in a registry, its layers compressed by gzip."""
        self.run("push", "--quiet", "--compress", image, f"dir:{folder}")
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return sum(layer["size"] for layer in manifest["layers"]) / 1e6

    def has(self, image: str) -> bool:
        """Tell whether an image is in the store."""
        try:
            self.run("image", "exists", image, quietly=True)
        except ImagesError:
            return False
        return True
