"""Who owns the files that say what servers may do, in the words of GitHub and GitLab: a second lock on the approvals of the policy.

Both take the first of the files that may have it, and the last line that fits a path; a line that they cannot read they pass
over, so that none of those is written (docs.github.com, docs.gitlab.com, 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mcpconf import operations
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.paths import approvals_path, lock_path
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.policy import Policy
from mcpconf.system.includes import in_repository

Form = Literal["github", "gitlab"]

_PLACES: dict[Form, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
"""Where each looks for it. Who adds one that is looked at before takes its place, so that it has them all."""

_SECTIONS: dict[Form, str] = {"github": "", "gitlab": "[mcpconf]\n"}
"""Of several sections of a file each has a say, whatever the others say of a path."""

_NAME = re.compile(r"@?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*|[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_UNSPEAKABLE = re.compile(r"[*?\[\]\\#!\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Owned:
    """`paths` are from the top of the repository."""

    paths: tuple[str, ...]
    owners: tuple[str, ...]
    text: str


def owned(path: str, form: Form) -> Owned:
    """Raises McpconfError: exit 1 for what neither can say or a policy without approvers, 64 outside of a repository."""
    loaded = operations.manifest(path)
    files = (path, lock_path(path), approvals_path(path), *(layer.file for layer in loaded.layers))
    paths = (*_PLACES[form], *in_repository(path, files))
    owners = tuple(_owners(loaded))
    lines = [f"{_pattern(item)} {' '.join(owners)}\n" for item in paths]
    about = f"# what MCP servers may do, and who approves it: by `mcpconf export --codeowners {form}`\n"
    return Owned(paths, owners, "".join((about, _SECTIONS[form], *lines)))


def _owners(loaded: LoadedManifest) -> Iterator[str]:
    names: dict[str, tuple[str, tuple[str | int, ...]]] = {}
    for name, at in _approvers(loaded.manifest.policy):
        names.setdefault(name.casefold().removeprefix("@"), (name, at))
    if not names:
        hint = "name who approves under `policy.approvers`, as `security: [grace, linus]`"
        problem = Problem("invalid", "the policy names nobody who approves changes", loaded.where("policy"), hint)
        raise McpconfError(ExitCode.NO_PLAN, problem)
    wrong = [
        Problem("invalid", f"`{name}` is no name of a user, a group or an address", loaded.where("policy", *at), _HINT)
        for name, at in names.values()
        if not _NAME.fullmatch(name)
    ]
    if wrong:
        raise McpconfError(ExitCode.NO_PLAN, *wrong)
    yield from (name if "@" in name else f"@{name}" for name, _ in names.values())


_HINT = "write the name that they have where changes are reviewed"


def _approvers(policy: Policy) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Each with its place in the policy."""
    for group, people in policy.approvers.items():
        yield from ((name, ("approvers", group)) for name in people)
    for index, demand in enumerate(policy.approvals):
        yield from ((name, ("approvals", index)) for name in demand.of if name not in policy.approvers)


def _pattern(path: str) -> str:
    if _UNSPEAKABLE.search(path):
        message = "a path with `*`, `?`, `[`, `]`, `\\`, `#` or `!` has no words in CODEOWNERS"
        raise McpconfError(ExitCode.NO_PLAN, Problem("invalid", message, Where(path), "name the file otherwise"))
    return "/" + path.replace(" ", "\\ ")
