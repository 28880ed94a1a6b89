"""What faces the outside: CloudFront before the company's sites, and documents for its machines."""

from dataclasses import dataclass
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA
from sakimori.simulate.scenarios.messy.storage import full_name

_DOCUMENT: Final = '{"schemaVersion": "2.2", "description": "ログの回収", "mainSteps": []}'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """One distribution; `bucket` "" for a site of the company's own servers."""

    name: str
    bucket: str = ""
    access: str = ""
    root_object: str = ""
    protocol: str = "redirect-to-https"
    path_protocol: str = ""
    logs: bool = False
    enabled: bool = True
    comment: str = "公式サイト"
    origin_protocol: str = "https-only"
    web_acl: str = ""


_SITES: Final = (
    _Site(name="corporate", bucket="web-assets", access="control", root_object="index.html", logs=True),
    # Its default is right; one path of it takes passwords over plain HTTP.
    _Site(name="shop", protocol="https-only", path_protocol="allow-all", web_acl="web-acl.edge"),
    # Visitors see a lock; behind it, their posts cross the internet in the clear.
    _Site(name="blog", origin_protocol="http-only"),
    _Site(name="downloads", bucket="partner-read", access="identity", protocol="allow-all"),
    # The campaign is over and its bucket gone; the name of the bucket is anyone's now.
    _Site(name="campaign", bucket="lp-2019", root_object="index.html", comment="</td><script>alert(2019)</script>"),
    _Site(name="retired", bucket="lp-2018", protocol="allow-all", enabled=False),
)


def seed(seeding: Seeding) -> None:
    """Distributions, then documents; `site.<name>` is each distribution's ARN."""
    for site in _SITES:
        _site(seeding, site)
    _deliver_logs(seeding, "shop")
    _documents(seeding)


def _site(seeding: Seeding, site: _Site) -> None:
    cloudfront = seeding.client("cloudfront")
    behaviour = {"TargetOriginId": "origin", "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"}
    config: dict[str, Any] = {
        "CallerReference": site.name,
        "Comment": site.comment,
        "Enabled": site.enabled,
        "DefaultRootObject": site.root_object,
        "Origins": {"Quantity": 1, "Items": [_origin(seeding, site)]},
        "DefaultCacheBehavior": {**behaviour, "ViewerProtocolPolicy": site.protocol},
    }
    if site.web_acl:
        config["WebACLId"] = seeding.names[site.web_acl]
    if site.path_protocol:
        path = {**behaviour, "PathPattern": "/login/*", "ViewerProtocolPolicy": site.path_protocol}
        config["CacheBehaviors"] = {"Quantity": 1, "Items": [path]}
    if site.logs:
        bucket = f"{full_name(seeding, 'old-logs')}.s3.amazonaws.com"
        config["Logging"] = {"Enabled": True, "IncludeCookies": False, "Bucket": bucket, "Prefix": "cdn/"}
    made = cloudfront.create_distribution(DistributionConfig=config)
    seeding.names[f"site.{site.name}"] = made["Distribution"]["ARN"]


def _origin(seeding: Seeding, site: _Site) -> dict[str, Any]:
    if not site.bucket:
        ports = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": site.origin_protocol}
        return {"Id": "origin", "DomainName": f"{site.name}.example.jp", "CustomOriginConfig": ports}
    origin: dict[str, Any] = {
        "Id": "origin",
        "DomainName": f"{full_name(seeding, site.bucket)}.s3.{TOKYO}.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    if site.access == "identity":
        origin["S3OriginConfig"] = {"OriginAccessIdentity": "origin-access-identity/cloudfront/E127EXAMPLE51Z"}
    if site.access == "control":
        asked = {"SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"}
        client = seeding.client("cloudfront")
        made = client.create_origin_access_control(OriginAccessControlConfig={"Name": site.name, **asked})
        origin["OriginAccessControlId"] = made["OriginAccessControl"]["Id"]
    return origin


def _deliver_logs(seeding: Seeding, name: str) -> None:
    """Access logs by standard logging (v2), which the distribution itself does not show."""
    logs = seeding.client("logs", VIRGINIA)
    arn = seeding.names[f"site.{name}"]
    logs.put_delivery_source(name=f"cdn-{name}", resourceArn=arn, logType="ACCESS_LOGS")
    bucket = {"destinationResourceArn": f"arn:aws:s3:::{full_name(seeding, 'old-logs')}"}
    made = logs.put_delivery_destination(name="cdn-logs", outputFormat="json", deliveryDestinationConfiguration=bucket)
    destination = made["deliveryDestination"]["arn"]
    logs.create_delivery(deliverySourceName=f"cdn-{name}", deliveryDestinationArn=destination)


def _documents(seeding: Seeding) -> None:
    for region, name, shared in (
        (TOKYO, "awase-collect-logs", ()),
        (TOKYO, "awase-patch-night", ("333333333333",)),
        (IRELAND, "awase-setup", ("all",)),
    ):
        ssm = seeding.client("ssm", region)
        ssm.create_document(Name=name, DocumentType="Command", DocumentFormat="JSON", Content=_DOCUMENT)
        if shared:
            ssm.modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=list(shared))
    setting = "/ssm/documents/console/public-sharing-permission"
    seeding.client("ssm", TOKYO).update_service_setting(SettingId=setting, SettingValue="Disable")
