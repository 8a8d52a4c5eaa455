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

    `title` is what the third version calls it, `held` what is held against what beside the rules, `unseen` what nobody can tell
    who only looks at configuration.
    """

    number: int
    title: str
    held: str
    unseen: str
    first: bool = False


THREATS: Mapping[str, Threat] = {
    "name collision": Threat(
        1,
        "namespace typosquatting",
        "Every entry of a machine against the identities in the manifest; the owners of a package in the lock against those that its registry names now.",
        "Whether the package that you approved is the one that you meant. Whether a publisher is honest.",
        first=True,
    ),
    "tool name conflict": Threat(
        2,
        "tool name conflict",
        "The names of all tools that one host gets, made as that host makes them.",
        "Tools of servers whose surface is not in the lock, and tools of the host itself.",
        first=True,
    ),
    "preference manipulation": Threat(
        3,
        "preference manipulation",
        "The texts in the lock, and each change of them, before somebody approves it.",
        "Praise in plain words, which is no order. Which tool a model takes in the end.",
    ),
    "tool poisoning": Threat(
        4,
        "tool poisoning",
        "Every text of a surface against its digest in the lock and in the approval; a server whose surface nobody approved is not written.",
        "An order that reads like documentation: of poisoned tools in public collections the rules miss some, and they are no replacement for reading. What a tool answers when it is called.",
    ),
    "rug pull": Threat(
        5,
        "rug pull",
        "The bytes that start against the lock; the surface against its approval, with `plan --live` also what a server shows now.",
        "A server that shows one thing when it is asked and another thing later in the same conversation. What happens behind an address.",
    ),
    "cross-server shadowing": Threat(
        6,
        "cross-server shadowing",
        "The texts of each server against the names of the others that one host runs.",
        "A text that means another server and does not name it.",
    ),
    "code injection": Threat(
        7,
        "command injection and backdoors",
        "Command lines, variables and packages against the manifest, the lock and advisories; `permissions.enforce` keeps what it starts in a sandbox.",
        "What the code of a server does: no code is read. A hole that no advisory tells of.",
        first=True,
    ),
    "installer spoofing": Threat(
        8,
        "installer spoofing",
        "What a registry gives against the hash in the lock, and who vouches for it; packages are fetched by their own client alone and no script of theirs is run.",
        "What an installer that somebody ran by hand did outside of the files of hosts.",
        first=True,
    ),
    "indirect prompt injection": Threat(
        9,
        "indirect prompt injection",
        "Which kinds of tools one host runs together.",
        "The injection itself: it comes with a web page, a mail or an issue while the model works. mcpconf is not there then.",
    ),
    "credential theft": Threat(
        10,
        "credential theft",
        "Literal secrets in manifests, entries, arguments and addresses; secrets are written as references, and no output shows one.",
        "What a server does with a secret that it was given. Secrets in the memory of a model, in logs, in answers.",
    ),
    "sandbox escape": Threat(
        11,
        "sandbox escape",
        "What the manifest declares against what the entry hands out and what really bounds it: `mcpconf permissions show NAME`.",
        "Holes in a sandbox, a container engine or a kernel, but for those that advisories tell of.",
        first=True,
    ),
    "tool chaining abuse": Threat(
        12,
        "tool chaining abuse",
        "What one host runs together, and which tools act without asking.",
        "The chain of calls itself: no call is seen.",
    ),
    "unauthorized access": Threat(
        13,
        "unauthorized access",
        "Addresses, issuers, resources and scopes against the manifest and the lock; where tokens lie, and whether they are expired.",
        "Whether a server checks a token, and whose session it is. What a provider still lets in.",
    ),
    "vulnerable versions (re-deployment)": Threat(
        14,
        "re-deployment of vulnerable versions",
        "Versions in the manifest, the lock, the store and caches against advisories, and against those that were locked before.",
        "A version that no advisory tells of, or one that runs where mcpconf has no account.",
        first=True,
    ),
    "privilege persistence": Threat(
        15,
        "privilege persistence after an update",
        "Approvals, tokens, entries, copies and processes on the machine against the manifest and its history: `mcpconf residue`.",
        "Grants at a provider, files of other users, machines that nobody ran mcpconf on; they are told as steps to take by hand.",
        first=True,
    ),
    "configuration drift": Threat(
        16,
        "configuration drift",
        "The files of hosts against the manifest and against what was applied last.",
        "Settings that a host keeps in places that its page says are not read.",
        first=True,
    ),
    "slash command overlap": Threat(
        0,
        "",
        "The prompts in the lock against each other and against the commands of hosts.",
        "Commands that users and extensions made for themselves.",
        first=True,
    ),
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
