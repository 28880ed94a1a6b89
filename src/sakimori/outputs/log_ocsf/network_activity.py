"""Network Activity (4001) from VPC flow logs.

Source: OCSF 1.8.0, events/network/network_activity.json and objects/{network_endpoint,network_connection_info}.json;
Amazon VPC User Guide, "Flow log records". A flow is one direction of a conversation: its source is whoever sent these
packets, which is not always whoever began.
"""

from typing import Any, Final

from sakimori.outputs.log_ocsf.event import (
    FAILURE,
    OTHER,
    SUCCESS,
    UNKNOWN,
    UNTOLD,
    EventClass,
    Span,
    cloud_of,
    finished,
    metadata_of,
    time_of,
)
from sakimori.outputs.log_ocsf.row_values import Left, Row, address, known, moment, port, text, values_of, whole

CLASS: Final = EventClass(
    uid=4001,
    name="Network Activity",
    category_uid=4,
    category_name="Network Activity",
    activities={
        0: "Unknown", 1: "Open", 2: "Close", 3: "Reset", 4: "Fail", 5: "Refuse", 6: "Traffic", 7: "Listen", OTHER: "Other",
    },
)  # fmt: skip
_TRAFFIC: Final = 6
_SYN_AND_ACK: Final = 18
_SYN: Final = 2
_ACTIONS: Final = {
    "ACCEPT": (SUCCESS, {"action_id": 1, "action": "Allowed", "disposition_id": 1, "disposition": "Allowed"}),
    "REJECT": (FAILURE, {"action_id": 2, "action": "Denied", "disposition_id": 2, "disposition": "Blocked"}),
}
_DIRECTIONS: Final = {"ingress": (1, "Inbound"), "egress": (2, "Outbound")}
_OBSERVERS: Final = {"egress": (1, "Source"), "ingress": (2, "Destination")}
_IDENTIFIERS: Final = {"interface_id": "interface_uid", "instance_id": "instance_uid", "resource_id": "uid"}
_BOUNDARIES: Final = {
    1: (4, "Same VPC"),
    2: (5, "Internet/VPC Gateway"),
    3: (6, "Virtual Private Gateway"),
    4: (7, "Intra-region VPC"),
    5: (8, "Inter-region VPC"),
    6: (9, "Local Gateway"),
    7: (10, "Gateway VPC"),
    8: (11, "Internet Gateway"),
}
"""By traffic-path."""
_PROTOCOLS: Final = {
    1: "icmp", 2: "igmp", 4: "ipv4", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah", 58: "ipv6-icmp",
    89: "ospfigp", 103: "pim", 112: "vrrp", 132: "sctp",
}  # fmt: skip
_VERSIONS: Final = {
    "IPv4": (4, "Internet Protocol version 4 (IPv4)"),
    "IPv6": (6, "Internet Protocol version 6 (IPv6)"),
}


def network_activity(row: Row) -> dict[str, Any]:
    """One record of `aws_vpc_flow_log`. A record without traffic (NODATA, SKIPDATA) is an activity by that name."""
    left = values_of(row)
    start, end = time_of(left, "start_time"), moment(left, "end_time")
    action, told = _action(left)
    state, flags = text(left, "log_status"), whole(left, "tcp_flags")
    direction = left.get("flow_direction")
    source, target = _endpoint(left, "src"), _endpoint(left, "dst")
    has_traffic = bool(source or target)
    observer = _interface(left)
    own = target if direction == "ingress" else source if direction == "egress" or not has_traffic else None
    if own is not None:
        own.update(observer)
    if not (source or target):
        source["name"] = UNKNOWN
    event: dict[str, Any] = {
        **CLASS.head(_TRAFFIC if has_traffic else OTHER if state else 0, state),
        **Span(at=start, start=start, end=end).attributes(),
        **told,
        "metadata": metadata_of("VPC Flow Logs", *(("security_control",) if told else ()), log_version=_version(left)),
        "cloud": cloud_of(left, text(left, "az_id")),
        "src_endpoint": source or None,
        "dst_endpoint": target or None,
        "is_src_dst_assignment_known": flags is not None and flags & _SYN_AND_ACK == _SYN,
        **_observed_by(direction, observer),
        "connection_info": _connection(left, flags),
        "traffic": known(bytes=whole(left, "bytes"), packets=whole(left, "packets")) or None,
        "status_id": action[0],
        "status": action[1],
        "status_code": state,
        "status_detail": text(left, "reject_reason"),
    }
    return finished(event, left)


def _action(left: Left) -> tuple[tuple[int, str], dict[str, object]]:
    value = left.get("action")
    if isinstance(value, str) and value in _ACTIONS:
        del left["action"]
        return _ACTIONS[value]
    return UNTOLD, {}


def _version(left: Left) -> str | None:
    version = whole(left, "version")
    return None if version is None else str(version)


def _endpoint(left: Left, side: str) -> dict[str, Any]:
    """One end; the address in the packet stands behind that of the interface where NAT or the like lies between."""
    ip, behind = address(left, f"{side}addr"), address(left, f"pkt_{side}addr")
    if not (ip or behind):
        return {}
    return known(
        ip=ip or behind,
        port=port(left, f"{side}port"),
        svc_name=text(left, f"pkt_{side}_aws_service"),
        intermediate_ips=[behind] if ip and behind and behind != ip else None,
    )


def _interface(left: Left) -> dict[str, Any]:
    """The network interface, or the regional NAT gateway, at which it was recorded; empty where nothing identifies it."""
    found = known(**{attribute: text(left, column) for column, attribute in _IDENTIFIERS.items()})
    if found:
        found.update(known(vpc_uid=text(left, "vpc_id"), subnet_uid=text(left, "subnet_id")))
    return found


def _observed_by(direction: object, observer: dict[str, Any]) -> dict[str, object]:
    """Which end recorded it; without flow-direction either may have."""
    uid, name = _OBSERVERS.get(direction, UNTOLD) if isinstance(direction, str) else UNTOLD
    told: dict[str, object] = {"observation_point_id": uid, "observation_point": name}
    if observer and not uid:
        told["network_observation_point"] = observer
    return told


def _connection(left: Left, flags: int | None) -> dict[str, Any]:
    direction = text(left, "flow_direction") or ""
    path, protocol, version = whole(left, "traffic_path"), whole(left, "protocol"), text(left, "type")
    boundary = None if path is None else _BOUNDARIES.get(path, (OTHER, str(path)))
    direction_id, direction_name = _DIRECTIONS.get(direction, (OTHER, direction) if direction else UNTOLD)
    version_id = _VERSIONS.get(version or "", (OTHER, version) if version else None)
    return known(
        direction_id=direction_id,
        direction=direction_name,
        boundary_id=boundary and boundary[0],
        boundary=boundary and boundary[1],
        protocol_num=protocol,
        protocol_name=_PROTOCOLS.get(protocol) if protocol is not None else None,
        protocol_ver_id=version_id and version_id[0],
        protocol_ver=version_id and version_id[1],
        tcp_flags=flags,
    )
