"""Keeps what viewers changed of people: names, who is hidden, who is part of whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import grpc
import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.storage.analysis_rows import find_row, get_row
from emotionmap_gateway.storage.tables import PERSON_EDITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emotionmap_gateway.storage.database import Database


@dataclass(frozen=True, slots=True)
class PersonEdit:
    """What was changed of a person; as it stands here: nothing."""

    name: str = ""
    hidden: bool = False
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is to be changed; None leaves as it is, empty takes away."""

    name: str | None = None
    hidden: bool | None = None
    merged_into: str | None = None

    def applied_to(self, edit: PersonEdit) -> PersonEdit:
        """Return what was changed with this on top."""
        return replace(
            edit,
            name=edit.name if self.name is None else self.name,
            hidden=edit.hidden if self.hidden is None else self.hidden,
            merged_into=edit.merged_into if self.merged_into is None else self.merged_into,
        )


class PersonStore:
    """Changes of people in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_analysis(self, analysis_id: str) -> dict[str, PersonEdit]:
        """Return what was changed, by id of the person.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """

        def work(connection: sa.Connection) -> dict[str, PersonEdit]:
            get_row(connection, analysis_id)
            return _edits(connection, analysis_id)

        return await self._database.read(work)

    async def merged(self, analysis_id: str) -> dict[str, str]:
        """Return the person that each merged person is part of.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """
        edits = await self.of_analysis(analysis_id)
        return {person: edit.merged_into for person, edit in edits.items() if edit.merged_into}

    async def change(self, analysis_id: str, person_id: str, change: PersonChange) -> PersonEdit:
        """Change a person and return all that was changed of it.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; INVALID_ARGUMENT `PERSON_INVALID`: it
                would be part of itself.
        """

        def work(connection: sa.Connection) -> PersonEdit:
            # Locked: two merges at the same time must not make a circle together.
            find_row(connection, analysis_id, lock=True)
            get_row(connection, analysis_id)
            edits = _edits(connection, analysis_id)
            edit = change.applied_to(edits.get(person_id, PersonEdit()))
            edits[person_id] = edit
            check_no_circle(edits, person_id)
            _write(connection, analysis_id, person_id, edit)
            return edit

        return await self._database.write(work)


def check_no_circle(edits: Mapping[str, PersonEdit], person_id: str) -> None:
    """Return if following merges from a person never leads back to it.

    Raises:
        ServiceError: INVALID_ARGUMENT `PERSON_INVALID`.
    """
    seen, at = {person_id}, edits.get(person_id, PersonEdit()).merged_into
    while at:
        if at in seen:
            raise ServiceError(
                grpc.StatusCode.INVALID_ARGUMENT,
                reasons.PERSON_INVALID,
                "A person cannot be part of itself, not even through others.",
                metadata={"key": "merged_into"},
            )
        seen.add(at)
        at = edits.get(at, PersonEdit()).merged_into


def _edits(connection: sa.Connection, analysis_id: str) -> dict[str, PersonEdit]:
    query = sa.select(PERSON_EDITS).where(PERSON_EDITS.c.analysis_id == analysis_id)
    return {row.person_id: _to_edit(row) for row in connection.execute(query)}


def _write(connection: sa.Connection, analysis_id: str, person_id: str, edit: PersonEdit) -> None:
    key = {"analysis_id": analysis_id, "person_id": person_id}
    connection.execute(sa.delete(PERSON_EDITS).filter_by(**key))
    if edit != PersonEdit():
        values = {"name": edit.name, "hidden": edit.hidden, "merged_into": edit.merged_into}
        connection.execute(sa.insert(PERSON_EDITS).values(**key, **values))


def _to_edit(row: sa.Row[Any]) -> PersonEdit:
    return PersonEdit(row.name, row.hidden, row.merged_into)
