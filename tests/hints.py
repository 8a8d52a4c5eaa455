"""Commands in texts, read by the real command line: a hint that names a wrong option must fail a test."""

from __future__ import annotations

import re
import shlex

import typer

from mcpconf.cli.app import app
from mcpconf.model.schemas import NAMED
from mcpconf.report.explain import FAMILIES

_COMMAND = re.compile(r"`mcpconf ([^`]*)`")


def commands(text: str) -> list[list[str]]:
    """The words of every command in backticks. Raises TyperException for one that mcpconf would refuse to read."""
    found = [shlex.split(match) for match in _COMMAND.findall(text)]
    group = typer.main.get_command(app)
    for words in found:
        context = group.make_context("mcpconf", list(words))
        name, command, rest = group.resolve_command(context, list(words))
        command.make_context(name, rest, parent=context)
    return found


def check_plan(plan: dict) -> None:
    """Everything that a plan finds tells what to do, with a command; and every word in it can be explained."""
    told = [(item["rule"], item["hint"]) for item in plan["findings"]]
    told += [(f"drift {item['kind']}", item["hint"]) for item in plan["drift"]]
    told += [(f"not checked: {item['where']}", item["hint"]) for item in plan["unknowns"]]
    told += [(f"residue {item['address']}", item["instruction"]) for item in plan["residue"]]
    for change in plan["changes"]:
        hold = change["hold"]
        if hold is not None:
            told.append((f"held by {hold['by']}", hold["hint"]))
            known = {**FAMILIES["rule"], **FAMILIES["held by"]}
            assert hold["by"] in known or NAMED.fullmatch(hold["by"]), hold
        elif change["action"] == "conflict":
            told.append((f"conflict {change['address']}", change["hint"]))
        assert change["reason"] in FAMILIES["reason of a change"], change["reason"]
    for what, hint in told:
        assert commands(hint), f"{what}: {hint!r} names no command"
    assert {item["kind"] for item in plan["drift"]} <= FAMILIES["drift"].keys()
    assert {item["kind"] for item in plan["unknowns"]} <= FAMILIES["not checked"].keys()
    rules = {item["rule"] for item in plan["findings"] if not NAMED.fullmatch(item["rule"])}
    assert rules <= FAMILIES["rule"].keys()
