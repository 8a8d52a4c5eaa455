"""What drift is called, how grave it is, and what to do about it."""

from __future__ import annotations

import pytest

from mcpconf.model.address import Address
from mcpconf.model.change import Change, FieldChange
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import Location, ObservedEntry, ObservedFile
from mcpconf.model.plan import Drift
from mcpconf.reconcile.drift import MOST_KEYS, advice, drift, of_change, of_permissions, of_stray
from mcpconf.reconcile.strays import Stray

ADDRESS = Address("h", "user", "", "x")
PLACE = Location("h", "f", "user", "", "/f", "json", write=True)
PINNED = Entry("stdio", Value.literal("npx"), (Value.literal("-y"), Value.literal("one@1.0.0")))
FLOATING = Entry("stdio", Value.literal("npx"), (Value.literal("-y"), Value.literal("one")))
SECRET, CLEAR, OTHER = Value.parse("${env:A}"), Value.literal("a"), Value.literal("b")


def found(entry: Entry) -> ObservedEntry:
    return ObservedEntry(ADDRESS, entry, {}, "", ObservedFile(PLACE, present=True), ("s", "x"))


def told(item: Drift) -> str:
    return f"{item.kind} {item.severity} {item.will}: {item.message} ({item.address} in {item.where})"


def changed(name: str, wanted: Entry, seen: Entry, **more: str) -> list[str]:
    change = Change.model_construct(
        address=str(ADDRESS),
        file="/f",
        action=more.get("action", "update"),
        reason="drifted",
        fields=[FieldChange.model_construct(name=name, reason=more.get("reason", "drifted"))],
    )
    return [told(item) for item in of_change(change, wanted, found(seen))]


OF_FIELDS = {
    "launch": (PINNED, FLOATING, "floating high revert: `launch` pinned -> floating"),
    "launch, both floating": (FLOATING, FLOATING, "drift_edit high revert: `launch` changed by hand"),
    "launch, both pinned": (PINNED, PINNED, "drift_edit high revert: `launch` changed by hand"),
    "launch, pinned by hand": (FLOATING, PINNED, "drift_edit high revert: `launch` changed by hand"),
    "url": (Entry("http"), Entry("http"), "drift_edit high revert: `url` changed by hand"),
    "transport": (Entry("http"), Entry("sse"), "drift_edit high revert: `transport` changed by hand"),
    "cwd": (PINNED, PINNED, "drift_edit medium revert: `cwd` changed by hand"),
    "enabled": (Entry("http"), Entry("http", enabled=False), "disabled_by_user low revert: switched off by the user"),
    "enabled again": (
        Entry("http"),
        Entry("http", enabled=True),
        "drift_edit medium revert: `enabled` changed by hand",
    ),
    "env": (
        Entry("stdio", env={"A": SECRET}),
        Entry("stdio", env={"A": CLEAR}),
        "secret_exposed high revert: `env.A` reference -> literal",
    ),
    "headers": (
        Entry("http", headers={"B": SECRET, "A": SECRET}),
        Entry("http", headers={"B": CLEAR, "A": CLEAR}),
        "secret_exposed high revert: `headers.A` reference -> literal",
        "secret_exposed high revert: `headers.B` reference -> literal",
    ),
    "env, still a reference": (
        Entry("stdio", env={"A": SECRET}),
        Entry("stdio", env={"A": Value.parse("${env:B}")}),
        "drift_edit medium revert: `env.A` changed by hand",
    ),
    "env, one gone": (
        Entry("stdio", env={"A": SECRET}),
        Entry("stdio"),
        "drift_edit medium revert: `env.A` removed by hand",
    ),
    "env, more": (
        Entry("stdio", env={"A": CLEAR}),
        Entry("stdio", env={"A": OTHER, "D": CLEAR, "C": CLEAR}),
        "drift_edit medium revert: `env.A` changed by hand",
        "drift_added_key medium revert: `env.C` added by hand",
        "drift_added_key medium revert: `env.D` added by hand",
    ),
    "headers, more": (
        Entry("http", headers={"A": CLEAR}),
        Entry("http", headers={"A": CLEAR, "C": CLEAR}),
        "drift_added_key medium revert: `headers.C` added by hand",
    ),
    "env, other": (
        Entry("stdio", env={"A": CLEAR}),
        Entry("stdio", env={"A": OTHER}),
        "drift_edit medium revert: `env.A` changed by hand",
    ),
    "env, as many as are told": (
        Entry("stdio", env={}),
        Entry("stdio", env={f"K{number:02}": CLEAR for number in range(MOST_KEYS)}),
        *(f"drift_added_key medium revert: `env.K{number:02}` added by hand" for number in range(MOST_KEYS)),
    ),
    "env, many": (
        Entry("stdio", env={"A": SECRET}),
        Entry("stdio", env={"A": CLEAR} | {f"K{number:02}": CLEAR for number in range(MOST_KEYS + 1)}),
        "secret_exposed high revert: `env.A` reference -> literal",
        "drift_edit medium revert: `env` changed by hand",
    ),
    "env, alike": (PINNED, PINNED, "drift_edit medium revert: `env` changed by hand"),
}


