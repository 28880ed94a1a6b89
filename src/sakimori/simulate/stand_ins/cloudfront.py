"""What moto drops of a distribution's origins, and what CloudFront refuses and moto takes."""

from collections.abc import Mapping
from typing import Any, Final

from moto.cloudfront.models import CloudFrontBackend, cloudfront_backends
from moto.wafv2.models import wafv2_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn


def create_distribution(desk: Desk) -> Answer:
    """Moto's distribution, with how it signs what it asks its origins for."""
    return _kept(desk, desk.parameters()["DistributionConfig"])


def create_distribution_with_tags(desk: Desk) -> Answer:
    """The same, with tags."""
    return _kept(desk, desk.parameters()["DistributionConfigWithTags"]["DistributionConfig"])


STAND_INS: Final[Mapping[str, StandIn]] = {
    "cloudfront:CreateDistribution": create_distribution,
    "cloudfront:CreateDistributionWithTags": create_distribution_with_tags,
    "cloudfront:UpdateDistribution": create_distribution,
}


def _kept(desk: Desk, config: Mapping[str, Any]) -> Answer:
    backend: CloudFrontBackend = cloudfront_backends[desk.state.account_id][desk.state.partition]
    _check_access_controls(backend, config)
    _check_web_acl(desk, config)
    # moto makes new objects of origins, also for an update: those that are new hold what was asked for now.
    known = {id(origin) for origin in _origins(backend)}
    answer = desk.moto()
    asked = {origin["Id"]: origin for origin in config["Origins"]["Items"]}
    for origin in _origins(backend):
        if id(origin) not in known:
            wanted = asked[origin.id]
            if "S3OriginConfig" in wanted:
                identity = wanted["S3OriginConfig"].get("OriginAccessIdentity") or ""
                origin.s3_origin_config = {"OriginAccessIdentity": identity}
            origin.origin_access_control_id = wanted.get("OriginAccessControlId") or ""
    return answer


def _origins(backend: CloudFrontBackend) -> list[Any]:
    distributions = tuple(backend.distributions.values())
    return [origin for each in distributions for origin in each.distribution_config.Origins["Items"]]  # type: ignore[attr-defined]


def _check_access_controls(backend: CloudFrontBackend, config: Mapping[str, Any]) -> None:
    for origin in config["Origins"]["Items"]:
        asked = origin.get("OriginAccessControlId")
        if asked and asked not in backend.origin_access_controls:
            message = "The specified origin access control does not exist or is not valid."
            raise ServiceError("InvalidOriginAccessControl", message)


def _check_web_acl(desk: Desk, config: Mapping[str, Any]) -> None:
    asked = config.get("WebACLId")
    if asked and asked not in wafv2_backends[desk.state.account_id]["global"].wacls:
        raise ServiceError("InvalidWebACLId", "Invalid web ACL ID specified.")
