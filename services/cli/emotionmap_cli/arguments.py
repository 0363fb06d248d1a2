"""What the command line can say, and what it means. Nothing here starts anything."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import urlsplit

from emotionmap_cli.analyze import FORMATS, AnalyzeRequest
from emotionmap_cli.failures import BadInput
from emotionmap_cli.models import ModelsRequest, default_folder
from emotionmap_cli.up import UpRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES: Final = """\
examples:
  emotionmap analyze film.mp4                         the timeline as JSON on stdout
  emotionmap analyze film.mp4 --format csv --out film.csv
  emotionmap analyze film.mp4 --format fcpxml --out film.fcpxml   for a video editor
  emotionmap analyze film.mp4 --set interval=0.5 --set detector=yunet
  emotionmap analyze film.mp4 --server http://127.0.0.1:8080
  emotionmap up                                       the player on http://127.0.0.1:8080
  emotionmap models --only yunet                      fetch another face detector

Exit status: 0 done; 2 the input cannot be used, and one line on stderr says why; 1 anything else;
130 interrupted. What is recognised is apparent expression, not felt emotion."""

OPTION_HELP: Final = """\
option of the analysis, may be repeated: interval (s), frames_per_second, frame_width_px,
detector (haar, yunet, deepface), min_face_px, face_model, voice_model (names of weights),
voice_context (s), strategy (weighted_mean, reliability), face_weight, voice_weight,
confidence_floor, min_face_share, min_speech, smoothing (0-0.95), hysteresis (0-0.5)"""

FORMAT_HELP: Final = """\
form of the timeline (default: json); edl (CMX 3600), fcpxml (Final Cut Pro 1.10) and otio
(OpenTimelineIO) are for editors and hold each stretch that has an emotion as a clip; a skip_list
makes players such as Kodi leave out everything else"""

_OPTION_KEY = re.compile(r"[a-z][a-z0-9_]*")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(" ".join(f"{message} (see {self.prog} --help)".split()))


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line says; `--help` and `--version` end the process.

    Raises:
        BadInput: It cannot be understood.
    """
    parser = _Parser(
        prog="emotionmap",
        description="Finds the emotional timeline of a video.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"emotionmap {version('emotionmap-cli')}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_analyze(commands)
    _add_up(commands)
    _add_models(commands)
    return parser.parse_args(arguments)


def to_analyze_request(parsed: argparse.Namespace) -> AnalyzeRequest:
    """Return what `analyze` is asked for.

    Raises:
        BadInput: An option is malformed.
    """
    if parsed.keep and parsed.server is None:
        raise BadInput("--keep needs --server: without it nothing is left to keep.")
    return AnalyzeRequest(
        video=Path(parsed.video),
        document_format=parsed.format,
        out=None if parsed.out in (None, "-") else Path(parsed.out),
        options=dict(_to_option(text) for text in parsed.set),
        server=None if parsed.server is None else to_base_url(parsed.server),
        keep=parsed.keep,
        timeout_s=parsed.timeout,
    )


def to_up_request(parsed: argparse.Namespace) -> UpRequest:
    """Return what `up` is asked for.

    Raises:
        BadInput: Both ports are the same.
    """
    if parsed.port and parsed.port == parsed.grpc_port:
        raise BadInput("--port and --grpc-port must be different.")
    return UpRequest(
        data_dir=parsed.data_dir,
        host=parsed.host,
        http_port=parsed.port,
        grpc_port=parsed.grpc_port,
    )


def to_models_request(parsed: argparse.Namespace) -> ModelsRequest:
    """Return what `models` is asked for."""
    names = (name for text in parsed.only for name in re.split(r"[\s,]+", text))
    return ModelsRequest(
        folder=parsed.dir,
        only=[name for name in names if name],
        sha256=parsed.sha256,
        is_list=parsed.list,
    )


def to_base_url(address: str) -> str:
    """Return the base URL of a server; a bare "host:port" means http.

    Raises:
        BadInput: The address is none.
    """
    url = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(url)
        is_clean = url.isprintable() and " " not in url
        is_http = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        is_usable = is_clean and is_http
    except ValueError:  # a port that is no number
        is_usable = False
    if not is_usable:
        raise BadInput(f"--server {address!r} is no address; it looks like http://127.0.0.1:8080.")
    return url.rstrip("/")


def _to_option(text: str) -> tuple[str, Any]:
    key, separator, value = text.partition("=")
    if not separator or not _OPTION_KEY.fullmatch(key):
        raise BadInput(f"--set {text!r} is not of the form key=value.")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value  # a word, such as haar


def _add_analyze(commands: Any) -> None:
    command = commands.add_parser(
        "analyze",
        help="print the timeline of a video",
        description="Analyses a video and prints its timeline; starts what it needs.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument("video", metavar="VIDEO", help="the video, at most 500 MB")
    command.add_argument("--format", choices=FORMATS, default="json", help=FORMAT_HELP)
    command.add_argument("--out", metavar="FILE", help="write there instead of to stdout")
    command.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help=OPTION_HELP
    )
    command.add_argument(
        "--server", metavar="ADDRESS", help="use this EmotionMap instead of starting one"
    )
    command.add_argument(
        "--keep", action="store_true", help="leave the analysis on the server (with --server)"
    )
    command.add_argument(
        "--timeout", metavar="SECONDS", type=_positive, help="give up after so long"
    )


def _add_up(commands: Any) -> None:
    command = commands.add_parser(
        "up",
        help="run EmotionMap on this machine",
        description="Runs the five services and the page until Ctrl-C.",
        allow_abbrev=False,
    )
    command.add_argument("--host", default="127.0.0.1", help="address (default: 127.0.0.1)")
    command.add_argument(
        "--port", type=_port, default=8080, help="HTTP port, 0 for a free one (default: 8080)"
    )
    command.add_argument(
        "--grpc-port", type=_port, default=50050, help="gRPC port, 0 for any (default: 50050)"
    )
    command.add_argument(
        "--data-dir",
        type=Path,
        default=Path(os.environ.get("EMOTIONMAP_DATA_DIR", ".emotionmap")),
        help="where videos and results are kept (default: $EMOTIONMAP_DATA_DIR or .emotionmap)",
    )


def _add_models(commands: Any) -> None:
    command = commands.add_parser(
        "models",
        help="fetch models that others publish",
        description="Fetches public models into the models folder; goes on where it stopped.",
        allow_abbrev=False,
    )
    command.add_argument(
        "--only", metavar="NAMES", action="append", default=[], help="these, instead of each"
    )
    command.add_argument(
        "--dir",
        type=Path,
        default=default_folder(),
        help="the models folder (default: $EMOTIONMAP_MODELS_DIR or .emotionmap/models)",
    )
    command.add_argument(
        "--sha256", metavar="HEX", help="digest of a model that nobody publishes one of"
    )
    command.add_argument("--list", action="store_true", help="say what there is, fetch nothing")


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port <= 65535:  # noqa: PLR2004 - what TCP has
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return port


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value
