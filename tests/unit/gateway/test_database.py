"""What a database that cannot take more says."""

from __future__ import annotations

import pytest
from emotionmap_gateway.storage.database import opening
from emotionmap_runtime.errors import ServiceError


async def test_a_full_database_is_told(tmp_path):
    async with opening(f"sqlite:///{tmp_path}/db") as database:
        pages = await database.read(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())

        def fill(connection):
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            connection.exec_driver_sql("CREATE TABLE more (data)")

        with pytest.raises(ServiceError) as caught:
            await database.write(fill)
        assert caught.value.reason == "STORAGE_FULL"
