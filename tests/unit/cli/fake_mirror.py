"""An HTTP server on loopback that has one file and misbehaves as it is told."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Mirror(ThreadingHTTPServer):
    """Serves `content` at every path; each request takes the next of `moods`, then none.

    Attributes:
        asked: Headers of each request, by name in small letters.
        stalled: Set when a request of the mood "stall" has sent what it sends.
        release: Set it to let such requests end.
    """

    daemon_threads = True

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.moods = []
        self.asked = []
        self.stalled = threading.Event()
        self.release = threading.Event()
        self.etag = '"one"'

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def mirroring(content):
    with Mirror(content) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append({name.lower(): value for name, value in self.headers.items()})
        mood = self.server.moods.pop(0) if self.server.moods else "good"
        answers = {
            "redirect": self._redirect,
            "gzip": lambda: self._give(0, extra={"Content-Encoding": "gzip"}),
            "no range": lambda: self._give(0),
            "chunked": self._give_chunked,
            "other range": lambda: self._give(1),
        }
        if isinstance(mood, int):
            self._refuse(mood)
        elif mood in answers:
            answers[mood]()
        else:
            self._give(self._asked_start(), mood=mood)

    def log_message(self, *_):
        """Say nothing."""

    def _asked_start(self):
        condition = self.headers.get("If-Range")
        if condition not in (None, self.server.etag):
            return 0
        return int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])

    def _refuse(self, status):
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _redirect(self):
        self.send_response(302)
        self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _give(self, start, *, mood="good", extra=None):
        content = self.server.content
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.send_header("ETag", self.server.etag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        half = content[start : start + (len(content) - start) // 2]
        self.wfile.write(content[start:] if mood == "good" else half)
        if mood == "stall":
            self.wfile.flush()
            self.server.stalled.set()
            self.server.release.wait(timeout=60)
        if mood == "drip":
            self._drip(content[start + len(half) :])
        self.close_connection = True

    def _drip(self, content):
        """Send a byte now and then, until the other side is gone."""
        for byte in content:
            if self.server.release.wait(timeout=0.02):
                return
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                return

    def _give_chunked(self):
        """Give the whole file without saying how long it is."""
        self.protocol_version = "HTTP/1.0"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.content)
        self.close_connection = True
