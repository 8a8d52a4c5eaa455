"""From answers to a surface: both eras, pages, what is left out, what moves, what cannot be locked."""

from __future__ import annotations

import json

import pytest

from mcpconf.documents.store import render_document
from mcpconf.model.surface_wish import SurfaceWish
from mcpconf.surface.snapshot import Asking
from mcpconf.surface.templating import untemplated
from tests.shown import answer, new_era, old_era, refused, surface, tool, tools


def test_all_that_a_server_says_is_kept_whatever_it_is():
    found = surface(
        old_era(
            tools(tool(zzz={"a": [1, None]}, _meta={"ui": "x"}, outputSchema={"const": None})),
            answer(
                "prompts/list", {"prompts": [{"name": "review", "arguments": [{"name": "diff", "required": None}]}]}
            ),
            answer("resources/templates/list", {"resourceTemplates": [{"uriTemplate": "file:///{path}", "name": "f"}]}),
            instructions="Call search first.",
            capabilities={"tools": {"listChanged": None}, "extensions": {"x/y": {"z": None}}},
            another=1,
        )
    )
    assert found.tools["search"].value["zzz"] == {"a": [1, None]}
    assert found.tools["search"].value["outputSchema"] == {"const": None}
    assert found.prompts["review"].value["arguments"] == [{"name": "diff"}]
    assert found.templates["file:///{path}"].value["name"] == "f"
    assert found.instructions is not None
    assert found.instructions.value == "Call search first."
    assert found.capabilities is not None
    assert found.capabilities.value == {"tools": {}, "extensions": {"x/y": {"z": None}}}
    assert found.about == {"another": 1, "serverInfo": {"name": "toy", "version": "1"}}


def test_both_eras_give_the_same_items():
    old, new = surface(old_era(tools(tool()))), surface(new_era(tools(tool())))
    assert old.digest == new.digest
    assert (old.context.era, new.context.era) == ("initialize", "discover")
    assert new.about == {"serverInfo": {"name": "toy", "version": "1"}, "supportedVersions": ["2026-07-28"]}


def test_pages_order_and_spelling_change_nothing():
    one = surface(old_era(tools(tool("a", title=None, annotations={"title": None}), tool("b", x=1.0))))
    two = surface(
        old_era(
            answer("tools/list", {"tools": [tool("b", x=1)], "nextCursor": "", "_meta": {"now": 1}, "ttlMs": 5}),
            answer(
                "tools/list", b'{"tools": [{"inputSchema": {"type": "object"}, "annotations": {}, "name": "\\u0061"}]}'
            ),
        )
    )
    assert one == two
    assert render_document(one.model_dump()) == render_document(two.model_dump())


def test_null_in_a_schema_is_a_value():
    one = surface(old_era(tools(tool(inputSchema={"default": None, "title": None}))))
    assert one.tools["search"].value["inputSchema"] == {"default": None, "title": None}


def test_no_form_of_text_is_taken_for_another():
    assert surface(old_era(tools(tool(title="\u00e9")))).digest != surface(old_era(tools(tool(title="e\u0301")))).digest
    assert surface(old_era(tools(tool(title="a")))).digest != surface(old_era(tools(tool(title="a ")))).digest


def test_great_whole_numbers_are_kept_to_the_digit():
    text = b'{"tools": [{"name": "a", "inputSchema": {"maximum": 9007199254740993, "minimum": -9007199254740991}}]}'
    found = surface(old_era(answer("tools/list", text)))
    assert found.tools["a"].value["inputSchema"]["maximum"] == {"$mcpconf:int": "9007199254740993"}
    assert found.tools["a"].value["inputSchema"]["minimum"] == -9007199254740991
    other = surface(old_era(answer("tools/list", text.replace(b"993", b"992"))))
    assert other.digest != found.digest


def test_resources_are_kept_only_if_the_manifest_asks_for_it():
    listed = [
        {"uri": "file:///a", "name": "a", "size": 3, "annotations": {"lastModified": "2026-01-01", "priority": 1}}
    ]
    answers = answer("resources/list", {"resources": [*listed, {"uri": "NOTE:x", "name": "x"}]})
    assert surface(old_era(answers)).resources == {}
    assert surface(old_era(answers)).schemes == ["file", "note"]
    kept = surface(old_era(answers), wish=SurfaceWish(resources=True))
    assert kept.resources["file:///a"].value == {"uri": "file:///a", "name": "a", "annotations": {"priority": 1}}
    assert surface(old_era()).digest != surface(old_era(answers)).digest != kept.digest


def test_what_only_an_able_client_sees_is_gated():
    bare = old_era(tools(tool("a"), tool("b")), instructions="one")
    able = old_era(tools(tool("a"), tool("b", title="x"), tool("sample")), instructions="two", client="able")
    found = surface(able, bare)
    assert [*found.tools] == ["a", "b"]
    assert [*found.gated.tools] == ["b", "sample"]
    assert found.gated.instructions is not None
    assert found.gated.instructions.value == "two"
    assert {"tool/b", "gated/tool/b", "gated/tool/sample", "instructions"} < found.named().keys()
    assert surface(bare).digest != found.digest


def test_the_context_tells_how_it_was_asked():
    found = surface(old_era(), asking=Asking("http", ("--root", "${workspace}"), ("B", "A"), "Authorization"))
    assert found.context.model_dump() == {
        "era": "initialize",
        "protocol": "2025-11-25",
        "transport": "http",
        "arguments": ["--root", "${workspace}"],
        "variables": ["A", "B"],
        "identity": "Authorization",
    }


