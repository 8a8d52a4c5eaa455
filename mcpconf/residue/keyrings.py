"""Sign-ins in the keyring of the system. Names of its items are looked at, and nothing that they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.hosts.keyrings import Keyring
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.commands import typed
from mcpconf.model.process import KeyringItem
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import Leftover, Looked, Surroundings

_URL = "url:"
_ASKED = "macos"
"""The one system whose keyring tells names without asking anybody."""


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    """Only what its own name ties to an address is found. No keyring is asked where nothing that is gone had one."""
    wanted = [item for item in gone if item.identity.startswith(_URL)]
    keyrings = [(row, keyring) for row, keyring in _here(around) if _is_told(around, keyring)]
    if not wanted:
        return Looked(skipped="nothing that is gone had an address")
    if not keyrings:
        return Looked(skipped="no host here keeps sign-ins by their addresses in a keyring that tells names")
    items = around.machine.processes.keyring()
    if items is None:
        return Looked(skipped="a folder that stands for a machine has no keyring")
    if isinstance(items, Problem):
        return Looked(problems=(items,), unsure=frozenset(item.identity for item in wanted))
    return Looked(tuple(_left(wanted, keyrings, items)))


def untold(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    """Keyrings of which nothing can be told."""
    titles = sorted({row.title for row, keyring in _here(around) if not _is_told(around, keyring)})
    if not titles or not any(item.identity.startswith(_URL) for item in gone):
        return Looked(skipped="nothing that is gone can have a sign-in in one")
    hosts = ", ".join(f"`{title}`" for title in titles)
    return Looked(skipped=f"{hosts} may keep a sign-in there that does not tell whose it is: sign out in the host")


def _here(around: Surroundings) -> Iterator[tuple[HostRow, Keyring]]:
    for host in around.observed.hosts:
        row = around.rows[host.host]
        if host.installed and row.keyring is not None and around.machine.facts.os in row.keyring.systems:
            yield row, row.keyring


def _is_told(around: Surroundings, keyring: Keyring) -> bool:
    return bool(keyring.service) and around.machine.facts.os == _ASKED


def _left(
    wanted: Sequence[Gone], keyrings: Sequence[tuple[HostRow, Keyring]], items: Sequence[KeyringItem]
) -> Iterator[Leftover]:
    for item in items:
        for row, keyring in keyrings:
            means = next((gone for gone in wanted if _is_of(keyring, item, gone)), None)
            if means is not None:
                message = f"{row.title} keeps a sign-in for `{means.identity}` in the keychain"
                remove = typed("security", "delete-generic-password", "-s", item.service, "-a", item.account)
                instruction = f"{remove}; then take back the access at the server's provider"
                yield Leftover(means, f"keychain {item.service}", message, instruction, "high")


def _is_of(keyring: Keyring, item: KeyringItem, gone: Gone) -> bool:
    """An identity has lost a slash at its end."""
    url = gone.identity.removeprefix(_URL)
    return item.service == keyring.service and any(keyring.names(item.account, text) for text in (url, f"{url}/"))
