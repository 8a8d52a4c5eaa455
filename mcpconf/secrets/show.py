"""How a secret is spoken of, and how it is kept out of what is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

from mcpconf.canonical import keyed
from mcpconf.secrets.escape import escape
from mcpconf.secrets.literals import in_document, in_text
from mcpconf.secrets.names import word_set

REDACTED = "(redacted)"
SHORTEST = 6
"""A shorter secret is not searched for: it would be found in half of all words, and guessed by trying anyway."""

_LONGEST_WORD = 16
_DEEPEST = 16
_DIGITS_SHOWN = 4
_COMMON = word_set(
    "postgres password passwd secret default example localhost database username production development staging"
    " private public disabled enabled required optional anonymous authorization bearer github gitlab docker server"
    " cursor vscode claude codex mcpconf project manifest literal redacted"
)


def describe(value: str, key: bytes | None) -> str:
    """`(literal, 40 characters, keyed:7f3a)`: tells two values apart without showing either."""
    length = f"{len(value)} character{'' if len(value) == 1 else 's'}"
    if key is None:
        return f"(literal, {length})"
    return f"(literal, {length}, {keyed(key, value)[: len('keyed:') + _DIGITS_SHOWN]})"


def redact(text: str) -> str:
    """The text without what it gives away by itself: by a form, a telling name, an address. For text that is not ours."""
    for secret in sorted({secret for _, secret in in_text(text)}, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    return text


def cleaned(text: str) -> str:
    """The text without what is a secret by its own form, whoever said it: done last, to whatever leaves the program."""
    for secret in sorted({secret for _, secret in in_document(text)}, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    return text


class Scrubber:
    """Replaces known secrets in any text that leaves the program, also where they are escaped or quoted.

    Secrets of fewer than 6 characters and everyday words (`postgres`) are left: the first would be found everywhere, the
    second are names as well. One plain word of letters is replaced only where it stands alone. Of a secret of several
    lines each is one too: a text may show it line by line.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        alone: set[str] = set()
        anywhere: set[str] = set()
        for secret in {part for whole in secrets for part in (whole, *map(str.strip, whole.splitlines()))}:
            if len(secret) >= SHORTEST and secret.lower() not in _COMMON:
                word = secret.isalpha() and len(secret) < _LONGEST_WORD
                (alone if word else anywhere).update(_spellings(secret))
        patterns = [_alternation(sorted(anywhere), 0)] if anywhere else []
        if alone:
            patterns.append(rf"(?<!\w){_alternation(sorted(alone), 0)}(?!\w)")
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def scrub(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(REDACTED, text)


def _spellings(secret: str) -> set[str]:
    """The secret as it stands in plain text, JSON, TOML, an address, a shell line, a Python representation."""
    json_ascii = json.dumps(secret)[1:-1]
    encoded = {
        function(secret.encode("utf-8", "surrogatepass"), safe=safe)
        for function in (quote, quote_plus)
        for safe in ("", "/")
    }
    return {
        secret,
        json_ascii,
        json_ascii.replace('"', '\\"').replace("\\\\", "\\\\\\\\"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
        *encoded,
        *(re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text) for text in encoded),
        secret.replace("'", "'\"'\"'"),
        secret.replace("'", "'\\''"),
        repr(secret)[1:-1],
        escape(secret),
    }


def _alternation(words: Sequence[str], start: int, depth: int = 0) -> str:
    """A pattern for sorted words from `start` on, longest first; words that begin alike share their beginning.

    So a position in the text is compared with few words however many there are. Nesting ends at `_DEEPEST`.
    """
    if depth >= _DEEPEST or len(words) == 1:
        longest_first = sorted((word[start:] for word in words), key=len, reverse=True)
        return "(?:" + "|".join(map(re.escape, longest_first)) + ")"
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word[start : start + 1], []).append(word)
    branches = []
    for first, group in groups.items():
        if first:
            shared = _shared(group[0], group[-1], start)
            branches.append(re.escape(group[0][start:shared]) + _alternation(group, shared, depth + 1))
    if "" in groups:
        branches.append("")
    return "(?:" + "|".join(branches) + ")"


def _shared(first: str, last: str, start: int) -> int:
    """End of what the first and last of sorted words, and so all between, have in common."""
    end = start
    while end < min(len(first), len(last)) and first[end] == last[end]:
        end += 1
    return end
