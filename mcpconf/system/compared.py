"""Two revisions of a manifest and the commit that both come from, and what a merge of them would have.

Nothing is checked out and nothing is written to the repository. A merge is made of the documents alone, line by line, with
`git merge-file` in a folder of our own: `git merge-tree` would start merge drivers that the repository configures
(https://git-scm.com/docs/gitattributes#_performing_a_three_way_merge, read 2026-11-27).
"""

from __future__ import annotations

import os
import posixpath
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.ports import IncludedFile
from mcpconf.system.history import git_in, refusal, repository
from mcpconf.system.program import program
from mcpconf.system.revisions import RevisionDocuments, commit_of

_SHALLOW = "`fetch-depth: 0` in the checkout step, `GIT_DEPTH: 0` in GitLab, or `git fetch --unshallow`"


@dataclass(frozen=True, slots=True)
class Revisions:
    """`base`, `head` and `ancestor` are commits; `ancestor` is the nearest that both come from. `inner` is the manifest's path."""

    top: str
    inner: str
    base: RevisionDocuments
    head: RevisionDocuments
    ancestor: RevisionDocuments


def revisions(manifest: str, base: str, head: str) -> Revisions:
    """Raises McpconfError: exit 64 for what git does not know, 1 where the history is too short to tell what changed."""
    folder, name = os.path.split(os.path.abspath(manifest))
    top = repository(folder)
    if not top:
        hint = "run it in a clone, or name a manifest in one with `-m`"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"`{manifest}` is in no git repository", None, hint))
    before, after = (_known(top, revision) for revision in (base, head))
    inner = os.path.relpath(os.path.join(folder, name), top).replace(os.sep, "/")
    below = os.path.relpath(top, os.getcwd()).replace(os.sep, "/")
    here = "" if below == "." else f"{below}/"
    common = _ancestor(top, before, after)
    return Revisions(
        top,
        inner,
        RevisionDocuments(top, before, base),
        RevisionDocuments(top, after, head, here),
        RevisionDocuments(top, common, base if common == before else common[:12]),
    )


def _known(top: str, revision: str) -> str:
    commit = commit_of(top, revision)
    if commit:
        return commit
    head = git_in(top, ["rev-parse", "--git-dir"])
    if head is None or head.returncode:
        raise McpconfError(ExitCode.NO_PLAN, Problem("unreadable", refusal(top, head), Where(top)))
    hint = f"name a commit, a branch or a tag; a shallow clone has few: {_SHALLOW}"
    raise McpconfError(ExitCode.USAGE, Problem("usage", f"git does not know `{revision}`", None, hint))


def _ancestor(top: str, base: str, head: str) -> str:
    done = git_in(top, ["merge-base", base, head])
    if done is not None and not done.returncode:
        return done.stdout.decode("ascii", "replace").split()[0]
    shallow = git_in(top, ["rev-parse", "--is-shallow-repository"])
    if shallow is not None and shallow.stdout.strip() == b"true":
        message = "this clone is shallow, and lacks the commit that both sides come from"
        raise McpconfError(ExitCode.NO_PLAN, Problem("missing", message, Where(top), _SHALLOW))
    message = "the two sides have no commit in common, so that nothing can be said to have changed"
    hint = "compare branches of one repository"
    raise McpconfError(ExitCode.NO_PLAN, Problem("missing", message, Where(top), hint))


def commits_between(compared: Revisions, paths: Sequence[str]) -> tuple[str, ...]:
    """Those that the head has and the base has not, of which any of the paths is changed; the newest first."""
    words = ["--literal-pathspecs", "rev-list", compared.head.commit, f"^{compared.ancestor.commit}", "--", *paths]
    done = git_in(compared.top, words)
    if done is None or done.returncode:
        message = "git cannot list the commits of the change"
        raise McpconfError(ExitCode.NO_PLAN, Problem("unreadable", message, Where(compared.top), "`git fsck`"))
    return tuple(done.stdout.decode("ascii", "replace").split())


@dataclass(frozen=True, slots=True)
class MergedDocuments:
    """Documents as a merge of head into base has them. Paths are told as those of head."""

    revisions: Revisions

    def manifest(self, path: str) -> bytes:
        found = self._merged(self.identity(path))
        return self.revisions.head.manifest(path) if found is None else found

    def lock(self, path: str) -> bytes | None:
        return self._merged(self.identity(path))

    def approvals(self, path: str) -> bytes | None:
        return self.lock(path)

    def signature(self, path: str) -> bytes | None:
        return self.lock(f"{path}.sig")

    def program(self) -> str:
        return program()

    def identity(self, file: str) -> str:
        return self.revisions.head.identity(file)

    def read(self, including: str, path: str) -> IncludedFile | Problem:
        head = self.revisions.head
        inner = posixpath.normpath(posixpath.join(posixpath.dirname(self.identity(including)), path))
        known = head.read(including, path)
        if isinstance(known, Problem) and known.kind != "missing":
            return known
        found = self._merged(inner)
        return known if found is None else IncludedFile(head.told(inner), inner, found)

    def _merged(self, inner: str) -> bytes | None:
        base, head, ancestor = (
            side.content(side.told(inner))
            for side in (self.revisions.base, self.revisions.head, self.revisions.ancestor)
        )
        if base in (head, ancestor):
            return head
        if head == ancestor:
            return base
        where = Where(self.revisions.head.told(inner))
        if base is None or head is None:
            message = "one side changed it and the other took it away, so that there is no merge to check"
            raise McpconfError(ExitCode.NO_PLAN, Problem("invalid", message, where, "merge the base into the branch"))
        return _three_way(base, head, ancestor or b"", where)


def _three_way(base: bytes, head: bytes, ancestor: bytes, where: Where) -> bytes:
    with tempfile.TemporaryDirectory(prefix="mcpconf-merge-") as folder:
        for name, data in (("base", base), ("ancestor", ancestor), ("head", head)):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        done = git_in(folder, ["merge-file", "-p", "--quiet", "base", "ancestor", "head"], outside=True)
    if done is not None and not done.returncode:
        return done.stdout
    message = "a merge of both sides has a conflict here"
    raise McpconfError(ExitCode.NO_PLAN, Problem("invalid", message, where, "merge the base into the branch"))
