"""The primary contact of the account, which moto does not keep; and what AWS refuses of the alternate ones.

Source: botocore's model of account, lengths and patterns of PutAlternateContact.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from moto.account.models import account_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_TAKEN: Final = {
    "AlternateContactType": re.compile(r"SECURITY|BILLING|OPERATIONS"),
    "Name": re.compile(r".{1,64}", re.DOTALL),
    "Title": re.compile(r".{1,50}", re.DOTALL),
    "EmailAddress": re.compile(r"(?=.{1,254}\Z)\s*[\w+=.#|!&-]+@[\w.-]+\.\w+\s*"),
    "PhoneNumber": re.compile(r"[\s0-9()+-]{1,25}"),
}


def contact(desk: Desk) -> Mapping[str, Any]:
    """The primary contact."""
    found = desk.state.services.contact
    if found is None:
        raise ServiceError("ResourceNotFoundException", "No contact information was found for the account.", 404)
    return {"ContactInformation": dict(found), "VerificationStatus": "UNVERIFIED"}


def put_contact(desk: Desk) -> Mapping[str, Any]:
    """Replace the primary contact as a whole."""
    desk.state.services.contact = dict(desk.parameters()["ContactInformation"])
    return {}


def put_alternate(desk: Desk) -> Answer:
    """Set an alternate contact that AWS takes."""
    asked = desk.parameters()
    for name, pattern in _TAKEN.items():
        if not pattern.fullmatch(str(asked[name])):
            raise ServiceError("ValidationException", f"{name} failed to satisfy constraint", 400)
    return desk.moto()


def delete_alternate(desk: Desk) -> Answer:
    """Delete an alternate contact that is there."""
    kept = account_backends[desk.state.account_id][desk.state.partition]._alternate_contacts  # noqa: SLF001 - moto tells no other way what is there
    if desk.parameters()["AlternateContactType"] not in kept:
        raise ServiceError("ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404)
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {
    "account:DeleteAlternateContact": delete_alternate,
    "account:GetContactInformation": contact,
    "account:PutAlternateContact": put_alternate,
    "account:PutContactInformation": put_contact,
}
