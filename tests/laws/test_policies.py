"""Policies let in what is approved and nothing else, or say so; and whatever breaks one is refused before a vendor drops it."""

from __future__ import annotations

import copy
import json

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcpconf.formats import FORMATS
from mcpconf.hosts.policies import POLICIES, Approved, Launched, UnsafePolicyError
from mcpconf.hosts.policies.base import Wanted, launched
from mcpconf.hosts.policies.judging import judge
from mcpconf.reconcile.managed import written
from mcpconf.system.sources import bundled_rows
from tests.laws.policy_vendors import VENDORS

POLICY_ROWS = {f"{row.id} {policy.id}": (row, policy) for row in bundled_rows().values() for policy in row.policies}
PLACES = st.sampled_from(sorted(POLICY_ROWS))
NAMES = st.text("abc-", min_size=1, max_size=4)
WORDS = st.sampled_from(["npx", "uvx", "-y", "pkg@1.0.0", "other@2", "/opt/x", "--flag", "a b", "ü", "*", "$X", ""])
PROGRAMS = st.sampled_from(["npx", "uvx", "/opt/x", "/opt/y", "node"])
URLS = st.sampled_from(
    [
        "https://a.example/mcp",
        "https://a.example/mcp/x",
        "https://a.example",
        "https://a.example/*",
        "http://a.example/mcp",
        "https://b.example/mcp?x=1",
        "https://b.example/${X}",
    ]
)
COMMANDS = st.builds(lambda program, words: (program, *words), PROGRAMS, st.lists(WORDS, max_size=3))
SERVERS = st.one_of(
    st.builds(lambda name, command: Launched(name, command, ""), NAMES, COMMANDS),
    st.builds(lambda name, url: Launched(name, (), url), NAMES, URLS),
)


def _raw(row, server: Launched):
    """As the host's row spells it."""
    dialect = row.dialect
    if server.url:
        return {dialect.url["http"]: server.url}
    program, *words = server.command
    return {dialect.command: program, dialect.args: words} if dialect.args else {dialect.command: [program, *words]}


def _wanted(row, policy, servers: list[Launched], denied: list[Launched]) -> Wanted:
    form = POLICIES[policy.format]
    approved, names = [], {}
    for server in servers:
        item = Approved(server, _raw(row, server))
        if form.refused(item) or names.setdefault(server.name, server).thing != server.thing:
            continue
        approved.append(item)
    things = {item.launched.thing for item in approved}
    return Wanted(row, policy, approved, [item for item in denied if item.thing not in things], "https://r.example")


def _document(wanted: Wanted):
    form = POLICIES[wanted.policy.format]
    text = written(wanted.policy, form.render(wanted))
    return FORMATS[wanted.policy.syntax].parse(text).value


@given(PLACES, st.lists(SERVERS, max_size=6))
@settings(max_examples=300, deadline=None)
def test_every_approved_server_starts(place, servers):
    wanted = _wanted(*POLICY_ROWS[place], servers, [])
    try:
        runs = POLICIES[wanted.policy.format].read(wanted, _document(wanted))
    except UnsafePolicyError:
        assert wanted.policy.format in ("named", "commands")
        assert not wanted.approved
        return
    for item in wanted.approved:
        started = runs(item.launched)
        assert started is not None
        assert started.thing == item.launched.thing


@given(PLACES, st.lists(SERVERS, max_size=5), st.lists(SERVERS, min_size=1, max_size=8))
@settings(max_examples=600, deadline=None)
def test_no_attack_finds_a_door_that_trying_out_did_not(place, servers, attacks):
    wanted = _wanted(*POLICY_ROWS[place], servers, [])
    try:
        runs = POLICIES[wanted.policy.format].read(wanted, _document(wanted))
    except UnsafePolicyError:
        return
    approved = [item.launched for item in wanted.approved]
    if judge(runs, approved, []).wider:
        return
    things = {server.thing for server in approved}
    for attack in [*attacks, *(attack._replace(name=server.name) for attack in attacks for server in approved)]:
        started = runs(attack)
        assert started is None or started.thing in things, (attack, started)


def _paths(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))


def _broken(document, path, kind: str, junk):
    """The document with one thing wrong."""
    document = copy.deepcopy(document)
    if not path:
        return document
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    if kind == "gone":
        del holder[path[-1]]
    elif kind == "other":
        holder[path[-1]] = junk
    elif kind == "more" and isinstance(holder[path[-1]], dict):
        holder[path[-1]]["serverName"] = junk
    elif kind == "renamed" and isinstance(holder, dict):
        holder[f"{path[-1]}s"] = holder.pop(path[-1])
    elif kind == "empty":
        holder[path[-1]] = type(holder[path[-1]])() if isinstance(holder[path[-1]], (list, dict, str)) else junk
    return document


JUNK = st.sampled_from(
    [None, True, False, 0, "", "*", [], {}, ["*"], [{}], {"serverName": "x"}, "https://*", "none", "all"]
)


@given(
    st.sampled_from(sorted(name for name, (_, policy) in POLICY_ROWS.items() if policy.format in VENDORS)),
    st.lists(SERVERS, min_size=1, max_size=4),
    st.tuples(st.sampled_from(["gone", "other", "more", "renamed", "empty"]), JUNK),
    SERVERS,
    st.data(),
)
@settings(max_examples=1500, deadline=None)
def test_what_a_vendor_reads_wider_is_refused(place, servers, flaw, attack, data):
    """One thing in the file is broken: if its vendor then lets in what it did not before, we do not pass the file."""
    wanted = _wanted(*POLICY_ROWS[place], servers, [Launched("", ("npx", "other@2"))])
    assume(wanted.approved)
    sound = _document(wanted)
    document = _broken(sound, data.draw(st.sampled_from(list(_paths(sound)))), *flaw)
    form, vendor = POLICIES[wanted.policy.format], VENDORS[wanted.policy.format]
    try:
        runs = form.read(wanted, document)
    except UnsafePolicyError:
        return
    ours = runs(attack)
    theirs = vendor(document, *attack)
    if isinstance(theirs, dict):
        theirs = launched(wanted.row, attack.name, theirs).thing
    elif isinstance(theirs, bool):
        theirs = attack.thing if theirs else None
    assert theirs is None or (ours is not None and ours.thing == theirs), f"{json.dumps(document)} lets in {attack}"


def test_vendors_agree_on_a_sound_policy():
    """The second opinion is no straw man: it lets the approved in."""
    approved = [Launched("docs", ("npx", "-y", "docs@1.0.0")), Launched("web", (), "https://a.example/mcp")]
    for row, policy in POLICY_ROWS.values():
        vendor = VENDORS.get(policy.format)
        if vendor is not None:
            document = _document(_wanted(row, policy, approved, []))
            assert all(vendor(document, *server) for server in approved)
            made_up = vendor(document, "x", ("made-up",), "")
            assert not made_up
