"""Servers on this machine, started by a test, that answer as they are told."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CERTIFICATE = Path(__file__).with_suffix(".pem")
OUTSIDE = "127.0.0.2"
"""Stands for an address of the world; `127.0.0.1` is what it must not lead to."""


@dataclass
class Server:
    address: str
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)


Answer = Callable[[BaseHTTPRequestHandler], None]


def body(data: bytes, code: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content_Length": str(len(data)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def to(address: str, code: int = 302) -> Answer:
    return body(b"", code, Location=address)


def raw(*pieces: bytes, pause: float = 0) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)

    return answer


@contextmanager
def serving(answers: dict[str, Answer], *, tls: bool = False, place: str = "127.0.0.1") -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            server.seen.append((self.path, dict(self.headers)))
            with suppress(OSError):  # the client goes away when it has seen enough
                answers.get(self.path, body(b"none", 404))(self)

        def log_message(self, *args: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    listening = Quiet((place, 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    name = "outside.example" if place == OUTSIDE else place
    server = Server(f"{'https' if tls else 'http'}://{name}:{listening.server_address[1]}")
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
