"""What keeps a change from being made, beside findings: the words behind `held by`."""

from __future__ import annotations

from mcpconf.model.word import Word

HOLDS = {
    "protect": Word(
        "the server is protected",
        "It was written with `protect: true`, so leaving the manifest is not enough to remove it.",
        "`mcpconf apply` it once with `protect: false`, then take it out of the manifest",
    ),
    "mass-removal": Word(
        "too much would be removed at once",
        "`policy.unmanaged: remove` would take away five or more, and more than half, of what the first apply found.",
        "look at each, then `mcpconf apply --allow-mass-removal`",
    ),
    "not-installed": Word(
        "what it would start is not in the store",
        "The server is started from the store, and could not be installed there: the host would start nothing.",
        "`mcpconf install` says why, then `mcpconf apply`",
    ),
    "not-checked": Word(
        "what it would start cannot be checked",
        "The server is started from the store, and what lies there cannot be read: nobody knows what the host would start.",
        "do what the problem of the store asks for, then `mcpconf apply`",
    ),
    "pinned": Word(
        "the machine went back to an earlier generation",
        "After a rollback, apply only takes away, until the manifest has another commit.",
        "commit a change of the manifest, or `mcpconf apply --unpin`",
    ),
    "privilege": Word(
        "it would let a server do what the policy does not let pass",
        "`policy.privilege` blocks changes of this severity, or wants somebody to approve them.",
        "if it asks for approval, answer `yes`, or `mcpconf apply --yes --max-privilege high`; else change the manifest",
    ),
    "secret-not-set": Word(
        "a literal would become a reference to nothing",
        "The variable that takes the place of a secret in clear is not set here, so that the server would stop working.",
        "set it where the host starts; or `mcpconf apply --move-secrets`",
    ),
    "no-rights": Word(
        "only an administrator may write it",
        "The file of a policy belongs to the system, so that users cannot change it, and mcpconf runs as one of them.",
        "as the administrator: `mcpconf apply --system`",
    ),
    "policy-place": Word(
        "somebody else could put another policy there",
        "The file, or a folder above it, is a link, or others may write to it.",
        "do what the line says, then `mcpconf plan`",
    ),
    "policy-unsafe": Word(
        "the policy would not say what it seems to",
        "Its vendor would drop a part of it without a word, take an empty list for all servers, or show a secret to everybody.",
        "change the manifest, then `mcpconf plan`",
    ),
    "policy-wider": Word(
        "the policy would not keep to the manifest",
        "Tried out, it lets in what nobody approved, or keeps out what is approved.",
        "change the manifest, or write it by hand from `mcpconf export --managed HOST --allow-wider`",
    ),
    "partial-entry": Word(
        "a part of the entry is in another file",
        "The host merges its files key by key, and would not start on what would be left.",
        "remove the part that is named first, then `mcpconf apply`",
    ),
    "revoked_locally": Word(
        "it was revoked on this machine",
        "Somebody took it away here with `mcpconf revoke`, and that is stronger than the manifest, which still asks for it.",
        "take it out of the manifest, then `mcpconf apply`; or `mcpconf revoke --undo NAME`",
    ),
    "shadowed": Word(
        "a stronger entry wins over it",
        "What would be written has no effect where another file says something else.",
        "remove or rename the entry that wins, then `mcpconf apply`",
    ),
}
