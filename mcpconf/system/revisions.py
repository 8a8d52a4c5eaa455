"""A manifest as a commit has it, read from git's object database: nothing is checked out, and nothing of it runs."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.ports import Documents, IncludedFile
from mcpconf.system.history import git_in, repository
from mcpconf.system.includes import SystemDocuments
from mcpconf.system.program import program
from mcpconf.system.sources import MAXIMUM_DOCUMENT_BYTES

_ALONE = ("--literal-pathspecs",)

_LINE = re.compile(rb"(?P<mode>[0-9]{6}) blob (?P<id>[0-9a-f]{40,64}) +(?P<size>[0-9]+)\t")
_FILES = (b"100644", b"100755")
_REVISION = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_@{}~^./+-]{0,255}")


@dataclass(frozen=True, slots=True)
class RevisionDocuments:
    """Documents of one commit. Paths are told as `REVISION:PATH`, the path from the top of the repository.

    `below` stands in place of `REVISION:` where the files of that commit are those that a reader has before them: the way
    from the folder that mcpconf runs in to the top of the repository.
    """

    top: str
    commit: str
    revision: str
    below: str | None = None

    def manifest(self, path: str) -> bytes:
        found = self._blob(self._inner(path))
        if isinstance(found, bytes):
            return found
        raise McpconfError(ExitCode.NO_PLAN, found or self._missing(path))

    def lock(self, path: str) -> bytes | None:
        found = self._blob(self._inner(path))
        if isinstance(found, Problem):
            raise McpconfError(ExitCode.NO_PLAN, found)
        return found

    def approvals(self, path: str) -> bytes | None:
        return self.lock(path)

    def signature(self, path: str) -> bytes | None:
        return self.lock(f"{path}.sig")

    def program(self) -> str:
        return program()

    def identity(self, file: str) -> str:
        return self._inner(file)

    def read(self, including: str, path: str) -> IncludedFile | Problem:
        inner = posixpath.normpath(posixpath.join(posixpath.dirname(self._inner(including)), path))
        if not path or "\\" in path or path.startswith(("/", "~")) or inner.split("/")[0] == "..":
            return Problem("invalid", f"leads out of the repository `{self.top}`", None, "write a path inside of it")
        found = self._blob(inner)
        if isinstance(found, bytes):
            return IncludedFile(self.told(inner), inner, found)
        return found or Problem("missing", f"is not in {self.revision}", None, "check the path")

    def told(self, inner: str) -> str:
        """The path of a file of this commit as it is given to `manifest`, and told in places."""
        return f"{self.revision}:{inner}" if self.below is None else f"{self.below}{inner}"

    def content(self, path: str) -> bytes | None:
        """Raises McpconfError (exit 1) for what is there and cannot be read."""
        return self.lock(path)

    def _inner(self, path: str) -> str:
        return path.removeprefix(self.told(""))

    def _missing(self, path: str) -> Problem:
        return Problem("missing", "there is no manifest here", Where(path), "`-m PATH` names another")

    def _blob(self, inner: str) -> bytes | Problem | None:
        where = Where(self.told(inner))
        listed = git_in(self.top, [*_ALONE, "ls-tree", "-l", "-z", "--full-tree", self.commit, "--", inner])
        if listed is None or listed.returncode:
            return Problem("unreadable", "git cannot read this commit", where, "`git fsck` in the repository")
        if not listed.stdout:
            return None
        match = _LINE.match(listed.stdout)
        if match is None or match["mode"] not in _FILES:
            return Problem("not-a-file", "it is no regular file", where, "name the file itself")
        if int(match["size"]) > MAXIMUM_DOCUMENT_BYTES:
            return Problem("oversized", "it is larger than 16 MB", where)
        done = git_in(self.top, [*_ALONE, "cat-file", "blob", match["id"].decode()])
        if done is None or done.returncode:
            return Problem("unreadable", "git does not have its content", where, "fetch all of the repository")
        return done.stdout


def documents_at(text: str, manifest: str) -> tuple[Documents, str, str]:
    """What `FILE`, `REVISION`, or one of them and `:SERVER` names: documents, the manifest in them, and the server.

    A revision is one of the manifest that is given. Raises McpconfError (exit 64).
    """
    place, _, name = text.rpartition(":")
    if os.path.exists(text) or not place:
        place, name = text, ""
    if os.path.exists(place):
        return SystemDocuments(), place, name
    found = _of_commit(place, manifest)
    if isinstance(found, Problem):
        raise McpconfError(ExitCode.USAGE, found)
    return (*found, name)


def _of_commit(revision: str, manifest: str) -> tuple[RevisionDocuments, str] | Problem:
    folder, name = os.path.split(os.path.abspath(manifest))
    top = repository(folder)
    if not top:
        hint = f"name a file, or a manifest in a repository with `-m`: `{manifest}` is in none"
        return Problem("usage", f"there is no file `{revision}`", None, hint)
    commit = commit_of(top, revision)
    if not commit:
        hint = "name a file, a commit, a branch or a tag; a shallow clone has few (`fetch-depth: 0`)"
        return Problem("usage", f"`{revision}` is neither a file nor known to git", None, hint)
    inner = os.path.relpath(os.path.join(folder, name), top).replace(os.sep, "/")
    return RevisionDocuments(top, commit, revision), f"{revision}:{inner}"


def commit_of(top: str, revision: str) -> str:
    """The commit that a revision names; "" for none, and for what could be read as an option."""
    if not _REVISION.fullmatch(revision):
        return ""
    done = git_in(top, [*_ALONE, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"])
    return done.stdout.decode("ascii", "replace").strip() if done is not None and not done.returncode else ""
