"""A local server that fails in every way a mirror can."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FaultyServer:
    """Serves one body under paths that name how.

    `/good` with ranges, `/no-ranges` without, `/missing` 404, `/wrong` another body,
    `/short` a body cut off in spite of its length, `/short-unknown` the same without a length,
    `/stall` half a body and then nothing, `/once-cut` cut off at the first request only,
    `/slow` a little at a time, `/page` an HTML page that says 200.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.requests: list[tuple[str, str | None]] = []  # path and range asked for
        self.url = ""
        self.released = threading.Event()

    def seen(self, path: str) -> list[str | None]:
        """The ranges that were asked for under a path."""
        return [asked for name, asked in self.requests if name == path]


@contextmanager
def serve(body: bytes) -> Iterator[FaultyServer]:
    """Run the server for a while."""
    state = FaultyServer(body)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.requests.append((self.path, asked))
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            with suppress(BrokenPipeError, ConnectionResetError):
                getattr(self, "_" + self.path.strip("/").replace("-", "_"))(state.body, start)

        def _head(self, status: int, length: int | None, start: int = 0) -> None:
            self.send_response(status)
            if length is not None:
                self.send_header("Content-Length", str(length))
            if status == 206:
                last = len(state.body) - 1
                self.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
            self.end_headers()

        def _good(self, body: bytes, start: int) -> None:
            if start >= len(body):
                return self._head(416, 0)
            self._head(206 if start else 200, len(body) - start, start)
            self.wfile.write(body[start:])
            return None

        def _no_ranges(self, body: bytes, start: int) -> None:
            self._head(200, len(body))
            self.wfile.write(body)

        def _missing(self, body: bytes, start: int) -> None:
            self.send_error(404)

        def _wrong(self, body: bytes, start: int) -> None:
            self._head(200, len(body))
            self.wfile.write(bytes(len(body)))

        def _page(self, body: bytes, start: int) -> None:
            page = b"<!doctype html><title>Sign in</title>"
            self._head(200, len(page))
            self.wfile.write(page)

        def _short(self, body: bytes, start: int) -> None:
            self._head(200, len(body))
            self.wfile.write(body[: len(body) // 2])

        def _short_unknown(self, body: bytes, start: int) -> None:
            self._head(200, None)
            self.wfile.write(body[: len(body) // 2])

        def _once_cut(self, body: bytes, start: int) -> None:
            if start or len(state.seen("/once-cut")) > 1:
                return self._good(body, start)
            return self._short(body, start)

        def _stall(self, body: bytes, start: int) -> None:
            self._head(206 if start else 200, len(body) - start, start)
            self.wfile.write(body[start : start + (len(body) - start) // 2])
            self.wfile.flush()
            state.released.wait(20)

        def _slow(self, body: bytes, start: int) -> None:
            self._head(206 if start else 200, len(body) - start, start)
            for first in range(start, len(body), len(body) // 40 + 1):
                self.wfile.write(body[first : min(first + len(body) // 40 + 1, len(body))])
                self.wfile.flush()
                if state.released.wait(0.02):
                    return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
