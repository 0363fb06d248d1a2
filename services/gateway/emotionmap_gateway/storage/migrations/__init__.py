"""Brings the tables of a database up to what this version of the gateway needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from emotionmap_gateway.storage.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_LOCK = 0x656D6170
"""Number of the advisory lock under which gateways that start together take turns."""


def upgrade(connection: sa.Connection) -> None:
    """Upgrade the tables in the transaction of a connection, from nothing or any release."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: Any) -> Iterable[Any]:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - as alembic's own command

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=METADATA)
        environment.run_migrations()
