"""How the command ends when it does not succeed: one class per exit status."""

from __future__ import annotations


class Failure(Exception):  # noqa: N818 - the base of both; "error" would say nothing
    """Ends the command with status 1 and its message on stderr."""

    exit_status = 1


class BadInput(Failure):
    """Ends the command with status 2 and its one-line message on stderr."""

    exit_status = 2
