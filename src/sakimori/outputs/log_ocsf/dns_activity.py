"""DNS Activity (4003) from query logs of Route 53 Resolver and of public hosted zones.

Source: OCSF 1.8.0, events/network/dns_activity.json and objects/{dns_query,dns_answer}.json; Route 53 Developer Guide,
"Values that appear in VPC Resolver query logs" and "Public DNS query logging". A line is a query with its answer.
"""

from typing import Any, Final, cast

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
from sakimori.outputs.log_ocsf.row_values import (
    Left,
    Row,
    address,
    known,
    milliseconds,
    port,
    spelled,
    structure,
    text,
    values_of,
)

CLASS: Final = EventClass(
    uid=4003,
    name="DNS Activity",
    category_uid=4,
    category_name="Network Activity",
    activities={0: "Unknown", 1: "Query", 2: "Response", 6: "Traffic", OTHER: "Other"},
)
_TRAFFIC: Final = 6
_RCODES: Final = {
    "NOERROR": (0, "NoError"), "FORMERR": (1, "FormError"), "SERVFAIL": (2, "ServError"), "NXDOMAIN": (3, "NXDomain"),
    "NOTIMP": (4, "NotImp"), "REFUSED": (5, "Refused"), "YXDOMAIN": (6, "YXDomain"), "YXRRSET": (7, "YXRRSet"),
    "NXRRSET": (8, "NXRRSet"), "NOTAUTH": (9, "NotAuth"), "NOTZONE": (10, "NotZone"), "DSOTYPENI": (11, "DSOTYPENI"),
    "BADVERS": (16, "BADSIG_VERS"), "BADSIG": (16, "BADSIG_VERS"), "BADKEY": (17, "BADKEY"), "BADTIME": (18, "BADTIME"),
    "BADMODE": (19, "BADMODE"), "BADNAME": (20, "BADNAME"), "BADALG": (21, "BADALG"), "BADTRUNC": (22, "BADTRUNC"),
    "BADCOOKIE": (23, "BADCOOKIE"),
}  # fmt: skip
_RULE_ACTIONS: Final = {
    "ALLOW": {"action_id": 1, "action": "Allowed", "disposition_id": 1, "disposition": "Allowed"},
    "ALERT": {"action_id": 3, "action": "Observed", "disposition_id": 19, "disposition": "Alert", "is_alert": True},
    "BLOCK": {"action_id": 2, "action": "Denied", "disposition_id": 2, "disposition": "Blocked"},
}
_PROTOCOLS: Final = {"UDP": 17, "TCP": 6}


def dns_activity(row: Row) -> dict[str, Any]:
    """One query of `aws_dns_query_log`."""
    left = values_of(row)
    at = time_of(left, "query_timestamp")
    zone, rcode = text(left, "hosted_zone_id"), text(left, "rcode")
    rcode_id = _RCODES.get(rcode, (OTHER, rcode)) if rcode else None
    status = UNTOLD if rcode is None else SUCCESS if rcode == "NOERROR" else FAILURE
    control = _control(left)
    answers = _answers(left)
    event: dict[str, Any] = {
        **CLASS.head(_TRAFFIC),
        **Span(at=at).attributes(),
        **control,
        "metadata": metadata_of(
            "Route 53" if zone else "Route 53 Resolver",
            *(("security_control",) if control else ()),
            log_version=text(left, "version"),
        ),
        "cloud": cloud_of(left),
        "query_time": milliseconds(at),
        "query_time_dt": spelled(at),
        "query": known(
            hostname=text(left, "query_name") or UNKNOWN,
            type=text(left, "query_type"),
            **{"class": text(left, "query_class")},
        ),
        "answers": answers,
        "rcode_id": rcode_id and rcode_id[0],
        "rcode": rcode_id and rcode_id[1],
        "src_endpoint": _asker(left),
        "dst_endpoint": {"uid": zone, "svc_name": "Route 53"} if zone else None,
        "connection_info": _connection(left, is_zone=zone is not None),
        "status_id": status[0],
        "status": status[1],
        "status_code": rcode,
    }
    return finished(event, left)


def _control(left: Left) -> dict[str, Any]:
    """What DNS Firewall did; nothing where none of its rules matched."""
    action = left.get("firewall_rule_action")
    if not isinstance(action, str):
        return {}
    del left["firewall_rule_action"]
    told = _RULE_ACTIONS.get(action, {"action_id": OTHER, "action": action})
    group = text(left, "firewall_rule_group_id")
    return {**told, **known(firewall_rule={"uid": group} if group else None)}


def _asker(left: Left) -> dict[str, Any]:
    """The host in the VPC, the Resolver endpoint that passed the query on, or the resolver that asked a hosted zone."""
    ip = address(left, "srcaddr") or address(left, "resolver_ip")
    found = known(
        ip=ip,
        port=port(left, "srcport"),
        instance_uid=text(left, "instance"),
        vpc_uid=text(left, "vpc_id"),
        uid=text(left, "resolver_endpoint"),
        interface_uid=text(left, "resolver_network_interface"),
    )
    return found if found.keys() - {"port", "vpc_uid"} else {**found, "name": UNKNOWN}


def _connection(left: Left, *, is_zone: bool) -> dict[str, Any]:
    transport = text(left, "transport")
    direction = (1, "Inbound") if is_zone else UNTOLD
    return known(
        direction_id=direction[0],
        direction=direction[1],
        protocol_name=transport.lower() if transport else None,
        protocol_num=_PROTOCOLS.get(transport or ""),
    )


def _answers(left: Left) -> list[dict[str, Any]] | None:
    """The answers with their data; where one has none all of them go with the rest."""
    held = left.get("answers")
    listed = structure(left, "answers")
    made: list[dict[str, Any]] = []
    for each in cast("list[object]", listed) if isinstance(listed, list) else []:
        members = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        rdata, kind, of_class = (members.get(name) for name in ("Rdata", "Type", "Class"))
        if members.keys() - {"Rdata", "Type", "Class"} or not all(
            isinstance(value, str) for value in (rdata, kind, of_class)
        ):
            made = []
            break
        made.append({"rdata": rdata, "type": kind, "class": of_class})
    if made:
        left.pop("rdata", None)
        return made
    if listed not in (None, []):
        left["answers"] = held
    return None
