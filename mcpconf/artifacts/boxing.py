"""Images that are to be shut in: the options of their engine that hold a container to its permissions.

https://docs.docker.com/reference/cli/docker/container/run, https://docs.podman.io/en/latest/markdown/podman-run.1.html, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.packages.oci import image_index
from mcpconf.permissions.commandline import program
from mcpconf.sandbox import Bind, Reach

WALLS = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "512")
"""What holds for every server. The limit is far above what one starts, and far below what stops a machine."""

NOBODY = 65534


def boxed(
    words: Sequence[str], binds: Sequence[Bind], network: Reach, names: Sequence[str], user: int
) -> tuple[str, ...]:
    """The command line of `docker run` or `podman run` with nothing but what is named.

    `names` are variables that are handed on; `user` is the number of the one who runs it, who may not be root.
    """
    start = words.index("run") + 1
    image = image_index(words, start)
    kept = [*_without_variables(words[start:image])]
    return (
        *words[:start],
        *kept,
        *(("--network", "none") if network == "none" else ()),
        *WALLS,
        *(("--userns", "keep-id") if program(words[0]) == "podman" else ()),
        *("--user", f"{user}:{NOBODY}"),
        *("--tmpfs", "/tmp"),  # noqa: S108  of the container
        *(word for bind in binds for word in ("-v", f"{bind.source}:{bind.target}{'' if bind.writable else ':ro'}")),
        *(word for name in sorted(names) for word in ("-e", name)),
        *words[image:],
    )


def _without_variables(options: Sequence[str]) -> Iterator[str]:
    """They are handed on once, with those that the permissions name."""
    rest = iter(options)
    for word in rest:
        if word == "-e":
            next(rest, None)
        else:
            yield word
