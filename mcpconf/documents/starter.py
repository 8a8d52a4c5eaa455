"""The manifest that `mcpconf init` writes."""

from __future__ import annotations

_STARTER = """\
# The MCP servers of a machine, and the hosts that may start them. Keep this file in git.
# `mcpconf plan` shows what would change, `mcpconf apply` changes it.
mcpconf: 1

# Every server once, whichever hosts use it: a package, an address, or a command.
# A version is exact; the word `unpinned` works and is reported. A secret is the name of a variable, never the secret.
servers:
  # files:
  #   package: npm:@modelcontextprotocol/server-filesystem    # or pypi:NAME, oci:registry/name
  #   version: "2026.8.31"
  #   args: ["${home}/projects"]
  # docs:
  #   url: https://mcp.example.org/mcp
  #   headers: {Authorization: {secret: DOCS_TOKEN, prefix: "Bearer "}}
  # local:
  #   command: [/opt/example/bin/server, --stdio]

# The hosts that get them: every server, or those that are named. A host that is not installed is passed over.
hosts:
  # claude-code:
  # cursor: {servers: [files]}

policy:
  unmanaged: warn      # keep, warn or remove: servers in host files that this manifest does not put there
  on_conflict: fail    # fail, keep or overwrite: a server that was there before, or changed here and by hand
"""


def starter() -> str:
    """Loads as it is; each sample below a section counts once its `# ` is taken away."""
    return _STARTER
