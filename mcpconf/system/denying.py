"""The process that evaluates Rego: it knows one text and the servers, and nothing of the machine.

It reads a line of JSON, a text and a list of servers, and writes a line of JSON for each server: the messages of `deny`, or
why there are none. What the native library prints goes to stderr.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

QUERY = "data.mcpconf.deny"
MOST_MESSAGES = 20
LONGEST_MESSAGE = 300
_NOT_CODE = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*')
_CALL = re.compile(r"(?<![\w.])([a-z]\w*(?:\.\w+)+)\(")


def main() -> int:
    text, servers = json.loads(sys.stdin.buffer.readline())
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing else may write where the answers are read
    for server in servers:
        out.write(json.dumps(evaluated(text, server)) + "\n")
        out.flush()
    return 0


def evaluated(text: str, server: Any) -> list[str] | str:
    from regopy import Interpreter, RegoError

    interpreter = Interpreter()
    unknown = [name for name in _calls(text) if not interpreter.is_builtin(name)]
    if unknown:
        return f"calls `{unknown[0]}`, which is not there"
    try:
        interpreter.set_input(server)
        interpreter.add_module("policy", text)
        output = interpreter.query(QUERY)
    except RegoError as error:
        return _reason(str(error))
    except ValueError:
        return "cannot be compiled"  # of what it has no words for, the library gives a text that is no JSON
    if not output.ok():
        return _reason(str(output.node()))
    if not output.results or not output.results[0].expressions:
        return "has no `deny`"
    return _messages(output.results[0].expressions[0])


def _calls(text: str) -> list[str]:
    """Functions with a dot in their names: of one that is not there, the library says only that it is undefined."""
    names = _CALL.findall(_NOT_CODE.sub('""', text))
    return [name for name in names if not name.startswith(("data.", "input."))]


def _messages(value: Any) -> list[str] | str:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return "has a `deny` that is no set of texts: write `deny contains message if { ... }`"
    return [" ".join(item.split())[:LONGEST_MESSAGE] for item in sorted(value)[:MOST_MESSAGES]]


def _reason(told: str) -> str:
    found = re.search(r"\(errormsg \d+:([^()\n]{1,200})\)", told)
    return f"cannot be evaluated ({found[1]})" if found else "cannot be evaluated"


if __name__ == "__main__":
    sys.exit(main())
