"""R64: every place of list A is read once more, and what is left, or could not be read, is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.plan import Item, Standing
from sakimori.actions.respond.erasing import Erasure
from sakimori.analysis.incident.form import Made
from sakimori.app.respond.case import StepState, Told
from sakimori.app.respond.hands import Hands
from sakimori.app.respond.place_words import kind_words, place_words
from sakimori.app.respond.removal import list_a, mark_of, measures_of

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """`closed`: in accounts that nobody went into with credentials, so that nothing was read there."""

    items: tuple[Item, ...]
    closed: tuple[Erasure, ...]
    by_hand: tuple[Made, ...]

    @property
    def left(self) -> list[Item]:
        """What is there still: what a caution holds back was read too."""
        return [each for each in self.items if each.standing not in {Standing.UNREADABLE, Standing.AS_WANTED}]

    @property
    def unread(self) -> list[Mapping[str, Any]]:
        """What nothing is known of, in words."""
        refused = [place_words(each.step, each.where) for each in self.items if each.standing is Standing.UNREADABLE]
        return [*refused, *map(_closed_words, self.closed)]

    @property
    def count(self) -> int:
        """How much of the list is not seen to be gone."""
        return len(self.left) + len(self.unread) + len(self.by_hand)


def sweep(hands: Hands) -> bool:
    """Whether a second reading of every place finds nothing left."""
    case = hands.log.case
    listed = list_a(case)
    found = _Found(
        items=hands.looked_at(measures_of(listed.erasures)), by_hand=listed.by_hand,
        closed=tuple(each for each in listed.erasures if each.account not in hands.doors),
    )  # fmt: skip
    regions = {region for door in hands.doors.values() for region in door.account.selected}
    payload = _rows(found)
    hands.keep(
        "R64", "second-sweep", call="read", account=case.suspect.account, payload=payload, rows=len(payload),
        coverage=f"{len(regions)} Regions, {len(found.unread)} unreadable",
    )  # fmt: skip
    answer = {"left": found.count, "regions": len(regions), "at": hands.clock().isoformat()}
    hands.log.write(Told.ANSWER, {"question": "sweep", "answer": answer})
    text = "respond.swept_by_hand" if found.by_hand else "respond.swept_left" if found.count else "respond.swept"
    hands.tell("R64", StepState.FAILED if found.count else StepState.DONE, text, **_values(found, case.id))
    return not found.count


def _rows(found: _Found) -> list[dict[str, Any]]:
    read = [
        {"step": each.step, "where": each.where, "standing": each.standing, "reason": each.reason}
        for each in found.items
    ]
    closed = [
        {"step": each.step, "where": f"{each.region} {each.resource}", "standing": Standing.UNREADABLE, "reason": each.account}
        for each in found.closed
    ]  # fmt: skip
    return [*read, *closed]


def _values(found: _Found, case: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "count": len(found.items),
        "left": [place_words(each.step, each.where, is_open=True) for each in found.left[:_SHOWN]],
        "unread": found.unread[:_SHOWN],
        "by_hand": _by_hand(found.by_hand[:_SHOWN]),
    }
    if found.by_hand:
        values |= {"by_hand_marks": [mark_of(each) for each in found.by_hand], "case": case}
    return values


def _closed_words(erasure: Erasure) -> Mapping[str, Any]:
    words = place_words(erasure.step, f"{erasure.region} {erasure.resource}")
    return {"text": "respond.measure_closed", "values": {**words["values"], "account": erasure.account}}


def _by_hand(made: Sequence[Made]) -> list[Mapping[str, Any]]:
    return [
        {"text": "respond.measure_at", "values": {"what": kind_words(each.kind), "where": f"{each.id} {each.change}"}}
        for each in made
    ]
