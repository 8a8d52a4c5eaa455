"""Why a change is in a plan, or an entry is listed: the last words of the table of reasons, explained."""

from __future__ import annotations

from mcpconf.model.word import Word

REASONS = {
    "new": Word(
        "not on this machine yet",
        "The manifest asks for the server here, and neither the file nor the state has it.",
        "`mcpconf apply` writes it",
    ),
    "declared": Word(
        "the manifest lets it act without asking",
        "The host keeps such approvals in a file beside its servers, and this one is not there.",
        "`mcpconf apply` writes it; take the tool out of `auto` if it is to ask",
    ),
    "limited": Word(
        "the manifest never lets it be called",
        "The host keeps such limits in a file beside its servers, and this one is not there.",
        "`mcpconf apply` writes it; take the tool out of `except`, or name it under `call`, if it may be called",
    ),
    "unlimited": Word(
        "the manifest does not keep it from being called any more",
        "mcpconf wrote the limit. The manifest does not declare it any more, or the lock has no such tool by now, so that "
        "`call` does not leave it out.",
        "`mcpconf apply` removes it; put the tool back under `except` if it must not be called",
    ),
    "removed_by_hand": Word(
        "removed by hand since the last apply",
        "mcpconf wrote the entry, and something took it away. The manifest still asks for it.",
        "`mcpconf apply` writes it again; take the server out of the manifest if it is not wanted any more",
    ),
    "manifest_changed": Word(
        "the manifest changed",
        "The machine has what was last applied, and the manifest asks for something else by now.",
        "`mcpconf apply` writes what the manifest says",
    ),
    "renamed": Word(
        "the server has another name now",
        "The manifest says under `was` that the server had the name of this entry, so the entry keeps all else.",
        "`mcpconf apply` gives it the new name, and approvals by the old one too",
    ),
    "both_names": Word(
        "an entry of the old name is here, and one of the new name",
        "The manifest gave the server another name, and an entry of that name is here that mcpconf did not write.",
        "remove one of the two, then `mcpconf plan`",
    ),
    "drifted": Word(
        "changed by hand since the last apply",
        "The manifest asks for what was last applied, and the machine has something else.",
        "`mcpconf apply` puts it back; put the change into the manifest if it is to stay",
    ),
    "both_changed": Word(
        "the manifest and the machine both changed",
        "Since the last apply the manifest went one way and the machine another, so neither is overwritten unasked.",
        "put the change into the manifest, or `mcpconf apply --on-conflict overwrite`; `keep` leaves the machine's entry",
    ),
    "not_ours": Word(
        "it was there before mcpconf, with other values",
        "The same server is configured here, but mcpconf never wrote it, so somebody may want it as it is.",
        "`mcpconf apply --on-conflict overwrite` writes the manifest's entry, `--on-conflict keep` leaves the other",
    ),
    "name_taken": Word(
        "the name is taken by something else",
        "An entry of this name is here that starts or reaches something else than the manifest means.",
        "rename one of them, or `mcpconf apply --on-conflict overwrite --target ADDRESS` with this very address",
    ),
    "revoked": Word(
        "no longer in the manifest",
        "mcpconf wrote it, and the manifest does not ask for it here any more.",
        "`mcpconf apply` removes it, before anything else; list it under `released` to leave it to the user",
    ),
    "revoked_and_changed": Word(
        "no longer in the manifest, and changed by hand",
        "mcpconf wrote it, it was changed by hand since, and the manifest does not ask for it here any more.",
        "`mcpconf apply` removes it, before anything else; list it under `released` to leave it to the user",
    ),
    "revoked_elsewhere": Word(
        "revoked at another place",
        "A server that left the manifest altogether is here too, with the same command line and variables.",
        "`mcpconf apply` removes it, before anything else; list it under `released` to leave it to the user",
    ),
    "revoked_locally": Word(
        "revoked on this machine",
        "Somebody took it away here with `mcpconf revoke`. That holds against the manifest, and whenever it comes back.",
        "`mcpconf revoke --list` says who, when and why; `mcpconf revoke --undo NAME` ends it",
    ),
    "must_be_absent": Word(
        "must not be on any machine",
        "The manifest forbids it under `absent`, by what it is and under whatever name.",
        "`mcpconf apply` removes it; take it off `absent` if it is wanted after all",
    ),
    "not_declared": Word(
        "the manifest does not declare it",
        "An approval that lets tools act without asking goes beyond what the manifest grants the server.",
        "`mcpconf apply` takes it away; add the tools to `permissions.tools.auto` if they may act unasked",
    ),
    "destroyed": Word(
        "mcpconf wrote it, and leaves this machine",
        "`mcpconf destroy` removes everything that mcpconf wrote, whatever the manifest says.",
        "nothing; `mcpconf apply` would write what the manifest asks for again",
    ),
    "rolled_back": Word(
        "back to an earlier generation",
        "A rollback asks for what was there after an earlier apply: with it, or without it.",
        "`mcpconf history` lists the generations; `mcpconf apply --unpin` goes on with the manifest",
    ),
    "unmanaged": Word(
        "not in the manifest",
        "An entry that the manifest does not put there, and that mcpconf did not write.",
        "add it to the manifest, remove it, or `mcpconf accept ADDRESS`; `policy.unmanaged` says what apply does",
    ),
    "name_reused": Word(
        "a name of ours, now used for something else",
        "mcpconf wrote an entry of this name, and another server stands there now. It is not deleted as ours.",
        "add it to the manifest, remove it, or `mcpconf accept ADDRESS`",
    ),
    "released": Word(
        "given back to the user",
        "mcpconf wrote it, and the manifest lists it under `released`: it is the user's now.",
        "nothing; `mcpconf status` lists it with what the manifest does not manage",
    ),
    "shadowed": Word(
        "a stronger entry wins over it",
        "The host reads another file first, so that this entry has no effect.",
        "remove or rename the entry that wins, then `mcpconf plan`",
    ),
    "unreadable": Word(
        "its file could not be read, see NOT CHECKED",
        "The file was not understood, so nothing is known about the entry and nothing is written.",
        "put the file right, then `mcpconf plan`",
    ),
    "not_locked": Word(
        "the lock does not tell what to start",
        "The manifest asks for a range or for the store, and the lock has no answer that belongs to it. What is there stays.",
        "`mcpconf lock`, commit it, then `mcpconf plan`",
    ),
    "cannot_be_asked": Word(
        "this host cannot have it",
        "The manifest names this server for this host, and the host has no words for a part of it.",
        "leave the server out for the host, or change that part, then `mcpconf plan`",
    ),
}
