"""The commits of a manifest, read from git's object database through GitPython: nothing is checked out, no hook runs.

The repository may be anybody's. What git is asked here (`log`, `cat-file`) reads objects only; a partial clone's missing
objects are not fetched, and replacements of objects do not count (see `mcpconf.system.history`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mcpconf.errors import Problem, Where
from mcpconf.model.past import Version
from mcpconf.model.revocation import Revocation
from mcpconf.ports import Documents
from mcpconf.system.history import git_in, inside, refusal
from mcpconf.system.revisions import RevisionDocuments

if TYPE_CHECKING:
    from git.cmd import Git
    from git.db import GitCmdObjectDB

MOST_VERSIONS = 100_000
MAXIMUM_BLOB_BYTES = 4 * 1024 * 1024
"""A larger manifest was never written by a person; it is not read."""

_SECONDS = 15
_FORMAT = "--format=%H %P%x00%as%x00%an"
_ENTRY = re.compile(rb"\n?:[0-7]{6} (?P<mode>[0-7]{6}) (?P<before>[0-9a-f]{40,64}) (?P<after>[0-9a-f]{40,64}) [A-Z]")
_SURROUNDINGS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_OPTIONS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "log.showSignature=false", "log.mailmap=false")


@dataclass(frozen=True, slots=True)
class GitPast:
    """Commits that lead to `commit`, and are all there but for a shallow clone's."""

    top: str
    inner: str
    commit: str
    shallow: bool
    git_folder: str = field(repr=False)

    def versions(self, files: Sequence[str]) -> tuple[Version, ...] | Problem:
        from git.exc import GitError

        paths = [_inner(self.top, file) for file in files]
        words = ("--topo-order", "-m", "--raw", "--no-abbrev", "--no-renames", "-z", f"--max-count={MOST_VERSIONS}")
        try:
            told = self._git().log(
                *words,
                _FORMAT,
                self.commit,
                "--",
                *(f":(literal,top){path}" for path in paths),
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=_SECONDS,
            )
        except (GitError, OSError) as error:
            return self._unreadable(type(error).__name__)
        return tuple(_versions(told.split(b"\0")))

    def texts(self, contents: Iterable[str]) -> Iterator[bytes | Problem]:
        from git.db import GitCmdObjectDB

        git = self._git()
        database = GitCmdObjectDB(os.path.join(self.git_folder, "objects"), git)
        try:
            yield from self._read(database, contents)
        finally:
            git.clear_cache()  # ends the process that it asks

    def _read(self, database: GitCmdObjectDB, contents: Iterable[str]) -> Iterator[bytes | Problem]:
        from git.exc import GitError, ODBError

        for content in contents:
            try:
                stream = database.stream(bytes.fromhex(content))
                large = stream.size > MAXIMUM_BLOB_BYTES
                data = b"" if large else stream.read()
            except (GitError, ODBError, OSError, ValueError) as error:
                yield self._unreadable(type(error).__name__)
            else:
                yield (
                    Problem("oversized", "a manifest of more than 4 MB is not read", Where(self.top)) if large else data
                )

    def before(self, version: Version) -> tuple[Documents, str] | Problem:
        done = git_in(self.top, ["rev-list", "--parents", "-n1", version.by.commit])
        for parent in done.stdout.decode("ascii", "replace").split()[1:] if done is not None else ():
            found = git_in(self.top, ["rev-parse", "--verify", "--quiet", f"{parent}:{version.file}"])
            if found is not None and found.stdout.decode("ascii", "replace").strip() == version.before:
                return RevisionDocuments(self.top, parent, parent[:7]), self.inner
        return self._unreadable(f"no parent of {version.by.commit[:7]} has it")

    def _git(self) -> Git:
        from git.cmd import Git

        git = Git(self.top)
        git.set_persistent_git_options(no_replace_objects=True, c=list(_OPTIONS))
        git.update_environment(**_SURROUNDINGS, GIT_DIR=self.git_folder)
        return git

    def _unreadable(self, why: str) -> Problem:
        return Problem("unreadable", f"the history of the manifest could not be read ({why})", Where(self.top))


def past(path: str) -> GitPast | Problem | None:
    top, inner = inside(path)
    if not top:
        return None
    done = git_in(top, ["rev-parse", "--is-shallow-repository", "--absolute-git-dir", "HEAD"])
    lines = done.stdout.decode("utf-8", "surrogateescape").splitlines() if done is not None else []
    if done is None or done.returncode or len(lines) != len(("shallow", "folder", "commit")):
        return Problem("unreadable", refusal(top, done), Where(top))
    shallow, folder, commit = lines
    return GitPast(top, inner, commit, shallow == "true", folder)


def _inner(top: str, file: str) -> str:
    return os.path.relpath(os.path.abspath(file), top).replace(os.sep, "/")


def _versions(tokens: Sequence[bytes]) -> Iterator[Version]:
    """A commit is three tokens; each of its files an entry and a path."""
    position = 0
    by, parents = Revocation(commit="", author="", date=""), 0
    while position + 2 < len(tokens):
        entry = _ENTRY.fullmatch(tokens[position]) if by.commit else None
        if entry is None:
            ids, day, author = (token.decode("utf-8", "replace").strip() for token in tokens[position : position + 3])
            commit, *others = ids.split()
            by, parents = Revocation(commit=commit, author=author, date=day), len(others)
            position += 3
        else:
            before, after = (_content(entry[side]) for side in ("before", "after"))
            yield Version(by, parents > 1, tokens[position + 1].decode("utf-8", "surrogateescape"), before, after)
            position += 2


def _content(text: bytes) -> str:
    return text.decode() if text.strip(b"0") else ""
