"""Laws of leaving a machine, over random machines, manifests and hand edits."""

from __future__ import annotations

from hypothesis import Phase, event, given, settings

from tests.laws.loop_worlds import STORIES, Story, after_edits, told
from tests.laws.test_revoke import OVERWRITE, entries, shortened


@settings(max_examples=25, phases=[Phase.generate])
@given(STORIES)
def test_what_is_not_ours_stays_and_nothing_of_ours_does(story: Story):
    with told(story) as world:
        found = entries(world)
        world.run("apply", "--yes", *OVERWRITE)
        after_edits(world, story)
        before, bytes_before = entries(world), world.snapshot()
        ran = world.run("destroy", "--yes", "--format", "json")
        assert ran.code in (0, 8), ran.stdout + ran.stderr
        after, bytes_after = entries(world), world.snapshot()
        for path, content in bytes_before.items():
            if path in bytes_after:
                assert shortened(content, bytes_after[path]), path
            else:
                assert path in {item.lstrip("/") for item in ran.json["removed"]}, path
        assert all(before[place] == value for place, value in after.items())
        own = world.path("~/.local/state/mcpconf")
        assert own.exists() == (ran.code == 8)
        if ran.code == 0:
            for place, value in found.items():
                if before.get(place) == value and place not in after:
                    event("an entry that was there went")
        event(f"exit {ran.code}, {len(ran.json['applied']) if 'applied' in ran.json else '?'} taken away")
