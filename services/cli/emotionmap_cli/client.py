"""Talks to a gateway over its public HTTP API; knows nothing else of the system."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from emotionmap_cli.failures import BadInput, Failure
from emotionmap_cli.sse import Event, parse_events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

FINAL_STATES: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
KEEP_ALIVE_TIMEOUT_S: Final = 45.0
"""Three keep-alive comments missed: the stream is dead."""

ANSWER_TIMEOUT_S: Final = 180.0
"""The gateway probes a video before it answers."""

PATIENCE_S: Final = 60.0
"""How long a gateway may be away before the command gives up."""

RETRY_S: Final = 0.5
MAX_RETRIES: Final = 3
FAREWELL_S: Final = 5.0
"""How long the deletion of an analysis may take; what it has found is there already."""

_OF_INPUT: Final = ("CODEC_UNSUPPORTED", "DETECTOR_UNAVAILABLE", "MODEL_UNAVAILABLE")

_STRANGER: Final = "The server's answer is none of EmotionMap's; is the address right?"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait.

    Args:
        patience_s: How long the gateway may be away.
        deadline_s: When everything must be done, on time.monotonic(); None is never.
    """

    patience_s: float = PATIENCE_S
    deadline_s: float | None = None

    def left_s(self, most_s: float) -> float:
        """Return how long to wait now, at most `most_s`.

        Raises:
            Failure: The deadline has passed.
        """
        if self.deadline_s is None:
            return most_s
        left_s = self.deadline_s - time.monotonic()
        if left_s <= 0:
            raise Failure("The analysis was not finished in time; it was stopped and deleted.")
        return min(most_s, left_s)


class _CountedFile:
    """A file that tells how much of it was read; httpx sends it piece by piece."""

    def __init__(self, file: BinaryIO, *, size: int, on_read: Callable[[int, int], None]) -> None:
        self._file = file
        self._size = size
        self._sent = 0
        self._on_read = on_read

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._sent += len(chunk)
        self._on_read(self._sent, self._size)
        return chunk

    def fileno(self) -> int:
        return self._file.fileno()


