"""For every host: what it can say reads back as it was meant, and what it cannot say is named."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.formats.path import after_put
from mcpconf.hosts.dialect import cannot_say, decode, encode
from mcpconf.hosts.rows import load_row
from mcpconf.model.entry import FIELDS_OWNED, FIELDS_STATED, Entry, OAuth, Reference, Value, field_value
from mcpconf.ports import Facts

DATA = Path(__file__).parents[2] / "mcpconf" / "hosts" / "data"
ROWS = {row.id: row for row in (load_row(path.read_text(), path.name) for path in sorted(DATA.glob("*.toml")))}
FACTS = [Facts("linux", "/home/dev", "dev", "1"), Facts("windows", "C:/Users/dev", "dev", "1")]
FIELDS = (*FIELDS_OWNED, *FIELDS_STATED)

names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,5}", fullmatch=True)
texts = st.text(st.sampled_from("ab ${}:-_/\\é\n\"'%"), max_size=8) | st.sampled_from(
    ["npx", "cmd", "/c", "${HOME}", "${", "}", "$$", "Bearer ", "${workspaceFolder}", "${input:x}", "${env:A}"]
)
references = (
    st.builds(Reference, st.sampled_from(["env", "secret"]), names)
    | st.builds(Reference, st.just("env"), names, texts)
    | st.sampled_from([Reference("home"), Reference("workspace")])
)
values = st.lists(texts | references, max_size=3).map(Value.of)
maps = st.dictionaries(names | st.sampled_from(["Authorization", "authorization"]), values, max_size=3)
bearers = names.map(lambda name: {"Authorization": Value.of(("Bearer ", Reference("secret", name)))})
own_names = names.map(lambda name: {name: Value.of((Reference("secret", name),))})
stated = {
    "enabled": st.none() | st.booleans(),
    "timeout": st.none() | st.integers(0, 10**6),
    "oauth": st.none()
    | st.builds(
        OAuth,
        st.none() | st.just("https://a.example"),
        st.none() | st.just("https://b.example"),
        st.lists(st.sampled_from(["repo", "read:org", "a b", "${A}"]), max_size=2).map(tuple),
    ),
    "client_id": st.none() | st.sampled_from(["editors", "${A}"]),
}
local = st.builds(
    Entry,
    st.just("stdio"),
    values.filter(lambda value: bool(value.parts)),
    st.lists(values, max_size=3).map(tuple),
    maps | own_names,
    st.none() | values.filter(lambda value: bool(value.parts)),
    **stated,
)
remote = st.builds(
    Entry,
    st.sampled_from(["http", "sse"]),
    url=values.filter(lambda value: bool(value.parts)),
    headers=maps | bearers,
    **stated,
)


def places():
    return st.tuples(
        st.sampled_from(sorted(ROWS)), st.sampled_from(FACTS), st.sampled_from([("user", ""), ("project", "~/app")])
    )


@settings(max_examples=300, deadline=None)
@given(places(), local | remote)
def test_what_can_be_said_reads_back_and_stays_the_same(place, entry):
    host, facts, (scope, project) = place
    row = ROWS[host]
    encoded = encode(row, entry, facts, scope, project)
    if cannot_say(row, entry, facts, scope, project):
        return
    first = decode(row, encoded.value)
    assert first.problem is None
    assert first.foreign == ()
    again = encode(row, first.entry, facts, scope, project)
    assert again.value == encoded.value
    assert cannot_say(row, first.entry, facts, scope, project) == ()
    assert {f: field_value(decode(row, again.value).entry, f) for f in FIELDS} == {
        f: field_value(first.entry, f) for f in FIELDS
    }


@settings(max_examples=200, deadline=None)
@given(places(), local | remote)
def test_no_secret_is_lost_without_a_word(place, entry):
    host, facts, (scope, project) = place
    row = ROWS[host]
    if cannot_say(row, entry, facts, scope, project):
        return
    back = decode(row, encode(row, entry, facts, scope, project).value).entry
    wanted = sorted(reference.name for reference in _references(entry) if reference.kind in ("env", "secret"))
    assert sorted(reference.name for reference in _references(back) if reference.kind in ("env", "secret")) == wanted


@settings(max_examples=200, deadline=None)
@given(places(), local | remote, local | remote)
def test_the_parts_of_one_entry_turn_any_other_into_it(place, entry, before):
    host, facts, (scope, project) = place
    row = ROWS[host]
    for item in (entry, before):
        if cannot_say(row, item, facts, scope, project):
            return
    encoded = encode(row, entry, facts, scope, project)
    value = {**encode(row, before, facts, scope, project).value, "theirs": [1]}
    for edits in encoded.parts.values():
        for edit in edits:
            value = after_put(value, edit.at, edit.value)
    assert without_empty_maps(value) == without_empty_maps({**encoded.value, "theirs": [1]})


@settings(max_examples=200, deadline=None)
@given(places(), local | remote, local | remote)
def test_only_the_fields_that_differ_need_to_be_written(place, entry, before):
    host, facts, (scope, project) = place
    row = ROWS[host]
    for item in (entry, before):
        if cannot_say(row, item, facts, scope, project):
            return
    value = encode(row, before, facts, scope, project).value
    wanted, found = (decode(row, encode(row, item, facts, scope, project).value).entry for item in (entry, before))
    for name, edits in encode(row, entry, facts, scope, project).parts.items():
        if field_value(wanted, name) != field_value(found, name):
            for edit in edits:
                value = after_put(value, edit.at, edit.value)
    assert decode(row, value).entry == wanted


def without_empty_maps(value):
    return {key: item for key, item in value.items() if item != {}}


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
KEYS = ["type", "command", "args", "env", "env_vars", "url", "headers", "http_headers", "env_http_headers", "cwd"]
KEYS += ["bearer_token_env_var", "enabled", "timeout", "tool_timeout_sec", "oauth", "disabled"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(ROWS)), st.dictionaries(st.sampled_from(KEYS), hostile, max_size=5) | hostile)
def test_any_value_decodes(host, raw):
    decoded = decode(ROWS[host], raw)
    if decoded.problem is not None:
        assert decoded.entry.transport == "unknown"
    for field in FIELDS:
        field_value(decoded.entry, field)


@pytest.mark.parametrize("host", sorted(ROWS))
@pytest.mark.parametrize("bomb", ["${" * 200_000, "${A:-" * 100_000, "${A" * 100_000 + "}", "$" * 500_000])
def test_reading_references_takes_time_in_proportion_to_the_text(host, bomb):
    row = ROWS[host]
    value = encode(row, Entry("stdio", Value.literal("x"), (Value.literal("y"),)), FACTS[0], "user").value
    value[row.dialect.args or row.dialect.command][-1] = bomb
    assert decode(row, value).entry.args


def _references(entry):
    found = [*entry.argv, *entry.env.values(), entry.url, *entry.headers.values()]
    return [reference for value in (*found, *([entry.cwd] if entry.cwd else [])) for reference in value.references]
