"""Trusted access for IAM, and central management of the root users of member accounts."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.organizations.models import OrganizationsBackend, organizations_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_IAM: Final = "iam.amazonaws.com"
_CREDENTIALS: Final = "RootCredentialsManagement"
_SESSIONS: Final = "RootSessions"


def trust(desk: Desk) -> Mapping[str, Any] | Answer:
    """Moto's trusted access, which does not know IAM."""
    if desk.parameters()["ServicePrincipal"] != _IAM:
        return desk.moto()
    services: Any = _organization(desk).services
    if not any(each["ServicePrincipal"] == _IAM for each in services):
        services.append({"ServicePrincipal": _IAM, "DateEnabled": desk.state.clock().timestamp()})
    return {}


def distrust(desk: Desk) -> Mapping[str, Any] | Answer:
    """The way back."""
    if desk.parameters()["ServicePrincipal"] != _IAM:
        return desk.moto()
    services: Any = _organization(desk).services
    services[:] = [each for each in services if each["ServicePrincipal"] != _IAM]
    return {}


def features(desk: Desk) -> Mapping[str, Any]:
    """What is managed centrally."""
    _require_trust(desk)
    return _shown(desk)


def _switch(feature: str, *, on: bool) -> Callable[[Desk], Mapping[str, Any]]:
    def switch(desk: Desk) -> Mapping[str, Any]:
        _require_trust(desk)
        (desk.state.services.organization_features.add if on else desk.state.services.organization_features.discard)(
            feature
        )
        return _shown(desk)

    return switch


STAND_INS: Final[Mapping[str, StandIn]] = {
    "iam:DisableOrganizationsRootCredentialsManagement": _switch(_CREDENTIALS, on=False),
    "iam:DisableOrganizationsRootSessions": _switch(_SESSIONS, on=False),
    "iam:EnableOrganizationsRootCredentialsManagement": _switch(_CREDENTIALS, on=True),
    "iam:EnableOrganizationsRootSessions": _switch(_SESSIONS, on=True),
    "iam:ListOrganizationsFeatures": features,
    "organizations:DisableAWSServiceAccess": distrust,
    "organizations:EnableAWSServiceAccess": trust,
}


def _organization(desk: Desk) -> OrganizationsBackend:
    found = organizations_backends[desk.state.account_id][desk.state.partition]
    if found.org is None:
        message = "Your account is not a member of an organization."
        code = (
            "AWSOrganizationsNotInUseException"
            if desk.call.service == "organizations"
            else "OrganizationNotFoundException"
        )
        raise ServiceError(code, message)
    return found


def _require_trust(desk: Desk) -> None:
    backend = _organization(desk)
    organization: Any = backend.org
    if organization.feature_set != "ALL":
        raise ServiceError("OrganizationNotInAllFeaturesModeException", "All features are not enabled.")
    services: Any = backend.services
    if not any(each["ServicePrincipal"] == _IAM for each in services):
        raise ServiceError("ServiceAccessNotEnabledException", "Trusted access is not enabled for IAM.")


def _shown(desk: Desk) -> Mapping[str, Any]:
    organization: Any = _organization(desk).org
    return {
        "OrganizationId": organization.id,
        "EnabledFeatures": sorted(desk.state.services.organization_features),
    }
