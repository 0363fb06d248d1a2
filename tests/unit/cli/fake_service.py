"""Stands in for any of the five services: waits for SIGTERM; as the gateway, it answers /readyz."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_) -> None:
        return


def main() -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if port := os.environ.get("EMOTIONMAP_GATEWAY_HTTP_PORT"):
        host = os.environ["EMOTIONMAP_GATEWAY_HOST"]
        ThreadingHTTPServer.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        server = ThreadingHTTPServer((host, int(port)), Ready)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    stop.wait()
    sys.stdout.write("stopped\n")


if __name__ == "__main__":
    main()
