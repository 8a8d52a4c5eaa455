"""The manifest that `mcpconf init` writes."""

from __future__ import annotations

STARTER = """\
# What MCP servers this machine has, and which hosts may start them. Keep this file in git.
# `mcpconf plan` shows what would change, `mcpconf apply` changes it.
mcpconf: 1

# Every server once, whatever hosts use it. Three kinds:
#
#   files:
#     package: npm:@modelcontextprotocol/server-filesystem    # or pypi:NAME, oci:registry/name
#     version: "2026.8.31"                                     # exact; `unpinned` works and is reported
#     args: ["${home}/projects"]
#   docs:
#     url: https://mcp.example.org/mcp
#     headers: {Authorization: {secret: DOCS_TOKEN, prefix: "Bearer "}}    # the name of a variable, never the secret
#   local:
#     command: [/opt/example/bin/server, --stdio]
servers:

# Which hosts get them. A host that is not installed is passed over.
#
#   claude-code:
#   cursor: {servers: [files]}    # without `servers`, every server
hosts:

policy:
  unmanaged: warn      # keep | warn | remove: servers in host files that are not in this manifest
  on_conflict: fail    # fail | keep | overwrite: a server that was there before, or was changed by hand and here
"""
