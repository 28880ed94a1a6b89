"""R12 for a person of IAM Identity Center: denied by id in every permission set of the instance, whatever sessions exist.

In the accounts such a person is a role that IAM lets nobody edit, so it is stopped where Identity Center is administered. All
permission sets are taken: whom a group or another account lets in is not asked for. An account may see several instances, its
own (which has no permission sets) and the organisation's, so the first counts that has the set in question.
Sources: IAM Identity Center User Guide, "Revoke active IAM role sessions created by permission sets", "Delegated administration"
and "Organization and account instances of IAM Identity Center"; botocore's models of sso-admin and identitystore.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sakimori.app.respond.case import IDENTITY_CENTER, StepState, Told
from sakimori.app.respond.denied_people import with_person
from sakimori.app.respond.hands import Hands, Measure, Outcome
from sakimori.app.respond.measures import SSO_DENIED, permission_set
from sakimori.app.respond.telling import plain_error
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.texts.language import clean

_INSTANCES: Final = "sso-admin:ListInstances"
_SETS: Final = "sso-admin:ListPermissionSets"
_SET: Final = "sso-admin:DescribePermissionSet"
_USER: Final = "identitystore:GetUserId"
_PERSON: Final = "identitystore:DescribeUser"
OPERATIONS: Final = (_INSTANCES, _SETS, _SET, _USER, _PERSON)
_ID: Final = re.compile(r"([0-9a-f]{10}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_ABSENT: Final = "ResourceNotFoundException"
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class _Place:
    """Where Identity Center is administered."""

    door: Door
    region: str
    instance: str
    store: str
    owner: str


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody in an instance, with the names of all its permission sets by their ARNs."""

    place: _Place
    id: str
    name: str
    sets: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCenter:
    """Denies one person. `doors` are the accounts that were entered."""

    hands: Hands
    doors: Sequence[Door]

    def deny(self, user: str) -> bool:
        """Whether the person (a user name or the id in the identity store) is denied in every permission set."""
        places, unread = self._places()
        if not places and not unread:
            self.hands.tell("R12", StepState.FAILED, "respond.no_identity_center", accounts=[each.account.id for each in self.doors])  # fmt: skip
            return False
        found: list[_Person] = []
        refused: list[tuple[_Place | None, Refusal]] = [] if places else [(None, each) for each in unread.values()]
        for place in places:
            try:
                found.append(_found(place, user))
            except Refusal as refusal:
                refused.append((place, refusal))
        wanted = permission_set(self.hands.log.case.suspect.role)
        person = next((each for each in found if wanted in each.sets.values()), next((each for each in found if each.sets), None))  # fmt: skip
        if person is None:
            self._tell_unfound(user, refused)
            return False
        return self._carried_out(person, list(unread))

    def _places(self) -> tuple[Sequence[_Place], Mapping[str, Refusal]]:
        """Where instances are seen, the owner's view first, and the places that refused; one is seen in its home Region alone.

        A Region that refuses (an SCP may shut it) does not keep the others from being looked at.
        """
        found: list[_Place] = []
        refused: dict[str, Refusal] = {}
        for door in self.doors:
            for region in door.account.selected:
                try:
                    told = door.call(_INSTANCES, region, {}).get("Instances") or ()
                except Refusal as refusal:
                    refused[f"{door.account.id} {region} ({refusal.code})"] = refusal
                    continue
                for each in told:
                    owner = str(each.get("OwnerAccountId") or "")
                    found.append(_Place(door, region, str(each["InstanceArn"]), str(each["IdentityStoreId"]), owner))
        return sorted(found, key=lambda each: each.owner != each.door.account.id), refused

    def _tell_unfound(self, user: str, refused: Sequence[tuple[_Place | None, Refusal]]) -> None:
        """That nobody of the name, or no permission set, was found; where it is administered elsewhere, there."""
        entered = {each.account.id for each in self.doors}
        is_elsewhere = sorted({each.owner for each, _ in refused if each and each.owner not in entered})
        unknown = [each for each, refusal in refused if each and refusal.code == _ABSENT]
        other = next((refusal for _, refusal in refused if refusal.code != _ABSENT), None)
        values: dict[str, Any] = {"user": clean(user, 128), "owner": is_elsewhere}
        if unknown:
            text, values = "respond.identity_center_no_such_user", values | {"stores": [each.store for each in unknown]}
        elif is_elsewhere:
            text = "respond.identity_center_elsewhere"
        elif other:
            text, values = "respond.identity_center_unread", {"call": other.call, "code": other.code}
        else:
            text, values = "respond.no_identity_center", {"accounts": sorted(entered)}
        self.hands.tell("R12", StepState.FAILED, text, **values)

    def _carried_out(self, person: _Person, unread: Sequence[str]) -> bool:
        place, at = person.place, self.hands.clock()
        wanted = [
            Measure(account=place.door.account.id, step=SSO_DENIED, resource=f"{arn}|{person.id}", region=place.region)
            for arn in person.sets
        ]
        self.hands.wishes = replace(self.hands.wishes, people={person.id: person.name})
        outcome = self.hands.carry_out("R12", wanted, revoked_before=at.isoformat())
        if outcome.is_declined:
            return self.hands.tell_outcome("R12", outcome, len(wanted))
        done = {each.resource for each in (*outcome.made, *outcome.already)}
        held = [each for each in wanted if each.resource in done]
        names = {each.resource: person.sets[each.resource.partition("|")[0]] for each in wanted}
        left = [name for resource, name in names.items() if resource not in done]
        places = [{"account": each.account, "resource": each.resource, "region": each.region} for each in held]
        told = {
            "user": person.name, "user_id": person.id, "sets": [names[each.resource] for each in held], "left": left,
            "places": places, "at": at.isoformat(),
        }  # fmt: skip
        case = self.hands.log.case
        self.hands.log.write(Told.ANSWER, {"question": IDENTITY_CENTER, "answer": with_person(case, told)})
        self._tell(person, outcome, left, unread)
        return not left

    def _tell(self, person: _Person, outcome: Outcome, left: Sequence[str], unread: Sequence[str]) -> None:
        values: dict[str, Any] = {
            "user": clean(person.name, 128), "count": len(person.sets) - len(left), "of": len(person.sets),
            "unread": list(unread), "case": self.hands.log.case.id,
        }  # fmt: skip
        if not left:
            text = "respond.identity_center_denied_where_seen" if unread else "respond.identity_center_denied"
            self.hands.tell("R12", StepState.DONE, text, **values)
            return
        is_delegate = person.place.owner != person.place.door.account.id
        more = {"text": "respond.identity_center_delegate", "values": {"owner": person.place.owner}}
        why = [*_why(person, outcome), *([more] if is_delegate else [])]
        values |= {"left": [clean(each, 64) for each in left[:_SHOWN]], "why": why}
        self.hands.tell("R12", StepState.FAILED, "respond.identity_center_in_part", **values)


