"""What engines of containers keep: asked by their own programs, as far as this user may.

https://docs.docker.com/reference/cli/docker/container/ls and .../image/ls, https://docs.podman.io/en/latest/markdown/podman-ps.1.html,
read 2026-11: both print what a template of these fields says.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

from mcpconf.model.process import Contained

_PROGRAMS = ("docker", "podman")
_CONTAINERS = ("container", "ls", "--all", "--no-trunc", "--format", "{{.Names}}\t{{.Image}}\t{{.State}}\t{{.Mounts}}")
_IMAGES = ("image", "ls", "--no-trunc", "--format", "{{.ID}}\t{{.Repository}}:{{.Tag}}")
_SECONDS = 10
_MOST = 10_000


def contained() -> tuple[Contained, ...] | None:
    """None where no engine answers."""
    programs = [(name, program) for name in _PROGRAMS if (program := shutil.which(name))]
    answers = [(name, _said(program, *_CONTAINERS), _said(program, *_IMAGES)) for name, program in programs]
    answered = [(name, there, kept) for name, there, kept in answers if there is not None and kept is not None]
    if not answered:
        return None
    return tuple(item for name, there, kept in answered for item in (*_containers(name, there), *_images(name, kept)))


def _said(*argv: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - argv only
            argv, capture_output=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")


def _containers(program: str, text: str) -> Iterator[Contained]:
    for line in text.splitlines()[:_MOST]:
        name, image, state, mounts = (line + "\t\t\t").split("\t")[:4]
        parts = mounts.strip("[]").replace(",", " ").split()
        volumes = tuple(part for part in parts if not part.startswith(("/", "~")) and part[1:2] != ":")
        yield Contained(program, "container", name.partition(",")[0], image, state, volumes)


def _images(program: str, text: str) -> Iterator[Contained]:
    for line in text.splitlines()[:_MOST]:
        name, _, image = line.partition("\t")
        yield Contained(program, "image", name, image.removesuffix(":<none>"))
