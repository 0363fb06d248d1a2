"""What can be done with people. HTTP and gRPC both do it through this and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import one_line
from emotionmap_gateway.storage.person_store import PersonEdit

if TYPE_CHECKING:
    from emotionmap.v1 import timeline_pb2

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.storage.person_store import PersonChange, PersonStore

MAX_NAME_CHARS = 100


class People:
    """The people of timelines. What viewers change lies beside the timeline, which stays."""

    def __init__(self, *, analyses: Analyses, store: PersonStore) -> None:
        self._analyses = analyses
        self._store = store

    async def of_analysis(self, analysis_id: str) -> list[pb.EditedPerson]:
        """Return the people of a finished timeline with what was changed, longest seen first.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; FAILED_PRECONDITION
                `ANALYSIS_NOT_FINISHED`.
        """
        timeline = await self._analyses.timeline(analysis_id)
        edits = await self._store.of_analysis(analysis_id)
        return [to_message(person, edits.get(person.id)) for person in timeline.people]

    async def update(
        self, analysis_id: str, person_id: str, change: PersonChange
    ) -> pb.EditedPerson:
        """Change a person of a finished timeline.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND` or `PERSON_NOT_FOUND`; FAILED_PRECONDITION
                `ANALYSIS_NOT_FINISHED`; INVALID_ARGUMENT `PERSON_INVALID`.
        """
        timeline = await self._analyses.timeline(analysis_id)
        people = {person.id: person for person in timeline.people}
        if person_id not in people:
            raise ServiceError(
                grpc.StatusCode.NOT_FOUND, reasons.PERSON_NOT_FOUND, "There is no such person."
            )
        if change.merged_into and change.merged_into not in people:
            raise _invalid("merged_into", "merged_into must be the id of a person of the timeline.")
        edit = await self._store.change(analysis_id, person_id, _cleaned(change))
        return to_message(people[person_id], edit)


def to_message(person: timeline_pb2.Person, edit: PersonEdit | None) -> pb.EditedPerson:
    """Return a person with what was changed of it, None if nothing was."""
    edit = edit or PersonEdit()
    return pb.EditedPerson(
        person=person, name=edit.name, hidden=edit.hidden, merged_into=edit.merged_into
    )


def _cleaned(change: PersonChange) -> PersonChange:
    """Return a change whose name is fit to be shown.

    Raises:
        ServiceError: INVALID_ARGUMENT `PERSON_INVALID`: it is too long.
    """
    if change.name is None:
        return change
    if len(change.name) > MAX_NAME_CHARS:
        raise _invalid("name", f"A name may have at most {MAX_NAME_CHARS} characters.")
    return replace(change, name=one_line(change.name))


def _invalid(key: str, message: str) -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT, reasons.PERSON_INVALID, message, metadata={"key": key}
    )
