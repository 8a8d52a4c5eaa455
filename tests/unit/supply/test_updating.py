"""What is outdated, and a server that is moved to another version: asked of npm, judged by advisories, written or not."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock as Mutex

import pytest

from mcpconf.advisories import Advisories, collected
from mcpconf.advisories.records import advisories_of
from mcpconf.artifacts import input_digest
from mcpconf.artifacts.changes import lock_changes
from mcpconf.documents.lock import load_lock, render_lock
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.lock import Artifact, Attested, Component, Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.supply.locking import Asked, lock
from mcpconf.supply.outdated import Limits, outdated
from mcpconf.supply.updating import update
from mcpconf.workshop import Ran, Workshop
from tests.npm import NAME, FakeNpm, answer, failed, sha512, workshop

DATE, FIXED = "2026.8.31", "2.0.1"
TWO_LINES = {
    "id": "GHSA-p9cv-8g75-4xcg",
    "modified": "2026-11-20T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "npm", "name": NAME},
            "ranges": [
                {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": FIXED}]},
                {"type": "SEMVER", "events": [{"introduced": "2025.1.14"}, {"last_affected": DATE}]},
            ],
        }
    ],
}
KNOWN = collected([advisories_of(json.dumps(TWO_LINES).encode())])
MANIFEST = """\
mcpconf: 1
# approved
servers:
  files:
    package: npm:@modelcontextprotocol/server-filesystem
    version: "VERSION"   # by hand
    args: [/srv]
  tickets: {url: "https://mcp.example.org/"}
