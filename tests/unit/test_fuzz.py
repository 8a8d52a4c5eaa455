"""The fuzzer notices what it looks for, and can be told to try the same again."""

import time

from tests.fuzz import __main__ as fuzz
from tests.fuzz.seeds import Seed

SEEDS = (Seed("~/a.json", b'{"a": [1, 2], "b": {"c": "d"}}\n'),)


def target(check):
    return fuzz.Target(check, lambda: SEEDS, least=0.1, each=0.001)


def test_the_same_seed_gives_the_same_texts():
    texts = [next(fuzz._texts("json", target(len), seed, 0)) for seed in ("1", "1", "2")]
    assert texts[0] == texts[1] != texts[2]


def test_an_error_a_wrong_answer_and_a_slow_one_are_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "KEPT", tmp_path)

    def slow(data):
        until = time.process_time() + 0.2
        while time.process_time() < until:
            pass

    def wrong(data):
        assert data == b"right"

    assert fuzz._held("json", target(wrong), b"right")
    assert not fuzz._held("json", target(wrong), b"wrong")
    assert not fuzz._held("host:codex", target(lambda data: data.decode()), b"\xff")
    assert not fuzz._held("json", target(slow), b"slow")
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"slow", b"wrong", b"\xff"]
    said = capsys.readouterr().out
    assert "UnicodeDecodeError" in said
    assert "TooSlowError" in said
    assert f"python -m tests.fuzz host:codex --file {tmp_path.name}/host-codex-" in said


def test_every_target_has_texts_as_people_have_them():
    for name, each in fuzz.targets().items():
        assert len(each.seeds()) > 5, name
