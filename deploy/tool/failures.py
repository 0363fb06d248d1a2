"""What can go wrong, in words for whoever runs the command."""

from __future__ import annotations


class DeployError(Exception):
    """The command cannot do, or has not done, what it was asked for; the message says why."""
