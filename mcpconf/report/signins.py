"""Sign-ins that hosts keep for servers: that they are there, whose, and until when they hold. Never what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mcpconf.model.base import Json
from mcpconf.report.layout import hang, table
from mcpconf.report.style import Style
from mcpconf.secrets import looks_secret
from mcpconf.secrets.show import REDACTED


class SignIn(NamedTuple):
    """`host` is the program that keeps it. `server` is a name, or an address; empty where only a mark of that is kept.

    `expires` is a day, empty where none is told; `passed`, whether it is over. Many hosts then renew it without asking.
    """

    host: str
    server: str
    path: str
    mode: int | None = None
    expires: str = ""
    passed: bool = False

    @property
    def whose(self) -> str:
        return REDACTED if looks_secret(self.server) else self.server or "an address that no server here has"

    @property
    def until(self) -> str:
        return f"{'ran out on' if self.passed else 'until'} {self.expires}" if self.expires else ""


def counted(found: Sequence[SignIn], style: Style) -> Iterator[str]:
    """One line for all programs."""
    every = Counter(item.host for item in found)
    over = Counter(item.host for item in found if item.passed)
    told = [f"{host} {count}" + (f" ({over[host]} ran out)" if over[host] else "") for host, count in every.items()]
    if told:
        yield from hang("signed in: ", style.text(", ".join(told)), style.width)


def listed(found: Sequence[SignIn], style: Style) -> Iterator[str]:
    if found:
        yield "  signed in to"
    rows = [(style.text(item.whose), item.until, style.path(item.path), _mode(item)) for item in found]
    for lines in table(rows, style.width, 4):
        yield from lines


def _mode(item: SignIn) -> str:
    return "" if item.mode is None else f"mode {item.mode & 0o7777:04o}"


def sign_in_data(item: SignIn) -> dict[str, Json]:
    return {
        "host": item.host,
        "server": REDACTED if looks_secret(item.server) else item.server or None,
        "path": item.path,
        "mode": None if item.mode is None else f"{item.mode & 0o7777:04o}",
        "expires": item.expires or None,
        "expired": item.passed,
    }
