"""How the machine differs from what was last applied, in classes a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from mcpconf.canonical import digest
from mcpconf.model.address import ARTIFACT, SURFACE
from mcpconf.model.change import Change
from mcpconf.model.commands import command, followed, typed
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import Entry
from mcpconf.model.observed import ObservedEntry, ObservedFile
from mcpconf.model.plan import Drift
from mcpconf.model.word import Word
from mcpconf.packages import recognise_entry
from mcpconf.reconcile.places import place
from mcpconf.reconcile.strays import Stray

Severity = Literal["critical", "high", "medium", "low"]
Will = Literal["revert", "nothing", "held"]

KINDS = {
    "drift_edit": Word(
        "changed by hand",
        "A field that the manifest says has another value than mcpconf wrote.",
        "`mcpconf apply` puts it back; put the change into the manifest if it is to stay",
    ),
    "drift_removed": Word(
        "removed by hand",
        "mcpconf wrote the entry, and it is gone.",
        "`mcpconf apply` writes it again; take it out of the manifest if it is not wanted",
    ),
    "drift_added_key": Word(
        "added by hand",
        "A variable or header that neither the manifest nor the last apply put there.",
        "`mcpconf apply` removes it; put it into the manifest if it is needed",
    ),
    "conflict": Word(
        "neither as mcpconf left it nor as the manifest asks",
        "Somebody changed it and so did the manifest, or mcpconf never wrote it, so that a person has to decide.",
        "put the change into the manifest, or `mcpconf apply --on-conflict overwrite`; `keep` leaves the machine's entry",
    ),
    "residue": Word(
        "revoked, and still effective",
        "What left the manifest, or must not be anywhere, is still where a host reads it and mcpconf does not write.",
        "follow the numbered instruction, then `mcpconf plan`",
    ),
    "unknown": Word(
        "could not be checked",
        "The file could not be read or understood, so nothing in it is known to be unchanged.",
        "put the file right, then `mcpconf drift`",
    ),
    "floating": Word(
        "pinned before, floating now",
        "The command line asked for one exact version, and now runs whatever is newest.",
        "`mcpconf apply` puts the version back",
    ),
    "secret_exposed": Word(
        "a secret in clear",
        "A reference was replaced by the secret itself, in a file that is copied and synced.",
        "`mcpconf apply` puts the reference back; then rotate the secret",
    ),
    "disabled_by_user": Word(
        "switched off by the user",
        "The entry is there, and the user has disabled it. That takes away, so it is respected.",
        "nothing; say `enabled: true` in the manifest, then `mcpconf apply`, to switch it on",
    ),
    "switched_off": Word(
        "kept off by another file of the host",
        "The entry is as the manifest asks, and a list or switch beside the entries keeps the host from starting it.",
        "take it off the list there, if it is to run, then `mcpconf plan`; else write `enabled: false` in the manifest",
    ),
    "unread": Word(
        "not read by its host",
        "The entry is as the manifest asks, and the host reads nothing of it: nobody trusts the folder or has approved the "
        "server there, or the host refuses another entry and everything beside it.",
        "trust or approve it in the host, if it is to run there, or correct the entry that is refused; `mcpconf hosts --effective` tells what each host reads",
    ),
    "in_the_way": Word(
        "an approval or a limit that cannot be written",
        "The manifest lets a tool act without asking, or never be called, and something else stands where the host would read that.",
        "correct the place that is named, then `mcpconf apply`; or say it in the host itself",
    ),
    "perm_drift": Word(
        "others may read or write the file",
        "The mode of a host's file lets other users change what runs, or read a secret in it. It is never changed.",
        "`chmod 600` the file, then `mcpconf plan`",
    ),
    "unmanaged": Word(
        "new, and not in the manifest",
        "An entry or approval that came since the last apply, and that nobody has accepted.",
        "add it to the manifest, remove it, or `mcpconf accept ADDRESS`",
    ),
    "grant_added": Word(
        "approved beyond what is declared",
        "An approval that came since the last apply lets tools act without asking, and the manifest does not declare it.",
        "`mcpconf apply` takes it away; add the tools to `permissions.tools.auto` if they may act unasked",
    ),
    "revoked_locally": Word(
        "revoked here, and on the machine",
        "What somebody revoked on this machine is here: it came back, or was not reached then.",
        "`mcpconf apply` takes it away again; `mcpconf revoke --undo` if it may be here after all",
    ),
    "artifact_missing": Word(
        "not in the store any more",
        "Entries start a server from the store, and its folder there is gone.",
        "`mcpconf install`, or `mcpconf apply`, builds it again from the lock",
    ),
    "artifact_drift": Word(
        "other bytes than those that were locked",
        "A file of an installation was changed, added or removed since it was built from what the lock says.",
        "`mcpconf install` builds it anew; find out who changed it first",
    ),
    "surface_drift": Word(
        "shows something else than was locked",
        "A server that was asked just now answered otherwise than when it was locked, and its bytes are the same.",
        "find out why before it is used again; `mcpconf lock` it anew and `mcpconf approve` it if it may be so",
    ),
    "shadowed": Word(
        "without effect",
        "The entry is as it should be, but the host reads another one of its name first.",
        "remove or rename the entry that wins, then `mcpconf plan`",
    ),
}
MOST_KEYS = 12
"""Variables or headers of one entry that are told one by one."""

OTHERS_MAY_WRITE = 0o022
OTHERS_MAY_READ = 0o044
_ADMINISTRATOR = 0

WRITTEN_BY_OTHERS, OWNED_BY_OTHERS, READ_BY_OTHERS = "written", "owner", "read"
"""What is wrong with a file: the pointer of its drift."""


def drift(kind: str, address: str, message: str, **more: str) -> Drift:
    """`id` is the same in every run, and on every machine, for the same kind, address and pointer: no line or value is in it."""
    pointer = more.get("pointer", "")
    return Drift(
        id=digest([kind, address, pointer]).removeprefix("sha256:")[:16],
        address=address,
        kind=kind,
        pointer=pointer,
        severity=more.get("severity", "medium"),  # type: ignore[arg-type]
        will=more.get("will", "nothing"),  # type: ignore[arg-type]
        message=message,
        where=more.get("where", ""),
    )


def advice(item: Drift, words: Sequence[str] = ("apply",)) -> str:
    """What to do about it, with a command. `words` are those that make the plan."""
    if item.kind == "artifact_missing":
        return f"{command('install', item.address.removeprefix(ARTIFACT))} builds it again, and so does apply"
    if item.will == "revert":
        return f"{command(*words, '--target', item.address)} undoes it"
    match item.kind:
        case "artifact_drift":
            return f"find out who changed it; {command('install', item.address.removeprefix(ARTIFACT))} builds it anew"
        case "surface_drift":
            name = item.address.removeprefix(SURFACE)
            return f"find out why; if it may be so, {command('lock')} it anew and {command('approve', name)}"
        case "perm_drift":
            return _mend(item)
        case "unmanaged" if item.will == "nothing":
            return f"add it to the manifest, remove it, or {command('accept', item.address)}"
        case "shadowed":
            return followed("remove or rename the entry that wins")
        case "switched_off":
            return followed("take it off the list there, if it is to run")
        case "unread":
            return followed("trust or approve it in the host, or correct the entry that it refuses")
        case "in_the_way":
            return followed("correct that place, or say it in the host itself")
        case "disabled_by_user":
            return followed("say `enabled: true` in the manifest to switch it on", "apply")
        case _:
            return f"{command('plan', '--target', item.address)} says what is in the way"


def _mend(item: Drift) -> str:
    if item.pointer == OWNED_BY_OTHERS:
        return followed("ask that user why it is here, and put a copy of your own in its place")
    return followed(typed("chmod", "600", item.address))


def disabled(desired: DesiredEntry, found: ObservedEntry | None) -> list[Drift]:
    """A server that the user switched off, where the manifest does not ask for it to be on: told, and respected."""
    if found is None or found.entry.enabled is not False or "enabled" in desired.stated:
        return []
    message = "switched off by the user; `enabled: true` in the manifest would switch it on"
    item = drift("disabled_by_user", str(found.address), message, severity="low", where=place(found))
    return [item.model_copy(update={"counted": False})]


def of_change(change: Change, wanted: Entry | None, found: ObservedEntry | None) -> list[Drift]:
    """The drift that a change answers; nothing if the machine still is as we left it."""
    if change.reason == "removed_by_hand":
        return [drift("drift_removed", change.address, "removed by hand", will="revert", where=change.file)]
    if change.reason == "revoked_and_changed":
        where = place(found) if found else ""
        return [drift("drift_edit", change.address, "revoked, and changed by hand since", will="revert", where=where)]
    will: Will = "revert" if change.action in ("update", "replace") else "nothing"
    items = []
    for field in change.fields:
        if field.reason not in ("drifted", "both_changed"):
            continue
        assert wanted is not None
        assert found is not None
        for kind, pointer, severity, message in _classified(field.name, wanted, found):
            shown = "conflict" if field.reason == "both_changed" else kind
            more = {"severity": severity, "will": will, "where": place(found), "pointer": pointer}
            items.append(drift(shown, change.address, message, **more))
    return items


class _Class(NamedTuple):
    kind: str
    pointer: str
    severity: Severity
    message: str


def _classified(name: str, wanted: Entry, found: ObservedEntry) -> list[_Class]:
    if name in ("env", "headers"):
        return _classified_map(name, wanted, found.entry)
    if name == "enabled" and found.entry.enabled is False:
        return [_Class("disabled_by_user", name, "low", "switched off by the user")]
    if name == "launch" and not recognise_entry(wanted).floating and recognise_entry(found.entry).floating:
        return [_Class("floating", name, "high", "`launch` pinned -> floating")]
    severity: Severity = "high" if name in ("launch", "url", "transport") else "medium"
    return [_Class("drift_edit", name, severity, f"`{name}` changed by hand")]


def _classified_map(name: str, wanted: Entry, found: Entry) -> list[_Class]:
    """Each variable or header that differs by itself, for one may be exposed while another was added; many count as one."""
    after = wanted.env if name == "env" else wanted.headers
    before = found.env if name == "env" else found.headers
    items = []
    for key in sorted(after.keys() | before.keys()):
        pointer = f"{name}.{key}"
        if key not in after:
            items.append(_Class("drift_added_key", pointer, "medium", f"`{pointer}` added by hand"))
        elif key not in before:
            items.append(_Class("drift_edit", pointer, "medium", f"`{pointer}` removed by hand"))
        elif after[key].references and not before[key].references:
            items.append(_Class("secret_exposed", pointer, "high", f"`{pointer}` reference -> literal"))
        elif after[key] != before[key]:
            items.append(_Class("drift_edit", pointer, "medium", f"`{pointer}` changed by hand"))
    exposed = [item for item in items if item.kind == "secret_exposed"]
    others = [item for item in items if item.kind != "secret_exposed"]
    if len(others) > MOST_KEYS or not items:
        others = [_Class("drift_edit", name, "medium", f"`{name}` changed by hand")]
    return [*exposed, *others]


def came_back(address: str, where: str) -> Drift:
    """What was revoked here by a person."""
    return drift(
        "revoked_locally", address, "revoked here, and on the machine", severity="high", will="revert", where=where
    )


def of_stray(item: Stray, will: Will) -> Drift:
    message = "a name of ours now used for something else" if item.reason == "name_reused" else "not in the manifest"
    severity: Severity = "high" if item.reason == "name_reused" else "medium"
    return drift("unmanaged", str(item.address), message, severity=severity, will=will, where=place(item.entry))


def of_permissions(file: ObservedFile, *, literal: bool, user: int | None = None) -> Drift | None:
    """A file that others may change, or that holds a literal and may be read by others. Worth a warning, never changed.

    `user` is the number of this user. What the administrator owns is in order, wherever it lies.
    """
    if file.mode is None or not file.present:
        return None
    mode, path = f"{file.mode & 0o7777:04o}", file.location.path
    if file.mode & OTHERS_MAY_WRITE:
        told = _Class("", WRITTEN_BY_OTHERS, "high", f"mode {mode}: others may write it")
    elif user is not None and file.owner not in (None, user, _ADMINISTRATOR):
        told = _Class("", OWNED_BY_OTHERS, "high", "another user owns it, and may write it")
    elif literal and file.mode & OTHERS_MAY_READ:
        told = _Class("", READ_BY_OTHERS, "medium", f"mode {mode}: others may read a secret in it")
    else:
        return None
    item = drift("perm_drift", path, told.message, pointer=told.pointer, severity=told.severity, where=path)
    return item.model_copy(update={"counted": False})
