"""Names of items in the keychain of macOS.

https://keith.github.io/xcode-man-pages/security.1.html, read 2026-11: without `-d` nothing secret is printed, and nobody is
asked for anything. Each attribute is one line; bytes that are no plain text are in hexadecimal, before or instead of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpconf.errors import Problem
from mcpconf.model.process import KeyringItem
from mcpconf.system.asked import asked

_DUMP = ("/usr/bin/security", "dump-keychain")
_SECONDS = 20.0
_BEGINS = "keychain: "
_ATTRIBUTE = re.compile(r' +"(?P<name>acct|svce)"<blob>=(?:0x(?P<bytes>[0-9A-Fa-f]++)(?:  ".*")?|"(?P<text>.*)")')
_UNTOLD = Problem("unreadable", "the keychain does not tell what it has", None, "look yourself, in Keychain Access")


def items() -> tuple[KeyringItem, ...] | Problem:
    said = asked(*_DUMP, seconds=_SECONDS)
    return _UNTOLD if said is None else tuple(listed(said.decode("utf-8", "replace")))


def listed(text: str) -> Iterator[KeyringItem]:
    """Those that have both a service and an account."""
    found: dict[str, str] = {}
    for line in (*text.split("\n"), _BEGINS):
        if line.startswith(_BEGINS):
            if len(found) > 1:
                yield KeyringItem(found["svce"], found["acct"])
            found = {}
        elif attribute := _ATTRIBUTE.fullmatch(line):
            found[attribute["name"]] = attribute["text"] or _of_bytes(attribute["bytes"] or "")


def _of_bytes(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "replace") if not len(digits) % 2 else ""
