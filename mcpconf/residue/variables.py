"""Variables that only a server that is gone was given, and that shells and sessions still set. Names only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.reconcile.gone import Gone
from mcpconf.reconcile.situation import Situation
from mcpconf.residue.looking import MOST, Leftover, Looked, Surroundings, read
from mcpconf.secrets.names import secret_named

_PROFILES = [
    ".profile",
    ".bash_profile",
    ".bash_login",
    ".bashrc",
    ".zshenv",
    ".zprofile",
    ".zshrc",
    ".zlogin",
    ".kshrc",
    ".pam_environment",
    ".xprofile",
    ".xsessionrc",
    ".envrc",
    ".config/fish/config.fish",
]
"""Read by shells and sessions at their start: bash(1), zsh(1), fish(1), pam_env(8), 2026-11."""

_FOLDERS = ((".config/environment.d", ".conf"), (".config/fish/conf.d", ".fish"), (".bashrc.d", ""), (".zshrc.d", ""))
"""environment.d(5), and what shells are made to read one by one."""

_SETS = re.compile(
    r"[ \t]*+(?:export[ \t]++|(?:declare|typeset|local)[ \t]++(?:-\w++[ \t]++)*+)?(?P<name>[A-Za-z_]\w*+)(?:=|[ \t]++DEFAULT=)"
    r"|[ \t]*+set(?:[ \t]++-{1,2}[\w-]++)++[ \t]++(?P<fish>[A-Za-z_]\w*+)[ \t]++\S"
)


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    """A secret that another server is given too, or a name under which no secret is kept, is left alone."""
    wanted = {
        name: item for item in gone for name in item.environment if secret_named(name) and name not in around.in_use
    }
    found: list[Leftover] = []
    problems: list[Problem] = []
    for path in _files(around) if wanted else ():
        text = read(around, path)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        for line, name in _set_in(text or ""):
            if name in wanted:
                item = wanted[name]
                message = f"`{name}` was given to `{item.title}` alone, and is still set for every program"
                where = f"{path}:{line}"
                found.append(Leftover(item, where, message, f"take `{name}` out of {where}", "medium"))
    return Looked(tuple(found), tuple(problems))


def in_use(situation: Situation, gone: Sequence[Gone]) -> frozenset[str]:
    """Names that entries of other servers have or refer to, on the machine or in the manifest."""
    left = {item.identity for item in gone}
    others = [entry.entry for entry in situation.observed.entries if entry.identity not in left]
    others += [entry.entry for entry in situation.desired.entries if entry.identity not in left]
    referred = (
        reference.name
        for entry in others
        for value in (*entry.env.values(), *entry.headers.values(), *entry.argv, entry.url)
        for reference in value.references
    )
    return frozenset({*(name for entry in others for name in entry.env), *referred})


def _files(around: Surroundings) -> Iterator[str]:
    home = around.machine.facts.home
    yield from (f"{home}/{name}" for name in _PROFILES)
    for folder, ending in _FOLDERS:
        names = around.machine.files.names(f"{home}/{folder}")
        if not isinstance(names, Problem):
            yield from (f"{home}/{folder}/{name}" for name in names[:MOST] if name.endswith(ending))


def _set_in(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if match := _SETS.match(line):
            yield number, match["name"] or match["fish"]
