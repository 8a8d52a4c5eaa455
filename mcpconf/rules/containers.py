"""Rules about servers in containers: what is left of the walls around them."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.finding import Severity
from mcpconf.model.package import Recognised
from mcpconf.packages import recognise_entry
from mcpconf.permissions.arguments import container_powers, is_container, mounts
from mcpconf.permissions.broad import gives_machine
from mcpconf.ports import OperatingSystem
from mcpconf.rules.frame import Evidence, Hit, Rule

_LESSER = ("--device", "--group-add", "--volumes-from", "--user", "--uts", "--cgroupns")
"""What is asked for often and with reason: a graphics card, a group, files of another container, the user of most images."""


def _walls_down(evidence: Evidence) -> Iterator[Hit]:
    situation = evidence.situation
    for case in evidence.cases:
        launched = recognise_entry(case.entry)
        for power in sorted(container_powers(launched)):
            name, _, value = power.partition(" ")
            if name == "--security-opt" and not ("unconfined" in value or "disable" in value):
                continue
            severity: Severity | None = "warning" if name in _LESSER else None
            message = f"the container of `{case.name}` has `{power}`, which takes down a wall around it"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=power, severity=severity)
        for path in opened(launched, situation.home, situation.os):
            message = f"the container of `{case.name}` has `{path}`, by which it gets out and does what its user can"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=path)


def opened(launched: Recognised, home: str, os: OperatingSystem) -> tuple[str, ...]:
    """Mounted paths that let out of a container."""
    if not is_container(launched):
        return ()
    found = mounts(launched)
    return tuple(path for path, only_read in found if gives_machine(path, home, os, writable=not only_read))


RULES = (
    Rule(
        id="MCP205",
        title="container with its walls down",
        severity="error",
        threat="sandbox escape",
        owasp="MCP02:2025",
        check=_walls_down,
        what="A container with `--privileged`, with capabilities, with the network, processes or users of the machine, with the socket of the engine, or with `/` or `~` mounted to write. A warning for the user `root`, devices and groups.",
        why="What looks shut in can do what its user can, or what root can, on the whole machine.",
        example="docker run -i --rm -v /var/run/docker.sock:/var/run/docker.sock mcp/portainer",
        fix="drop the option, and mount the folder that the server needs",
    ),
)
