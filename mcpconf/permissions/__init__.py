"""What a change lets a server do.

| what changes | direction | severity |
|---|---|---|
| server created | wider | critical if a shell starts it, a container's walls are down, a path is too broad, a variable chooses code, or floating code gets secrets; high if it is remote or gets secrets; else medium |
| server removed | narrower | low |
| package, address or command becomes another | both | high |
| pinned -> floating | wider | high |
| another exact version, or another floating one | both | medium; high if it is older |
| path gained | wider | critical if too broad (`/`, `~`, `~/.ssh`), else high |
| secret gained; reference -> literal | wider | high |
| secret from another source, another literal | both | high |
| variable that chooses code (`PATH`, `NODE_OPTIONS`) gained or changed | wider, both | critical |
| variable or header that may limit (`READ_ONLY`) gained, lost or changed | both | high |
| variable that routes (`HTTPS_PROXY`, `..._BASE_URL`) gained or changed | wider, both | high |
| other variable gained or changed | wider, both | low |
| shell, container power, other user gained | wider | critical |
| program file, registry, interpreter options changed | both | high |
| sandbox lost | wider | critical |
| sandbox lets in a path | wider | critical if too broad, else high |
| sandbox lets in the network, all variables, a variable that has no value in the entry | wider | high |
| `--read-only` lost, `--allow-write` gained | wider | high |
| other arguments, url parameters, transport | both | medium |
| disabled -> enabled | wider | medium |
| tool callable that was not | wider | medium; high if it is every tool |
| tool acts without asking | wider | high; critical if it is every tool |
| scope gained | wider | high |
| any of these undone: lost, pinned, disabled, made a reference, asked for | narrower | low |
"""

from __future__ import annotations

from mcpconf.permissions.arguments import shell_launcher
from mcpconf.permissions.broad import too_broad
from mcpconf.permissions.change import SEVERITIES, PrivilegeChange, overall
from mcpconf.permissions.delta import privilege
from mcpconf.permissions.tools import approval, tool_changes

__all__ = [
    "SEVERITIES",
    "PrivilegeChange",
    "approval",
    "overall",
    "privilege",
    "shell_launcher",
    "too_broad",
    "tool_changes",
]