def test_places_of_the_machine_have_a_word():
    asking = Asking("stdio", places={"/tmp/x": "${workspace}", "/tmp/x/home": "${home}"})
    found = surface(old_era(tools(tool(description="in /tmp/x/home, not /tmp/x"))), asking=asking)
    assert found.tools["search"].value["description"] == "in ${home}, not ${workspace}"


ZONE = "/tools/search/inputSchema/properties/zone~1id/description"


def _zoned(zone: str, rest: str = "if none is given"):
    schema = {"properties": {"zone/id": {"description": f"Uses '{zone}' {rest}."}}}
    return old_era(tools(tool(inputSchema=schema)))


def test_a_templated_text_may_move_where_its_pattern_fits_and_nowhere_else():
    wish = SurfaceWish(templated={ZONE: "'[A-Za-z_/]+'"})
    one, two = surface(_zoned("Asia/Tokyo"), wish=wish), surface(_zoned("UTC"), wish=wish)
    assert one == two
    assert "Uses ${templated} if none" in one.model_dump_json()
    assert [*untemplated(one, wish.templated)] == []
    assert surface(_zoned("UTC", "always"), wish=wish).digest != one.digest
    assert surface(_zoned("U T C"), wish=wish).digest != one.digest


def test_what_is_templated_and_moves_nothing_is_told():
    wish = SurfaceWish(templated={ZONE: "Mars", "/tools/none/description": "x", "/tools/search/inputSchema": "x"})
    found = surface(_zoned("UTC"), wish=wish)
    assert dict(untemplated(found, wish.templated)) == {
        ZONE: "does not fit the text there",
        "/tools/none/description": "leads to nothing",
        "/tools/search/inputSchema": "leads to something else than text",
    }


DEEP = b"[" * 70 + b"]" * 70


@pytest.mark.parametrize(
    ("result", "pointer", "reason"),
    [
        (b'{"tools": [{"name": "a", "x": 1, "x": 1}]}', "/tools/0", "has the key `x` twice"),
        (b'{"tools": [{"name": "a", "x": {"y": 1, "y": 2}}]}', "/tools/a/x", "has the key `y` twice"),
        (b'{"tools": [], "tools": []}', "/tools/list", "has the key `tools` twice"),
        (b'{"tools": [{"name": "a", "x": NaN}]}', "/tools/a/x", "is NaN, which is no number of JSON"),
        (b'{"tools": [{"name": "a", "x": -Infinity}]}', "/tools/a/x", "is -Infinity, which is no number of JSON"),
        (b'{"tools": [{"name": "a", "x": 1e999}]}', "/tools/a/x", "is a number that is too great for any reader"),
        (b'{"tools": [{"name": "a", "x": "\\ud800"}]}', "/tools/a/x", "has half a character in it"),
        (b'{"tools": [{"name": "a", "\\udfff": 1}]}', "/tools/a", "has half a character in it"),
        (b'{"tools": [{"name": "a", "x": {"$mcpconf:int": "1"}}]}', "/tools/a/x", "has the key `$mcpconf:int`, which stands for something else here"),
        (b'{"tools": [{"name": "a", "x": ' + DEEP + b"}]}", "/tools/a/x" + "/0" * 63, "is nested deeper than 64 levels"),
        (b"[" * 100_000, "/tools/list", "is nested deeper than 64 levels"),
        (b'{"tools": [{"title": "a"}]}', "/tools/0", "has no `name`"),
        (b'{"tools": [{"name": 5}]}', "/tools/0", "has no `name`"),
        (b'{"tools": [7]}', "/tools/0", "has no `name`"),
        (b'{"tools": [{"name": "a"}, {"name": "a"}]}', "/tools/a", "is there twice: a second time at 1"),
        (b'{"tools": {"a": {}}}', "/tools", "is no list"),
        (b"[]", "/tools/list", "is no map"),
        (b"\xff", "/tools/list", "is no UTF-8 text"),
        (b"{", "/tools/list", "is no JSON: Expecting property name enclosed in double quotes at character 1"),
        (json.dumps({"tools": [{"name": "a", "x": "x" * 262_144}]}).encode(), "/tools/a", "is longer than 256 KiB"),
        (json.dumps({"tools": [{"name": str(i)} for i in range(5_001)]}).encode(), "/tools", "has more than 5,000 items"),
    ],
    ids=range(21),
)  # fmt: skip
def test_what_cannot_be_locked(result: bytes, pointer: str, reason: str):
    found = refused(old_era(answer("tools/list", result)))
    assert [(item.pointer, item.reason) for item in found] == [(pointer, reason)]


def test_a_whole_number_of_a_million_digits_costs_nothing():
    found = surface(old_era(answer("tools/list", b'{"tools": [{"name": "a", "x": ' + b"9" * 200_000 + b"}]}")))
    assert len(found.tools["a"].value["x"]["$mcpconf:int"]) == 200_000


def test_a_server_that_never_said_hello_has_no_surface():
    spoken = old_era(tools(tool()))
    silent = type(spoken)(spoken.client, spoken.era, spoken.protocol, spoken.answers[1:])
    assert [item.reason for item in refused(silent)] == ["has no answer to `initialize`"]
    assert [item.reason for item in refused()] == ["was not answered to a client that offers nothing"]
    assert [item.pointer for item in refused(old_era(instructions=5))] == ["/instructions"]
    assert [item.pointer for item in refused(old_era(capabilities=[]))] == ["/capabilities"]
