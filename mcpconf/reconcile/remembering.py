"""What the state becomes, of all that a draft would have it remember."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.model.change import Change
from mcpconf.model.plan import Records
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.lasting import found, lifted
from mcpconf.reconcile.revoked import relieved
from mcpconf.reconcile.situation import Situation


def kept_records(situation: Situation, draft: Draft, chosen: Sequence[Change], changes: Sequence[Change]) -> Records:
    """Only what belongs to changes that will be made, or to addresses that need none."""
    records = draft.records
    done = {address for change in chosen if change.writes for address in change.addresses}
    made = {address for change in chosen if change.writes for address in change.touches}
    left_out = {address for change in changes for address in change.touches} - made
    deleted = {address for change in chosen if change.action == "delete" for address in change.addresses}
    return Records(
        entries={address: applied for address, applied in records.entries.items() if address not in left_out | deleted},
        policies={address: known for address, known in records.policies.items() if address not in left_out | deleted},
        owned={address: owned for address, owned in records.owned.items() if address not in left_out | deleted},
        grants={address: granted for address, granted in records.grants.items() if granted.by not in left_out},
        seen={address: seen for address, seen in records.seen.items() if seen.by not in left_out},
        forget=[address for address in records.forget if address not in left_out],
        tombstones=[mark for mark in records.tombstones if mark.entry not in left_out],
        found=found(situation, draft, done),
        lifted=lifted(situation, draft, done),
        relieved=relieved(situation, done),
    )
