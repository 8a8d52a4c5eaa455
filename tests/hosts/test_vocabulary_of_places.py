"""Words of a row for where servers lie, and how what stands there is referred to."""

import pytest

from mcpconf.hosts.dialect import cannot_say, decode, furnished
from mcpconf.hosts.grants import grants
from mcpconf.hosts.names import normalised
from mcpconf.hosts.places import Disk, destination, present
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.servers import entries
from mcpconf.model.base import Element
from mcpconf.model.entry import OAuth, Value, field_value
from mcpconf.model.observed import ObservedFile
from tests.hosts.test_vocabulary import FILE, LIFTED, LINUX, WINDOWS, local, remote, row, written


@pytest.mark.parametrize(
    ("raw", "is_server"),
    [
        ({"source": "extension", "command": "x"}, False),
        ({"source": "custom", "command": "x"}, True),
        ({"source": ["extension"], "command": "x"}, True),
        ({"settings": {}}, False),
        ({"settings": {}, "command": "x"}, True),
        ([], True),
    ],
)
def test_what_is_no_server_is_told_apart(raw, is_server):
    found = entries(LIFTED, LINUX, FILE, {"servers": {"a": raw}})
    assert (len(found.found), len(found.others)) == (is_server, not is_server)


LISTED = row(
    'words = { stdio = [], http = [] }\nfixed = { name = "{server}", on = true }\nskip = { uses = [] }',
    place='["servers", "[name={server}]"]',
)


PLACES = load_row(
    """
id = "example"
title = "Example"
docs = "https://example.org"
checked = "2026-11-26"
present = ["{home}/Apps/Example_{edition}", "{home}/.example"]
place = [{ file = ["app", "strong", "plain"], at = ["servers", "{server}"] }]
[file]
app = { path = "{home}/Apps/Example_{edition}/mcp.json", exclusive = true }
strong = { path = "{home}/.example/strong.json", create = false }
plain = { path = "{home}/.example/plain.json" }
[entry]
words = { stdio = [] }
""",
    "row.toml",
)


@pytest.mark.parametrize(
    ("there", "names", "chosen"),
    [
        ([], [], "/home/dev/.example/plain.json"),
        (["strong"], [], "/home/dev/.example/strong.json"),
        (["strong", "plain"], ["Other", "Example_7"], "/home/dev/Apps/Example_7/mcp.json"),
        (["plain"], ["example_7"], "/home/dev/.example/plain.json"),
    ],
)
def test_new_servers_go_where_the_host_looks_for_them(there, names, chosen):
    paths = {f"/home/dev/.example/{name}.json" for name in there}
    disk = Disk(paths.__contains__, lambda folder: names if folder == "/home/dev/Apps" else ())
    target = destination(PLACES, LINUX, "user", "", disk)
    assert target is not None
    assert target.location.path == chosen


def test_a_host_is_present_where_its_folder_has_a_name_that_fits():
    assert present(PLACES, LINUX, lambda _folder: ("Example_7", "Other")) == (
        "/home/dev/Apps/Example_7",
        "/home/dev/.example",
    )
    assert present(PLACES, WINDOWS, lambda _folder: ("EXAMPLE_7",))[0] == "C:/Users/dev/Apps/EXAMPLE_7"
    assert present(PLACES, LINUX) == ("/home/dev/.example",)


def test_servers_may_be_elements_of_a_list():
    found = entries(LISTED, LINUX, FILE, {"servers": [{"name": "a", "command": "x"}, {"uses": "b"}, {"name": "c"}]})
    assert [(server.address.server, server.key_path) for server in found.found] == [
        ("a", ("servers", Element("a", "name"))),
        ("c", ("servers", Element("c", "name"))),
    ]
    assert (found.containers, found.problems) == ((("servers",),), ())
    target = destination(LISTED, LINUX, "user", "", Disk(lambda _path: True, lambda _folder: ()))
    assert target is not None
    assert target.key_path("new") == ("servers", Element("new", "name"))
    assert decode(LISTED, {"name": "a", "command": "x"}).foreign == ()


@pytest.mark.parametrize(
    ("servers", "message"),
    [
        ([{"name": "a"}, {"name": "a"}], "a second server is named `a` here"),
        ([{"command": "x"}], "a server without a name is here"),
        ([{"name": ""}], "a server without a name is here"),
        ([7], "a server without a name is here"),
        ({"a": {}}, "a list is expected here"),
    ],
)
def test_a_list_in_which_servers_cannot_be_told_apart_is_not_judged(servers, message):
    (problem,) = entries(LISTED, LINUX, FILE, {"servers": servers}).problems
    assert problem.message == message


def test_a_new_entry_gets_the_constants_of_the_host():
    value = furnished(LISTED, written(LISTED, local("x")), "files")
    assert value == {"name": "files", "on": True, "command": "x"}
    assert furnished(LISTED, {"on": False}, "files")["on"] is False


DOLLARS = '[refs]\nenv = "${NAME}"\ndefault = "${NAME:-DEFAULT}"\nalso = ["$NAME", "%NAME%"]'


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("$A", "${env:A}"),
        ("${A}-$B", "${env:A}-${env:B}"),
        ("%A%$B.c", "${env:A}${env:B}.c"),
        ("${A:-x}", "${env:A:-x}"),
        ("${A:-x", "$${A:-x"),
        ("$1 $ %A", "$$1 $$ %A"),
    ],
)
def test_several_spellings_of_a_variable_are_read(text, meaning):
    host = row("words = { stdio = [] }\n" + DOLLARS)
    assert str(decode(host, {"command": "x", "args": [text]}).entry.args[0]) == meaning


