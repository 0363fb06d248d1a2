"""Which errors are worth another try, and what a group of errors comes to."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import grpc
import pytest
from emotionmap_gateway.work.failures import cause_of, is_absence, is_breakdown, to_failure
from emotionmap_gateway.work.retries import Patience, retried
from emotionmap_runtime.errors import ServiceError

CODE = grpc.StatusCode


def error(code, reason=None, **kwargs):
    return ServiceError(code, reason or code.name, "A sentence.", **kwargs)


@pytest.mark.parametrize(
    ("cause", "absence", "breakdown"),
    [
        (error(CODE.UNAVAILABLE), True, False),
        (error(CODE.UNAVAILABLE, "MODEL_LOADING"), True, False),
        (error(CODE.CANCELLED), True, False),
        (error(CODE.ABORTED), True, False),
        (
            error(CODE.RESOURCE_EXHAUSTED, "QUEUE_FULL", retry_after=timedelta(seconds=1)),
            True,
            False,
        ),
        (error(CODE.RESOURCE_EXHAUSTED), True, False),
        (error(CODE.RESOURCE_EXHAUSTED, "MEDIA_TOO_LONG"), False, False),
        (error(CODE.DEADLINE_EXCEEDED), True, True),
        (error(CODE.DEADLINE_EXCEEDED, "DECODE_TIMEOUT"), False, True),
        (error(CODE.INTERNAL), False, True),
        (error(CODE.UNKNOWN), False, True),
        (error(CODE.INVALID_ARGUMENT, "CONFIG_INVALID"), False, False),
        (error(CODE.UNIMPLEMENTED, "CODEC_UNSUPPORTED"), False, False),
        (error(CODE.NOT_FOUND, "MEDIA_NOT_FOUND"), False, False),
    ],
)
def test_errors_are_told_apart(cause, absence, breakdown):
    assert (is_absence(cause), is_breakdown(cause)) == (absence, breakdown)


def test_the_cause_of_a_group_is_what_did_not_follow_from_another():
    first = error(CODE.INVALID_ARGUMENT, "FRAME_INVALID")
    group = ExceptionGroup(
        "", [asyncio.InvalidStateError(), ExceptionGroup("", [error(CODE.CANCELLED), first])]
    )
    assert cause_of(group) is first


def test_calls_that_only_ended_count_as_absence():
    cause = cause_of(ExceptionGroup("", [asyncio.InvalidStateError()]))
    assert is_absence(cause)


@pytest.mark.parametrize(
    "other", [ValueError(), ExceptionGroup("", [error(CODE.UNAVAILABLE), KeyError()])]
)
def test_a_bug_is_no_error_of_a_call(other):
    assert cause_of(other) is None


def test_a_failure_keeps_code_reason_and_sentence():
    failure = to_failure(error(CODE.NOT_FOUND, "MEDIA_NOT_FOUND"))
    assert (failure.code, failure.reason, failure.message) == (5, "MEDIA_NOT_FOUND", "A sentence.")


async def outcome(errors, *, absence_s=60.0, attempts=3, monkeypatch):
    """Return how often work is tried that fails with each error in turn, and what comes of it."""
    monkeypatch.setattr("emotionmap_gateway.work.retries.FIRST_PAUSE_S", 0.0)
    left, tries = list(errors), 0

    async def work():
        nonlocal tries
        tries += 1
        if left:
            raise left.pop(0)
        return "done"

    try:
        result = await retried(work, Patience(absence_s, attempts))
    except ServiceError as last:
        result = last.reason
    return tries, result


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([], (1, "done")),
        ([error(CODE.UNAVAILABLE)] * 9, (10, "done")),
        ([error(CODE.INTERNAL)] * 2, (3, "done")),
        ([error(CODE.INTERNAL)] * 9, (3, "INTERNAL")),
        ([error(CODE.INVALID_ARGUMENT, "CONFIG_INVALID")], (1, "CONFIG_INVALID")),
    ],
)
async def test_work_is_tried_again_while_that_makes_sense(errors, expected, monkeypatch):
    assert await outcome(errors, monkeypatch=monkeypatch) == expected


async def test_a_busy_service_is_waited_for_beyond_all_patience(monkeypatch):
    busy = error(CODE.RESOURCE_EXHAUSTED, "QUEUE_FULL", retry_after=timedelta(milliseconds=1))
    done = await outcome([busy] * 9, absence_s=0, attempts=1, monkeypatch=monkeypatch)
    assert done == (10, "done")


async def test_a_call_that_a_server_cancels_is_tried_again(monkeypatch):
    done = await outcome([asyncio.CancelledError()], monkeypatch=monkeypatch)
    assert done == (2, "done")


async def test_work_that_is_cancelled_here_ends():
    task = asyncio.create_task(retried(asyncio.Event().wait, Patience(60, 3)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_service_is_asked_again_when_it_says(monkeypatch):
    busy = error(CODE.RESOURCE_EXHAUSTED, "QUEUE_FULL", retry_after=timedelta(seconds=0.2))
    start_s = time.monotonic()
    await outcome([busy], monkeypatch=monkeypatch)
    assert 0.1 <= time.monotonic() - start_s < 1


async def test_patience_with_absence_ends(monkeypatch):
    errors = [error(CODE.UNAVAILABLE)] * 9
    assert await outcome(errors, absence_s=0, monkeypatch=monkeypatch) == (1, "UNAVAILABLE")
