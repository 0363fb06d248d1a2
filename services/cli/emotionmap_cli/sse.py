"""Reads server-sent events (WHATWG HTML, section 9.2) as far as the gateway uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `id` is empty if it has none."""

    id: str
    kind: str
    data: str


def parse_events(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events of a stream; one that is cut off before its blank line is not yielded."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in fields:
                kind = fields.get("event", "message")
                yield Event(fields.get("id", ""), kind, fields["data"])
            fields = {}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data" and "data" in fields:
            value = f"{fields['data']}\n{value}"
        if name:  # a line that starts with a colon is a comment
            fields[name] = value
