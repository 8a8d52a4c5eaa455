"""Who approved a change, from what the place where it is reviewed tells, and whether that is enough.

The file is what `GET /repos/OWNER/NAME/pulls/NUMBER/reviews` answers (docs.github.com, 2026-11), or pages of it one after
the other. A review counts for the commit that it was given to, so only those of the head do; of each person the last one.
For a merge request it is what `merge_requests` reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.base import Json
from mcpconf.model.glob import fits
from mcpconf.model.policy import ApprovalDemand, Policy
from mcpconf.permissions.access import AccessChange, Demand
from mcpconf.permissions.change import SEVERITIES
from mcpconf.review.merge_requests import NoApprovalsError, approved, is_merge_request

_DECIDING = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
_MEMBERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""Anybody who can read a repository can approve on GitHub; these may also write to it."""

_BLANK = re.compile(r"[ \t\r\n]*")
_HINT = "give what the interface answers about the reviews of a pull request, or the approvals and versions of a merge request"


@dataclass(frozen=True, slots=True)
class Approving:
    """Who approved the head, by names in small letters: `every` of them, and those of them who are `members`."""

    every: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()


NOBODY = Approving()


def approving(data: bytes, file: str, head: str, author: str) -> Approving:
    """Raises McpconfError (exit 1) for what is no list of reviews: it is never taken for none."""
    pages = tuple(_pages(data, file))
    try:
        given = dict.fromkeys(approved(pages, head), True) if is_merge_request(pages) else _last(pages, file, head)
    except NoApprovalsError as error:
        raise _unusable(str(error), file) from None
    given.pop(author.casefold(), None)
    return Approving(frozenset(given), frozenset(login for login, member in given.items() if member))


def _last(pages: Iterable[Json], file: str, head: str) -> dict[str, bool]:
    """Whose last word on the head is an approval, and whether they are members."""
    latest: dict[str, tuple[str, bool]] = {}
    for review in (review for page in pages for review in page):
        login, state, commit, association = _fields(review, file)
        if login and commit == head and state in _DECIDING:
            latest[login] = (state, association in _MEMBERS)
    return {login: member for login, (state, member) in latest.items() if state == "APPROVED"}


def _pages(data: bytes, file: str) -> Iterator[Json]:
    decoder, position = json.JSONDecoder(), 0
    try:
        text = data.decode("utf-8-sig")
        while (start := _BLANK.match(text, position).end()) < len(text):  # type: ignore[union-attr]
            page, position = decoder.raw_decode(text, start)
            if not isinstance(page, list | dict):
                raise _unusable("a list of reviews was expected", file)
            yield page
    except (ValueError, RecursionError):
        raise _unusable("this is no JSON", file) from None


def _fields(review: Json, file: str) -> tuple[str, str, str, str]:
    if not isinstance(review, dict):
        raise _unusable("a review must be a map", file)
    user = review.get("user")
    login = user.get("login") if isinstance(user, dict) else "" if user is None else None
    words = (login, review.get("state"), review.get("commit_id") or "", review.get("author_association") or "")
    if not all(isinstance(word, str) for word in words):
        raise _unusable("a review must have `user.login`, `state` and `commit_id`", file)
    return str(login).casefold(), str(words[1]), str(words[2]), str(words[3])


def _unusable(message: str, file: str) -> McpconfError:
    return McpconfError(
        ExitCode.NO_PLAN, Problem("invalid", f"the reviews cannot be read: {message}", Where(file), _HINT)
    )


def demanded(changes: Iterable[AccessChange], policy: Policy, given: Approving) -> tuple[AccessChange, ...]:
    """Each change with what the policy asks for it, and whether that is there."""
    return tuple(replace(change, demand=_demand(change, policy, given)) for change in changes)


def _demand(change: AccessChange, policy: Policy, given: Approving) -> Demand | None:
    rules = [rule for rule in policy.approvals if rule.require and _matches(rule, change)]
    word = policy.privilege.get(change.severity) if change.direction != "narrower" else None
    if word == "block":
        return Demand(blocked=True)
    if not rules and word is None:
        return None
    everybody = tuple(name for group in policy.approvers.values() for name in group)
    wanted = tuple((rule.require, _people(rule, policy)) for rule in rules) or ((1, _unique(everybody)),)
    counted = [(count, _counted(names, given)) for count, names in wanted]
    met = all(len(people) >= count for count, people in counted)
    return Demand(wanted=wanted, given=tuple(sorted({name for _, people in counted for name in people})), met=met)


def _matches(rule: ApprovalDemand, change: AccessChange) -> bool:
    """What nobody has an order for may be wider."""
    direction = "narrower" if change.direction == "narrower" else "wider"
    grave = SEVERITIES.index(change.severity) <= SEVERITIES.index(rule.when.severity) or direction == "narrower"
    about = rule.when.about
    return (
        direction == rule.when.direction and grave and (not about or any(fits(item, change.address) for item in about))
    )


def _people(rule: ApprovalDemand, policy: Policy) -> tuple[str, ...]:
    return _unique(name for item in rule.of for name in policy.approvers.get(item, (item,)))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _counted(names: tuple[str, ...], given: Approving) -> frozenset[str]:
    return given.every & {name.casefold().removeprefix("@") for name in names} if names else given.members
