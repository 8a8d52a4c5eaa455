"""What an administrator writes to keep a host to approved servers: one module per format.

Each renders a policy as edits of its file, and reads a file back the way its vendor does, but strictly: what the vendor
drops without a word is refused here. Which host uses which format, and where, is data of its row.
"""

from __future__ import annotations

from collections.abc import Mapping

from mcpconf.hosts.policies import access, commands, identities, matchers, named, servers
from mcpconf.hosts.policies.base import Approved, Format, Launched, Runs, UnsafePolicyError

POLICIES: Mapping[str, Format] = {
    "matchers": matchers.FORMAT,
    "servers": servers.FORMAT,
    "identities": identities.FORMAT,
    "named": named.FORMAT,
    "commands": commands.FORMAT,
    "access": access.FORMAT,
}

__all__ = ["POLICIES", "Approved", "Format", "Launched", "Runs", "UnsafePolicyError"]
