"""The primary contact of the account, which moto does not keep."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn


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


STAND_INS: Final[Mapping[str, StandIn]] = {
    "account:GetContactInformation": contact,
    "account:PutContactInformation": put_contact,
}
