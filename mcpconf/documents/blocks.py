"""A manifest cut into the texts of its servers, to see fast which of them a commit changed. Nothing is understood of it."""

from __future__ import annotations

import re

REST = ""
"""The name under which all that is no server stands."""

_SERVERS = re.compile(r"^servers:[ \t]*(?:#.*)?$", re.MULTILINE)
_TOP = re.compile(r"^[^\s#]", re.MULTILINE)
_MEMBER = re.compile(r"(?P<indent> +)(?P<name>[^\s#-].*?|\"[^\"]*\"|'[^']*'):(?:\s.*)?")

_STARTS = re.compile(r"\b(?:package|url):[ \t]*[^,}\n#]*|\bcommand:[ \t]*(?:\[[^\]]*\]|(?:\n[ \t]+- .*)+|.*)")

_GIVEN = re.compile(r"\$\{(?:env|secret):[^}:]*|\bsecret:[ \t]*[^,}\s]*")


def blocks(text: str) -> dict[str, str]:
    """The lines of each server by its name. All is under `REST` where servers are not written one below the other."""
    start = _SERVERS.search(text)
    if start is None:
        return {REST: text}
    following = _TOP.search(text, start.end())
    end = following.start() if following is not None else len(text)
    found: dict[str, list[str]] = {}
    indent, lines = "", found.setdefault(REST, [text[: start.end()], text[end:]])
    for line in text[start.end() : end].splitlines():
        member = _MEMBER.fullmatch(line)
        if member is not None and member["indent"] == (indent := indent or member["indent"]):
            lines = found.setdefault(member["name"].strip("\"'"), [])
        lines.append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def changed(before: dict[str, str], after: dict[str, str]) -> frozenset[str]:
    """Names of servers that are not as they were, or not there any more."""
    return frozenset(name for name, text in before.items() if after.get(name) != text)


def another(before: dict[str, str], after: dict[str, str], name: str) -> bool:
    """Whether a server is not there any more, starts something else, or has less secrets. Texts of several servers may always."""
    if name == REST:
        return before.keys() == {REST}
    was, now = before[name], after.get(name, "")
    return _STARTS.findall(was) != _STARTS.findall(now) or not {*_GIVEN.findall(was)} <= {*_GIVEN.findall(now)}
