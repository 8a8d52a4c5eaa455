"""Command lines of bubblewrap (https://github.com/containers/bubblewrap, bwrap(1) of 0.8.0, checked 2026-11-26)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.sandbox import HOME, Bind, Confinement

BWRAP = "/usr/bin/bwrap"

WALLS = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--die-with-parent", "--new-session"),
    *("--cap-drop", "ALL"),
)
"""What holds for every server, whatever it may do.

Without `--cap-drop` a server that is started by root mounts what it may only read anew, and writes to it.
"""


def confined(argv: Sequence[str], confinement: Confinement, bwrap: str = BWRAP) -> tuple[str, ...]:
    """The command line that starts `argv` with nothing but what the confinement names.

    `/proc/1/environ` inside tells the environment that bwrap itself was started with, even with `--clearenv`: whoever
    starts this must have cleared it before (see `keeping`).
    """
    return (bwrap, *WALLS, *_words(confinement), "--", *argv)


def _words(confinement: Confinement) -> Iterator[str]:
    """A folder comes before what lies in it, which would be hidden below it otherwise.

    `/proc` is read-only, for the kernel lets root write to `/proc/sys` whatever its capabilities are; so is what bwrap
    itself made to hold the rest.
    """
    if confinement.network == "none":
        yield "--unshare-net"
    yield from ("--proc", "/proc", "--remount-ro", "/proc")
    yield from ("--dev", "/dev")
    yield from ("--tmpfs", "/tmp")  # noqa: S108  of its own
    yield from ("--dir", HOME)
    for path, text in sorted(confinement.links.items()):
        yield from ("--symlink", text, path)
    for bind in sorted(set(confinement.binds), key=_depth):
        yield from ("--bind" if bind.writable else "--ro-bind", bind.source, bind.target)
    yield from ("--remount-ro", "/")
    for name, value in sorted(confinement.variables.items()):
        yield from ("--setenv", name, value)
    yield from ("--chdir", confinement.folder)


def _depth(bind: Bind) -> tuple[list[str], bool]:
    return bind.target.strip("/").split("/"), bind.writable
