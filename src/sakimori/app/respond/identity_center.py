"""R12 for a person of IAM Identity Center: denied by id in every permission set of the instance, whatever sessions exist.

In the accounts such a person is a role that IAM lets nobody edit, so it is stopped where Identity Center is administered. All
permission sets are taken: whom a group or another account lets in is not asked for. Source: IAM Identity Center User Guide,
"Revoke active IAM role sessions created by permission sets"; botocore's models of sso-admin and identitystore.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sakimori.app.respond.case import IDENTITY_CENTER, Case, StepState, Told, moment_of
from sakimori.app.respond.hands import Hands, Measure
from sakimori.app.respond.measures import SSO_DENIED, sso_place
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.texts.language import clean

_INSTANCES: Final = "sso-admin:ListInstances"
_SETS: Final = "sso-admin:ListPermissionSets"
_SET: Final = "sso-admin:DescribePermissionSet"
_USER: Final = "identitystore:GetUserId"
OPERATIONS: Final = (_INSTANCES, _SETS, _SET, _USER)
_ID: Final = re.compile(r"([0-9a-f]{10}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where Identity Center is administered."""

    door: Door
    region: str
    instance: str
    store: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCenter:
    """Denies one person. `doors` are the accounts that were entered."""

    hands: Hands
    doors: Sequence[Door]

    def deny(self, user: str) -> bool:
        """Whether the person (a user name or the id in the identity store) is denied in every permission set."""
        try:
            place, unread = self._place()
            if place is None:
                self.hands.tell("R12", StepState.FAILED, "respond.no_identity_center", accounts=[each.account.id for each in self.doors])  # fmt: skip
                return False
            found = user if _ID.match(user) else self._id_of(place, user)
            sets = self._sets(place)
        except Refusal as refusal:
            self.hands.tell("R12", StepState.FAILED, "respond.identity_center_unread", call=refusal.call, code=refusal.code)  # fmt: skip
            return False
        wanted = [
            Measure(account=place.door.account.id, step=SSO_DENIED, resource=f"{arn}|{found}", region=place.region)
            for arn in sets
        ]
        outcome = self.hands.carry_out("R12", wanted)
        is_whole = self.hands.tell_outcome("R12", outcome, len(wanted))
        if is_whole:
            at = self.hands.clock().isoformat()
            places = [{"account": each.account, "resource": each.resource, "region": each.region} for each in wanted]
            told = {"user": user, "user_id": found, "sets": list(sets.values()), "places": places, "at": at}
            self.hands.log.write(Told.ANSWER, {"question": IDENTITY_CENTER, "answer": told})
            text = "respond.identity_center_denied_where_seen" if unread else "respond.identity_center_denied"
            self.hands.tell("R12", StepState.DONE, text, user=clean(user, 128), count=len(wanted), unread=list(unread))
        return is_whole

    def _place(self) -> tuple[_Place | None, tuple[str, ...]]:
        """The owner's, where several see an instance, and the places that refused; an instance is seen in its home Region alone.

        A Region that refuses (an SCP may shut it) does not keep the others from being looked at. Refusal where none is seen and
        some refused.
        """
        found: list[tuple[bool, _Place]] = []
        refused: dict[str, Refusal] = {}
        for door in self.doors:
            for region in door.account.selected:
                try:
                    told = door.call(_INSTANCES, region, {}).get("Instances") or ()
                except Refusal as refusal:
                    refused[f"{door.account.id} {region} ({refusal.code})"] = refusal
                    continue
                for each in told:
                    place = _Place(door, region, str(each["InstanceArn"]), str(each["IdentityStoreId"]))
                    found.append((each.get("OwnerAccountId") != door.account.id, place))
        if not found and refused:
            raise next(iter(refused.values()))
        return min(found, key=lambda each: each[0])[1] if found else None, tuple(refused)

    def _id_of(self, place: _Place, name: str) -> str:
        alternate = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}}
        asked = {"IdentityStoreId": place.store, "AlternateIdentifier": alternate}
        return str(place.door.call(_USER, place.region, asked)["UserId"])

    def _sets(self, place: _Place) -> Mapping[str, str]:
        """The names of all permission sets by their ARNs."""
        named = {"InstanceArn": place.instance}
        pages = place.door.pages(_SETS, place.region, named)
        arns = [str(each) for page in pages for each in page.get("PermissionSets") or ()]
        told = {each: place.door.call(_SET, place.region, {**named, "PermissionSetArn": each}) for each in arns}
        return {arn: str((answer.get("PermissionSet") or {}).get("Name") or "") for arn, answer in told.items()}


def sso_denials(case: Case) -> tuple[tuple[Measure, datetime], ...]:
    """What of a case stops sessions of Identity Center: as measures of a permission set's and a person's name."""
    told: Mapping[str, Any] = case.answers.get(IDENTITY_CENTER) or {}
    at = moment_of(told.get("at"))
    if at is None:
        return ()
    return tuple(
        (Measure(account="", step=SSO_DENIED, resource=sso_place(str(each), str(told["user"]))), at)
        for each in told.get("sets") or ()
    )


def sso_places_denied(case: Case) -> tuple[Measure, ...]:
    """Where that was written, so that it can be looked at whether it holds still; () of a version that did not note it."""
    told: Mapping[str, Any] = case.answers.get(IDENTITY_CENTER) or {}
    return tuple(
        Measure(
            account=str(each["account"]), step=SSO_DENIED, resource=str(each["resource"]), region=str(each["region"])
        )
        for each in told.get("places") or ()
    )
