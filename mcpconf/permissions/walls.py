"""What a command line shuts a server in with: bubblewrap, and the words before it that hand on only some variables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mcpconf.permissions.commandline import program
from mcpconf.secrets.names import word_set

KEEPER = (
    "import os,sys;a=sys.argv;n=a.index('--');"
    "os.execve(a[n+1],a[n+1:],dict((k,os.environ[k])for k in a[1:n]if k in os.environ))"
)
"""A text for Python that replaces itself by the command behind `--`, with the variables that are named before it alone."""

SWITCHES = ("-I", "-S", "-c")
"""Without variables of Python, files of the current folder, or packages: only what the text says."""

SYSTEM = ("/usr", "/nix/store", "/gnu/store")
"""Programs and libraries of the machine, which every user may read."""

LINKED = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
"""Links into `/usr` on most machines (https://systemd.io/THE_CASE_FOR_THE_USR_MERGE), folders on others."""

LOADER = ("/etc/alternatives", "/etc/ld.so.cache")
RESOLVER = (
    *("/etc/gai.conf", "/etc/host.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf"),
    *("/etc/ca-certificates/extracted", "/etc/pki/ca-trust/extracted", "/etc/pki/tls/cert.pem", "/etc/pki/tls/certs"),
    *("/etc/ssl/cert.pem", "/etc/ssl/certs", "/etc/ssl/openssl.cnf"),
)
"""How names are found and who is trusted, on Debian, Fedora, Arch and Alpine. The keys of the machine lie beside them."""

GROUND = frozenset({*SYSTEM, *LINKED, *LOADER, *RESOLVER})
"""What every program may see that is shut in: nothing of a user."""

_NETWORK = {"--unshare-net": False, "--unshare-all": False, "--share-net": True}
_FLAGS = word_set(
    "--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup --unshare-cgroup-try --unshare-all"
    " --die-with-parent --new-session --cap-drop --disable-userns --seccomp --remount-ro"
)
_ALSO = {"--unshare-all": ("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")}
_READS = word_set("--ro-bind --ro-bind-try")
_WRITES = word_set("--bind --bind-try --dev-bind --dev-bind-try")
_ONE = word_set(
    "--add-seccomp-fd --args --argv0 --block-fd --cap-add --cap-drop --chdir --dev --dir --exec-label --file-label --gid"
    " --hostname --info-fd --json-status-fd --lock-file --mqueue --overlay-src --perms --pidns --proc --remount-ro"
    " --ro-overlay --seccomp --size --sync-fd --tmp-overlay --tmpfs --uid --unsetenv --userns --userns-block-fd --userns2"
)
_TWO = (
    word_set("--bind-data --bind-fd --chmod --file --ro-bind-data --ro-bind-fd --setenv --symlink") | _READS | _WRITES
)
"""Options of bwrap by how many words follow them (bwrap(1) of 0.11, 2026-11); every other takes none."""

_CLEARS = re.compile(r"-i|--ignore-environment|[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_OWN = frozenset({"HOME", "PATH"})
"""Set inside to what is there; they choose among what the binds let in."""


class Walls(NamedTuple):
    """`reads` and `writes` are paths of the machine that are let in, `network` tells whether there is one.

    `flags` are options that each keep something out: other processes, the powers of root, the terminal. `names` are the variables that may reach the server: None for all that the host has. `around` are words of wrappers
    that are no part of it.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    network: bool
    flags: frozenset[str]
    names: tuple[str, ...] | None
    around: tuple[str, ...] = ()


def kept_by(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The names that a keeper's command line hands on, and what it starts; None for any other."""
    start = len(SWITCHES) + 2
    if len(argv) <= start or program(argv[0]) != "python" or tuple(argv[1:start]) != (*SWITCHES, KEEPER):
        return None
    end = next((index for index in range(start, len(argv)) if argv[index] == "--"), None)
    return None if end is None else (tuple(argv[start:end]), tuple(argv[end + 1 :]))


def behind(argv: Sequence[str]) -> int:
    """Index of the command that a command line of bwrap starts."""
    return _read(argv)[1]


def inside(argv: Sequence[str]) -> tuple[str, ...]:
    """The command that bwrap starts, also behind what clears or keeps the environment; the words themselves without it."""
    kept = kept_by(argv)
    words = tuple(argv) if kept is None else kept[1]
    at = 0
    if words and program(words[0]) == "env":
        at = next((index for index in range(1, len(words)) if not _CLEARS.fullmatch(words[index])), len(words))
    started = words[at:]
    return started[behind(started) :] if started and program(started[0]) == "bwrap" else words


def walls(wrapper: Sequence[str]) -> Walls | None:
    """What the words before a server shut it in with; None without bwrap among them."""
    kept = kept_by(wrapper)
    words = tuple(wrapper) if kept is None else kept[1]
    at = next((index for index, word in enumerate(words) if program(word) == "bwrap"), None)
    if at is None:
        return None
    options, end = _read(words[at:])
    before = words[:at]
    names = None if kept is None else kept[0]
    if program("".join(before[:1])) == "env" and before[1:2] in (("-i",), ("--ignore-environment",)):
        names, before = tuple(word.partition("=")[0] for word in before[2:]), ()
    given = [values[0] for name, values in options if name == "--setenv" and values and values[0] not in _OWN]
    if any(name == "--clearenv" for name, _ in options):
        names = ()
    return Walls(
        reads=tuple(values[0] for name, values in options if name in _READS and values),
        writes=tuple(values[0] for name, values in options if name in _WRITES and values),
        network=_network(options),
        flags=frozenset(flag for name, _ in options if name in _FLAGS for flag in (name, *_ALSO.get(name, ()))),
        names=None if names is None else tuple(sorted({*names, *given})),
        around=(*before, *words[at + end :]),
    )


def _network(options: Sequence[tuple[str, tuple[str, ...]]]) -> bool:
    shared = True
    for name, _ in options:
        shared = _NETWORK.get(name, shared)
    return shared


def _read(argv: Sequence[str]) -> tuple[list[tuple[str, tuple[str, ...]]], int]:
    """Options with their words, and the index behind them."""
    options: list[tuple[str, tuple[str, ...]]] = []
    index = 1
    while index < len(argv) and argv[index].startswith("-"):
        name = argv[index]
        index += 1
        if name == "--":
            break
        count = 1 if name in _ONE else 2 if name in _TWO else 3 if name == "--overlay" else 0
        options.append((name, tuple(argv[index : index + count])))
        index += count
    return options, min(index, len(argv))
