"""HB01: AWS knows whom to write to and whom to call about security, bills and outages.

A contact that the owner named in config.toml is set, also over another; one that he did not name is left as it is. The
primary contact is read, because AWS gives a lost root user back by it, and a caution says what it lacks; it is not
written: its address stands on the invoices. Contacts are people: sentences show the mail address alone, plan and journal
hold the rest.
Source: botocore's model of account (lengths and patterns; DeleteAlternateContact has ResourceNotFoundException); AWS
Account Management reference guide, "Update the alternate contacts for your AWS account".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource
from sakimori.actions.wishes import Contact, ContactKind
from sakimori.model.action import Baseline, Call, Change
from sakimori.model.words import Scope

_GET: Final = "account:GetAlternateContact"
_PUT: Final = "account:PutAlternateContact"
_DELETE: Final = "account:DeleteAlternateContact"
_GET_PRIMARY: Final = "account:GetContactInformation"
_NONE: Final = "ResourceNotFoundException"
_KINDS: Final = tuple(kind.value.upper() for kind in ContactKind)
_MEMBERS: Final = {"name": "Name", "title": "Title", "email": "EmailAddress", "phone": "PhoneNumber"}
_FITS: Final = {
    "name": re.compile(r".{1,64}", re.DOTALL),
    "title": re.compile(r".{1,50}", re.DOTALL),
    "email": re.compile(r"(?=.{1,254}\Z)\s*[\w+=.#|!&-]+@[\w.-]+\.\w+\s*"),
    "phone": re.compile(r"[\s0-9()+-]{1,25}"),
}
"""What AWS takes."""


def _read(site: Site) -> State:
    return {"contacts": {kind: _contact(site, kind) for kind in _KINDS}}


def _contact(site: Site, kind: str) -> Mapping[str, str] | None:
    answer = site.call(_GET, (_NONE,), AlternateContactType=kind)
    if answer is None:
        return None
    told = answer["AlternateContact"]
    return {name: str(told.get(member, "")).strip() for name, member in _MEMBERS.items()}


def _wanted(site: Site, state: State) -> State:
    return {"contacts": {**state["contacts"], **_said(site)}}


def _said(site: Site) -> dict[str, Mapping[str, str]]:
    return {kind.upper(): _told(contact) for kind, contact in site.wishes.contacts.items()}


def _told(contact: Contact) -> Mapping[str, str]:
    told = {"name": contact.name, "title": contact.title, "email": contact.email, "phone": contact.phone}
    return {name: value.strip() for name, value in told.items()}


def _lacks(site: Site) -> str:
    said = _said(site)
    if any(not _FITS[name].fullmatch(value) for each in said.values() for name, value in each.items()):
        return "harden_reach.hb01_unfit"
    if len(said) == len(_KINDS):
        return ""
    state = _read(site)
    # What was said is made first: a security contact today is worth more than three of them some day.
    return "harden_reach.hb01_lacks" if _missing(site, state) and _wanted(site, state) == state else ""


def _missing(site: Site, state: State) -> list[str]:
    said = _said(site)
    return [kind for kind in _KINDS if kind not in said and state["contacts"][kind] is None]


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    changes: list[Change] = []
    for kind in _KINDS:
        before, after = now["contacts"][kind], target["contacts"][kind]
        if before == after:
            continue
        there, back = _call(site, kind, after), _call(site, kind, before)
        values: dict[str, Any] = {"kind": kind}
        if before and after:
            text, values = "harden_reach.hb01_replaced", {**values, "before": before["email"], "email": after["email"]}
        elif after:
            text, values = "harden_reach.hb01_set", {**values, "email": after["email"]}
        else:
            text = "harden_reach.hb01_deleted"
        changes.append(Change(name=kind.lower(), call=there, undo=(back,), text=text, values=values))
    return changes


def _call(site: Site, kind: str, contact: Mapping[str, str] | None) -> Call:
    parameters = {"AlternateContactType": kind}
    if contact is None:
        return Call(operation=_DELETE, region=site.region, parameters=parameters, settled=(_NONE,))
    members = {member: contact[name] for name, member in _MEMBERS.items()}
    return Call(operation=_PUT, region=site.region, parameters={**parameters, **members})


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    missing = _missing(site, state)
    unsaid = [Caution(text="harden_reach.hb01_still_missing", values={"kinds": missing})] if missing else []
    return [*unsaid, *looked(lambda: _primary_contact(site))]


def _primary_contact(site: Site) -> Sequence[Caution]:
    told = (site.call(_GET_PRIMARY, (_NONE,)) or {}).get("ContactInformation") or {}
    lacking = [name for name in ("FullName", "AddressLine1", "PhoneNumber") if not str(told.get(name, "")).strip()]
    return [Caution(text="harden_reach.hb01_primary", values={"lacking": lacking})] if lacking else []


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    return [
        Resource(
            type="aws_account_alternate_contact", name=kind.lower(),
            arguments={
                "alternate_contact_type": kind, "name": each["name"], "title": each["title"],
                "email_address": each["email"], "phone_number": each["phone"],
            },
        )
        for kind, each in target["contacts"].items() if each is not None
    ]  # fmt: skip


STEP: Final = Step(
    id="HB01",
    order=10,
    texts="harden_reach.hb01",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    rules=(
        "aws.account.security-contact-set", "aws.account.billing-contact-set", "aws.account.operations-contact-set",
    ),
    reads=(_GET, _GET_PRIMARY),
    writes=(_PUT, _DELETE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    lacks=_lacks,
    cautions=_cautions,
    terraform=_terraform,
)  # fmt: skip
