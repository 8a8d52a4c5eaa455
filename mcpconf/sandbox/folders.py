"""The folders of the manifest that a confined server is let in to, and those that no walls would hold it behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mcpconf.model.entry import Reference, Value
from mcpconf.model.limits import Folder
from mcpconf.permissions import too_broad
from mcpconf.ports import Machine
from mcpconf.sandbox import Bind

_OF_THE_KERNEL = {
    "/proc": "it tells of every process, and steers the kernel",
    "/sys": "it tells of every device, and steers the kernel",
    "/dev": "it holds the devices of the machine",
    "/run": "it holds the sockets of what runs on the machine",
    "/tmp/.X11-unix": "it holds the sockets of the screen",  # noqa: S108
    "/tmp": "it holds what other programs keep for a while, sockets too",  # noqa: S108
    "/var/tmp": "it holds what other programs keep for a while, sockets too",  # noqa: S108
}
_ITSELF_ONLY = frozenset({"/tmp", "/var/tmp"})  # noqa: S108  a folder in them is its owner's


@dataclass(frozen=True, slots=True)
class Guarded:
    """Paths that no walls would hold a server behind, with what each of them is.

    `kept` tell keys, or what servers may do: nobody is let in. `steering` decide what runs: nobody may write there.
    """

    kept: Mapping[str, str] = field(default_factory=dict)
    steering: Mapping[str, str] = field(default_factory=dict)

    def against(self, bind: Bind) -> Mapping[str, str]:
        return {**self.kept, **self.steering} if bind.writable else self.kept


@dataclass(frozen=True, slots=True)
class UnheldError(Exception):
    """Why a folder cannot be let in, and what to do."""

    reason: str
    hint: str = "name the folder that the server needs"


def let_in(wanted: Sequence[Folder], guarded: Guarded, machine: Machine) -> tuple[Bind, ...]:
    """The folders as they are on the machine, behind their links. Raises UnheldError."""
    binds = [Bind(*_real(folder.path, machine), folder.mode == "rw") for folder in wanted]
    for bind in binds:
        known = guarded.against(bind)
        ends = {_resolved(path, machine): what for path, what in known.items()}
        for path in dict.fromkeys((bind.target, bind.source)):
            for reason in _against(path, {**known, **ends}, machine):
                raise UnheldError(reason)
    return tuple(_beside_each_other(binds))


def full_path(path: Value, machine: Machine) -> str:
    """The machine's own path. Raises UnheldError where only a host that starts something knows it."""
    other = next((item for item in path.references if item.kind != "home"), None)
    if other is not None:
        raise UnheldError(f"which folder `{other}` is, nobody knows before the host starts it")
    text = "".join(machine.facts.home if isinstance(part, Reference) else part for part in path.parts)
    if text == "~" or text.startswith("~/"):
        text = machine.facts.home + text[1:]
    return text.rstrip("/") or "/"


def _real(path: Value, machine: Machine) -> tuple[str, str]:
    text = full_path(path, machine)
    if not machine.files.exists(text):
        raise UnheldError(f"`{text}` is not on this machine", "make it, or leave it out")
    return _resolved(text, machine), text


def _resolved(path: str, machine: Machine) -> str:
    try:
        return machine.files.resolve(path)
    except OSError as error:
        raise UnheldError(f"`{path}` leads nowhere: {error.strerror}", "correct the link") from None


def _against(path: str, guarded: Mapping[str, str], machine: Machine) -> Iterator[str]:
    reason = too_broad(path, machine.facts.home, machine.facts.os)
    if reason is not None:
        yield f"`{path}` is {reason}"
    for place, what in _OF_THE_KERNEL.items():
        if _covers(path, place) or (place not in _ITSELF_ONLY and _covers(place, path)):
            yield _beside(path, place, what)
    for place, what in guarded.items():
        if _covers(path, place) or _covers(place, path):
            yield _beside(path, place, what)


def _beside(path: str, place: str, what: str) -> str:
    if path == place:
        return f"`{path}`: {what}"
    return f"`{path}` {'lies in' if _covers(place, path) else 'holds'} `{place}`: {what}"


def _beside_each_other(binds: Sequence[Bind]) -> Iterator[Bind]:
    """What lies in a folder that a server may write to could be a link to anywhere the next time it is started."""
    for bind in binds:
        around = next((one for one in binds if one.writable and one != bind and _covers(one.source, bind.source)), None)
        if around is None:
            yield bind
        elif not bind.writable:
            reason = f"`{bind.target}` is to be read only, and lies in `{around.target}`, which may be written to"
            raise UnheldError(reason, "keep folders with other modes apart")


def _covers(folder: str, path: str) -> bool:
    return folder in ("/", path) or path.startswith(f"{folder}/")