@pytest.mark.parametrize("name", OF_FIELDS)
def test_a_field_that_was_changed(name):
    wanted, seen, *words = OF_FIELDS[name]
    expected = [f"{text} (h/user/x in /f)" for text in words]
    field = name.split(",")[0].split()[0]
    assert changed(field, wanted, seen) == expected
    both = changed(field, wanted, seen, reason="both_changed", action="conflict")
    assert both == [f"conflict {text.partition(' ')[2].replace(' revert:', ' nothing:')}" for text in expected]


def test_only_what_differs_from_what_was_applied_is_drift():
    assert changed("cwd", PINNED, PINNED, reason="manifest_changed") == []
    assert changed("cwd", PINNED, PINNED, action="replace")[0].startswith("drift_edit medium revert")
    assert changed("cwd", PINNED, PINNED, action="conflict")[0].startswith("drift_edit medium nothing")


def test_an_entry_that_went_or_changed_before_it_goes():
    removed = Change.model_construct(address="h/user/x", file="/f", action="create", reason="removed_by_hand")
    assert [told(item) for item in of_change(removed, None, None)] == [
        "drift_removed medium revert: removed by hand (h/user/x in /f)"
    ]
    revoked = Change.model_construct(address="h/user/x", file="/f", action="delete", reason="revoked_and_changed")
    words = "drift_edit medium revert: revoked, and changed by hand since (h/user/x in "
    assert [told(item) for item in of_change(revoked, None, found(PINNED))] == [f"{words}/f)"]
    assert [told(item) for item in of_change(revoked, None, None)] == [f"{words})"]


def test_what_nobody_asked_for():
    entry = found(PINNED)
    assert told(of_stray(Stray(entry, "", "", new=True), "nothing")) == (
        "unmanaged medium nothing: not in the manifest (h/user/x in /f)"
    )
    assert told(of_stray(Stray(entry, "name_reused", "", new=True), "held")) == (
        "unmanaged high held: a name of ours now used for something else (h/user/x in /f)"
    )


@pytest.mark.parametrize(
    ("mode", "literal", "words"),
    [
        (0o666, False, "perm_drift high nothing: mode 0666: others may write it (/f in /f)"),
        (0o100620, False, "perm_drift high nothing: mode 0620: others may write it (/f in /f)"),
        (0o602, True, "perm_drift high nothing: mode 0602: others may write it (/f in /f)"),
        (0o640, True, "perm_drift medium nothing: mode 0640: others may read a secret in it (/f in /f)"),
        (0o604, True, "perm_drift medium nothing: mode 0604: others may read a secret in it (/f in /f)"),
        (0o644, False, ""),
        (0o611, True, ""),
        (None, True, ""),
    ],
)
def test_a_file_that_others_may_open(mode, literal, words):
    item = of_permissions(ObservedFile(PLACE, present=True, mode=mode), literal=literal)
    assert (told(item) if item else "") == words
    assert item is None or not item.counted
    assert of_permissions(ObservedFile(PLACE, present=False, mode=0o666), literal=True) is None


