"""Whether a policy lets in what is approved, and nothing else: tried out on what a user could ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from mcpconf.hosts.policies.base import Launched, Runs

MADE_UP = "mcpconf-made-up"
"""A name, a program and a word that nobody has approved."""

_ELSEWHERE = f"https://{MADE_UP}.invalid/mcp"
_STRANGERS = (Launched(MADE_UP, (MADE_UP,)), Launched(MADE_UP, (), _ELSEWHERE))
"""What has nothing to do with any approved server."""


class Wider(NamedTuple):
    """Something that nobody approved, and that would run. `server`: the approved one that opens the door, or ""."""

    server: str
    runs: Launched


class Judgement(NamedTuple):
    """`shut_out` are approved servers that the host would not start, or not as approved."""

    shut_out: tuple[str, ...]
    wider: tuple[Wider, ...]

    @property
    def exact(self) -> bool:
        return not self.shut_out and not self.wider


def judge(runs: Runs, approved: Sequence[Launched], absent: Sequence[Launched]) -> Judgement:
    """One example for each approved server that opens a door; one for all where the door stands open anyway.

    `absent` is tried beside what is made up, so that an example of what matters comes first.
    """
    things = {server.thing for server in approved}

    def too_much(asked: Launched) -> Launched | None:
        started = runs(asked)
        return started if started is not None and started.thing not in things else None

    shut_out = [
        server.name for server in approved if (started := runs(server)) is None or started.thing != server.thing
    ]
    wider = [Wider("", started) for asked in _STRANGERS if (started := too_much(asked)) is not None][:1]
    for server in approved if not wider else ():
        found = next((started for asked in _near(server, absent) if (started := too_much(asked)) is not None), None)
        if found is not None and all(found.thing != item.runs.thing for item in wider):
            wider.append(Wider(server.name, found))
    return Judgement(tuple(dict.fromkeys(shut_out)), tuple(wider))


def _near(server: Launched, absent: Sequence[Launched]) -> Iterator[Launched]:
    """What differs from an approved server in one thing."""
    yield Launched(server.name, (MADE_UP,))
    yield Launched(server.name, (), _ELSEWHERE)
    yield from (other._replace(name=name) for other in absent for name in (MADE_UP, server.name))
    for name in (MADE_UP, server.name):
        if server.command:
            program, *words = server.command
            yield Launched(name, (program, MADE_UP))
            yield Launched(name, (*server.command, f"--{MADE_UP}"))
            if words:
                yield Launched(name, server.command[:-1])
        if server.url:
            yield from (Launched(name, (), url) for url in _near_addresses(server.url))


def _near_addresses(url: str) -> Iterator[str]:
    address = urlsplit(url)
    yield f"{url.rstrip('/')}/{MADE_UP}"
    yield f"{address.scheme}://{address.netloc}/{MADE_UP}"
    yield f"{address.scheme}://{MADE_UP}.{address.netloc}{address.path}"
    yield f"{'http' if address.scheme == 'https' else 'https'}://{address.netloc}{address.path}"
