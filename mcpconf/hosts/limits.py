"""What is said of tool lists that a host does not keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mcpconf.errors import Problem, Where
from mcpconf.hosts.tools import Sayable
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.commands import command
from mcpconf.model.finding import Finding, Severity
from mcpconf.model.manifest import Server
from mcpconf.model.word import Word

NOT_ENFORCED = "not-enforced"
"""What a tool list is reported under that is declared, and that a host has no words for."""

NOT_ENFORCED_WORD = Word(
    "declared, and not kept by the host",
    "The host has no place for a tool list, so that tools can be called there which the manifest leaves out.",
    "leave the server out for that host, or accept it; then `mcpconf plan`",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose lists they are: the host's title, the server's name, the address and line of the binding."""

    title: str
    server: str
    address: str
    where: Where | None

    def finding(self, severity: Severity, message: str, hint: str) -> Finding:
        return Finding(NOT_ENFORCED, severity, "desired", self.address, message, hint, self.where)


def unkept(said: Sayable, subject: Subject, *, required: bool, as_locked: bool = False) -> Iterator[Finding]:
    """A limit that is not kept is a warning, or an error where policy requires it; a lost approval is only told.

    `as_locked` tells that of the tools in the lock, no other than those of `call` can be called. What the server adds can
    be, and so it is told, and is not what policy requires.
    """
    tools = f"of the tools of `{subject.server}`"
    if as_locked and said.unenforced == ("call",):
        message = f"`call` {tools} is kept by {subject.title} as far as the lock knows them: it has no list of what may be called"
        hint = (
            f"a tool that the server adds can be called there until {command('lock', '--surface')} and the next apply"
        )
        yield subject.finding("error" if required else "info", message, hint)
    elif said.unenforced:
        keys = " and ".join(f"`{key}`" for key in said.unenforced)
        message = f"{keys} {tools} is declared, not enforced by {subject.title}"
        hint = "every tool can be called there; leave the server out of that host if it must not be"
        yield subject.finding("error" if required else "warning", message, hint)
    if said.unsaid:
        names = ", ".join(f"`{name}`" for name in said.unsaid)
        message = f"`auto` {tools} is not written for {subject.title}, which asks before {names}"
        yield subject.finding("info", message, "approve it in the host; what is declared may stay")


def unsandboxed(row: HostRow, server: Server) -> Problem | None:
    """Why a host cannot shut a server in as `enforce: host` asks; None for a server that does not."""
    if server.permissions is None or server.permissions.enforce != "host":
        return None
    reason = row.sandbox.lacks if row.sandbox is not None else "it has no sandbox for servers"
    message = f"{row.title} cannot hold a server to its permissions: {reason}"
    return Problem("permission", message, None, "write `enforce: bwrap`, or leave the server out for that host")
