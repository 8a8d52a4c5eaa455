"""What engines of containers keep: asked by their own programs, as far as this user may.

https://docs.docker.com/reference/cli/docker/container/ls and .../image/ls, https://docs.podman.io/en/latest/markdown/podman-ps.1.html,
read 2026-11: both print what a template of these fields says.
"""

from __future__ import annotations

import shutil

from mcpconf.model.process import Contained, Engines
from mcpconf.system.asked import asked

_PROGRAMS = ("docker", "podman")
_CONTAINERS = ("container", "ls", "--all", "--no-trunc", "--format", "{{.Names}}\t{{.Image}}\t{{.State}}\t{{.Mounts}}")
_IMAGES = ("image", "ls", "--no-trunc", "--format", "{{.ID}}\t{{.Repository}}:{{.Tag}}")
_SECONDS = 10.0
_MOST = 10_000


def contained() -> Engines | None:
    """None where no engine is installed. One that keeps more than can be looked at has not answered either."""
    programs = [(name, program) for name in _PROGRAMS if (program := shutil.which(name))]
    answers = {name: _kept(name, program) for name, program in programs}
    kept = tuple(item for answer in answers.values() for item in answer or ())
    return Engines(kept, tuple(name for name, answer in answers.items() if answer is None)) if answers else None


def _kept(name: str, program: str) -> tuple[Contained, ...] | None:
    containers = _lines(program, *_CONTAINERS)
    images = _lines(program, *_IMAGES) if containers is not None else None
    if containers is None or images is None:
        return None
    return (*(_container(name, line) for line in containers), *(_image(name, line) for line in images))


def _lines(*argv: str) -> list[str] | None:
    said = asked(*argv, seconds=_SECONDS)
    lines = None if said is None else said.decode("utf-8", "replace").splitlines()
    return None if lines is None or len(lines) > _MOST else lines


def _container(program: str, line: str) -> Contained:
    name, image, state, mounts = (line + "\t\t\t").split("\t")[:4]
    parts = mounts.strip("[]").replace(",", " ").split()
    volumes = tuple(part for part in parts if not part.startswith(("/", "~")) and part[1:2] != ":")
    return Contained(program, "container", name.partition(",")[0], image, state, volumes)


def _image(program: str, line: str) -> Contained:
    name, _, image = line.partition("\t")
    return Contained(program, "image", name, image.removesuffix(":<none>"))
