"""A manifest and the files that it includes, on the real file system: never outside the repository that includes them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from mcpconf.documents.paths import UNUSABLE_LOCK
from mcpconf.errors import ExitCode, McpconfError, Problem, Where, unusable
from mcpconf.ports import IncludedFile
from mcpconf.system.history import repository
from mcpconf.system.program import program
from mcpconf.system.sources import read_document

_ELSEWHERE = re.compile(r"[/\\~]|[A-Za-z]:")


class SystemDocuments:
    """A manifest, and the files that it includes. A path leads from the folder of the file that includes it, and stays in the git repository around that folder.

    Where there is no repository it stays in the folder itself. Links are followed first.
    """

    def manifest(self, path: str) -> bytes:
        return read_document(path, "manifest", "`mcpconf init` writes one; `-m PATH` names another")

    def lock(self, path: str) -> bytes | None:
        if os.path.islink(path) and not os.path.exists(path):
            raise unusable("the lock is a link that leads nowhere", Where(path), UNUSABLE_LOCK)
        return read_document(path, "lock", UNUSABLE_LOCK) if os.path.lexists(path) else None

    def approvals(self, path: str) -> bytes | None:
        return read_document(path, "file of approvals") if os.path.lexists(path) else None

    def signature(self, path: str) -> bytes | None:
        return self.approvals(f"{path}.sig")

    def program(self) -> str:
        return program()

    def identity(self, file: str) -> str:
        return os.path.realpath(file)

    def read(self, including: str, path: str) -> IncludedFile | Problem:
        if not path or "\\" in path or "\0" in path or _ELSEWHERE.match(path):
            hint = "write it with `/`, from the folder of the file that includes it"
            return Problem("invalid", "is no path of a file beside this one", None, hint)
        folder = os.path.dirname(os.path.realpath(including))
        limit = os.path.realpath(repository(folder) or folder)
        real = os.path.realpath(os.path.join(folder, path))
        if not f"{real}{os.sep}".startswith(limit.rstrip(os.sep) + os.sep):
            around = "repository" if repository(folder) else "folder"
            return Problem("symlink", f"leads out of the {around} `{limit}`", None, "copy the file into it")
        try:
            data = read_document(real, "layer")
        except McpconfError as error:
            problem = error.problems[0]
            return Problem(problem.kind, f"cannot be read: {problem.message}", None, "check the path")
        return IncludedFile(os.path.normpath(os.path.join(os.path.dirname(including), path)), real, data)


def in_repository(manifest: str, files: Iterable[str]) -> tuple[str, ...]:
    """Those of the files that lie in the manifest's repository, by their paths from its top: links, and what they lead to.

    Raises McpconfError (exit 64) where there is none.
    """
    top = repository(os.path.dirname(os.path.abspath(manifest)))
    if not top:
        hint = "run it in a clone, or name a manifest in one with `-m`"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"`{manifest}` is in no git repository", None, hint))
    real = os.path.realpath(top)
    found = (
        os.path.relpath(whole, folder).replace(os.sep, "/")
        for file in files
        for whole, folder in ((os.path.abspath(file), top), (os.path.realpath(file), real))
    )
    return tuple(dict.fromkeys(path for path in found if not path.startswith("../")))
