"""An S3 store for tests: moto's server, over a real socket, with one empty bucket."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager

import httpx

BUCKET = "emotionmap"


@contextmanager
def s3_server():
    """Run a store; gives its URL. The environment tells where it is, to child processes too."""
    from moto.server import ThreadedMotoServer  # takes a second

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    told = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        httpx.put(f"{endpoint}/{BUCKET}").raise_for_status()
        yield f"s3://{BUCKET}/data"
    finally:
        server.stop()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
