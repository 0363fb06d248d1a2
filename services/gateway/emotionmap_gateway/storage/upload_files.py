"""Keeps the bytes of uploads while they come, possibly over many connections and processes.

What is stored tells how far an upload is: nothing else counts bytes, so no crash makes the two
disagree. The local folder is one way; everything else uses the Protocols.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from emotionmap_gateway.storage.objects import Written

BLOCK_BYTES = 512 * 1024
"""Bytes gathered before they are stored: what an upload holds in memory."""


class UploadAppender(Protocol):
    """Stores the next bytes of one upload; the only one at a time. Leaving its block ends it."""

    size_bytes: int
    """Bytes of the upload that are stored, those of earlier appenders included."""

    async def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            ServiceError: RESOURCE_EXHAUSTED `STORAGE_FULL`; what fitted is stored.
        """

    async def sync(self) -> int:
        """Make what was taken outlive a loss of power; return `size_bytes`."""

    async def rewind(self) -> None:
        """Discard what this appender took."""

    def digest(self) -> bytes:
        """Return the digest of what this appender stored, by the algorithm that it was given."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class UploadFiles(Protocol):
    """Where the bytes of uploads lie. Ids are made by this gateway: hexadecimal digits."""

    async def create(self, upload_id: str) -> None:
        """Begin an upload without bytes."""

    async def size_bytes(self, upload_id: str) -> int:
        """Return how many bytes are stored, after they are made to outlive a loss of power.

        Raises:
            FileNotFoundError: There is no such upload.
        """

    def appender(
        self, upload_id: str, *, offset: int, cut: bool, algorithm: str | None
    ) -> UploadAppender:
        """Return what stores the bytes from an offset on.

        Args:
            upload_id: Whose bytes.
            offset: How many bytes are stored.
            cut: Whether there may be more, which are then discarded.
            algorithm: Of the digest, a name that hashlib knows.

        Raises:
            ServiceError: On entering: ABORTED `UPLOAD_BUSY`: another process is storing bytes.
        """

    async def publish(self, upload_id: str, key: str) -> Written:
        """Make an object of the bytes without copying them where that can be; they stay, too."""

    async def lend(self, upload_id: str, key: str) -> bool:
        """Make an object that has the bytes as they come, those to come included.

        Returns:
            False, and there is no object, where that cannot be.
        """

    def known_sha256(self, upload_id: str) -> str | None:
        """Return the SHA-256 of what is stored if it need not be read for that."""

    async def delete(self, upload_id: str) -> None:
        """Remove the bytes; nothing happens if there are none."""

    async def ids_untouched_since(self, time_s: float) -> list[str]:
        """Return the ids of what was last written before a time, seconds since 1970 UTC."""
