"""Packages that are taken from a repository or an archive instead of a registry."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mcpconf.packages.remote import url_identity

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REMOTE = re.compile(r"(?:git\+(https?|ssh|git)|(git|ssh))://(.*)", re.DOTALL)
_SCP = re.compile(r"(?:[A-Za-z0-9_.-]+@)(?!npm:)([A-Za-z0-9.-]+):([^/:].*)", re.DOTALL)
_ARCHIVE = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Repository:
    """`name` is `git+https://host/owner/repository`; `exact` tells that `ref` is a whole commit id."""

    name: str
    ref: str
    exact: bool


def repository(text: str, mark: str) -> Repository | None:
    """Read the address of a repository; `mark` stands before the ref: `#` for npm, `@` for Python.

    ssh and https reach the same repository, so both are named by https; plain http and git are not.
    """
    match = _REMOTE.fullmatch(text)
    scheme, rest = ("", "") if match is None else (match[1] or match[2], match[3])
    if match is None:
        scp = _SCP.fullmatch(text)
        if scp is None:
            return None
        scheme, rest = "ssh", f"{scp[1]}/{scp[2]}"
    rest, _, fragment = rest.partition("#")
    ref = fragment
    host, slash, path = rest.partition("/")
    if mark == "@":
        path, _, ref = path.partition("@")
    scheme = scheme if scheme in ("http", "git") else "https"
    name = url_identity(f"{scheme}://{host}{slash}{path}").removeprefix("url:").removesuffix(".git")
    return Repository(f"git+{name}", ref, _COMMIT.fullmatch(ref) is not None)


def archive(text: str) -> str:
    """The address of an archive without user information and query, or ""."""
    return url_identity(text).removeprefix("url:") if _ARCHIVE.match(text) else ""
