"""SSM's service settings, managed nodes and versions of documents, which moto lacks, and the setting that keeps documents from everyone."""

from collections.abc import Mapping
from typing import Any, Final

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ssm.models import ssm_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.refusals import not_implemented
from sakimori.simulate.stand_ins.form import Desk, StandIn

# Source: "UpdateServiceSetting", AWS Systems Manager API reference: the settings, and what they are born with.
_DEFAULTS: Final[Mapping[str, str]] = {
    "/ssm/appconfig/appconfig-service-enabled": "false",
    "/ssm/automation/customer-script-log-destination": "None",
    "/ssm/automation/enable-adaptive-concurrency": "False",
    "/ssm/documents/console/public-sharing-permission": "Enable",
    "/ssm/managed-instance/activation-tier": "standard",
    "/ssm/managed-instance/default-ec2-instance-management-role": "None",
    "/ssm/opsinsights/opscenter": "Disabled",
    "/ssm/parameter-store/default-parameter-tier": "Standard",
    "/ssm/parameter-store/high-throughput-enabled": "false",
}
_PUBLIC_SHARING: Final = "/ssm/documents/console/public-sharing-permission"
_SWITCH: Final = ("Enable", "Disable")
_EVERYONE: Final = "all"
_PAGE: Final = 50


def get_setting(desk: Desk) -> Mapping[str, Any]:
    """The setting of the Region: what was set, or what it is born with."""
    return {"ServiceSetting": _setting(desk, _asked(desk))}


def update_setting(desk: Desk) -> Mapping[str, Any]:
    """Set it."""
    setting = _asked(desk)
    value = str(desk.parameters().get("SettingValue", ""))
    if setting == _PUBLIC_SHARING and value not in _SWITCH:
        raise ServiceError("ValidationException", f"Invalid setting value for {setting}.")
    desk.state.ssm_settings[desk.call.region, setting] = (value, desk.state.clock())
    return {}


def reset_setting(desk: Desk) -> Mapping[str, Any]:
    """Let it be as it was born."""
    setting = _asked(desk)
    desk.state.ssm_settings.pop((desk.call.region, setting), None)
    return {"ServiceSetting": _setting(desk, setting)}


def modify_permission(desk: Desk) -> Answer:
    """Moto's answer; with everyone among the accounts, only where the Region lets documents be public."""
    added = desk.parameters().get("AccountIdsToAdd") or ()
    if any(str(each).lower() == _EVERYONE for each in added) and _value(desk, _PUBLIC_SHARING) == "Disable":
        # AWS does not say which of the operation's codes this is.
        message = "Public sharing of documents is blocked for this account in this Region."
        raise ServiceError("DocumentPermissionLimit", message)
    return desk.moto()


def instance_information(desk: Desk) -> Mapping[str, Any]:
    """A page of the Region's running instances whose agent has registered; filters are not there."""
    asked = desk.parameters()
    if asked.get("Filters") or asked.get("InstanceInformationFilterList"):
        raise not_implemented(desk.call)
    backend: EC2Backend = ec2_backends[desk.state.account_id][desk.call.region]
    running = [each.id for each in backend.all_running_instances() if each.id in desk.state.managed_nodes]
    start, size = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or _PAGE)
    page = {"InstanceInformationList": [_node(desk, each) for each in running[start : start + size]]}
    return {**page, "NextToken": str(start + size)} if start + size < len(running) else page


def document_versions(desk: Desk) -> Mapping[str, Any]:
    """Every version of a document of the account, on one page."""
    name = str(desk.parameters()["Name"])
    found: Any = ssm_backends[desk.state.account_id][desk.call.region]._documents.get(name)  # noqa: SLF001 - moto offers no other way
    if found is None:
        raise ServiceError("InvalidDocument", f"Document with name {name} does not exist.")
    return {"DocumentVersions": [_version(found, each) for each in found.versions.values()]}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "ssm:DescribeInstanceInformation": instance_information,
    "ssm:GetServiceSetting": get_setting,
    "ssm:ListDocumentVersions": document_versions,
    "ssm:ModifyDocumentPermission": modify_permission,
    "ssm:ResetServiceSetting": reset_setting,
    "ssm:UpdateServiceSetting": update_setting,
}


def _asked(desk: Desk) -> str:
    """The setting's id; it may be asked for by its ARN."""
    asked = str(desk.parameters().get("SettingId", ""))
    setting = "/" + asked.partition(":servicesetting/")[2] if asked.startswith("arn:") else asked
    if setting not in _DEFAULTS:
        raise ServiceError("ServiceSettingNotFound", f"Setting {asked} is not found.")
    return setting


def _value(desk: Desk, setting: str) -> str:
    value, _ = desk.state.ssm_settings.get((desk.call.region, setting), (_DEFAULTS[setting], None))
    return value


def _setting(desk: Desk, setting: str) -> Mapping[str, Any]:
    state = desk.state
    _, changed = state.ssm_settings.get((desk.call.region, setting), ("", None))
    return {
        "SettingId": setting,
        "SettingValue": _value(desk, setting),
        "LastModifiedDate": changed or state.root.created_at,
        "LastModifiedUser": state.root_arn if changed else "System",
        "ARN": f"arn:{state.partition}:ssm:{desk.call.region}:{state.account_id}:servicesetting{setting}",
        "Status": "Customized" if changed else "Default",
    }


def _node(desk: Desk, instance: str) -> Mapping[str, Any]:
    node = desk.state.managed_nodes[instance]
    return {
        "InstanceId": instance,
        "PingStatus": node.ping_status,
        "LastPingDateTime": node.at,
        "AgentVersion": "3.3.3050.0",
        "IsLatestVersion": False,
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2023",
        "ResourceType": "EC2Instance",
        "SourceType": "AWS::EC2::Instance",
        "SourceId": instance,
    }


def _version(documents: Any, document: Any) -> Mapping[str, Any]:
    told = {
        "Name": document.name,
        "DocumentVersion": document.document_version,
        "CreatedDate": document.created_date,
        "IsDefaultVersion": document.document_version == documents.default_version,
        "DocumentFormat": document.document_format,
        "Status": document.status,
    }
    return {**told, "VersionName": document.version_name} if document.version_name else told
