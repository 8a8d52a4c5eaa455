"""Files with secrets, or that a shell carries out, that a text names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mcpconf.secrets.names import word_set

_PATH = re.compile(
    r"\.ssh/|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|\bauthorized_keys\b|\.aws/(?:credentials|config)\b|/etc/(?:passwd|shadow|sudoers)\b"
    r"|\.(?:netrc|npmrc|pypirc|pgpass|git-credentials|gnupg|bash_history|bashrc|zshrc|bash_profile|zprofile)\b|\.kube/config\b"
    r"|\.docker/config\.json\b|\.(?:cursor|vscode)/mcp\.json\b|\bclaude_desktop_config\.json\b|\.claude\.json\b"
    r"|\.config/gh/hosts\.yml\b|(?<![\w./*])\.env\b(?![.\w-])|/proc/self/environ\b|\bwallet\.dat\b",
    re.IGNORECASE,
)
_WORDS = (
    *(".ssh/", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", "authorized_keys", ".aws/", "/etc/", ".netrc", ".npmrc"),
    *(".pypirc", ".pgpass", ".git-credentials", ".gnupg", ".bash", ".zshrc", ".zprofile", ".kube/", ".docker/"),
    *("mcp.json", "claude_desktop_config", ".claude.json", "hosts.yml", ".env", "/environ", "wallet.dat"),
)
"""A text that has none of them, in small letters, names no such file; to look for them takes no time."""

_AROUND = 100
"""Characters before and after a name in which somebody is told what to do with it."""

_ORDER = re.compile(
    r"\b(?:before|first|must|also|then|please|need to|have to|should|required to)\b[^!?]{0,60}?"
    r"\b(?:read|open|cat|include|append|access|load|fetch|extract|copy|get|collect|update|adding|add|write|run)\b",
    re.IGNORECASE,
)
_PASSED_ON = re.compile(
    r"\b(?:pass|send|include|forward|attach|upload|append|return) (?:its|their|the|it|them)\b|\bits contents?\b",
    re.IGNORECASE,
)
_OF_FILES = word_set(
    "ssh scp sftp file files dir directory folder path key keys git docker kube kubectl k8s kubernetes aws env dotenv config"
    " credential credentials secret secrets shell terminal command exec bash zsh npm profile identity"
)
_NAME = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


class Named(NamedTuple):
    """A file at a place in the plain form of a text. `ordered`: the model is told what to do with it."""

    start: int
    file: str
    ordered: bool


def named(plain: str) -> Named | None:
    """The first file that a text names, or the first that it tells what to do with."""
    lowered = plain.lower()
    if not any(word in lowered for word in _WORDS):
        return None
    found = [*_named(plain)]
    return next((item for item in found if item.ordered), found[0] if found else None)


def _named(plain: str) -> Iterator[Named]:
    for match in _PATH.finditer(plain):
        before, after = plain[max(0, match.start() - _AROUND) : match.start()], plain[match.end() :][:_AROUND]
        yield Named(match.start(), match[0], bool(_ORDER.search(before) or _PASSED_ON.search(after)))


def is_of_files(name: str) -> bool:
    """Whether something of this name has to do with files or logins, so that it may well speak of some."""
    return not _OF_FILES.isdisjoint(word.lower() for word in _NAME.findall(name))
