"""Node.js and npm on a machine."""

from __future__ import annotations

from mcpconf.artifacts.found import in_project, on_path, runtime
from mcpconf.errors import Problem
from mcpconf.ports import Machine

_SCRIPT = "npm-cli.js"
_HINT = "install Node.js, which brings `npm`"


def find_node(machine: Machine) -> str | Problem:
    return runtime(("node",), machine)


def npm(machine: Machine) -> tuple[str, ...] | Problem:
    """The words that start npm: Node and npm's script, so that nothing else is looked up on PATH.

    On Windows `npm` is a batch file, and `cmd` would read its words once more.
    """
    node, missing = find_node(machine), Problem("missing", "`npm` is not on this machine", None, _HINT)
    if machine.facts.os == "windows":
        if isinstance(node, Problem):
            return node
        script = f"{node.rpartition('/')[0]}/node_modules/npm/bin/{_SCRIPT}"
        return (node, script) if machine.files.exists(script) else missing
    path = on_path("npm", machine)
    if not path:
        return missing
    if in_project(path, machine):
        return Problem("invalid", f"`{path}` belongs to a project, which can replace it", None, _HINT)
    try:
        script = machine.files.resolve(path)
    except OSError:
        return missing
    return (node, script) if isinstance(node, str) and script.endswith(f"/{_SCRIPT}") else (path,)
