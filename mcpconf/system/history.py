"""What git knows, asked so that a hostile repository runs nothing.

No command here reads files of the work tree, but those that say what to ignore, or the index through git, so neither
`core.fsmonitor` nor filters or hooks of the repository's own configuration can start (https://git-scm.com/docs/git-config#Documentation/git-config.txt-corefsmonitor,
read 2026-11-20). What a partial clone lacks is not fetched: its configuration names the program that would do that.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcpconf.errors import Problem, Where
from mcpconf.model.trust import Keys, Signed
from mcpconf.ports import Origin, Past
from mcpconf.system.paths import Resolver

_SAFE = ("--no-replace-objects", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_SECONDS = 10
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAXIMUM_BYTES = 64 * 1024 * 1024
_COMMITS = 20
_LONGEST = 200
"""Characters of what git says that are repeated."""

_NOTHING = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}


@dataclass(frozen=True, slots=True)
class GitHistory:
    resolver: Resolver

    def origin(self, path: str) -> Origin:
        """One hardened `git rev-parse`; the file is compared by computing git's own blob id of its bytes.

        One that the commit has, and that is not there, is changed too.
        """
        top, inner = inside(path)
        there = os.path.isfile(path)
        if not top:
            return Origin()
        commit, blob = _object_ids(top, "HEAD", f"HEAD:{inner}")
        if not there:
            return Origin(commit, True) if blob else Origin()
        return Origin(commit, blob != _blob_id(path, len(blob))) if commit else Origin()

    def tracked(self, path: str) -> bool | Problem:
        real = self.resolver.real(path)
        top = repository(os.path.dirname(real), self.resolver.root)
        if not top:
            return False
        from git.exc import GitError
        from git.index.base import IndexFile
        from git.repo import Repo

        try:
            repo = Repo(top)
            inner = os.path.relpath(real, repo.working_tree_dir or top).replace(os.sep, "/")
            return any(name == inner for name, _stage in IndexFile(repo).entries)  # also amid a merge
        except (GitError, OSError, ValueError, AssertionError, EOFError, struct.error) as error:
            message = f"the git index of `{top}` could not be read ({type(error).__name__})"
            return Problem("unreadable", message, Where(path), "run `git status` there")

    def ignored(self, path: str) -> bool | None:
        """What `git check-ignore` says, which reads ignore files only; the index is left out by `--no-index`."""
        real = self.resolver.real(path)
        top = repository(os.path.dirname(real), self.resolver.root)
        elsewhere = self.resolver.root and not os.path.isdir(
            os.path.join(top, ".git")
        )  # a file names a folder anywhere
        if not top or elsewhere or any(os.path.lexists(self._at_home(name)) for name in self._unread):
            return None
        words = [] if not self.resolver.root else ["-c", f"core.excludesFile={self._at_home('.config/git/ignore')}"]
        inner = os.path.relpath(real, top).replace(os.sep, "/")
        done = git_in(
            top, [*words, "check-ignore", "-q", "--no-index", "--", f"./{inner}"], outside=bool(self.resolver.root)
        )
        return {0: True, 1: False}.get(done.returncode) if done is not None else None

    def past(self, path: str) -> Past | Problem | None:
        from mcpconf.system.past import past

        return past(path)

    def earlier(self, path: str) -> Iterator[bytes]:
        top, inner = inside(path)
        done = git_in(top, ["--literal-pathspecs", "rev-list", f"-n{_COMMITS}", "HEAD", "--", inner]) if top else None
        for commit in done.stdout.decode("ascii", "replace").split() if done is not None else ():
            name = f"{commit}:{inner}"
            size = git_in(top, ["cat-file", "-s", name]) if _OBJECT_ID.fullmatch(commit) else None
            if size is None or not size.stdout.strip().isdigit() or int(size.stdout) > _MAXIMUM_BYTES:
                continue
            found = git_in(top, ["cat-file", "blob", name])
            if found is not None and found.returncode == 0:
                yield found.stdout

    def author(self, path: str) -> str:
        done = git_in(os.path.dirname(os.path.abspath(path)), ["config", "--get", "user.email"])
        return done.stdout.decode("utf-8", "replace").strip() if done is not None else ""

    def signed(self, path: str, keys: Keys) -> Signed | Problem | None:
        from mcpconf.system.signatures import signed_commit

        top, _ = inside(path)
        if not top:
            return None
        done = git_in(top, ["rev-parse", "--verify", "HEAD^{commit}"])
        if done is None or done.returncode:
            return Problem("unreadable", refusal(top, done), Where(path))
        return signed_commit(top, done.stdout.decode("ascii", "replace").strip(), keys)

    def signed_file(self, data: bytes, signature: bytes, keys: Keys) -> str | Problem:
        from mcpconf.system.signatures import signed_file

        return signed_file(data, signature, keys)

    def descends(self, path: str, commit: str) -> bool:
        top, _ = inside(path)
        if not top or not _OBJECT_ID.fullmatch(commit):
            return False
        done = git_in(top, ["merge-base", "--is-ancestor", commit, "HEAD"])
        return done is not None and not done.returncode

    def version(self) -> str:
        done = git_in(self.resolver.root or os.sep, ["--version"])
        return done.stdout.decode("utf-8", "replace").strip().removeprefix("git version ") if done is not None else ""

    @property
    def _unread(self) -> tuple[str, ...]:
        """Configuration of a machine that a folder stands for may name files by paths that are not those of this one."""
        return (".gitconfig", ".config/git/config") if self.resolver.root else ()

    def _at_home(self, name: str) -> str:
        return self.resolver.real(f"{self.resolver.homes[0]}/{name}") if self.resolver.homes else ""


def repository(folder: str, root: str = "") -> str:
    """The nearest folder with a `.git`; what lies above `root` belongs to another machine."""
    while folder and not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        folder = "" if folder in (parent, root) else parent
    return folder


def inside(path: str) -> tuple[str, str]:
    """The repository around a file, and the file's path in it; empty if there is none."""
    whole = os.path.abspath(path)
    top = repository(os.path.dirname(whole))
    return top, os.path.relpath(whole, top).replace(os.sep, "/") if top else ""


