"""Container images: `docker run` and its relatives."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mcpconf.model.package import Package, Recognised
from mcpconf.permissions.commandline import program
from mcpconf.secrets.names import word_set

_ENGINES = frozenset({"docker", "podman", "nerdctl"})
_ENGINE_VALUES = frozenset(
    {"-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "--connection", "--url"}
)

_LONG_SWITCHES = word_set(
    "--detach --disable-content-trust --env-host --help --http-proxy --init --interactive --no-healthcheck --no-hostname"
    " --no-hosts --oom-kill-disable --passwd --privileged --publish-all --quiet --read-only --read-only-tmpfs --replace"
    " --rm --rmi --rootfs --sig-proxy --tls-verify --tty --unsetenv-all --use-api-socket"
)
"""Long options of `docker run` and `podman run` without a value; every other long option takes one
(docs.docker.com/reference/cli/docker/container/run, docs.podman.io, 2026-11)."""

_SHORT_SWITCHES = frozenset("dhiPqt")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io")


def launch(
    package: Package, version: str, *, digest: str = "", program_name: str = "", env_names: Sequence[str] = ()
) -> tuple[str, ...]:
    """`env_names` are passed on from the host's environment: a container sees none of it by itself."""
    image = f"{package.name}@{digest}" if digest else f"{package.name}:{version}" if version else package.name
    entry = ("--entrypoint", program_name) if program_name else ()
    passed = tuple(word for name in sorted(set(env_names)) for word in ("-e", name))
    return ("docker", "run", "-i", "--rm", *entry, *passed, image)


def normal_name(name: str) -> str:
    """`registry/path`, with the registry and folder that Docker would add: `postgres` is `docker.io/library/postgres`."""
    first, slash, rest = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = _HUB[0], name
    if first in _HUB:
        return f"{_HUB[0]}/{rest}" if "/" in rest else f"{_HUB[0]}/library/{rest}"
    return f"{first.lower()}/{rest}"


def read(words: tuple[str, ...]) -> Recognised | None:
    """The image that a container engine runs; None for any other program or command."""
    start = _run(words)
    at = len(words) if start is None else image_index(words, start)
    if at >= len(words):
        return None
    name, version = reference(words[at])
    if not name:
        return None
    package = Package("oci", normal_name(name))
    exact = _DIGEST.fullmatch(version) is not None
    return Recognised(str(package), package, version, not exact, words, words[at + 1 :])


def _run(words: tuple[str, ...]) -> int | None:
    """Index behind `run`."""
    if program(words[0]) not in _ENGINES:
        return None
    index = 1
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in _ENGINE_VALUES else 1
    if words[index : index + 1] == ("container",):
        index += 1
    return index + 1 if words[index : index + 1] == ("run",) else None


def image_index(words: Sequence[str], start: int) -> int:
    """Index of the first word that is neither an option nor the value of one."""
    index = start
    while index < len(words) and words[index].startswith("-"):
        word = words[index]
        index += 1
        if word == "--":
            break
        if word.startswith("--"):
            index += 0 if "=" in word or word in _LONG_SWITCHES else 1
        else:
            index += _takes_next(word[1:])
    return index


def _takes_next(letters: str) -> int:
    """1 if the last of some joined short options takes the next word: `-itv` does, `-it` and `-eNAME` do not."""
    for position, letter in enumerate(letters):
        if letter not in _SHORT_SWITCHES:
            return 1 if position == len(letters) - 1 else 0
    return 0


def reference(image: str) -> tuple[str, str]:
    """Name and version of an image; a digest outweighs a tag beside it."""
    name, at, digest = image.partition("@")
    folder, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    name = f"{folder}{slash}{last}"
    return name, digest if at else tag if colon else ""
