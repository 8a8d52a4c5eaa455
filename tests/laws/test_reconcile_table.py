"""The table of reasons answers every question, and never in a way that destroys what is not ours."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from mcpconf.canonical import keyed
from mcpconf.hosts.dialect import encode
from mcpconf.model.address import Address
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import FIELDS_STATED, Entry, Value
from mcpconf.model.observed import Location, ObservedEntry, ObservedFile
from mcpconf.model.state import Applied
from mcpconf.packages import recognise_entry
from mcpconf.ports import Facts
from mcpconf.reconcile.table import decide, field_digests
from mcpconf.system.sources import bundled_rows

FACTS = Facts("linux", "/home/dev", "dev", "id")
ADDRESS = Address("codex", "user", "", "x")
PLACE = Location("codex", "user", "user", "", "/f", "toml", write=True)
OUTCOMES = {"nothing", "recorded", "create", "update", "delete", "conflict", "unmanaged", "gone"}


def digest(value: object) -> str:
    return keyed(b"key", value)


def _entry(package: str, args: list[str], env: dict[str, str], enabled: bool | None) -> Entry:  # noqa: FBT001
    return Entry(
        "stdio",
        command=Value.literal("npx"),
        args=tuple(Value.literal(word) for word in (package, *args)),
        env={name: Value.literal(text) for name, text in env.items()},
        enabled=enabled,
    )


ENTRIES = st.builds(
    _entry,
    st.sampled_from(["one@1", "one@2", "two@1"]),
    st.lists(st.sampled_from("ab"), max_size=1),
    st.dictionaries(st.just("E"), st.sampled_from("xy"), max_size=1),
    st.sampled_from([None, True, False]),
)


def _wanted(entry: Entry) -> DesiredEntry:
    encoded = encode(bundled_rows()["codex"], entry, FACTS, "user")
    stated = frozenset(name for name in FIELDS_STATED if getattr(entry, name) is not None)
    identity = recognise_entry(entry).identity
    return DesiredEntry(
        ADDRESS, "x", entry, encoded.value, identity, PLACE, ("mcp_servers", "x"), encoded.parts, (), stated
    )


def _found(entry: Entry) -> ObservedEntry:
    return ObservedEntry(ADDRESS, entry, {}, recognise_entry(entry).identity, ObservedFile(PLACE), ("mcp_servers", "x"))


def _applied(entry: Entry) -> Applied:
    wanted = _wanted(entry)
    return Applied(server="x", identity=wanted.identity, fields=field_digests(wanted, digest), file="/f")


WANTED, FOUND, APPLIED = (st.none() | ENTRIES.map(kind) for kind in (_wanted, _found, _applied))


@given(WANTED, FOUND, APPLIED)
def test_every_row_has_an_answer(wanted, found, applied):
    assume(wanted or found or applied)
    verdict = decide(wanted, found, applied, digest)
    assert verdict.outcome in OUTCOMES
    assert bool(verdict.fields) == (
        wanted is not None and found is not None and verdict.outcome in ("update", "conflict")
    )
    if verdict.outcome == "delete":
        assert wanted is None
        assert found.identity == applied.identity
    if verdict.outcome == "update":
        assert applied is not None
    if wanted is None:
        assert verdict.outcome in ("delete", "unmanaged", "gone")
        assert (verdict.outcome == "gone") == (found is None)
    elif found is None:
        assert verdict.outcome == "create"
        assert (verdict.reason == "new") == (applied is None)
    else:
        assert verdict.outcome not in ("create", "delete", "gone", "unmanaged")


@given(ENTRIES, FOUND)
def test_what_was_written_last_is_no_conflict(entry, found):
    """Where nobody but us has changed anything, or only somebody else has, there is nothing to settle."""
    assume(found is not None)
    drifted = decide(_wanted(entry), found, _applied(entry), digest)
    assert drifted.outcome in ("nothing", "update")
    assert drifted.reason in ("", "drifted")


@given(ENTRIES, ENTRIES)
def test_a_changed_manifest_updates_what_is_as_we_left_it(before, after):
    verdict = decide(_wanted(after), _found(before), _applied(before), digest)
    assert verdict.outcome in ("nothing", "recorded", "update")
    assert verdict.reason in ("", "manifest_changed")


@given(ENTRIES, ENTRIES)
def test_without_a_memory_nothing_is_overwritten_or_deleted(wanted, found):
    verdict = decide(_wanted(wanted), _found(found), None, digest)
    assert verdict.outcome in ("recorded", "conflict")
    if verdict.outcome == "conflict":
        same = recognise_entry(wanted).identity == recognise_entry(found).identity
        assert verdict.reason == ("not_ours" if same else "name_taken")
    assert decide(None, _found(found), None, digest).outcome == "unmanaged"


@given(ENTRIES, ENTRIES, ENTRIES)
def test_a_conflict_names_who_changed_what(wanted, found, applied):
    verdict = decide(_wanted(wanted), _found(found), _applied(applied), digest)
    for name, reason in verdict.fields:
        assert name in ("launch", "env", "enabled")
        assert reason in ("manifest_changed", "drifted", "both_changed")
    if verdict.outcome == "conflict":
        assert "both_changed" in {reason for _, reason in verdict.fields}
