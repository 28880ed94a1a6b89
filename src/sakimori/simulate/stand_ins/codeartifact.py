"""CodeArtifact's domains and repositories with their policies, of which moto has none."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn


def _arn(desk: Desk, path: str) -> str:
    return f"arn:{desk.state.partition}:codeartifact:{desk.call.region}:{desk.state.account_id}:{path}"


def _place(desk: Desk, *names: str) -> str:
    """The ARN of the domain or, with two names, of the repository that is asked for."""
    told = desk.parameters()
    kind = "repository" if len(names) > 1 else "domain"
    return _arn(desk, "/".join([kind, *(str(told[name]) for name in names)]))


def _kept(desk: Desk, arn: str) -> dict[str, Any]:
    found = desk.state.services.artifacts.get(arn)
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"{arn} not found", 404)
    return found


def _create(desk: Desk, arn: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    if arn in desk.state.services.artifacts:
        raise ServiceError("ConflictException", f"{arn} already exists", 409)
    made = {**told, "arn": arn, "createdTime": desk.state.clock()}
    desk.state.services.artifacts[arn] = {"told": made, "policy": ""}
    return made


def create_domain(desk: Desk) -> Mapping[str, Any]:
    """A domain, which holds repositories."""
    told = {"name": desk.parameters()["domain"], "owner": desk.state.account_id, "status": "Active"}
    return {"domain": _create(desk, _place(desk, "domain"), told)}


def create_repository(desk: Desk) -> Mapping[str, Any]:
    """A repository in a domain of the account."""
    _kept(desk, _place(desk, "domain"))
    asked, own = desk.parameters(), desk.state.account_id
    told = {"name": asked["repository"], "domainName": asked["domain"], "domainOwner": own, "administratorAccount": own}
    return {"repository": _create(desk, _place(desk, "domain", "repository"), told)}


def _listed(desk: Desk, kind: str) -> list[Mapping[str, Any]]:
    begun = _arn(desk, f"{kind}/")
    return [each["told"] for arn, each in sorted(desk.state.services.artifacts.items()) if arn.startswith(begun)]


def list_domains(desk: Desk) -> Mapping[str, Any]:
    """Those of the Region."""
    return {"domains": _listed(desk, "domain")}


def list_repositories(desk: Desk) -> Mapping[str, Any]:
    """Those of the Region."""
    return {"repositories": _listed(desk, "repository")}


def _put(*names: str) -> StandIn:
    def answer(desk: Desk) -> Mapping[str, Any]:
        arn = _place(desk, *names)
        _kept(desk, arn)["policy"] = str(desk.parameters()["policyDocument"])
        return {"policy": {"resourceArn": arn, "document": desk.parameters()["policyDocument"]}}

    return answer


def _policy(*names: str) -> StandIn:
    def answer(desk: Desk) -> Mapping[str, Any]:
        arn = _place(desk, *names)
        document = _kept(desk, arn)["policy"]
        if not document:
            raise ServiceError("ResourceNotFoundException", f"{arn} has no policy", 404)
        return {"policy": {"resourceArn": arn, "document": document}}

    return answer


def _delete(*names: str) -> StandIn:
    def answer(desk: Desk) -> Mapping[str, Any]:
        _kept(desk, _place(desk, *names))["policy"] = ""
        return {}

    return answer


STAND_INS: Final[Mapping[str, StandIn]] = {
    "codeartifact:CreateDomain": create_domain,
    "codeartifact:CreateRepository": create_repository,
    "codeartifact:DeleteDomainPermissionsPolicy": _delete("domain"),
    "codeartifact:DeleteRepositoryPermissionsPolicy": _delete("domain", "repository"),
    "codeartifact:GetDomainPermissionsPolicy": _policy("domain"),
    "codeartifact:GetRepositoryPermissionsPolicy": _policy("domain", "repository"),
    "codeartifact:ListDomains": list_domains,
    "codeartifact:ListRepositories": list_repositories,
    "codeartifact:PutDomainPermissionsPolicy": _put("domain"),
    "codeartifact:PutRepositoryPermissionsPolicy": _put("domain", "repository"),
}
