"""What a server *is*: its package, or failing that its address or command. Never its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ecosystem = Literal["npm", "pypi", "oci", "mcpb"]
ECOSYSTEMS: tuple[Ecosystem, ...] = ("npm", "pypi", "oci", "mcpb")


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """`npm:@scope/name`, `pypi:name` (normalised), `oci:registry/name`."""

    ecosystem: Ecosystem
    name: str

    def __str__(self) -> str:
        return f"{self.ecosystem}:{self.name}"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a command line launches: the identity, the version it asks for, and whether that version may move.

    `identity` is `npm:...`, `pypi:...`, `oci:...`, `url:https://host/path` or `command:node server.js`. `version` is the
    text of the request (`1.2.0`, `latest`, `sha256:...`), empty where none is made. `floating` is None where the question
    has no meaning: a plain command, an address. `argv` is the command line without wrappers (`cmd /c`, `env A=b`);
    `arguments` are those that reach the server itself.
    """

    identity: str
    package: Package | None
    version: str
    floating: bool | None
    argv: tuple[str, ...]
    arguments: tuple[str, ...]
    wrapper: tuple[str, ...] = ()
