"""The benchmark of the detectors: what it counts, and what real host files must not make it say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.secrets import VARIABLE, main
from tests.corpus import CORPUS

TOKEN = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"


def measured(monkeypatch: pytest.MonkeyPatch, file: Path, *lines: dict) -> int:
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    monkeypatch.setenv(VARIABLE, str(file))
    return main(["--each", "--missed"])


def test_labels_are_held_against_what_is_told(monkeypatch, tmp_path: Path, capsys):
    told = {"entry": {"command": "x", "env": {"TOKEN": TOKEN}, "args": ["--plain"]}, "secrets": ["env.TOKEN"]}
    missed = {"entry": {"command": "x", "args": ["wK3"]}, "secrets": ["args[0]"]}
    assert measured(monkeypatch, tmp_path / "labels", told, missed) == 0
    out = capsys.readouterr().out
    assert TOKEN not in out
    assert "missed: line 2: args[0]: a1 A1 91" in out
    assert out.splitlines()[-1].split() == ["all", "1", "1", "1", "100.0%", "50.0%"]


def test_what_is_told_and_is_none_fails(monkeypatch, tmp_path: Path, capsys):
    wrong = {"entry": {"url": f"https://a.example/mcp?key={TOKEN}"}, "secrets": []}
    assert measured(monkeypatch, tmp_path / "labels", wrong) == 1
    assert "false alarm: line 1: url" in capsys.readouterr().out


def test_no_false_alarm_in_real_host_files(monkeypatch, capsys):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main([]) == 0, capsys.readouterr().out
    if not CORPUS.is_dir():
        print("corpus: not present")
