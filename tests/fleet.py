"""Several machines and the rollout script of `examples/fleet`, run on them by `sh`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SCRIPT = PROJECT / "examples" / "fleet" / "rollout.sh"

MCPCONF = f"""\
#!/bin/sh
PYTHONPATH='{PROJECT}' exec '{sys.executable}' -m mcpconf "$@"
"""

PLAYED = """\
#!/bin/sh
# Plays mcpconf: exits with the next code that the folder after `--root` lists, 0 when there is none left.
for last; do :; done
cd "$last" || exit 1
printf '%s\\n' "$*" >>calls
code=$(sed -n 1p codes)
sed 1d codes >rest && mv rest codes
running=$(mktemp -d ../running.XXXXXX)
ls -d ../running.* | wc -l >>../most
[ ! -e slow ] || sleep "$(cat slow)"
rmdir "$running"
if [ -e answer ]; then cat answer; else printf '{\\n  "summary": {\\n    "create": 1\\n  },\\n  "exit_code": %s,\\n  "applied": []\\n}\\n' "${code:-0}"; fi
[ ! -e error ] || cat error >&2
exit "${code:-0}"
"""

SSH = """\
#!/bin/sh
# Plays ssh: the words after the target, joined by spaces, are a command line for the login shell of another machine.
printf '%s\\n' "$*" >>"$HOMES/ssh-calls"
while [ $# -gt 0 ]; do
  case $1 in -T) shift ;; -o | -F) shift 2 ;; --) shift; break ;; *) echo "ssh: $1?" >&2; exit 255 ;; esac
done
target=$1
shift
cd "$HOMES/$target" 2>/dev/null || { echo "ssh: connect to host $target port 22: \\"No route\\" to host" >&2; exit 255; }
HOME=$PWD
export HOME
PATH=/usr/bin:/bin exec "${LOGIN_SHELL:-/bin/sh}" -c "$*"
"""


@dataclass(frozen=True)
class Rolled:
    """What a rollout left. `results` and `steps` are by machine, steps as `plan 2`."""

    code: int
    told: str
    errors: str
    reports: dict[str, dict]
    folder: Path

    @property
    def results(self) -> dict[str, str]:
        return {name: report["result"] for name, report in self.reports.items()}

    @property
    def steps(self) -> dict[str, list[str]]:
        return {
            name: [f"{step['run']} {step['exit_code']}" for step in report["steps"]]
            for name, report in self.reports.items()
        }


@dataclass
class Fleet:
    folder: Path
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.program("mcpconf", MCPCONF)
        self.program("played", PLAYED)
        (self.folder / "mcpconf.yaml").write_text("mcpconf: 1\n")

    def program(self, name: str, text: str) -> Path:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def played(self, name: str, *codes: int, **files: str) -> Path:
        """A machine whose mcpconf exits with these codes, one after the other."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "codes").write_text("".join(f"{code}\n" for code in codes))
        for file, text in files.items():
            (folder / file).write_text(text)
        self.lines.append(f"{name} --root {name}")
        return folder

    def words(self, *options: str, command: str = "mcpconf", inventory: bool = True) -> list[str]:
        self.count += 1
        (self.folder / "inventory").write_text("".join(f"{line}\n" for line in self.lines))
        words = ["sh", str(SCRIPT), "-m", str(self.folder / "mcpconf.yaml"), "--reports", str(self.reports)]
        words += ["--command", str(self.folder / "bin" / command), "--pause", "0", *options]
        return [*words, str(self.folder / "inventory")] if inventory else words

    @property
    def reports(self) -> Path:
        return self.folder / f"reports-{self.count}"

    def roll(self, *options: str, command: str = "mcpconf", inventory: bool = True, **environment: str) -> Rolled:
        done = subprocess.run(
            self.words(*options, command=command, inventory=inventory),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, **environment},
        )
        return self.rolled(done.returncode, done.stdout, done.stderr)

    def play(self, *options: str) -> Rolled:
        return self.roll(*options, command="played")

    def rolled(self, code: int, told: str, errors: str) -> Rolled:
        found = sorted(self.reports.glob("*.json")) if self.reports.exists() else []
        reports = {path.name.removesuffix(".json"): json.loads(path.read_text()) for path in found}
        return Rolled(code, told, errors, reports, self.reports)

    def ssh(self) -> dict[str, str]:
        """The environment in which `ssh` reaches the folders below `homes`."""
        self.program("ssh", SSH)
        homes = self.folder / "homes"
        homes.mkdir(exist_ok=True)
        return {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOMES": str(homes)}
