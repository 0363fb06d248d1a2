"""A PostgreSQL server for tests, in a temporary folder, reached by a socket file."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

SETTINGS = "-c listen_addresses='' -c fsync=off -c max_connections=60 -c shared_buffers=16MB"


@contextmanager
def postgres_server():
    """Run a server; gives a function that makes an empty database and returns its URL."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    who = _unprivileged()
    if who:
        shutil.chown(folder, who)
    data = folder / "data"

    def run(name, *arguments):
        # Not by the `user` of subprocess: that forks, which the threads of gRPC do not survive.
        become = ["runuser", "-u", who, "--"] if who else []
        command = [*become, program(name), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    try:
        run("initdb", "-D", str(data), "-U", "tests", "-A", "trust", "-N", "--no-locale", "-EUTF8")
        log = str(folder / "log")
        run("pg_ctl", "-D", str(data), "-l", log, "-w", "-o", f"{SETTINGS} -k {folder}", "start")
        try:
            yield lambda name: _new_database(folder, name)
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _new_database(folder, name):
    import psycopg

    with psycopg.connect(f"postgresql://tests@/postgres?host={folder}", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql://tests@/{name}?host={folder}"


def program(name):
    """Return the path of a program of PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = shutil.which(name) if not found else str(found[-1])
    if path is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    return path


def _unprivileged():
    """Return the user to run as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
