"""Sign-ins that hosts keep in the keyring of the system: whose they are, as far as the name of an item tells."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

from mcpconf.hosts.tables import Table

_SYSTEMS = ("linux", "macos", "windows")
_LONGEST_MARK = 64


class Keyring(NamedTuple):
    """`account` is how an item of `service` is called, with {mark} where the first digits of a SHA-256 stand: of one of the texts in `of`, with {url} as JSON. Without a service nothing tells whose an item is."""

    systems: tuple[str, ...]
    service: str
    account: str
    digits: int
    of: tuple[str, ...]

    def names(self, account: str, url: str) -> bool:
        """Whether an item is called as one for this address is, whatever the server is called."""
        before, _, after = self.account.partition("{mark}")
        marks = (
            hashlib.sha256(text.replace("{url}", json.dumps(url, ensure_ascii=False)).encode()).hexdigest()
            for text in self.of
        )
        return any(_fits(f"{before}{mark[: self.digits]}{after}", account) for mark in marks)


def _fits(pattern: str, account: str) -> bool:
    """The name of the server may be anything."""
    before, _, after = pattern.partition("{server}")
    return len(account) >= len(before) + len(after) and account.startswith(before) and account.endswith(after)


def read_keyring(table: Table) -> Keyring:
    keyring = Keyring(
        systems=table.words("systems", _SYSTEMS, _SYSTEMS),
        service=table.text("service", ""),
        account=table.text("account", ""),
        digits=int(table.number("digits", _LONGEST_MARK)),
        of=table.texts("of", ()),
    )
    table.done()
    told = keyring.account.count("{mark}") == keyring.account.count("{server}") == 1 and keyring.of
    if keyring.service and not told:
        raise table.wrong("account", "`account` has {server} and {mark} once each, and `of` says what is marked")
    if not 16 <= keyring.digits <= _LONGEST_MARK:
        raise table.wrong("digits", "a mark has 16 to 64 digits: fewer could be another's")
    return keyring
