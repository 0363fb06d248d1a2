"""The shapes of JSON bodies of what viewers change; a part of wire.py."""

from __future__ import annotations

from pydantic import Field

from emotionmap_gateway.http.wire import Body, Label, Seconds, Share


class CorrectionWish(Body):
    """A viewer's own label for [start, end), seconds; whole milliseconds count."""

    start: float = Field(ge=0, le=1e6)
    end: float = Field(ge=0, le=1e6)
    emotion: Label


class Correction(Body):
    """A viewer's own label; those of an analysis do not overlap."""

    id: str
    start: Seconds
    end: Seconds
    emotion: Label
    created_at: str = Field(description="RFC 3339.")


class CorrectionList(Body):
    """Corrections by time."""

    corrections: list[Correction]


class PersonInterval(Body):
    """What one person showed in [start, end), seconds."""

    start: Seconds
    end: Seconds
    emotion: Label
    confidence: Share


class EditedPerson(Body):
    """A person of a timeline with what viewers changed."""

    id: str
    name: str = Field(description="Empty if none was given.")
    hidden: bool
    merged_into: str | None = Field(description="Person that this one is part of; may be merged.")
    intervals: list[PersonInterval] = Field(description="As found, whatever was changed.")
    thumbnail: str


class PeopleList(Body):
    """People, longest seen first."""

    people: list[EditedPerson]


class PersonWish(Body):
    """What shall be changed of a person; what is left out stays."""

    name: str | None = Field(None, max_length=100, description="Empty or null takes it away.")
    hidden: bool = False
    merged_into: str | None = Field(None, max_length=64, description="null parts them again.")
