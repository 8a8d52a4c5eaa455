"""Commands of mcpconf in hints, as a person can copy them into a shell."""

from __future__ import annotations

import re
import shlex

_PLAIN = re.compile(r"[\w@%+=:,./-][\w@%+=:,./~#-]*", re.ASCII)
_NAMED = "`mcpconf "


def command(*words: str) -> str:
    """One of mcpconf, in backticks."""
    return typed("mcpconf", *words)


def typed(*words: str) -> str:
    """A command in backticks. A word that a shell would read otherwise is quoted: anybody may have thought of the name."""
    return f"`{' '.join(map(_quoted, words))}`"


def followed(hint: str, *then: str) -> str:
    """The hint with a command to run after it, by default `mcpconf plan`, unless it names one itself."""
    if _NAMED in hint:
        return hint
    next_one = command(*(then or ("plan",)))
    return f"{hint}, then {next_one}" if hint else next_one


def _quoted(word: str) -> str:
    """A backtick would end what is marked as a command."""
    return word if _PLAIN.fullmatch(word) else shlex.quote(word.replace("`", "?"))