def _object_ids(folder: str, *revisions: str) -> tuple[str, ...]:
    """The object id of each revision, "" where git knows none. A revision starts with HEAD, so none reads as an option."""
    done = git_in(folder, ["--literal-pathspecs", "rev-parse", *revisions])
    if done is None:
        return ("",) * len(revisions)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    found = [line if _OBJECT_ID.fullmatch(line) else "" for line in lines]
    return tuple((found + [""] * len(revisions))[: len(revisions)])


def git_in(folder: str, words: Sequence[str], *, outside: bool = False) -> subprocess.CompletedProcess[bytes] | None:
    """Run git in a folder. `outside`: the folder is none of this user's, nor is their configuration its."""
    kept = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT", "TMPDIR", "TEMP")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **_NOTHING}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull} if outside else {}
    try:
        return subprocess.run(  # noqa: S603 - argv only
            ("git", *_SAFE, "-C", folder, *words),  # noqa: S607 - the user's git, as in their shell
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def refusal(top: str, done: subprocess.CompletedProcess[bytes] | None) -> str:
    """Why git does not tell of a repository, in words for a plan: git's own are for whoever typed its commands."""
    if done is None:
        return f"git does not run here, or does not answer for `{top}`"
    told = done.stderr.decode("utf-8", "replace")
    if "dubious ownership" in told:
        return f"git takes `{top}` for another user's (`git config --global --add safe.directory {top}`)"
    if "HEAD" in told and "unknown revision" in told:
        return f"the repository `{top}` has no commit yet"
    first = next(iter(told.strip().splitlines()), "it said nothing")[:_LONGEST]
    return f"git could not read `{top}` ({first})"


def _blob_id(path: str, length: int) -> str:
    with open(path, "rb") as file:
        data = file.read(_MAXIMUM_BYTES)
    algorithm = hashlib.sha256 if length == hashlib.sha256().digest_size * 2 else hashlib.sha1
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
