"""A fake notification service: an HTTP server on loopback that records its requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Service:
    """The requests that arrived, as (path, document), and the status and body of the answers.

    ``on_arrival`` is called with each document before it is answered.
    """

    def __init__(self) -> None:
        self.arrived: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        self.body: object = {}
        self.on_arrival: Callable[[dict[str, Any]], object] = lambda _document: None
        self.port = 0

    @property
    def url(self) -> str:
        """An address with a secret in it."""
        return f"json://user:p4ssw0rd-hush@127.0.0.1:{self.port}/hook/t0ken-hush"

    @property
    def messages(self) -> list[str]:
        return [f"{d.get('title', '')}\n{d.get('message', '')}" for _, d in self.arrived]


@contextmanager
def running() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            document = json.loads(self.rfile.read(length))
            service.arrived.append((self.path, document))
            service.on_arrival(document)
            answer = json.dumps(service.body).encode()
            self.send_response(service.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
