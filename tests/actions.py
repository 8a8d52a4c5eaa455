"""Runs the steps of a composite action as a runner of GitHub Actions does: real shells, and files for what they tell it.

Steps that use another action are not run but kept with what they were given. Of expressions it knows what the actions of this
project use: paths, texts, `||`, `==`, `!=` and `&&`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
ACTIONS = ROOT / ".github" / "actions"
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")


@dataclass
class Runner:
    """`event` is what happened, `programs` a folder that stands first on the PATH."""

    folder: Path
    event: dict
    programs: Path
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    used: list[tuple[str, dict]] = field(default_factory=list)
    log: str = ""

    @property
    def temp(self) -> Path:
        return self.folder / "runner temp"

    @property
    def summary(self) -> str:
        path = self.temp / "summary"
        return path.read_text() if path.exists() else ""

    def install(self) -> None:
        """Stands for the installation: the program of this tree."""
        program = self.temp / "mcpconf" / "bin" / "mcpconf"
        program.parent.mkdir(parents=True, exist_ok=True)
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from mcpconf.__main__ import main; sys.exit(main())"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -I -c "{code}" "$@"\n')
        program.chmod(0o755)

    def run(self, name: str, where: Path) -> int:
        """Every step until one fails, and its exit code."""
        action = yaml.safe_load((ACTIONS / name / "action.yml").read_text())
        self.inputs = {
            key: self.inputs.get(key, self.filled(str(item["default"]))) for key, item in action["inputs"].items()
        }
        for step in action["runs"]["steps"]:
            if "if" in step and not self.true(step["if"]):
                continue
            given = {key: self.filled(str(item)) for key, item in step.get("with", {}).items()}
            if "uses" in step:
                self.used.append((step["uses"].partition("@")[0], given))
                continue
            assert step["shell"] == "bash"
            if "install" in step["run"].split('"')[1]:
                self.install()
                continue
            code = self._shell(name, step, where)
            if code:
                return code
        return 0

    def told(self, name: str) -> dict[str, str]:
        """The outputs of the action."""
        action = yaml.safe_load((ACTIONS / name / "action.yml").read_text())
        return {key: self.filled(item["value"]) for key, item in action["outputs"].items()}

    def _shell(self, name: str, step: dict, where: Path) -> int:
        self.temp.mkdir(parents=True, exist_ok=True)
        script, output, event = (self.temp / word for word in ("step.sh", "output", "event.json"))
        assert not _EXPRESSION.search(step["run"])
        script.write_text(step["run"])
        output.write_text("")
        event.write_text(json.dumps(self.event))
        environment = {
            **os.environ,
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": "",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTIONS / name),
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REPOSITORY": "example/servers",
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            "GITHUB_WORKSPACE": str(where),
            "RUNNER_TEMP": str(self.temp),
            **{key: self.filled(item) for key, item in step.get("env", {}).items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=where,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.log += done.stdout + done.stderr
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        self.outputs[step.get("id", "")] = {key: value for key, _, value in lines}
        return done.returncode

    def filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda match: self.value(match[1].strip()), text)

    def true(self, text: str) -> bool:
        if "&&" in text:
            return all(self.true(part) for part in text.split("&&"))
        left, sign, right = re.fullmatch(r"\s*(\S+) (==|!=) (\S+)\s*", text).groups()
        return (self.value(left) == self.value(right)) == (sign == "==")

    def value(self, text: str) -> str:
        if "||" in text:
            return next((value for value in map(self.value, text.split("||")) if value), "")
        text = text.strip()
        if text.startswith("'"):
            return text[1:-1]
        steps = {key: {"outputs": value} for key, value in self.outputs.items()}
        context = {
            "github": {"event": self.event, "token": "a-token"},
            "inputs": self.inputs,
            "runner": {"temp": str(self.temp)},
            "steps": steps,
        }
        found: object = context
        for key in text.split("."):
            found = found.get(key, "") if isinstance(found, dict) else ""
        return str(found)
