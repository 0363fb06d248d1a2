"""The few requests of tus that tests make, one by one, as the protocol has them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

VERSION = {"Tus-Resumable": "1.0.0"}
BYTES_TYPE = "application/offset+octet-stream"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def checksum(data: bytes, algorithm: str = "sha1") -> str:
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


@dataclass
class Tus:
    """A client of one gateway."""

    http: httpx.Client

    def post(self, length: Any, content: bytes = b"", **headers: str) -> httpx.Response:
        fields = {**VERSION, "Upload-Length": str(length), **_fields(headers)}
        return self.http.post("/v1/uploads", headers=fields, content=content)

    def created(self, length: int, **headers: str) -> str:
        """Begin an upload; return its path."""
        response = self.post(length, **headers)
        assert response.status_code == 201, response.text
        return response.headers["location"]

    def head(self, path: str) -> httpx.Response:
        return self.http.head(path, headers=VERSION)

    def offset(self, path: str) -> int:
        return int(self.head(path).headers["upload-offset"])

    def patch(self, path: str, content: Any, offset: Any = 0, **headers: Any) -> httpx.Response:
        """Send a chunk; a header given as None is left out."""
        fields = {**VERSION, "Content-Type": BYTES_TYPE, "Upload-Offset": str(offset)}
        fields |= _fields(headers)
        kept = {name: value for name, value in fields.items() if value is not None}
        return self.http.patch(path, headers=kept, content=content)

    def delete(self, path: str) -> httpx.Response:
        return self.http.delete(path, headers=VERSION)

    def uploaded(self, data: bytes, name: str = "clip.mp4") -> str:
        """Upload something whole; return the id."""
        path = self.created(len(data), upload_metadata=f"filename {encoded(name)}")
        assert self.patch(path, data).status_code == 204
        return path.rpartition("/")[2]


def _fields(headers: dict[str, Any]) -> dict[str, Any]:
    """Write upload_length as Upload-Length."""
    return {name.replace("_", "-").title(): value for name, value in headers.items()}