def test_a_spelling_that_is_only_read_cannot_be_meant_as_text():
    host = row("words = { stdio = [] }\n" + DOLLARS)
    assert written(host, local("x", "${env:A}"))["args"] == ["${A}"]
    assert cannot_say(host, local("x", "$$A"), LINUX, "user") == ("it would replace a part of the text in `args`",)


FIELDS = row(
    'words = { stdio = [], http = [] }\nenv_names = "names"\n[refs]\nenv = "$NAME"\nfields = "headers"\nlisted = true'
)


def test_text_is_plain_where_the_host_replaces_nothing():
    assert written(FIELDS, local("x", "$$A"))["args"] == ["$A"]
    assert cannot_say(FIELDS, local("x", "${env:A}"), LINUX, "user") == ("it has no form for `${env:A}` in `args`",)


def test_a_name_in_a_header_is_listed_beside_it():
    entry = remote(headers={"A": Value.parse("Bearer ${secret:T}"), "B": Value.parse("$$C")})
    assert cannot_say(FIELDS, entry, LINUX, "user") == ("it would replace a part of the text in `headers.B`",)
    entry = remote(headers={"A": Value.parse("Bearer ${secret:T}")})
    value = written(FIELDS, entry)
    assert value == {"url": "https://x.example/mcp", "names": ["T"], "headers": {"A": "Bearer $T"}}
    back = decode(FIELDS, {**value, "names": ["T", "OTHER"]}).entry
    assert (field_value(back, "env"), field_value(back, "headers")) == (
        {"OTHER": "${env:OTHER}"},
        {"A": "Bearer ${env:T}"},
    )
    unlisted = decode(FIELDS, {**value, "names": []}).entry
    assert field_value(unlisted, "headers") == {"A": "Bearer $$T"}


OAUTH = row(
    """words = { stdio = [], http = [] }
[entry.oauth]
scopes = ["oauth", "scope"]
issuer = ["oauth", "issuer"]
spaced = true
more = "oauth"
[refs]
env = "${NAME}"
fields = ["args", "oauth"]"""
)


def test_an_authorization_is_spelled_in_the_hosts_words():
    entry = remote(oauth=OAuth(issuer="https://i.example", scopes=("a", "b")))
    value = written(OAUTH, entry)
    assert value["oauth"] == {"issuer": "https://i.example", "scope": "a b"}
    found = decode(OAUTH, {**value, "oauth": {**value["oauth"], "clientSecret": "s"}})
    assert found.entry == entry
    assert found.entry.oauth is not None
    assert (found.entry.oauth.more, found.foreign) == ({"clientSecret": "s"}, ())


@pytest.mark.parametrize(
    ("oauth", "reason"),
    [
        (OAuth(resource="https://r.example"), "it has no `oauth.resource` for a server"),
        (OAuth(scopes=("a b",)), "`oauth` reads back as something else"),
        (OAuth(issuer="https://${A}"), "it would replace a part of the text in `oauth.issuer`"),
        (OAuth(scopes=("${A}",)), "it would replace a part of the text in `oauth.scopes`"),
    ],
)
def test_parts_of_an_authorization_that_a_host_cannot_say_are_named(oauth, reason):
    assert cannot_say(OAUTH, remote(oauth=oauth), LINUX, "user") == (reason,)


@pytest.mark.parametrize("oauth", [False, {}, {"scope": 5, "issuer": []}, None])
def test_an_authorization_of_another_shape_says_nothing(oauth):
    found = decode(OAUTH, {"url": "https://x", "oauth": oauth})
    assert (field_value(found.entry, "oauth"), found.problem) == (None, None)
    strict = load_row(str(STRICT), "row.toml")
    for key in ("scope", "issuer"):
        assert decode(strict, {"url": "https://x", "oauth": {key: 5}}).problem is not None


STRICT = """
id = "example"
title = "Example"
docs = "https://example.org"
checked = "2026-11-26"
present = ["{home}/.example"]
place = [{ file = "user", at = ["servers", "{server}"] }]
file.user.path = "{home}/.example"
[entry]
words = { stdio = [], http = [] }
strict = true
oauth = { scopes = ["oauth", "scope"], issuer = ["oauth", "issuer"] }
"""


UNMARKED = row(
    "words = { stdio = [] }",
    more="""
[names]
drop = '\\s'
keep = "a-zA-Z0-9_"
lower = true
[[rule]]
effect = { allow = "auto" }
in = "user"
at = ["permission", "{server}_{tool}"]
glob = ["server", "tool"]
marked = false
""",
)


def test_names_take_the_form_that_rules_know():
    assert normalised(UNMARKED, "My Other-Tool") == "myother_tool"


def test_text_that_does_not_show_a_server_counts_for_known_ones_only():
    value = {"permission": {"git_hub_push": "allow", "external_directory": "allow", "git_pull": "ask", "*_x": "allow"}}
    found = grants(UNMARKED, LINUX, ObservedFile(FILE, present=True), value, ["git", "git-hub"])
    assert [(grant.server, grant.tool, grant.readings) for grant in found] == [
        ("git", "hub_push", ("git-hub",)),
        ("", "x", ()),
    ]
