"""The words for what rules are against, and the numbers that others give to it.

Threats are those of Hou et al., "Model Context Protocol (MCP): Landscape, Security Threats, and Future Research Directions"
(arXiv 2503.23278): nine in its first version (2025-03), sixteen in its third (2025-10). The list of OWASP is that of its
repository at 2026-04-14 (OWASP/www-project-mcp-top-10, a beta).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Threat(NamedTuple):
    """`number` is that of the third version, 0 if only the first has it; `first`: whether the first has it.

    `title` is what the third version calls it.
    """

    number: int
    title: str
    first: bool = False


THREATS: Mapping[str, Threat] = {
    "name collision": Threat(1, "namespace typosquatting", first=True),
    "tool name conflict": Threat(2, "tool name conflict", first=True),
    "preference manipulation": Threat(3, "preference manipulation"),
    "tool poisoning": Threat(4, "tool poisoning"),
    "rug pull": Threat(5, "rug pull"),
    "cross-server shadowing": Threat(6, "cross-server shadowing"),
    "code injection": Threat(7, "command injection and backdoors", first=True),
    "installer spoofing": Threat(8, "installer spoofing", first=True),
    "indirect prompt injection": Threat(9, "indirect prompt injection"),
    "credential theft": Threat(10, "credential theft"),
    "sandbox escape": Threat(11, "sandbox escape", first=True),
    "tool chaining abuse": Threat(12, "tool chaining abuse"),
    "unauthorized access": Threat(13, "unauthorized access"),
    "vulnerable versions (re-deployment)": Threat(14, "re-deployment of vulnerable versions", first=True),
    "privilege persistence": Threat(15, "privilege persistence after an update", first=True),
    "configuration drift": Threat(16, "configuration drift", first=True),
    "slash command overlap": Threat(0, "", first=True),
}
"""By the word that rules use."""

OWASP: Mapping[str, str] = {
    "MCP01:2025": "Token Mismanagement and Secret Exposure",
    "MCP02:2025": "Privilege Escalation via Scope Creep",
    "MCP03:2025": "Tool Poisoning",
    "MCP04:2025": "Software Supply Chain Attacks and Dependency Tampering",
    "MCP05:2025": "Command Injection and Execution",
    "MCP06:2025": "Intent Flow Subversion",
    "MCP07:2025": "Insufficient Authentication and Authorization",
    "MCP08:2025": "Lack of Audit and Telemetry",
    "MCP09:2025": "Shadow MCP Servers",
    "MCP10:2025": "Context Injection and Over-Sharing",
}
"""The titles of the OWASP MCP Top 10, by its ids, which look like ids of rules and are none."""
