"""The order on sets of paths: one set is wider than another if it covers every path of it and more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mcpconf.permissions.change import Verdict
from mcpconf.permissions.commandline import without_defaults
from mcpconf.ports import OperatingSystem

_HOME = re.compile(r"(?:~|\$\{home\}|\$\{env:(?:HOME|USERPROFILE)\})(?=[/\\]|\Z)")
_DRIVE = re.compile(r"([A-Za-z]:)(?=[/\\]|\Z)")
_SHARE = re.compile(r"//[^/]+/[^/]+")
_ANCHOR = re.compile(r"\$\{[^{}]*\}|~[^/]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A path taken apart. `anchor` is `/`, `c:`, a share, a reference, or `.` for a relative path.

    `ups` counts leading `..`, which only a relative path or one below a reference can have.
    """

    anchor: str
    ups: int
    steps: tuple[str, ...]


def place(path: str, home: str, os: OperatingSystem) -> Place:
    """Take any text apart as a path. `~`, `${home}` and the home folder itself are one; so is case on Windows."""
    text = without_defaults(path).replace("$$", "$")
    if text[:7].lower() == "file://":
        text = unquote(text[7:])
        text = text[1:] if _DRIVE.match(text[1:]) else text
    if match := _HOME.match(text):
        text = (home or "~") + text[match.end() :]
    is_windows = os == "windows" or text.startswith("\\\\")
    if is_windows or _DRIVE.match(text):
        text = text.replace("\\", "/")
    if os == "windows":
        text = text.lower()
    anchor, rest = _anchor(text if is_windows else re.sub(r"\A/{2,}", "/", text))
    ups, steps = 0, list[str]()
    for step in rest.split("/"):
        if step == ".." and steps:
            steps.pop()
        elif step == "..":
            ups += anchor == "." or anchor[0] in "$~"
        elif step not in ("", "."):
            steps.append(step)
    while steps and steps[-1] in ("*", "**"):
        steps.pop()
    return Place(anchor, ups, tuple(steps))


def _anchor(text: str) -> tuple[str, str]:
    if match := _SHARE.match(text) or _DRIVE.match(text) or _ANCHOR.match(text):
        return match[0].lower() if match[0][0].isalpha() else match[0], text[match.end() :]
    return ("/", text) if text.startswith("/") else (".", text)


class PathSet:
    """Paths, and all that lies below them."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._everything = False
        self._ups: dict[str, int] = {}
        self._trees: dict[tuple[str, int], dict[str, Any]] = {}
        for one in places:
            self._add(one)

    def _add(self, one: Place) -> None:
        if not one.steps:
            self._everything |= one.anchor == "/"
            self._ups[one.anchor] = max(one.ups, self._ups.get(one.anchor, 0))
        tree = self._trees.setdefault((one.anchor, one.ups), {})
        for step in one.steps:
            tree = tree.setdefault(step, {})
        tree[""] = {}

    def covers(self, one: Place) -> bool:
        """Whether a path is one of these or below one. `/` covers every path, `..` every path with fewer of them."""
        if self._everything or self._ups.get(one.anchor, 0) > one.ups:
            return True
        tree = self._trees.get((one.anchor, one.ups))
        for step in one.steps:
            if tree is None or "" in tree:
                break
            tree = tree.get(step)
        return tree is not None and "" in tree


def differences(
    before: Iterable[str], after: Iterable[str], home: str, os: OperatingSystem
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths of `before` that `after` no longer covers, and paths of `after` that `before` did not cover."""
    first = {path: place(path, home, os) for path in before}
    second = {path: place(path, home, os) for path in after}
    one, other = PathSet(first.values()), PathSet(second.values())
    gone = tuple(path for path, where in first.items() if not other.covers(where))
    new = tuple(path for path, where in second.items() if not one.covers(where))
    return gone, new


def order(before: Iterable[str], after: Iterable[str], home: str, os: OperatingSystem) -> Verdict:
    """What `after` is, seen from `before`."""
    gone, new = differences(before, after, home, os)
    if gone and new:
        return "both"
    return "narrower" if gone else "wider" if new else "same"


def shown(path: str, home: str, os: OperatingSystem) -> str:
    """A path as a person writes it: `~` for the home folder in any of its spellings."""
    where, base = place(path, home, os), place("~", home, os)
    if home and where.anchor == base.anchor and where.steps[: len(base.steps)] == base.steps:
        below = len(where.steps) - len(base.steps)
        steps = [step for step in path.replace("\\", "/").split("/") if step][-below:] if below else []
        plain = ".." not in path and "*" not in path and "%" not in path
        return "/".join(("~", *(steps if plain else where.steps[len(base.steps) :])))
    return path
