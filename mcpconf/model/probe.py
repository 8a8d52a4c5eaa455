"""How a server is asked for its surface, and what it answers, before anything of the answer is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mcpconf.errors import Problem
from mcpconf.model.entry import Transport
from mcpconf.model.surface import Era

Clients = Literal["bare", "able"]
"""A client that offers nothing, and one that offers sampling, elicitation and roots."""


@dataclass(frozen=True, slots=True)
class Limits:
    """For one server and one client. `seconds` are for the whole conversation, `memory` for all its processes together.

    `first` are the seconds after which a server without an answer is taken for one that knows no other era than the old:
    servers were seen to take more than 6 on a busy machine (2026-11).
    """

    seconds: float = 60.0
    first: float = 20.0
    memory: int = 1024 * 1024 * 1024
    pages: int = 100
    message: int = 8 * 1024 * 1024
    total: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Probe:
    """A server to ask. `argv` starts it, confined already if it is; or `url` reaches it.

    `env` is all that it gets, with fake values for secrets. `folder` is where it starts: an empty home of its own.
    `sandboxed` tells what confines it, "" if nothing does.
    """

    name: str
    transport: Transport
    argv: tuple[str, ...] = ()
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    sandboxed: str = ""
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Answer:
    """One result as it came, byte for byte: what a library makes of it lacks what the library does not know."""

    method: str
    result: bytes


@dataclass(frozen=True, slots=True)
class Transcript:
    """What one server answered one client. `answers` are in the order in which they were asked for."""

    client: Clients
    era: Era
    protocol: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Probed:
    """What is known of one server. `notes` are for people: what it left running, what it printed where nothing belongs."""

    name: str
    sandboxed: str
    transcripts: tuple[Transcript, ...] = ()
    notes: tuple[str, ...] = ()
    problem: Problem | None = None
