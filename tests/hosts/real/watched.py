"""Run a command beside an honest server on an address of this machine, and write down every request that reaches it.

Started inside closed walls as `python -m tests.hosts.real.watched FILE COMMAND...`; there the port is always free.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

from tests.toys.server import Agreeing
from tests.toys.web import Handler

PORT = 8931
MODEL = "/model/"
"""Below it is a language model that notes what it is asked, and refuses."""


class Watched(Handler):
    """Writes a line for each request before it is answered."""

    file: Path
    seen: list[dict[str, str]] = []
    lines: dict = {}
    honest = Agreeing

    def do_POST(self) -> None:  # noqa: N802
        if self.path.startswith(MODEL):
            body = self.rfile.read(int(self.headers["content-length"]))
            with self.file.with_name("model").open("ab") as file:
                file.write(json.dumps(json.loads(body)).encode() + b"\n")
            self._reply(400, {"content-type": "application/json"}, b'{"error": {"type": "x", "message": "toy"}}')
        elif self.path == "/sse":
            self.rfile.read(int(self.headers["content-length"]))
            self._reply(405)
        else:
            super().do_POST()

    def parse_request(self) -> bool:
        understood = super().parse_request()
        if understood:
            headers = {name.lower(): value for name, value in self.headers.items()}
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"method": self.command, "path": self.path, "headers": headers}) + "\n")
        return understood


def main(file: str, *command: str) -> int:
    server = ThreadingHTTPServer(("127.0.0.1", PORT), type("Own", (Watched,), {"file": Path(file)}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
