"""Words for people, and what of a value may be shown."""

from __future__ import annotations

import pytest

from mcpconf.canonical import digest, keyed
from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.desired import Desired
from mcpconf.model.entry import Entry, OAuth, Value
from mcpconf.model.observed import Grant, Location, Observed, ObservedFile
from mcpconf.model.state import State
from mcpconf.reconcile.display import Display
from mcpconf.reconcile.places import place
from mcpconf.reconcile.situation import Choices, NoRules, Policy, Shadow, Situation
from mcpconf.reconcile.takeback import grant_words
from tests.pieces import KEY, situation

SECRET = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"
FILE = ObservedFile(Location("h", "f", "user", "", "/f", "json", write=True))


def grant(effect: str, server: str = "", tool: str = "") -> Grant:
    return Grant(GrantAddress("h", "user", "", "f", ("k",)), effect, server, tool, FILE, ("k",), True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (grant("approve"), "starts every server without asking"),
        (grant("approve", "x"), "starts x without asking"),
        (grant("trust"), "trusts the project"),
        (grant("token", "x"), "keeps a sign-in for x"),
        (grant("auto", "x", "t"), "runs tool `t` of x without asking"),
        (grant("some"), "runs every server without asking"),
    ],
)
def test_what_an_approval_does(given, words):
    assert grant_words(given) == words


def test_secrets_are_described_wherever_they_stand():
    entry = Entry(
        "http",
        url=Value.literal(f"https://example.org/?token={SECRET}"),
        cwd=Value.literal(f"/home/{SECRET}"),
        oauth=OAuth(issuer=f"https://example.org/{SECRET}", more={"clientSecret": SECRET}),
        headers={"A": Value.literal("known"), "B": Value.parse("${env:X}unknown")},
    )
    display = Display(frozenset({"known"}), b"k" * 32)
    shown = display.entry(entry)
    assert SECRET not in str(shown)
    assert shown["headers"]["A"] == "known"
    assert shown["headers"]["B"].startswith("${env:X}(literal, 7 characters, keyed:")
    assert display.holds_literal(entry)
    assert not display.holds_literal(Entry("http", headers={"A": Value.literal("known")}))
    assert Display(frozenset(), None).entry(Entry("http", cwd=Value.literal("/plain")))["cwd"] == "/plain"


def test_a_secret_in_a_command_line_is_described_and_the_rest_is_shown():
    entry = Entry("stdio", Value.literal("npx"), (Value.literal("-y"), Value.literal(f"--token={SECRET}")))
    first, second, last = Display(frozenset(), None).field(entry, "launch")
    assert (first, second) == ("npx", "-y")
    assert last.startswith("(literal, ")
    (alone, _) = Display(frozenset(), None).field(
        Entry("stdio", Value.literal(SECRET), (Value.literal("a"),)), "launch"
    )
    assert SECRET not in alone
    assert Display(frozenset(), None).field(Entry("stdio", args=(Value.literal(SECRET),)), "launch") != [SECRET]
    assert Display(frozenset(), None).field(Entry("http"), "launch") == []


def test_a_place_without_text_is_the_file():
    assert place(grant("auto")) == "/f"


def test_hosts_without_rules_read_each_entry_by_itself():
    rules, address = NoRules(), Address("h", "user", "", "x")
    assert rules.shadows([], frozenset()) == {}
    assert rules.left_over([], address) == ()
    assert rules.clashing([], None) == ()
    assert rules.rank(address, "f") == 0
    assert rules.runtime("h") == frozenset()
    assert rules.readers("/f", ("s",)) == ()
    assert rules.approvals(None) == ()
    assert rules.respelled(grant("auto"), "y", ()) is None
    assert rules.tool_edits(None, {}) == {}


def test_without_a_key_nothing_is_known_again():
    assert situation(key=None).seen_digest({"a": 1}) == ""
    assert situation(key=None).field_digest({"a": 1}) == digest({"a": 1})
    assert situation().seen_digest({"a": 1}) == situation().field_digest({"a": 1}) == keyed(KEY, {"a": 1})


def test_a_situation_of_which_nothing_was_said():
    bare = Situation(Desired(), Observed(), State())
    assert (bare.tracked("/f"), bare.passed_over("/f"), bare.past("2000-01-01")) == (False, None, False)
    assert (bare.home, bare.os, bare.purpose, bare.command, bare.key) == ("", "linux", "apply", ("apply",), None)
    policy = Policy()
    assert (policy.unmanaged, policy.not_ours, policy.both_changed) == ("warn", "fail", "fail")
    assert (policy.grants, policy.fail_on) == ("warn", "error")
    choices = Choices()
    assert (choices.targets, choices.excludes, choices.on_conflict, choices.revoking) == ((), (), None, None)
    assert not any((choices.allow_mass_removal, choices.move_secrets, choices.unpin))


@pytest.mark.parametrize(
    ("winner", "loser", "always"),
    [
        ("", "", True),
        ("", "~/a", True),
        ("~/a", "", False),
        ("~/a", "~/a", True),
        ("~/a", "~/a/b", True),
        ("~/a", "~/ab", False),
        ("~/a/b", "~/a", False),
        ("/", "/a", True),
        ("~/a/", "~/a", True),
    ],
)
def test_who_loses_everywhere(winner, loser, always):
    shadow = Shadow(Address("h", "local", winner, "x"), "/f")
    assert shadow.always(Address("h", "project" if loser else "user", loser, "x")) is always
