"""Where a privilege may outlive its revocation, and what shows that it is found there, and that its like is not."""

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from mcpconf.residue import PLACES

TESTS = Path(__file__).resolve().parents[2]


class Shown(NamedTuple):
    """A scenario that has something to be found and something that only looks like it. `code` names the places of the residue."""

    at: str
    code: tuple[str, ...] = ()


WHERE = {
    "another package under the name of a server": Shown("cases/residue/replaced_package.yaml"),
    "places beside hosts, without a state": Shown("cases/history/left_beside_only.yaml"),
    "files of another host": Shown("cases/policy/revoked_elsewhere.yaml"),
    "another scope of the same host": Shown("cases/residue/other_scopes.yaml"),
    "files of projects": Shown("cases/residue/projects_of_hosts.yaml"),
    "files of projects that were opened, and of their worktrees": Shown("cases/residue/projects_that_were_opened.yaml"),
    "entries that are switched off": Shown("cases/residue/switched_off.yaml"),
    "entries that are commented out": Shown("cases/residue/commented_out.yaml", ("comments",)),
    "rules that allow tools by the name of a server": Shown("cases/history/by_name.yaml"),
    "approvals of servers of projects, and trust in folders": Shown("cases/residue/trust_of_folders.yaml"),
    "approvals in files of their own": Shown("cases/grants/server_left.yaml"),
    "approvals in the database of VS Code": Shown("cases/residue/approvals_that_vscode_keeps.yaml"),
    "approvals in the database of Cursor": Shown("cases/residue/approvals_that_cursor_keeps.yaml"),
    "approvals inside an entry": Shown("cases/residue/approvals_in_entries.yaml"),
    "modes that ask nothing": Shown("cases/residue/trust_of_folders.yaml"),
    "sign-ins that a bridge keeps": Shown("cases/residue/sign_in_that_history_explains.yaml"),
    "sign-ins of clients made with FastMCP": Shown("cases/signins/not_read_or_not_there.yaml"),
    "sign-ins that hosts keep": Shown("cases/signins/whose_and_where.yaml"),
    "grants at a provider": Shown("cases/residue/what_no_machine_tells.yaml", ("providers",)),
    "what servers keep of their own": Shown("cases/residue/state_paths.yaml", ("state",)),
    "variables of shells, sessions and editors": Shown("cases/residue/names_of_secrets.yaml", ("variables",)),
    "variables that the session of a user gives": Shown("cases/residue/variables_of_a_session.yaml"),
    "variables in the registry of Windows": Shown("cases/residue/variables_of_the_registry.yaml"),
    "what npx, pnpm and bunx keep": Shown("cases/residue/caches_and_installs.yaml", ("caches",)),
    "what uv, pipx and conda keep": Shown("cases/residue/python_copies.yaml"),
    "packages installed for all": Shown("cases/residue/other_installers.yaml", ("installed",)),
    "programs of brew, cargo and go, and those that PATH leads to": Shown("cases/residue/programs.yaml", ("programs",)),
    "bundles of desktop applications": Shown("cases/residue/desktop_extensions.yaml", ("extensions",)),
    "run configurations of containers": Shown("cases/residue/workloads.yaml", ("containers",)),
    "containers and images": Shown("cases/residue/containers_and_images.yaml", ("engines",)),
    "compose files": Shown("cases/residue/compose_files.yaml", ("compose",)),
    "a gateway of containers": Shown("cases/residue/docker_gateway.yaml", ("gateways",)),
    "profiles of a gateway of containers": Shown("cases/residue/docker_profiles.yaml"),
    "processes, and where they listen": Shown("cases/residue/running_processes.yaml", ("processes",)),
    "copies beside the files of hosts": Shown("cases/residue/copies_beside.yaml", ("backups",)),
    "copies that editors and mcpconf keep": Shown("cases/residue/copies_elsewhere.yaml", ("kept",)),
    "entries that come back": Shown("cases/revoke/comes_back.yaml"),
    "what open conversations know": Shown("cases/residue/what_no_machine_tells.yaml", ("sessions",)),
    "sign-ins in the keychain of macOS": Shown("cases/residue/sign_ins_of_a_keychain.yaml", ("keyring", "keyrings")),
    "lists of an administrator": Shown("cases/residue/administrator_lists.yaml", ("policies",)),
    "pipelines": Shown("cases/residue/pipelines.yaml", ("pipelines",)),
    "dev containers": Shown("cases/residue/dev_container.yaml", ("devcontainers",)),
}


def test_every_place_that_is_looked_at_is_shown():
    assert {name for shown in WHERE.values() for name in shown.code} == PLACES.keys()


@pytest.mark.parametrize("shown", WHERE.values(), ids=lambda item: item.at)
def test_something_is_found_and_something_like_it_is_not(shown):
    """By what the scenario demands: leftovers or changes of some step, and none of something that it has put there."""
    steps = yaml.safe_load((TESTS / shown.at).read_text())["steps"]
    found = [step for step in steps if step.get("exit") in (2, 3, 8) or step.get("changes") or step.get("residue")]
    unlike = [step for step in steps if {"silent", "check", "unmanaged"} & step.keys() or step.get("residue") == []]
    assert found
    assert unlike
