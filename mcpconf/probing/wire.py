"""A JSON-RPC message as it came, and what of it is kept: the bytes of a result, before any library made something of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.probe import Limits

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_MOST_REQUESTS = 1000
"""Of a server to its client, which only lists: each takes some memory until it is refused."""

_MEANT = b'"jsonrpc"'


class UnreadableError(ValueError):
    """It was meant as a message, and is none that can be understood in one way only."""


class Message(NamedTuple):
    """`result` are the bytes of that member; None if there is none."""

    body: dict[str, Json]
    result: bytes | None

    @property
    def id(self) -> str:
        """Of numbers and texts alike: servers that answer `"1"` to `1` are common."""
        told = self.body.get("id")
        return str(told) if isinstance(told, int | str) and not isinstance(told, bool) else ""

    @property
    def kind(self) -> Literal["response", "request", "notification"]:
        if "method" not in self.body:
            return "response"
        return "request" if "id" in self.body else "notification"


def read(data: bytes) -> Message | None:
    """None for what was not meant as a message, such as a line of a log. Raises UnreadableError."""
    try:
        text = data.decode()
        members = list(_members(text))
    except (ValueError, RecursionError):
        if _MEANT in data:
            raise UnreadableError from None
        return None
    body = {name: value for name, value, _, _ in members}
    if len(body) < len(members):
        raise UnreadableError
    place = next(((start, end) for name, _, start, end in members if name == "result"), None)
    return Message(body, None if place is None else text[slice(*place)].encode())


def _members(text: str) -> Iterator[tuple[str, Json, int, int]]:
    """Name, value, and where the value stands, of each member of an object. Raises ValueError, RecursionError."""
    at = _expect(text, 0, "{")
    if text[at : at + 1] == "}":
        _end(text, at + 1)
        return
    while True:
        name, at = _DECODER.raw_decode(text, at)
        if not isinstance(name, str):
            raise json.JSONDecodeError("no name", text, at)
        start = _expect(text, at, ":")
        value, end = _DECODER.raw_decode(text, start)
        yield name, value, start, end
        at = _after(text, end)
        if text[at : at + 1] == "}":
            _end(text, at + 1)
            return
        at = _expect(text, at, ",")


def _after(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _expect(text: str, at: int, mark: str) -> int:
    at = _after(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(mark)
    return _after(text, at + 1)


def _end(text: str, at: int) -> None:
    if _after(text, at) != len(text):
        raise ValueError(at)


@dataclass(slots=True)
class Tee:
    """Hears what one server says in one conversation.

    `results` are by the id of the request, each as it came and as JSON. `fault` is why the conversation has to end.
    """

    limits: Limits
    results: dict[str, tuple[bytes, Json]] = field(default_factory=dict)
    wanted: str = ""
    fault: Problem | None = None
    total: int = 0
    garbage: int = 0
    requests: int = 0
    asked: set[str] = field(default_factory=set)
    status: int = 0
    """Of the last HTTP response that was a refusal."""

    def count(self, size: int) -> None:
        """What came on the line, whatever it was."""
        self.total += size
        if self.total > self.limits.total:
            self.too_much("in all", self.limits.total)

    def too_much(self, what: str, limit: int) -> None:
        self.stop(Problem("oversized", f"it sent more than {limit} bytes {what}"))

    def stop(self, problem: Problem) -> None:
        """The first reason is the one that counts."""
        self.fault = self.fault or problem

    def take(self, data: bytes) -> Message | None:
        """None for what is no message."""
        if len(data) > self.limits.message:
            self.too_much("in one message", self.limits.message)
            return None
        try:
            message = read(data)
        except UnreadableError:
            self.stop(Problem("malformed", "it sent a message that cannot be read in one way only"))
            return None
        if message is None:
            self.garbage += bool(data.strip())
            return None
        if message.kind == "request":
            self._note_request(message)
        elif message.result is not None and message.id == self.wanted and self.wanted not in self.results:
            self.results[self.wanted] = (message.result, message.body["result"])
        return message

    def _note_request(self, message: Message) -> None:
        self.requests += 1
        self.asked.add(str(message.body.get("method"))[:64])
        if self.requests > _MOST_REQUESTS:
            self.stop(Problem("oversized", "it sent requests without end to a client that only lists"))
