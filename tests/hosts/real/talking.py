"""A host that answers line by line, as JSON-RPC on its stdin and stdout."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen
from typing import Any

SECONDS = 60


class Talk:
    def __init__(self, process: Popen[str]) -> None:
        self._process = process
        self._sent = 0

    def tell(self, method: str) -> None:
        self._send({"method": method})

    def ask(self, method: str, **params: Any) -> Any:
        self._sent += 1
        self._send({"id": self._sent, "method": method, "params": params})
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if not select.select([self._process.stdout], [], [], 1)[0]:
                continue
            line = self._process.stdout.readline()
            assert line, f"it ended before it answered `{method}`"
            message = json.loads(line)
            if message.get("id") == self._sent:
                return message["result"]
        raise AssertionError(f"no answer to `{method}` in {SECONDS} seconds")

    def _send(self, message: dict[str, Any]) -> None:
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()


@contextmanager
def talk(process: Popen[str]) -> Iterator[Talk]:
    try:
        yield Talk(process)
    finally:
        process.kill()
        process.communicate()
