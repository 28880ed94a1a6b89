"""Amazon Inspector for the calling account itself, which AWS means where no account is named."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.inspector2.models import AccountStatus, Inspector2Backend, inspector2_backends

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_STATES: Final = ("EC2", "ECR", "LAMBDA", "LAMBDA_CODE")


def enable(desk: Desk) -> Mapping[str, Any]:
    """Scan types of resources; the code of functions only together with their packages."""
    asked = _types(desk)
    scanned = {
        kind
        for each in status(desk)["accounts"]
        for kind, state in each["resourceState"].items()
        if state["status"] == "ENABLED"
    }
    if "LAMBDA_CODE" in asked and "LAMBDA" not in asked and "lambda" not in scanned:
        raise ServiceError("ValidationException", "LAMBDA_CODE requires LAMBDA to be enabled.", 400)
    return {"accounts": _backend(desk).enable(_accounts(desk), list(asked))}


def disable(desk: Desk) -> Mapping[str, Any]:
    """Stop scanning types of resources, all of them where none is named; code is not scanned without its packages."""
    asked = _types(desk)
    stopped = {*asked, "LAMBDA_CODE"} if "LAMBDA" in asked else set(asked)
    return {"accounts": _backend(desk).disable(_accounts(desk), sorted(stopped))}


def status(desk: Desk) -> Mapping[str, Any]:
    """What is scanned."""
    asked = _accounts(desk)
    known: dict[str, Any] = _backend(desk).account_status
    for account in asked:
        known.setdefault(account, AccountStatus(account))
    found: Sequence[Mapping[str, Any]] = _backend(desk).batch_get_account_status(asked)
    return {"accounts": [_whole(each) for each in found], "failedAccounts": []}


def administrator(desk: Desk) -> Mapping[str, Any]:
    """The administrator whose member the account is."""
    found = desk.state.services.administrators.get("inspector2")
    if not found:
        raise ServiceError("ResourceNotFoundException", "No delegated administrator was found.", 404)
    return {"delegatedAdmin": {"accountId": found, "relationshipStatus": "ENABLED"}}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "inspector2:BatchGetAccountStatus": status,
    "inspector2:Disable": disable,
    "inspector2:Enable": enable,
    "inspector2:GetDelegatedAdminAccount": administrator,
}


def _backend(desk: Desk) -> Inspector2Backend:
    return inspector2_backends[desk.state.account_id][desk.call.region]


def _accounts(desk: Desk) -> list[str]:
    return list(desk.parameters().get("accountIds") or [desk.state.account_id])


def _types(desk: Desk) -> Sequence[str]:
    return desk.parameters().get("resourceTypes") or _STATES


def _whole(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the members that AWS always sends, an error or not."""
    fine = {"errorCode": "", "errorMessage": ""}
    resources = {kind: {**state, **fine} for kind, state in found["resourceState"].items()}
    return {**found, "state": {**found["state"], **fine}, "resourceState": resources}
