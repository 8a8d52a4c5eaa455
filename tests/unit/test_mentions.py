"""What texts of a server name: exact names of two words or more, wherever in an item they stand."""

from __future__ import annotations

import pytest

from mcpconf.surface.mentions import is_distinctive, mentions, names_of
from tests.surfaces import surface, tool


@pytest.mark.parametrize("name", ["create_payment", "createPayment", "mcp-server-time", "pay:send", "HTMLToText"])
def test_two_words_are_distinctive(name: str):
    assert is_distinctive(name)


@pytest.mark.parametrize("name", ["search", "READ", "git", ""])
def test_one_word_is_everybodys(name: str):
    assert not is_distinctive(name)


@pytest.mark.parametrize(
    "text",
    [
        "call create_payment first",
        "(create_payment)",
        "`pay.create_payment`",
        "mcp__pay__create_payment",
        "pay/create_payment.",
        "pay:create_payment",
    ],
)
def test_a_name_is_found_however_it_is_written(text: str):
    said = mentions(surface(tools={"fact": tool("Tells.", outputSchema={"enum": [text]})}))
    wanted = {*names_of("pay", surface(tools={"create_payment": tool()}))}
    assert wanted & said.keys()
    assert {said[name] for name in wanted & said.keys()} == {"/tools/fact"}


def test_a_word_of_its_own_is_no_name_of_another():
    own = surface(
        tools={"read_file": tool("Use read_file, not file_path.", inputSchema={"properties": {"file_path": {}}})}
    )
    assert mentions(own) == {}


def test_a_part_of_a_word_is_no_name():
    wanted = {*names_of("pay", surface(tools={"create_payment": tool()}))}
    assert not wanted & mentions(surface("recreate_payment, create_payments, XcreatePayment")).keys()
