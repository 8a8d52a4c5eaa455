"""Words of a command line: program names and the splitting of one text into words."""

from __future__ import annotations

import re

LONGEST_LINE = 8192
"""A longer text is not taken apart: no launch line comes near it."""

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "ash", "fish"})
POWERSHELLS = frozenset({"powershell", "pwsh"})

_SUFFIX = re.compile(r"\.(?:exe|cmd|bat|com|ps1)\Z", re.IGNORECASE)
_DEFAULT = re.compile(r"\$\{env:[A-Za-z0-9_.-]{1,255}(?=:-)")
_PYTHON = re.compile(r"(?:python[0-9.]*w?|py|pyw)\Z")
_PIECE = re.compile(r"""(?P<plain>[^\s"']+)|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<space>\s+)|(?P<stray>["'])""")
_SHELL_SYNTAX = re.compile(r"[;&|<>()$`\\\n\r*?\[\]{}!]")


def without_defaults(text: str) -> str:
    """`${env:X:-default}` as `${env:X}`: a default may be a secret, and names must not hold one."""
    if ":-" not in text:
        return text
    *closed, rest = text.split("}")
    return "}".join([*(part[: match.end()] if (match := _DEFAULT.search(part)) else part for part in closed), rest])


def program(word: str) -> str:
    r"""The base name of a program without folder and Windows suffix: `C:\nodejs\NPX.CMD` is `npx`.

    All Pythons are `python`: which one runs a module does not change what the module is.
    """
    word = without_defaults(word)
    base = re.split(r"[/\\]", word.rstrip("/\\"))[-1] or word
    name = _SUFFIX.sub("", base) or base
    if name != base or "\\" in word or word[1:2] == ":":
        name = name.lower()
    if _PYTHON.match(name):
        return "python"
    return "node" if name == "nodejs" else name


def split_line(text: str) -> tuple[str, ...] | None:
    """Words of a line, quotes removed, or None where a quote stays open. A backslash is an ordinary character."""
    if len(text) > LONGEST_LINE:
        return None
    words: list[str] = []
    open_word = False
    for piece in _PIECE.finditer(text):
        if piece["stray"]:
            return None
        if piece["space"] is not None:
            open_word = False
            continue
        content = piece["plain"] or piece["double"] or piece["single"] or ""
        if open_word:
            words[-1] += content
        else:
            words.append(content)
        open_word = True
    return tuple(words)


def plain_line(text: str) -> tuple[str, ...] | None:
    """Words of a line that a shell would run as they are, or None if the shell itself would act on any of it."""
    return None if _SHELL_SYNTAX.search(text[:LONGEST_LINE]) else split_line(text)
