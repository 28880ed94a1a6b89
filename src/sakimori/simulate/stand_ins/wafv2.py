"""Logging configurations by scope: moto keeps one a web ACL, whatever the scope."""

from collections.abc import Mapping
from typing import Final

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_OWN: Final = "CUSTOMER"


def logging_configuration(desk: Desk) -> Answer:
    """Moto's answer for logging of the account's own; no service of AWS has set up any other here."""
    if desk.parameters().get("LogScope", _OWN) != _OWN:
        message = "AWS WAF couldn't perform the operation because your resource doesn't exist."
        raise ServiceError("WAFNonexistentItemException", message)
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {"wafv2:GetLoggingConfiguration": logging_configuration}