class GatewayClient:
    """One gateway.

    Args:
        address: Base URL, such as "http://127.0.0.1:8080".
        limits: How long to wait.
        check: Called while the gateway is away; raises Failure if it will not come back.
    """

    def __init__(self, address: str, *, limits: Limits, check: Callable[[], None]) -> None:
        self._limits = limits
        self._check = check
        is_local = httpx.URL(address).host in LOOPBACK_HOSTS
        self._http = httpx.Client(base_url=address, trust_env=not is_local, timeout=10.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def create(
        self, path: Path, *, options: Mapping[str, Any], on_sent: Callable[[int, int], None]
    ) -> dict[str, Any]:
        """Upload a video and return its new analysis.

        Args:
            path: The video; it is read piece by piece.
            options: Options of the analysis.
            on_sent: Takes bytes sent and size as they grow.

        Raises:
            BadInput: The gateway refuses the video or an option.
            Failure: Anything else.
        """
        key = str(uuid.uuid4())  # a repeated upload makes no second analysis
        for attempt in range(1, MAX_RETRIES + 1):
            response = self._upload(path, options=options, on_sent=on_sent, key=key)
            wait_s = _retry_after_s(response)
            if wait_s is None or attempt == MAX_RETRIES:
                break
            time.sleep(self._limits.left_s(wait_s))
        _raise_for_problem(response)
        analysis = _json_object(response)
        if "id" not in analysis:
            raise Failure(_STRANGER)
        return analysis

    def watch(self, analysis_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield kind and data of every event until the analysis is finished.

        A stream that breaks is taken up again after the last event seen.

        Raises:
            Failure: The gateway stays away, or the analysis is gone.
        """
        last_id = ""
        away_since_s: float | None = None
        while True:
            try:
                for event in self._events(analysis_id, last_id):
                    away_since_s = None
                    last_id = event.id or last_id
                    data = json.loads(event.data)
                    yield event.kind, data
                    if event.kind == "analysis" and data["state"] in FINAL_STATES:
                        return
            except (httpx.TransportError, _Unavailable) as error:
                self._check()
                away_since_s = away_since_s or time.monotonic()
                if time.monotonic() - away_since_s > self._limits.patience_s:
                    raise Failure(f"The server went away: {_describe(error)}.") from error
            time.sleep(self._limits.left_s(RETRY_S))

    def timeline(self, analysis_id: str, *, document_format: str) -> bytes:
        """Return the finished timeline as a document."""
        path = f"/v1/analyses/{analysis_id}/timeline"
        response = self._patiently(path, params={"format": document_format})
        _raise_for_problem(response)
        return response.content

    def abandon(self, analysis_id: str) -> None:
        """Delete an analysis, stopping it first if it runs, if the gateway still can."""
        with suppress(httpx.TransportError):
            self._http.delete(f"/v1/analyses/{analysis_id}", timeout=FAREWELL_S)

    def _upload(
        self,
        path: Path,
        *,
        options: Mapping[str, Any],
        on_sent: Callable[[int, int], None],
        key: str,
    ) -> httpx.Response:
        def sent(done: int, size: int) -> None:
            self._limits.left_s(ANSWER_TIMEOUT_S)
            on_sent(done, size)

        name = path.name.encode("utf-8", "replace").decode()
        try:
            with path.open("rb") as file:
                counted = _CountedFile(file, size=path.stat().st_size, on_read=sent)
                return self._http.post(
                    "/v1/analyses",
                    headers={"Idempotency-Key": key},
                    data={"options": json.dumps(options)},
                    files={"file": (name, counted, "application/octet-stream")},  # type: ignore[dict-item]
                    timeout=httpx.Timeout(60.0, read=self._limits.left_s(ANSWER_TIMEOUT_S)),
                )
        except httpx.TransportError as error:
            raise Failure(f"The server cannot be reached: {_describe(error)}.") from error
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}.") from error

    def _events(self, analysis_id: str, last_id: str) -> Iterator[Event]:
        timeout = httpx.Timeout(10.0, read=self._limits.left_s(KEEP_ALIVE_TIMEOUT_S))
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
        path = f"/v1/analyses/{analysis_id}/events"
        with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
            if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise _Unavailable(f"status {response.status_code}")
            if response.is_error:
                response.read()
                _raise_for_problem(response)
            yield from parse_events(self._lines(response))

    def _lines(self, response: httpx.Response) -> Iterator[str]:
        for line in response.iter_lines():
            self._limits.left_s(KEEP_ALIVE_TIMEOUT_S)  # comments keep coming while nothing happens
            yield line

    def _patiently(self, path: str, *, params: Mapping[str, str]) -> httpx.Response:
        """Get something, again and again until the gateway answers."""
        until_s = time.monotonic() + self._limits.patience_s
        while True:
            failure = "it is busy"
            try:
                response = self._http.get(path, params=params, timeout=60.0)
            except httpx.TransportError as error:
                failure = _describe(error)
            else:
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return response
            self._check()
            if time.monotonic() > until_s:
                raise Failure(f"The server went away: {failure}.")
            time.sleep(self._limits.left_s(RETRY_S))


class _Unavailable(Exception):  # noqa: N818 - never leaves this module
    """The gateway, or a proxy before it, cannot answer now."""


def is_bad_input(reason: str) -> bool:
    """Tell whether a failure lies in the video or the options rather than in the system."""
    return reason.startswith("MEDIA_") or reason in _OF_INPUT


def _raise_for_problem(response: httpx.Response) -> None:
    """Raise what a problem document says (RFC 9457), if the response is one."""
    if not response.is_error:
        return
    problem = _json_object(response)
    if "reason" not in problem:
        raise Failure(f"{_STRANGER} It was {response.status_code} {response.reason_phrase}.")
    message = str(problem.get("detail") or problem.get("title"))
    retry = _retry_after_s(response) is not None
    if (response.is_client_error and not retry) or is_bad_input(str(problem.get("reason", ""))):
        raise BadInput(message)
    raise Failure(message)


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    if response.is_error:
        return {}
    raise Failure(_STRANGER)


def _retry_after_s(response: httpx.Response) -> float | None:
    """Return after how long a refused request is worth repeating."""
    if response.status_code not in (
        httpx.codes.TOO_MANY_REQUESTS,
        httpx.codes.SERVICE_UNAVAILABLE,
    ):
        return None
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isdecimal() else None


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__
