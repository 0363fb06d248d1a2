"""Databases of every release become what this version needs, and keep what is in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_gateway.storage.analysis_rows import NewAnalysis
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.tables import METADATA

RELEASED = (Path(__file__).parent / "released_schema.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def postgres():
    from tests.postgres_server import postgres_server

    with postgres_server() as new_database:
        yield new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/db"
    new_database = request.getfixturevalue("postgres")
    return new_database("fresh").replace("postgresql", "postgresql+psycopg")


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), METADATA)


async def test_migrations_make_what_the_code_needs(url):
    for _ in range(2):  # an upgraded database is left as it is
        async with opening(url) as database:
            assert await database.read(differences) == []


async def test_a_released_database_is_upgraded_in_place(tmp_path):
    new = NewAnalysis(
        "a", "clip", 3, "0" * 64, pb.AnalysisOptions(), media_service_pb2.ProbeMediaResponse()
    )
    with closing(sqlite3.connect(tmp_path / "db")) as old, old:
        old.executescript(RELEASED)
        known = {row[1] for row in old.execute("PRAGMA table_info(analyses)")}
        values = {name: value for name, value in new.values().items() if name in known}
        values |= {"segments_done": 0, "fruitless_starts": 0}
        columns, places = ", ".join(values), ", ".join("?" * len(values))
        insert = f"INSERT INTO analyses ({columns}) VALUES ({places})"
        old.execute(insert, [int(v) if isinstance(v, int) else v for v in values.values()])
    async with opening(f"sqlite:///{tmp_path}/db") as database:
        assert await database.read(differences) == []
        store = AnalysisStore(database, Changes())
        assert ((await store.get("a")).analysis.title, (await store.get("a")).run) == ("clip", 0)
        assert (await store.start("a")).run == 1


async def test_two_who_insert_the_same_key_are_told_apart(postgres):
    """The transaction of the one who comes second is done again, and finds the first."""
    url = postgres("keys").replace("postgresql", "postgresql+psycopg")
    async with opening(url) as first:
        tries = []

        def insert(connection):
            tries.append(connection)
            query = sa.select(sa.func.count()).select_from(METADATA.tables["leases"])
            found = connection.execute(query).scalar_one()
            if found:
                return "found"
            row = {"executor_id": "a", "holder": "x", "expires_us": 0}
            with sa.create_engine(url, poolclass=sa.NullPool).begin() as other:
                other.execute(sa.insert(METADATA.tables["leases"]).values(**row))
            connection.execute(sa.insert(METADATA.tables["leases"]).values(**row))
            return "inserted"

        assert await first.write(insert) == "found"
        assert len(tries) == 2
