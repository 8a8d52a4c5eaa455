"""What git knows, asked so that a hostile repository runs nothing.

No command here reads the work tree or the index through git, so neither `core.fsmonitor` nor filters or hooks of the
repository's own configuration can start (https://git-scm.com/docs/git-config#Documentation/git-config.txt-corefsmonitor,
read 2026-11-20).
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import subprocess
from dataclasses import dataclass

from mcpconf.errors import Problem, Where
from mcpconf.ports import Origin
from mcpconf.system.paths import Resolver

_SAFE = ("--no-replace-objects", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_SECONDS = 10
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAXIMUM_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class GitHistory:
    resolver: Resolver

    def origin(self, path: str) -> Origin:
        """One hardened `git rev-parse`; the file is compared by computing git's own blob id of its bytes."""
        folder, name = os.path.split(os.path.abspath(path))
        top = _repository(folder) if os.path.isfile(path) else ""
        if not top:
            return Origin()
        inner = os.path.relpath(os.path.join(folder, name), top).replace(os.sep, "/")
        commit, blob = _object_ids(top, "HEAD", f"HEAD:{inner}")
        return Origin(commit, blob != _blob_id(path, len(blob))) if commit else Origin()

    def tracked(self, path: str) -> bool | Problem:
        real = self.resolver.real(path)
        top = _repository(os.path.dirname(real), self.resolver.root)
        if not top:
            return False
        from git.exc import GitError
        from git.index.base import IndexFile
        from git.repo import Repo

        try:
            repository = Repo(top)
            inner = os.path.relpath(real, repository.working_tree_dir or top).replace(os.sep, "/")
            return any(name == inner for name, _stage in IndexFile(repository).entries)  # also amid a merge
        except (GitError, OSError, ValueError, AssertionError, EOFError, struct.error) as error:
            message = f"the git index of `{top}` could not be read ({type(error).__name__})"
            return Problem("unreadable", message, Where(path), "run `git status` there")


def _repository(folder: str, root: str = "") -> str:
    """The nearest folder with a `.git`; what lies above `root` belongs to another machine."""
    while folder and not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        folder = "" if folder in (parent, root) else parent
    return folder


def _object_ids(folder: str, *revisions: str) -> tuple[str, ...]:
    """The object id of each revision, "" where git knows none."""
    kept = ("PATH", "HOME", "SYSTEMROOT", "TMPDIR", "TEMP")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - argv only; a revision starts with HEAD, so none reads as an option
            ("git", *_SAFE, "-C", folder, "rev-parse", *revisions),  # noqa: S607 - the user's git, as in their shell
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ("",) * len(revisions)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    found = [line if _OBJECT_ID.fullmatch(line) else "" for line in lines]
    return tuple((found + [""] * len(revisions))[: len(revisions)])


def _blob_id(path: str, length: int) -> str:
    with open(path, "rb") as file:
        data = file.read(_MAXIMUM_BYTES)
    algorithm = hashlib.sha256 if length == hashlib.sha256().digest_size * 2 else hashlib.sha1
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
