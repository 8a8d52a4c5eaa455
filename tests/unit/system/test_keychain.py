"""Names of items of a keychain, as macOS prints them."""

import pytest

from mcpconf.errors import Problem
from mcpconf.model.process import KeyringItem
from mcpconf.system import keychain, processes

DUMP = """\
keychain: "/Users/dev/Library/Keychains/login.keychain-db"
version: 512
class: "genp"
attributes:
    0x00000007 <blob>="Codex MCP Credentials"
    0x00000008 <blob>=<NULL>
    "acct"<blob>="far|0123456789abcdef"
    "cdat"<timedate>=0x32303236313132373038303030305A00  "20261127080000Z\\000"
    "svce"<blob>="Codex MCP Credentials"
    "type"<uint32>=<NULL>
keychain: "/Users/dev/Library/Keychains/login.keychain-db"
version: 512
class: "inet"
attributes:
    "acct"<blob>="dev"
    "srvr"<blob>="far.example"
keychain: "/Users/dev/Library/Keychains/login.keychain-db"
version: 512
class: "genp"
attributes:
    "acct"<blob>=0x6EC3A9  "n\\303\\251"
    "svce"<blob>=0x61
keychain: "/Users/dev/Library/Keychains/login.keychain-db"
version: 512
class: "genp"
attributes:
    "acct"<blob>=<NULL>
    "svce"<blob>="no account"
keychain: "/Users/dev/Library/Keychains/login.keychain-db"
version: 512
class: "genp"
attributes:
    "acct"<blob>="say "svce"<blob>="x" to me"
    "svce"<blob>=0x616
"""


def test_items_are_told_by_service_and_account():
    assert [*keychain.listed(DUMP)] == [
        KeyringItem("Codex MCP Credentials", "far|0123456789abcdef"),
        KeyringItem("a", "né"),
        KeyringItem("", 'say "svce"<blob>="x" to me'),
    ]
    assert [*keychain.listed("")] == []


@pytest.mark.parametrize(
    ("system", "said", "found"),
    [
        ("darwin", DUMP.encode(), 3),
        ("darwin", b"", 0),
        ("darwin", None, None),
        ("linux", DUMP.encode(), None),
    ],
)
def test_only_macos_is_asked_and_for_nothing_secret(monkeypatch, system, said, found):
    questions = []

    def asked(*argv, seconds):
        questions.append((argv, seconds))
        return said

    monkeypatch.setattr(keychain, "asked", asked)
    monkeypatch.setattr(processes.sys, "platform", system)
    told = processes.OwnProcesses().keyring()
    assert isinstance(told, Problem) == (system == "darwin" and found is None)
    assert found is None or len(told) == found
    assert [argv for argv, _ in questions] == [("/usr/bin/security", "dump-keychain")] * (system == "darwin")