def _why(person: _Person, outcome: Outcome) -> Iterator[Mapping[str, Any]]:
    """For what reasons sets are left."""
    for item in outcome.held[:_SHOWN]:
        cautions = [each for each in item.cautions if each.blocks]
        yield from ({"text": each.text, "values": dict(each.values)} for each in cautions)
        if not cautions:
            values = {"name": _set_in(person, item.resource), "reason": clean(item.reason, 200)}
            yield {"text": "respond.identity_center_set_unread", "values": values}
    for error in outcome.failed[:_SHOWN]:
        # The sentence of a run says much besides: here the set, the call and AWS's reason are what counts.
        told = {name: clean(str(error.values[name]), 300) for name in ("call", "code") if name in error.values}
        values = {"name": _set_in(person, str(error.values.get("region", ""))), **told}
        is_call = len(told) == len(("call", "code"))
        yield {"text": "respond.identity_center_set_refused", "values": values} if is_call else plain_error(error)


def _set_in(person: _Person, where: str) -> str:
    """The name of the permission set of which a place speaks."""
    return next((clean(name, 64) for arn, name in person.sets.items() if arn in where), "?")


def _found(place: _Place, user: str) -> _Person:
    """The person and the permission sets there; Refusal."""
    asked = {"IdentityStoreId": place.store}
    if _ID.match(user):
        told = place.door.call(_PERSON, place.region, {**asked, "UserId": user})
        return _Person(place, user, str(told.get("UserName") or user), _sets(place))
    alternate = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": user}}
    found = str(place.door.call(_USER, place.region, {**asked, "AlternateIdentifier": alternate})["UserId"])
    return _Person(place, found, user, _sets(place))


def _sets(place: _Place) -> Mapping[str, str]:
    """The names of all permission sets by their ARNs."""
    named = {"InstanceArn": place.instance}
    pages = place.door.pages(_SETS, place.region, named)
    arns = [str(each) for page in pages for each in page.get("PermissionSets") or ()]
    told = {each: place.door.call(_SET, place.region, {**named, "PermissionSetArn": each}) for each in arns}
    return {arn: str((answer.get("PermissionSet") or {}).get("Name") or "") for arn, answer in told.items()}