"""


class Shop:
    """A manifest with one npm package, locked, and an npm that knows its versions."""

    def __init__(self, folder: Path, asked: str = DATE, *, locked: str = DATE, **more) -> None:
        self.folder = folder
        self.manifest, self.lock = folder / "mcpconf.yaml", folder / "mcpconf.lock"
        self.text = MANIFEST.replace("VERSION", asked) + more.pop("policy", "")
        folder.mkdir(parents=True, exist_ok=True)
        self.manifest.write_text(self.text)
        server = Server.model_validate({"package": f"npm:{NAME}", "version": asked})
        digest = sha512(locked.encode())
        files = {f"server-filesystem-{locked}.tgz": Artifact(digest=digest)}
        item = LockedServer(
            input_digest=input_digest(server),
            package=f"npm:{NAME}",
            version=locked,
            artifacts=files,
            closure={f"node_modules/{NAME}": Component(name=NAME, version=locked, artifacts=files)},
            provenance=Attested(state="verified", identity="github.com/modelcontextprotocol/servers"),
        )
        self.lock.write_bytes(render_lock(Lock(servers={"files": item} if locked else {})))
        version = answer("view-version")
        views = {
            NAME: answer("view-package"),
            f"{NAME}@{FIXED}": version,
            f"{NAME}@{DATE}": {**version, "version": DATE, "deprecated": more.pop("deprecated", False)},
        }
        views.setdefault(f"{NAME}@{locked}", {**version, "version": locked})
        self.npm = FakeNpm(folder / "machine", views, **more)

    def workshop(self, *, offline: bool = False) -> Workshop:
        return workshop(self.folder / "machine", self.npm, offline=offline)

    def standing(self, advisories: Advisories | None = None, cooldown: int = 0, *, offline: bool = False):
        found = outdated(str(self.manifest), self.workshop(offline=offline), Limits(cooldown, advisories))
        (standing,) = found.standings
        return standing, found.exit_code

    def update(self, to: str = "", advisories: Advisories | None = None, cooldown: int = 0):
        return update(str(self.manifest), "files", to, self.workshop(), Limits(cooldown, advisories))

    @property
    def locked(self) -> LockedServer:
        return load_lock(self.lock.read_bytes(), "mcpconf.lock").servers["files"]


def test_the_greatest_number_is_the_newest_as_long_as_nothing_is_known_of_it(tmp_path: Path):
    standing, code = Shop(tmp_path).standing()
    assert (standing.states, code) == (("up to date",), ExitCode.SUCCESS)
    assert standing.offered.newest.version == DATE
    assert standing.judged is None
    assert standing.offered.newest.published == "2026-09-01T01:08:17Z"


def test_with_advisories_the_newest_is_on_the_line_with_the_fix(tmp_path: Path):
    standing, code = Shop(tmp_path).standing(KNOWN)
    assert (standing.states, code) == (("advisory", "safe version"), ExitCode.CHANGES)
    assert (standing.offered.newest.version, standing.offered.wanted.version) == (FIXED, DATE)
    assert standing.judged.own[0].known.fixed == (FIXED,)
    assert standing.age >= 31


def test_a_greater_number_that_is_known_to_be_bad_makes_nothing_outdated(tmp_path: Path):
    standing, code = Shop(tmp_path, FIXED, locked=FIXED).standing(KNOWN)
    assert (standing.states, code) == (("up to date",), ExitCode.SUCCESS)


def test_a_range_wants_what_locking_anew_would_take(tmp_path: Path):
    standing, code = Shop(tmp_path, "^2026.7.4", locked="2026.7.10").standing()
    assert (standing.states, standing.offered.wanted.version, code) == (("newer version",), DATE, ExitCode.CHANGES)


def test_what_is_only_too_young_is_no_change(tmp_path: Path):
    shop = Shop(tmp_path, "2025.8.21", locked="2025.8.21")
    view = shop.npm.views[NAME]
    view["versions"] = ["2025.8.21", DATE]
    view["time"][DATE] = shop.workshop().machine.clock.now()
    assert shop.standing(cooldown=7)[0].states == ("newer but too young",)
    assert shop.standing(cooldown=7)[1] == ExitCode.SUCCESS
    assert shop.standing()[0].states == ("newer version",)


def test_a_locked_version_may_be_newer_than_what_is_wanted_now(tmp_path: Path):
    shop = Shop(tmp_path, "^2026.7.4", locked=DATE)
    shop.npm.views[NAME]["time"][DATE] = shop.workshop().machine.clock.now()
    standing, code = shop.standing(cooldown=7)
    assert (standing.states, standing.offered.wanted.version, code) == (("newer than wanted",), "2026.7.10", 0)


def test_the_policy_may_ask_for_a_longer_time_than_the_command(tmp_path: Path):
    shop = Shop(tmp_path, "2025.8.21", locked="2025.8.21", policy="policy: {cooldown: 3650}\n")
    found = outdated(str(shop.manifest), shop.workshop(), Limits(1))
    assert (found.cooldown, found.standings[0].states) == (3650, ("newer but too young",))


def test_a_version_that_was_taken_back_says_why(tmp_path: Path):
    standing, code = Shop(tmp_path, deprecated="use 2.x instead").standing()
    assert (standing.states, standing.offered.mine.withdrawn, code) == (("withdrawn",), "use 2.x instead", 2)


def test_a_server_that_is_not_locked(tmp_path: Path):
    standing, code = Shop(tmp_path, locked="").standing()
    assert (standing.states, code) == (("not locked",), ExitCode.CHANGES)


@pytest.mark.parametrize(
    "fault", [failed("ENOTFOUND"), Problem("missing", "`npm` cannot be started", None, "install it")]
)
def test_who_cannot_be_asked_makes_it_incomplete_and_advisories_are_told_all_the_same(fault, tmp_path: Path):
    shop = Shop(tmp_path)
    if isinstance(fault, Ran):
        shop.npm.views[NAME] = fault
    else:
        shop.npm.problem = fault
    standing, code = shop.standing(KNOWN)
    assert (standing.states, code) == (("advisory", "unknown"), ExitCode.INCOMPLETE)
    assert standing.problem.message.startswith("`files` cannot be looked up: ")
    assert standing.problem.hint


def test_offline_nobody_is_asked(tmp_path: Path):
    shop = Shop(tmp_path)
    standing, code = shop.standing(offline=True)
    assert (standing.states, code) == (("unknown",), ExitCode.INCOMPLETE)
    assert standing.unasked == "nobody is asked which versions there are: `--offline`"
    standing, code = shop.standing(KNOWN, offline=True)
    assert (standing.states, standing.offered, code) == (("advisory",), None, ExitCode.CHANGES)
    assert shop.npm.calls == []


def test_an_update_goes_to_the_fix_and_keeps_the_comments(tmp_path: Path):
    shop = Shop(tmp_path)
    done = shop.update(advisories=KNOWN)
    assert shop.manifest.read_text() == shop.text.replace(f'"{DATE}"', f'"{FIXED}"')
    assert shop.locked.version == FIXED
    assert [alarm.kind for alarm in done.change.alarms] == ["downgrade"]
    assert (done.changed, done.old.judged.hits[0].known.id, done.new.judged.hits) == (
        ("servers.files.version",),
        "GHSA-p9cv-8g75-4xcg",
        (),
    )
    assert done.new.age >= 31


def test_after_an_update_the_identity_that_vouched_is_still_expected(tmp_path: Path):
    shop = Shop(tmp_path)
    shop.update(FIXED)
    assert shop.locked.provenance == Attested(identity="github.com/modelcontextprotocol/servers")


def test_where_nobody_vouches_any_more_it_is_known_who_did(tmp_path: Path):
    shop = Shop(tmp_path)
    done = lock(str(shop.manifest), shop.workshop(), Asked(attest=lambda _locked: Attested(state="absent")))
    assert shop.locked.provenance == Attested(state="absent", identity="github.com/modelcontextprotocol/servers")
    (change,) = [change for change in lock_changes(done.before, done.after) if change.name == "files"]
    assert [alarm.kind for alarm in change.alarms] == ["provenance_lost"]


def test_who_vouches_stays_where_nobody_could_be_asked(tmp_path: Path):
    shop = Shop(tmp_path)
    known = shop.locked.provenance
    asked = Asked(attest=lambda _locked: Problem("unreadable", "no network", None, "check the network"))
    done = lock(str(shop.manifest), shop.workshop(), asked)
    assert (shop.locked.provenance, done.exit_code) == (known, ExitCode.INCOMPLETE)
    assert done.problems["files"].message == "who vouches for `files` cannot be asked: no network"


def test_without_anything_newer_nothing_is_written(tmp_path: Path):
    shop = Shop(tmp_path, FIXED, locked=FIXED)
    shop.npm.views[NAME]["versions"] = [FIXED]
    before = shop.lock.read_bytes()
    shop.npm.lock = failed("E404")
    with pytest.raises(McpconfError):
        shop.update()
    assert (shop.manifest.read_text(), shop.lock.read_bytes()) == (shop.text, before)


def test_a_range_stays_and_what_is_locked_of_it_moves(tmp_path: Path):
    shop = Shop(tmp_path, "^2.0.0", locked="2.0.0")
    done = shop.update()
    assert (shop.manifest.read_text(), shop.locked.version, done.changed) == (shop.text, FIXED, ())


def test_a_hash_goes_with_the_version_it_belonged_to(tmp_path: Path):
    shop = Shop(tmp_path)
    digest = sha512(DATE.encode())
    shop.manifest.write_text(shop.text.replace("    args:", f"    hash: {digest}\n    args:"))
    done = shop.update(FIXED)
    assert done.changed == ("servers.files.version", "servers.files.hash")
    assert shop.manifest.read_text() == shop.text.replace(DATE, FIXED)


@pytest.mark.parametrize(
    ("name", "to", "says"),
    [
        ("file", "", "there is no server"),
        ("tickets", "", "it is no package"),
        ("files", "latest", "cannot be `latest`"),
    ],
)
def test_what_cannot_be_moved(name: str, to: str, says: str, tmp_path: Path):
    shop = Shop(tmp_path)
    with pytest.raises(McpconfError, match=says) as raised:
        update(str(shop.manifest), name, to, shop.workshop(), Limits())
    assert raised.value.code == ExitCode.USAGE
    assert shop.manifest.read_text() == shop.text


def test_a_version_that_does_not_exist_leaves_both_files_as_they_were(tmp_path: Path):
    shop = Shop(tmp_path)
    before = shop.lock.read_bytes()
    with pytest.raises(McpconfError, match=r"9\.9\.9") as raised:
        shop.update("9.9.9")
    assert raised.value.code == ExitCode.INCOMPLETE
    assert (shop.manifest.read_text(), shop.lock.read_bytes()) == (shop.text, before)


def test_all_that_is_known_to_be_bad_and_nothing_else(tmp_path: Path):
    shop = Shop(tmp_path)
    shop.npm.views[NAME]["versions"] = ["2026.7.10", DATE]
    with pytest.raises(McpconfError, match="no version is safe and old enough") as raised:
        shop.update(advisories=KNOWN)
    assert raised.value.code == ExitCode.BLOCKED
    assert "--to" in raised.value.problems[0].hint


@pytest.mark.parametrize(
    "change", [lambda lock: lock.write_bytes(b"pulled"), lambda lock: lock.unlink(missing_ok=True)]
)
def test_a_lock_that_another_changes_meanwhile_is_left_as_it_is(change, tmp_path: Path):
    shop = Shop(tmp_path)
    held: list[bytes | None] = []
    alone = Mutex()  # several servers are asked about at once

    def attest(_locked: LockedServer) -> Attested:
        with alone:
            if not held:
                change(shop.lock)
                held.append(shop.lock.read_bytes() if shop.lock.exists() else None)
        return Attested(state="absent")

    with pytest.raises(McpconfError, match="it was changed meanwhile") as raised:
        lock(str(shop.manifest), shop.workshop(), Asked(attest=attest))
    assert raised.value.code == ExitCode.STALE
    assert (shop.lock.read_bytes() if shop.lock.exists() else None) == held[0]


@pytest.mark.parametrize(
    "fault",
    [
        KeyboardInterrupt(),
        OSError("no room"),
        McpconfError(ExitCode.NO_PLAN, Problem("unreadable", "no", None, "look")),
    ],
    ids=["interrupted", "a full disk", "a client that cannot be used"],
)
def test_whatever_ends_an_update_leaves_both_files_as_they_were(
    fault: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shop = Shop(tmp_path)
    before = shop.lock.read_bytes()
    seen: list[str] = []

    def fail(*_words: object, **_more: object) -> None:
        seen.append(shop.manifest.read_text())
        raise fault

    monkeypatch.setattr("mcpconf.supply.locking.replace_document", fail)
    with pytest.raises(type(fault)):
        shop.update(FIXED)
    assert seen == [shop.text.replace(DATE, FIXED)], "the manifest was written by then"
    assert (shop.manifest.read_text(), shop.lock.read_bytes()) == (shop.text, before)
