"""What `mcp-remote` is told to pass on: said and read back word for word, and taken for a server only if nothing is lost."""

from __future__ import annotations

import pytest

from mcpconf.model.entry import OAuth, Reference, Value
from mcpconf.packages.bridge import Passed, read, starts_bridge, told

URL = Value.literal("https://a.example/mcp")
KEY = Value((Reference("env", "KEY"),))
HEADER = Value.literal("--header")


def words(*texts: str) -> tuple[Value, ...]:
    return tuple(map(Value.literal, texts))


@pytest.mark.parametrize(
    "passed",
    [
        Passed(URL),
        Passed(URL, {"X-Team": Value.literal("web")}),
        Passed(URL, {"Authorization": Value.of(("Bearer ", KEY.parts[0])), "X-Again": KEY}),
        Passed(URL, {}, OAuth(resource="https://a.example", scopes=("read", "write"))),
        Passed(URL, {}, None, "client"),
        Passed(URL, {"X-Team": Value.literal("a:b")}, OAuth(scopes=("read",)), "client", words("3334", "--debug")),
    ],
)
def test_what_a_bridge_is_told_is_read_back(passed: Passed) -> None:
    said = told(passed)
    assert said.losses == ()
    assert read(said.args, said.env) == (passed, {})


def test_no_secret_is_in_the_command_line_of_a_bridge() -> None:
    said = told(Passed(URL, {"Authorization": Value.of(("Bearer ", KEY.parts[0]))}))
    assert said.args[1:] == (HEADER, Value.literal("Authorization:Bearer ${KEY}"))
    assert said.env == {"KEY": KEY}


def test_variables_that_are_for_the_bridge_itself_stay_its_own() -> None:
    said = told(Passed(URL, {"X-Key": KEY}))
    assert read(said.args, {**said.env, "DEBUG": Value.literal("1")}) == (
        Passed(URL, {"X-Key": KEY}),
        {"DEBUG": Value.literal("1")},
    )


@pytest.mark.parametrize(
    ("args", "env"),
    [
        ((), {}),
        (words("--debug", "https://a.example/mcp"), {}),
        (words("https://a.example/mcp", "--header"), {}),
        (words("https://a.example/mcp", "--header", "no colon"), {}),
        (words("https://a.example/mcp", "--header", "X Team:web"), {}),
        (words("https://a.example/mcp", "--header", "X-Team:${KEY}"), {}),
        (words("https://a.example/mcp", "--header", "X-Team:${KEY}"), {"KEY": Value.literal("in clear")}),
        (words("https://a.example/mcp", "--header", "X-Team:a", "--header", "X-Team:b"), {}),
        (words("https://a.example/mcp", "--static-oauth-client-info", "{"), {}),
        (words("https://a.example/mcp", "--static-oauth-client-info", '["client_id"]'), {}),
        (words("https://a.example/mcp", "--static-oauth-client-info", '{"client_id": 7}'), {}),
        (words("https://a.example/mcp", "--static-oauth-client-info", '{"client_id": "a", "client_secret": "b"}'), {}),
        (words("https://a.example/mcp", "--static-oauth-client-metadata", "@file.json"), {}),
    ],
)
def test_what_would_not_be_said_the_same_way_stays_a_command(args: tuple[Value, ...], env: dict[str, Value]) -> None:
    assert read(args, env) is None


@pytest.mark.parametrize(
    ("header", "loss"),
    [
        ({"X Team": Value.literal("web")}, "it takes no header of the name `X Team`"),
        ({"X-Team": Value.literal("${KEY}")}, "it would replace a part of the text in `headers.X-Team`"),
        ({"X-Team": Value.literal(" web")}, "it takes the blanks away that `headers.X-Team` begins with"),
    ],
)
def test_what_a_bridge_has_no_words_for_is_told(header: dict[str, Value], loss: str) -> None:
    assert told(Passed(URL, header)).losses == (loss,)


def test_an_issuer_is_nothing_that_a_bridge_can_be_told() -> None:
    assert told(Passed(URL, {}, OAuth(issuer="https://login.example"))).losses == (
        "it has no `oauth.issuer` for a server",
    )


@pytest.mark.parametrize(
    "line", ["npx -y mcp-remote@0.1.38 https://a.example/mcp", "/opt/bin/mcp-remote https://a.example/mcp"]
)
def test_a_bridge_is_known_by_its_package_or_its_program(line: str) -> None:
    assert starts_bridge(line.split())


@pytest.mark.parametrize(
    "line",
    [
        "npx -y mcp-remote-too https://a.example/mcp",
        "npx -y @x/mcp-remote https://a.example/mcp",
        "uvx mcp-remote https://a.example/mcp",
        "cat mcp-remote",
        "",
    ],
)
def test_what_only_has_the_name_of_a_bridge_is_none(line: str) -> None:
    assert not starts_bridge(line.split())
