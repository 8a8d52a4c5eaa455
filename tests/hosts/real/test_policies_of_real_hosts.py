"""Policies that mcpconf renders, and what a real host still starts under them: a server that is approved, and no other."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.hosts.real.household import Household
from tests.hosts.real.readers import READERS

pytestmark = pytest.mark.skipif(
    not os.environ.get("MCPCONF_HOSTS"), reason="real hosts: not asked for (MCPCONF_HOSTS=1)"
)
APPROVED = "  plain: {command: [TELL, RECORDS/plain]}\n"
ROGUE = "  rogue: {command: [TELL, RECORDS/rogue]}\n"
MANIFEST = "mcpconf: 1\nhosts: {HOST: {create: true}}\nservers:\n"
ONE_FILE = {
    "codex": "/etc/codex/requirements.toml",
    "gemini-cli": "/etc/gemini-cli/settings.json",
}
"""Where the policy goes that is printed without its path, as there is but one file."""


@pytest.mark.parametrize("host", ["claude-code", *sorted(ONE_FILE)])
def test_only_what_the_policy_approves_is_started(host: str, tmp_path: Path) -> None:
    """`rogue` is first written and started, so that it is the policy that keeps it out."""
    household = Household.of(host, tmp_path)
    for path, text in {**READERS[host].there, **READERS[host].trust}.items():
        household.write(path, text)
    household.say(MANIFEST + APPROVED + ROGUE)
    done = household.mcpconf("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert _started(household) == {"plain", "rogue"}
    household.forget()
    household.say(MANIFEST + APPROVED)
    rendered = household.export("--managed", host, "--allow-wider")
    assert rendered.returncode == 0, rendered.stderr
    shutil.copytree("/etc", household.etc, symlinks=True, ignore_dangling_symlinks=True)
    for path, text in _files(rendered.stdout, ONE_FILE.get(host, "")):
        file = household.folder / path.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert _started(household) == {"plain"}


def _started(household: Household) -> set[str]:
    """By what the host offers its model, where it has one here; its list may start more than it lets act."""
    READERS[household.host].read(household)
    offered = household.offered()
    if offered:
        return {name for name in ("plain", "rogue") if any(f"_{name}_" in tool for tool in offered)}
    return set(household.running())


def _files(printed: str, path: str) -> list[tuple[str, str]]:
    if path:
        return [(path, printed)]
    parts = re.split(r"^==> (.*) <==\n", printed, flags=re.MULTILINE)
    return [*zip(parts[1::2], parts[2::2], strict=True)]