@pytest.mark.parametrize(
    ("mode", "owner", "user", "pointer"),
    [
        (0o600, 1001, 1000, "owner"),
        (0o622, 1001, 1000, "written"),
        (0o644, 1001, 1000, "owner"),
        (0o644, 1000, 1000, "read"),
        (0o600, 0, 1000, None),
        (0o600, 1000, 1000, None),
        (0o600, 1001, None, None),
        (0o600, None, 1000, None),
        (0o600, 1001, 0, "owner"),
    ],
)
def test_a_file_that_another_user_owns(mode, owner, user, pointer):
    item = of_permissions(ObservedFile(PLACE, present=True, mode=mode, owner=owner), literal=True, user=user)
    assert (item.pointer if item else None) == pointer
    assert item is None or advice(item).endswith("then `mcpconf plan`")


@pytest.mark.parametrize(
    ("kind", "will", "words"),
    [
        ("drift_edit", "revert", "`mcpconf apply --target h/user/x` undoes it"),
        ("perm_drift", "nothing", "`chmod 600 h/user/x`, then `mcpconf plan`"),
        ("unmanaged", "nothing", "add it to the manifest, remove it, or `mcpconf accept h/user/x`"),
        ("unmanaged", "held", "`mcpconf plan --target h/user/x` says what is in the way"),
        ("shadowed", "held", "remove or rename the entry that wins, then `mcpconf plan`"),
        ("disabled_by_user", "nothing", "say `enabled: true` in the manifest to switch it on, then `mcpconf apply`"),
        ("drift_edit", "held", "`mcpconf plan --target h/user/x` says what is in the way"),
    ],
)
def test_what_to_do(kind, will, words):
    assert advice(drift(kind, "h/user/x", "m", will=will)) == words


def test_the_id_is_of_class_address_and_field_alone():
    one = drift("drift_edit", "h/user/x", "m", pointer="env", where="/f:1")
    assert one.id == drift("drift_edit", "h/user/x", "other", pointer="env", where="/f:2", severity="high").id
    others = [("floating", "h/user/x", "env"), ("drift_edit", "h/user/y", "env"), ("drift_edit", "h/user/x", "cwd")]
    assert one.id not in {drift(kind, address, "m", pointer=field).id for kind, address, field in others}
    assert (len(one.id), one.severity, one.will) == (16, "medium", "nothing")


def test_what_is_not_said_of_drift_is_nothing():
    item = drift("drift_edit", "h/user/x", "m")
    assert (item.pointer, item.severity, item.will, item.where, item.hint) == ("", "medium", "nothing", "", "")
    assert item.counted
    assert item.id == drift("drift_edit", "h/user/x", "n", severity="high", where="/f", pointer="").id
    others = drift("drift_edit", "h/user/x", "m", pointer="env"), drift("unmanaged", "h/user/x", "m")
    assert len({item.id, *(other.id for other in others)}) == 3
    assert (len(item.id), int(item.id, 16) > 0) == (16, True)


def test_each_difference_of_one_change_has_its_own_id():
    change = Change.model_construct(
        address=str(ADDRESS),
        file="/f",
        action="conflict",
        reason="both_changed",
        fields=[
            FieldChange.model_construct(name="url", reason="manifest_changed"),
            FieldChange.model_construct(name="env", reason="both_changed"),
            FieldChange.model_construct(name="cwd", reason="drifted"),
        ],
    )
    seen = found(Entry("stdio", env={"A": CLEAR, "B": CLEAR}))
    items = of_change(change, Entry("stdio", env={"A": OTHER}), seen)
    assert [(item.kind, item.pointer, item.will) for item in items] == [
        ("conflict", "env.A", "nothing"),
        ("conflict", "env.B", "nothing"),
        ("drift_edit", "cwd", "nothing"),
    ]
