"""Whose key made a signature: of a commit, or of a file that lies outside of git.

The commit is read as an object and its signature checked here, with `ssh-keygen` and `gpg` and keys that are given. `git
verify-commit` would start the programs that a repository configures, and believe the keys that it names
(https://git-scm.com/docs/git-config#Documentation/git-config.txt-gpgprogram, read 2026-11-27).
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime

from mcpconf.errors import Problem, Where
from mcpconf.model.trust import Keys, Signed, is_pgp
from mcpconf.system.history import git_in

_HEADER = re.compile(rb"^gpgsig(?:-sha256)? (?P<text>[^\n]*(?:\n [^\n]*)*)\n", re.MULTILINE)
_COMMITTER = re.compile(rb"^committer [^\n]* (?P<seconds>[0-9]{1,12}) [+-][0-9]{4}$", re.MULTILINE)
_SECONDS = 15
_OF_COMMITS, _OF_FILES = "git", "mcpconf"
"""What `ssh-keygen -Y sign -n` was told that the signature is for: one for the other is refused."""

_ANYWHERE = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP")


def signed_commit(top: str, commit: str, keys: Keys) -> Signed | Problem:
    """Who of those whose keys are given signed a commit."""
    done = git_in(top, ["cat-file", "commit", commit])
    if done is None or done.returncode:
        return Problem("unreadable", f"git cannot read the commit {commit[:12]}", Where(top))
    head, blank, message = done.stdout.partition(b"\n\n")
    head += b"\n"
    found, when = _HEADER.search(head), _COMMITTER.search(head)
    if found is None or when is None:
        return Problem("permission", f"the commit {commit[:12]} is not signed", Where(top), "sign it: `git commit -S`")
    payload = head[: found.start()] + head[found.end() :] + blank[1:] + message
    by = signer(payload, found["text"].replace(b"\n ", b"\n"), keys, _OF_COMMITS)
    if isinstance(by, Problem):
        return Problem(by.kind, f"the commit {commit[:12]} {by.message}", Where(top), by.hint)
    return Signed(commit, by, datetime.fromtimestamp(int(when["seconds"]), UTC).date().isoformat())


def signed_file(data: bytes, signature: bytes, keys: Keys) -> str | Problem:
    """Who made a signature of a file, as `ssh-keygen -Y sign -n mcpconf` does."""
    return signer(data, signature, keys, _OF_FILES)


def signer(payload: bytes, signature: bytes, keys: Keys, namespace: str) -> str | Problem:
    with tempfile.TemporaryDirectory(prefix="mcpconf-keys-") as folder:
        for name, data in (("payload", payload), ("signature", signature.strip() + b"\n")):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        if signature.lstrip().startswith(b"-----BEGIN SSH SIGNATURE-----"):
            found = _of_ssh(folder, keys, namespace)
        else:
            found = _of_pgp(folder, keys)
    if found is None:
        hint = "`ssh-keygen` and `gpg` must be on PATH"
        return Problem("unreadable", "has a signature that cannot be checked here", None, hint)
    return found or Problem(
        "permission", "is not signed by anybody who may", None, "have it signed by one of `signers`"
    )


def _of_ssh(folder: str, keys: Keys, namespace: str) -> str | None:
    """The name; "" for nobody's, None if it could not be asked. People are told apart by numbers: a name may hold anything."""
    names = [name for name, _ in keys]
    lines = [
        f'{number} namespaces="{namespace}" {" ".join(key.split()[:2])}\n'
        for number, (_, own) in enumerate(keys)
        for key in own
        if not is_pgp(key)
    ]
    with open(os.path.join(folder, "allowed"), "w", encoding="ascii") as file:
        file.writelines(lines)
    asked = ["ssh-keygen", "-Y", "find-principals", "-s", "signature", "-f", "allowed"]
    known = _run(folder, asked)
    if known is None:
        return None
    who = known.stdout.decode("ascii", "replace").split("\n")[0].strip()
    if known.returncode or not who.isdigit() or int(who) >= len(names):
        return ""
    words = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", who, "-n", namespace, "-s", "signature"]
    with open(os.path.join(folder, "payload"), "rb") as payload:
        done = _run(folder, words, payload.fileno())
    return None if done is None else names[int(who)] if not done.returncode else ""


def _of_pgp(folder: str, keys: Keys) -> str | None:
    """Each person's keys are looked at by themselves, so that a signature is theirs and nobody else's."""
    for number, (name, own) in enumerate(keys):
        armoured = [key for key in own if is_pgp(key)]
        if not armoured:
            continue
        home = os.path.join(folder, str(number))
        os.mkdir(home, 0o700)
        with open(os.path.join(home, "keys"), "w", encoding="utf-8") as file:
            file.write("\n".join(armoured) + "\n")
        gpg = ["gpg", "--homedir", home, "--batch", "--no-autostart", "--no-options", "--trust-model", "always"]
        if _run(folder, [*gpg, "--import", os.path.join(home, "keys")]) is None:
            return None
        done = _run(folder, [*gpg, "--status-fd", "1", "--verify", "signature", "payload"])
        if done is None:
            return None
        told = {line.split(b" ")[1] for line in done.stdout.splitlines() if line.startswith(b"[GNUPG:] ")}
        if not done.returncode and {b"GOODSIG", b"VALIDSIG"} <= told:
            return name
    return ""


def _run(
    folder: str, words: Sequence[str], stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[bytes] | None:
    environment = {name: os.environ[name] for name in _ANYWHERE if name in os.environ}
    environment |= {"HOME": folder, "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - argv only
            words, cwd=folder, env=environment, stdin=stdin, capture_output=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
