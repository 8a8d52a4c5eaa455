"""Which edits turn an entry into the wanted one, where the way there is not clear."""

from mcpconf.model.address import Address
from mcpconf.model.base import ABSENT
from mcpconf.model.desired import DesiredEntry, Edit
from mcpconf.model.entry import Entry, OAuth, Value
from mcpconf.model.observed import Location, ObservedEntry, ObservedFile
from mcpconf.reconcile.edits import edits

ADDRESS = Address("example", "user", "", "files")
FILE = Location("example", "user", "user", "", "/home/dev/.example", "json", write=True)
AT = ("servers", "files")
PARTS = {
    "launch": (Edit(("command",), "x"), Edit(("args",), ABSENT)),
    "env": (Edit(("env",), {"A": "b"}),),
    "headers": (Edit(("options", "headers"), ABSENT),),
    "oauth": (Edit(("oauth", "scope"), "a"), Edit(("oauth", "issuer"), "https://i.example")),
}


def needed(raw, fields, *, nested=(), transport="stdio"):
    wanted = Entry("stdio", Value(("x",)), oauth=OAuth(scopes=("a",)))
    desired = DesiredEntry(ADDRESS, "files", wanted, {"command": "x"}, "", FILE, AT, PARTS)
    observed = ObservedEntry(ADDRESS, Entry(transport), raw, "", ObservedFile(FILE), AT, nested=nested)
    return [
        ("/".join(map(str, edit.at[2:])), "absent" if edit.absent else edit.value)
        for edit in edits(desired, PARTS, observed, fields)
        if not edit.when_empty
    ]


def test_fields_in_one_old_nesting_are_written_together():
    raw = {"command": {"path": "y", "env": {"A": "b"}}}
    both = [("command", "x"), ("env", {"A": "b"})]
    assert needed(raw, ["launch"], nested=("launch", "env")) == both
    assert needed(raw, ["env"], nested=("launch", "env")) == both[::-1]
    assert needed(raw, ["oauth"], nested=("launch", "env"))[0] == ("oauth/scope", "a")


def test_what_is_no_map_makes_way_for_one():
    assert needed({"oauth": False}, ["oauth"]) == [
        ("oauth", {"scope": "a"}),
        ("oauth/issuer", "https://i.example"),
    ]


def test_nothing_is_removed_that_is_not_there():
    assert needed({"options": {"timeout": 1}}, ["headers"]) == []
    assert needed({"options": {"headers": {}}}, ["headers"]) == [("options/headers", "absent")]


def test_an_entry_that_cannot_be_read_loses_what_is_in_the_way_of_a_field_of_ours():
    found = needed({"options": "x", "oauth": False}, [], transport="unknown")
    assert ("options", "absent") in found
    assert needed([], ["launch"]) == [("", {"command": "x"})]
