"""Reads a multipart/form-data upload straight into an intake: nothing is held, nothing is spooled.

Fields: `file`, the video; `options`, a JSON object, before or after it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap_runtime.errors import ServiceError
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.options import options_from_json
from emotionmap_gateway.http.upload_body import UploadBody
from emotionmap_gateway.intake import Wish, check_size
from emotionmap_gateway.storage.idempotency import idempotency_of

if TYPE_CHECKING:
    from emotionmap.v1 import analysis_service_pb2 as pb
    from starlette.requests import Request

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.intake import Intake
    from emotionmap_gateway.upload_pace import UploadLimits

MAX_OPTIONS_BYTES = 64 * 1024
MAX_ENVELOPE_BYTES = MAX_OPTIONS_BYTES + 16 * 1024
"""Bytes of a form besides the video: boundaries, part headers, options."""

_ESCAPED = re.compile(rb"%(22|[01][0-9A-Fa-f])")
"""What stands for quotes and control characters in names of files (WHATWG HTML, 4.10.21.8)."""


async def receive_upload(
    request: Request, analyses: Analyses, limits: UploadLimits, *, idempotency_key: str | None
) -> str:
    """Take in the video of a request and return the id of its analysis.

    Raises:
        ServiceError: What is wrong with the form, the video or the options.
    """
    body = UploadBody(request, limits)
    try:
        # All that can be known before the first byte is checked before the first byte.
        boundary = _boundary(request)
        _check_length(request, analyses.max_media_bytes)
        idempotency_of(idempotency_key)
        async with analyses.intake() as intake:
            form = _Form(boundary, intake)
            while chunk := await body.read():
                await form.feed(chunk)
            return await intake.finish(form.wish(idempotency_key))
    except ServiceError:
        await body.linger()
        raise


@dataclass(slots=True)
class _Part:
    """One field of the form, as far as it is known."""

    name: str = ""
    file_name: str | None = None
    headers: dict[bytes, bytes] = field(default_factory=dict)


class _Form:
    """The fields of a form. The parser calls back; what it gives is handed on after each chunk."""

    def __init__(self, boundary: bytes, intake: Intake) -> None:
        self._intake = intake
        self._part = _Part()
        self._header_name = b""
        self._header_value = b""
        self._video = bytearray()
        self._title: str | None = None
        self._options_text: bytearray | None = None
        self._options = options_from_json({})
        self._are_checked = True
        self._is_complete = False
        callbacks: Any = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_header_name,
            "on_header_value": self._add_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_data,
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    async def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the form.

        Raises:
            ServiceError: INVALID_ARGUMENT `FORM_INVALID` or `OPTIONS_INVALID`; RESOURCE_EXHAUSTED
                `MEDIA_TOO_LARGE`.
        """
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _form_invalid("The form cannot be read.") from None
        if not self._are_checked:
            self._are_checked = True
            await self._intake.check(self._options)
        if self._video:
            video, self._video = bytes(self._video), bytearray()
            await self._intake.write(video)

    def wish(self, idempotency_key: str | None) -> Wish:
        """Return what the form asks for.

        Raises:
            ServiceError: INVALID_ARGUMENT `FORM_INVALID`.
        """
        if not self._is_complete:
            raise _form_invalid("The form ends too soon.")
        if self._title is None:
            raise _form_invalid("The form has no field `file`.")
        return Wish(self._title, self._options, idempotency_key)

    def _begin_part(self) -> None:
        self._part = _Part()

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._part.headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _begin_data(self) -> None:
        disposition = self._part.headers.get(b"content-disposition", b"")
        _, parameters = parse_options_header(disposition)
        self._part.name = parameters.get(b"name", b"").decode("utf-8", "replace")
        name = self._part.name
        if name == "file" and self._title is None:
            self._title = _file_name(parameters.get(b"filename", b""))
        elif name == "options" and self._options_text is None:
            self._options_text = bytearray()
        else:
            raise _form_invalid("The form must have one field `file` and may have one `options`.")

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == "file":
            self._video += data[start:end]
            return
        assert self._options_text is not None
        self._options_text += data[start:end]
        if len(self._options_text) > MAX_OPTIONS_BYTES:
            raise _form_invalid("The options are too long.")

    def _end_part(self) -> None:
        # At once: options that stand before a long video are judged before it.
        if self._part.name == "options" and self._options_text is not None:
            self._options = _read_options(self._options_text)
            self._are_checked = False

    def _end(self) -> None:
        self._is_complete = True


def _boundary(request: Request) -> bytes:
    kind, parameters = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.CONTENT_TYPE_UNSUPPORTED,
            "Send the video as multipart/form-data, in the field `file`.",
        )
    boundary = parameters.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:  # noqa: PLR2004 - RFC 2046, section 5.1.1
        raise _form_invalid("The content type names no boundary.")
    return boundary


def _check_length(request: Request, max_media_bytes: int) -> None:
    """Refuse a body that says itself that it is too long, whatever else is in it."""
    length = request.headers.get("content-length")
    if length is not None:
        check_size(int(length) - MAX_ENVELOPE_BYTES, max_media_bytes)


def _file_name(escaped: bytes) -> str:
    """Return a file's name as it was before it was put into a form."""
    name = _ESCAPED.sub(lambda escape: bytes.fromhex(escape[1].decode()), escaped)
    return name.decode("utf-8", "replace")


def _read_options(text: bytearray) -> pb.AnalysisOptions:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    return options_from_json(document)


def _form_invalid(message: str) -> ServiceError:
    return ServiceError(grpc.StatusCode.INVALID_ARGUMENT, reasons.FORM_INVALID, message)
