"""The honest toy behind an address of this machine: streamable HTTP, the older SSE, and some that behave badly."""

from __future__ import annotations

import json
import queue
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.toys.server import Modern, Refused, Server


class Handler(BaseHTTPRequestHandler):
    """`/json` and `/events` are streamable HTTP, `/sse` is the transport of 2024, `/modern` is of 2026.

    `/private` asks who it is, `/away` redirects to another place, `/packed` packs its answer, `/endless` never ends one.
    """

    protocol_version = "HTTP/1.1"
    seen: list[dict[str, str]]
    lines: dict[str, queue.Queue]
    honest: type[Server] = Server

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path != "/sse":
            self._reply(405)
            return
        number = str(len(self.lines))
        self.lines[number] = queue.Queue()
        self._events()
        self._event("endpoint", f"/messages?session_id={number}")
        while (message := self.lines[number].get()) is not None:
            self._event("message", json.dumps(message))

    def do_DELETE(self):
        self._reply(200)

    def do_POST(self):
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/private" and self.headers.get("x-key") != "opensesame-opensesame":
            return self._reply(401)
        if self.path == "/away":
            return self._reply(307, {"location": "http://127.0.0.2:1/mcp"})
        if "id" not in message:
            return self._reply(202)
        answer = _answer(Modern([]) if self.path == "/modern" else self.honest([]), message, self.headers.get("x-key"))
        if self.path.startswith("/messages"):
            self.lines[self.path.rpartition("=")[2]].put(answer)
            return self._reply(202)
        notice = {"jsonrpc": "2.0", "method": "notifications/message", "params": {}}
        if self.path == "/events":
            self._events()
            self._event("message", json.dumps(notice))
            self._event("message", json.dumps(answer))
            self.close_connection = True
            return None
        if self.path == "/endless" and message["method"] == "tools/list":
            self._events()
            while True:
                self._event("message", json.dumps({**notice, "params": {"data": "x" * 10000}}))
        kind = {"content-encoding": "gzip"} if self.path == "/packed" else {}
        return self._reply(200, {"content-type": "application/json", **kind}, json.dumps(answer).encode())

    def _reply(self, code, headers=None, body=b""):
        self.send_response(code)
        for name, value in {**(headers or {}), "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _events(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()

    def _event(self, kind, data):
        self.wfile.write(f"event: {kind}\r\ndata: {data}\r\n\r\n".encode())
        self.wfile.flush()


def _answer(server: Server, message, key):
    server.instructions = f"Known by {key}." if key else server.instructions
    try:
        return {"jsonrpc": "2.0", "id": message["id"], "result": server.answer(message)}
    except Refused as error:
        told = {"code": error.code, "message": "refused", "data": error.data}
        return {"jsonrpc": "2.0", "id": message["id"], "error": told}


@contextmanager
def served():
    """The address, without a path, and the headers of each request that came."""
    handler = type("Own", (Handler,), {"seen": [], "lines": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.seen
    finally:
        for line in handler.lines.values():
            line.put(None)
        server.shutdown()
        server.server_close()
        thread.join()
