"""Decoders that run side by side share the cores."""

from __future__ import annotations

from contextlib import ExitStack

from emotionmap_media.sharing import Cores


def test_one_alone_gets_what_is_allowed_and_others_what_is_left():
    cores = Cores(4, count=6)
    with ExitStack() as stack:
        assert [stack.enter_context(cores.taken()) for _ in range(4)] == [4, 3, 2, 1]
    with cores.taken() as threads:
        assert threads == 4


def test_there_is_always_one_thread():
    cores = Cores(2, count=1)
    with cores.taken() as first, cores.taken() as second:
        assert (first, second) == (1, 1)


def test_a_failure_gives_its_share_back():
    cores = Cores(2, count=2)
    try:
        with cores.taken():
            raise ValueError
    except ValueError:
        pass
    with cores.taken() as threads:
        assert threads == 2
