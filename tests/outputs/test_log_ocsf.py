"""Logs as OCSF 1.8.0; the note beside the schema says where it comes from."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sakimori.ingest.catalogue import log_tables
from sakimori.lake.table import Table, Type
from sakimori.outputs.log_ocsf.events import MAPPED, WITHOUT_CLASS, ocsf_events

SCHEMA = json.loads((Path(__file__).parent / "ocsf-1.8.0-activity.schema.json").read_text(encoding="utf-8"))
CLASSES = {4001: "network_activity", 4002: "http_activity", 4003: "dns_activity", 6003: "api_activity"}
TABLES: dict[str, Table] = {name: log_tables()[name] for name in MAPPED}
NOON = datetime(2026, 10, 1, 12, 0, 0, 250_000)  # noqa: DTZ001 - the lake's times are UTC without saying so
MOMENT = 1_790_856_000_250
PLACE = {"account_id": "111122223333", "partition": "aws", "region": "ap-northeast-1"}

every_table = pytest.mark.parametrize("name", sorted(MAPPED))


@cache
def validator(uid: int) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{CLASSES[uid]}", "$defs": SCHEMA["$defs"]})


def event_of(name: str, **row: object) -> dict[str, Any]:
    """The valid event of one row, as it is read back from JSON."""
    [made] = ocsf_events(name, [{**PLACE, TABLES[name].time: NOON, **row}])
    event = json.loads(json.dumps(made, allow_nan=False))
    faults = [
        f"{'.'.join(map(str, fault.path))}: {fault.message[:200]}"
        for fault in validator(event["class_uid"]).iter_errors(event)
    ]
    assert faults == []
    return event


# -- laws ------------------------------------------------------------------------


def test_every_log_table_has_a_class_or_is_said_to_have_none() -> None:
    assert log_tables().keys() <= MAPPED.keys() | WITHOUT_CLASS
    assert MAPPED.keys() == TABLES.keys()
    assert not MAPPED.keys() & WITHOUT_CLASS


def test_a_table_without_a_class_is_refused_before_any_row() -> None:
    with pytest.raises(KeyError):
        ocsf_events("aws_config_item", iter([]))


@every_table
def test_a_row_without_its_time_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=TABLES[name].time):
        list(ocsf_events(name, [PLACE]))


@every_table
def test_a_row_that_knows_nothing_but_its_time_is_a_valid_event(name: str) -> None:
    event = event_of(name, account_id="unknown", region="unknown")
    assert event["time"] == MOMENT
    assert event["time_dt"] == "2026-10-01T12:00:00.250000Z"
    assert event["cloud"] == {"provider": "AWS", "cloud_partition": "aws"}
    assert event["severity"] == "Informational"
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]


@every_table
@pytest.mark.parametrize("kinds", [{Type.TEXT}, {Type.TEXT, Type.INTEGER}])
def test_what_has_no_attribute_or_is_not_what_it_should_be_is_unmapped(name: str, kinds: set[Type]) -> None:
    """Every text names its column, and every number is one of its own: none is lost."""
    columns = [column for column in TABLES[name].own_columns if column.type in kinds]
    row = {
        column.name: f"[{column.name}]" if column.type is Type.TEXT else 1_001 + at for at, column in enumerate(columns)
    }
    event = json.dumps(event_of(name, **row))
    lost = {column for column, value in row.items() if str(value) not in event}
    assert lost == ({"null_fields", "principal_root"} if name == "aws_cloudtrail_event" else set())


HOSTILE = st.sampled_from([
    "", "-", "unknown", "[]", "{}", "null", '{"a": {"b": [1, null, "x"]}}', "[" * 2_000, '"text"', "true", "::1", "fe80::1%eth0",
    "192.0.2.7", "::ffff:192.0.2.7", "192.0.2.7, x", "999.1.1.1", "GET", "BREW", "http://[::1]:99999/a?b#c", "HTTP/1.1", "\x1b[31m",
    "a\x00b", "防人", "https", '[{"name": "Host", "value": "x"}]', '[{"name": "Host"}]', '[{"ARN": "arn:aws:s3:::b"}]',
    '[{"ARN": 7, "type": {}}]', '[{"Rdata": "192.0.2.1", "Type": "A", "Class": "IN"}]', '[{"Rdata": null}]', "NOERROR", "BLOCK",
])  # fmt: skip
VALUES: Mapping[Type, st.SearchStrategy[object]] = {
    Type.TEXT: HOSTILE | st.text(max_size=20),
    Type.BOOLEAN: st.booleans(),
    Type.INTEGER: st.sampled_from([0, -1, 6, 200, 404, 65_536]) | st.integers(-(2**63), 2**63 - 1),
    Type.DOUBLE: st.floats(-1, 1e9, allow_nan=False),
    Type.TIMESTAMP: st.datetimes(datetime(1990, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001
}


@pytest.mark.slow
@every_table
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_a_row_holds_its_event_is_valid(name: str, data: st.DataObject) -> None:
    columns = data.draw(st.lists(st.sampled_from(TABLES[name].own_columns), unique_by=lambda column: column.name))
    event_of(
        name, **{column.name: data.draw(VALUES[column.type]) for column in columns if column.name != TABLES[name].time}
    )


def test_the_schema_refuses_what_ocsf_does_not_know() -> None:
    event = event_of("aws_waf_log", action="BLOCK", terminating_rule_id="rule")
    check = validator(4002)
    assert not check.is_valid({**event, "made_up": 1})
    assert not check.is_valid({**event, "severity_id": 7})
    assert not check.is_valid({**event, "src_endpoint": {"ip": "nowhere"}})
    assert not check.is_valid({**event, "metadata": {**event["metadata"], "profiles": ["cloud", "datetime"]}})
    assert not check.is_valid({name: value for name, value in event.items() if name != "cloud"})


def test_a_time_with_a_zone_is_the_same_moment() -> None:
    event = event_of("aws_cloudtrail_event", event_time=NOON.replace(tzinfo=UTC), event_name="StopLogging")
    assert event["time"] == MOMENT


# -- API Activity ----------------------------------------------------------------

SESSION = {
    "user_identity_type": "AssumedRole",
    "user_identity_arn": "arn:aws:sts::111122223333:assumed-role/deploy/session",
    "user_identity_principal_id": "AROAEXAMPLEEXAMPLE000:session",
    "user_identity_account_id": "111122223333",
    "user_identity_access_key_id": "ASIAIOSFODNN7EXAMPLE",
    "session_issuer_arn": "arn:aws:iam::111122223333:role/deploy",
    "session_issuer_user_name": "deploy",
    "session_created_at": NOON,
    "mfa_authenticated": False,
    "user_identity": '{"type":"AssumedRole","arn":"x","sessionContext":{"attributes":{"mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}}',
}


def call(name: str = "PutBucketPolicy", **more: object) -> dict[str, Any]:
    row = {
        "event_name": name,
        "event_source": "s3.amazonaws.com",
        "event_id": "e-1",
        "event_type": "AwsApiCall",
        **more,
    }
    return event_of("aws_cloudtrail_event", **row)


def test_a_call_says_who_did_what_from_where_and_how_it_ended() -> None:
    event = call(
        **SESSION,
        read_only=False,
        source_ip="198.51.100.7",
        source_ip_address="198.51.100.7",
        request_id="r-1",
        request_parameters='{"bucketName":"b"}',
        response_elements='{"x":1}',
        error_code="AccessDenied",
        error_message="no",
        user_agent="aws-cli/2.15",
        resources='[{"ARN":"arn:aws:s3:::b","accountId":"111122223333","type":"AWS::S3::Bucket"}]',
    )
    assert (event["activity_name"], event["type_name"]) == ("Update", "API Activity: Update")
    assert event["api"] == {
        "operation": "PutBucketPolicy",
        "service": {"name": "s3.amazonaws.com"},
        "request": {"uid": "r-1", "data": {"bucketName": "b"}},
        "response": {"error": "AccessDenied", "error_message": "no", "data": {"x": 1}},
    }
    assert event["actor"]["user"] == {
        "uid": SESSION["user_identity_arn"],
        "uid_alt": "AROAEXAMPLEEXAMPLE000:session",
        "name": "deploy",
        "account": {"uid": "111122223333", "type_id": 10, "type": "AWS Account"},
        "type_id": 99,
        "type": "AssumedRole",
    }
    assert event["actor"]["session"]["issuer"] == "arn:aws:iam::111122223333:role/deploy"
    assert event["actor"]["session"]["is_mfa"] is False
    assert event["src_endpoint"] == {"ip": "198.51.100.7"}
    assert (event["status"], event["status_code"], event["status_detail"]) == ("Failure", "AccessDenied", "no")
    assert event["resources"][0]["uid"] == "arn:aws:s3:::b"
    assert event["cloud"]["account"]["uid"] == "111122223333"
    assert event["unmapped"] == {"read_only": False, "user_identity": {"sessionContext": {"ec2RoleDelivery": "2.0"}}}


@pytest.mark.parametrize(
    ("name", "read_only", "activity"),
    [
        ("RunInstances", False, "Create"),
        ("GetObject", None, "Read"),
        ("BatchGetImage", True, "Read"),
        ("AuthorizeSecurityGroupIngress", False, "Update"),
        ("TerminateInstances", False, "Delete"),
        ("AssumeRole", True, "AssumeRole"),
        ("ConsoleLogin", False, "ConsoleLogin"),
        ("", None, "Unknown"),
    ],
)
def test_the_activity_follows_the_verb_of_the_operation(name: str, read_only: bool | None, activity: str) -> None:
    assert call(name, read_only=read_only)["activity_name"] == activity


def test_a_sign_in_that_failed_has_no_error_code_and_is_a_failure() -> None:
    assert call("ConsoleLogin", error_message="Failed authentication")["status"] == "Failure"


def test_a_service_that_calls_stands_where_an_address_would() -> None:
    event = call(
        source_ip_address="cloudformation.amazonaws.com", user_identity_invoked_by="cloudformation.amazonaws.com"
    )
    assert event["src_endpoint"] == {"svc_name": "cloudformation.amazonaws.com"}
    assert event["actor"] == {"app_name": "cloudformation.amazonaws.com"}


def test_an_event_of_a_service_itself_has_the_service_as_its_actor() -> None:
    assert call("RotateKey", event_type="AwsServiceEvent", event_source="kms.amazonaws.com")["actor"] == {
        "app_name": "kms.amazonaws.com"
    }


def test_root_is_an_administrator() -> None:
    assert (
        call(user_identity_type="Root", user_identity_arn="arn:aws:iam::111122223333:root")["actor"]["user"]["type_id"]
        == 2
    )


# -- Network Activity ------------------------------------------------------------


def flow(**more: object) -> dict[str, Any]:
    row = {
        "interface_id": "eni-0123456789abcdef0", "srcaddr": "10.0.0.5", "dstaddr": "203.0.113.9", "srcport": 44_000, "dstport": 443,
        "protocol": 6, "packets": 10, "bytes": 5_000, "end_time": NOON.replace(second=30), "action": "ACCEPT", "log_status": "OK",
    }  # fmt: skip
    return event_of("aws_vpc_flow_log", **{**row, **more})


def test_a_flow_says_which_addresses_exchanged_how_much() -> None:
    event = flow(tcp_flags=2, flow_direction="egress", traffic_path=8, vpc_id="vpc-1", type="IPv4", az_id="apne1-az1")
    assert event["src_endpoint"] == {
        "ip": "10.0.0.5", "port": 44_000, "interface_uid": "eni-0123456789abcdef0", "vpc_uid": "vpc-1",
    }  # fmt: skip
    assert event["dst_endpoint"] == {"ip": "203.0.113.9", "port": 443}
    assert event["traffic"] == {"bytes": 5_000, "packets": 10}
    assert event["connection_info"] == {
        "direction_id": 2, "direction": "Outbound", "boundary_id": 11, "boundary": "Internet Gateway", "protocol_num": 6,
        "protocol_name": "tcp", "protocol_ver_id": 4, "protocol_ver": "Internet Protocol version 4 (IPv4)", "tcp_flags": 2,
    }  # fmt: skip
    assert (event["observation_point"], event["is_src_dst_assignment_known"]) == ("Source", True)
    assert (event["action"], event["disposition"], event["status"]) == ("Allowed", "Allowed", "Success")
    assert event["duration"] == 30_000
    assert event["cloud"]["zone"] == "apne1-az1"
    assert "unmapped" not in event


def test_traffic_that_was_not_let_through_is_denied() -> None:
    event = flow(action="REJECT", reject_reason="BPA", tcp_flags=18)
    assert (event["action"], event["disposition"], event["status"], event["status_detail"]) == (
        "Denied",
        "Blocked",
        "Failure",
        "BPA",
    )
    assert event["is_src_dst_assignment_known"] is False


def test_without_a_direction_the_interface_is_of_neither_end() -> None:
    event = flow()
    assert event["observation_point_id"] == 0
    assert event["network_observation_point"] == {"interface_uid": "eni-0123456789abcdef0"}
    assert "interface_uid" not in {**event["src_endpoint"], **event["dst_endpoint"]}


def test_an_address_behind_nat_is_kept_behind_that_of_the_interface() -> None:
    event = flow(pkt_srcaddr="10.9.9.9", pkt_dstaddr="203.0.113.9")
    assert event["src_endpoint"]["intermediate_ips"] == ["10.9.9.9"]
    assert "intermediate_ips" not in event["dst_endpoint"]


def test_records_that_were_skipped_are_an_activity_and_no_traffic() -> None:
    event = event_of("aws_vpc_flow_log", interface_id="eni-1", log_status="SKIPDATA")
    assert (event["activity_id"], event["activity_name"], event["status_code"]) == (99, "SKIPDATA", "SKIPDATA")
    assert event["src_endpoint"] == {"interface_uid": "eni-1"}
    assert event["is_src_dst_assignment_known"] is False


# -- DNS Activity ----------------------------------------------------------------


def test_a_query_is_told_with_its_answers() -> None:
    event = event_of(
        "aws_dns_query_log",
        query_name="example.com.", query_type="A", query_class="IN", rcode="NOERROR", rdata="192.0.2.1",
        answers='[{"Rdata":"192.0.2.1","Type":"A","Class":"IN"}]', srcaddr="10.0.0.5", srcport=53_000, transport="UDP",
        vpc_id="vpc-1", instance="i-1",
    )  # fmt: skip
    assert event["query"] == {"hostname": "example.com.", "type": "A", "class": "IN"}
    assert event["answers"] == [{"rdata": "192.0.2.1", "type": "A", "class": "IN"}]
    assert (event["activity_name"], event["rcode"], event["status"]) == ("Traffic", "NoError", "Success")
    assert event["src_endpoint"] == {"ip": "10.0.0.5", "port": 53_000, "instance_uid": "i-1", "vpc_uid": "vpc-1"}
    assert event["connection_info"]["protocol_name"] == "udp"
    assert event["metadata"]["profiles"] == ["cloud", "datetime"]
    assert "unmapped" not in event


def test_what_dns_firewall_did_is_told() -> None:
    event = event_of(
        "aws_dns_query_log",
        query_name="bad.example.",
        firewall_rule_action="ALERT",
        firewall_rule_group_id="rslvr-frg-1",
    )
    assert (event["action"], event["disposition"], event["is_alert"]) == ("Observed", "Alert", True)
    assert event["firewall_rule"] == {"uid": "rslvr-frg-1"}


def test_a_query_of_a_hosted_zone_comes_from_a_resolver() -> None:
    event = event_of(
        "aws_dns_query_log", query_name="example.com", hosted_zone_id="Z123", resolver_ip="192.0.2.53", rcode="NXDOMAIN"
    )
    assert event["src_endpoint"] == {"ip": "192.0.2.53"}
    assert event["dst_endpoint"]["uid"] == "Z123"
    assert (event["rcode_id"], event["status"]) == (3, "Failure")


# -- HTTP Activity ---------------------------------------------------------------


def test_a_request_to_a_load_balancer() -> None:
    event = event_of(
        "aws_alb_access_log",
        elb="app/shop/50dc6c495c0c9188", client_ip="192.0.2.7", client_port=50_000, target_ip="10.0.0.1", target_port=80,
        request_processing_time=0.001, target_processing_time=0.048, response_processing_time=0.0, elb_status_code=502,
        target_status_code=500, received_bytes=34, sent_bytes=366, request_verb="POST", request_protocol="HTTP/1.1",
        request_url="https://www.example.com:443/a/b?c=d", user_agent="curl/8", ssl_protocol="TLSv1.2", ssl_cipher="X",
        domain_name="www.example.com", request_creation_time=NOON.replace(microsecond=0),
    )  # fmt: skip
    assert (event["activity_name"], event["status"], event["status_code"]) == ("Post", "Failure", "502")
    assert event["http_request"]["url"] == {
        "url_string": "https://www.example.com:443/a/b?c=d", "scheme": "https", "hostname": "www.example.com", "port": 443,
        "path": "/a/b", "query_string": "c=d",
    }  # fmt: skip
    assert event["http_request"]["http_method"] == "POST"
    assert event["http_response"] == {"code": 502, "length": 366, "latency": 49}
    assert event["load_balancer"] == {
        "uid": "app/shop/50dc6c495c0c9188", "dst_endpoint": {"ip": "10.0.0.1", "port": 80}, "code": 500,
    }  # fmt: skip
    assert event["tls"] == {"version": "TLSv1.2", "cipher": "X", "sni": "www.example.com"}
    assert event["duration"] == 250


def test_a_method_that_a_client_made_up_is_the_name_of_the_activity() -> None:
    event = event_of("aws_alb_access_log", request_verb="BREW")
    assert (event["activity_id"], event["activity_name"]) == (99, "BREW")
    assert "http_method" not in event["http_request"]


def test_a_request_to_cloudfront() -> None:
    event = event_of(
        "aws_cloudfront_access_log",
        region="global", cs_method="GET", cs_uri_stem="/i.html", cs_uri_query="a=b", x_host_header="www.example.com", sc_status=200,
        sc_bytes=900, cs_bytes=100, time_taken=0.25, c_ip="192.0.2.7", c_port=4_000, asn=64_500, c_country="JP", cs_protocol="https",
        x_forwarded_for="198.51.100.1, 198.51.100.2", x_edge_request_id="r==", distribution_id="E2EXAMPLE00000", sc_content_type="text/html",
    )  # fmt: skip
    assert event["http_request"]["url"] == {
        "scheme": "https", "hostname": "www.example.com", "path": "/i.html", "query_string": "a=b",
    }  # fmt: skip
    assert event["http_request"]["x_forwarded_for"] == ["198.51.100.1", "198.51.100.2"]
    assert event["http_response"] == {"code": 200, "length": 900, "latency": 250, "content_type": "text/html"}
    assert event["src_endpoint"] == {
        "ip": "192.0.2.7", "port": 4_000, "autonomous_system": {"number": 64_500}, "location": {"country": "JP"},
    }  # fmt: skip
    assert event["metadata"]["original_event_uid"] == "r=="
    assert "region" not in event["cloud"]
    assert "unmapped" not in event


def test_a_viewer_who_left_got_no_status_code() -> None:
    event = event_of("aws_cloudfront_access_log", sc_status=0)
    assert (event["status"], event["unmapped"]) == ("Unknown", {"sc_status": 0})


def test_what_a_web_acl_decided_is_told() -> None:
    event = event_of(
        "aws_waf_log",
        action="BLOCK", web_acl_id="arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/1", terminating_rule_id="sqli",
        terminating_rule_type="MANAGED_RULE_GROUP", http_method="GET", uri="/x", client_ip="192.0.2.7", labels="a:b, c:d",
        headers='[{"name":"Host","value":"www.example.com"}]', http_source_name="ALB", http_source_id="app/shop/1",
    )  # fmt: skip
    assert (event["action"], event["disposition"], event["status"]) == ("Denied", "Blocked", "Failure")
    assert event["firewall_rule"] == {"uid": "sqli", "type": "MANAGED_RULE_GROUP"}
    assert event["policy"]["uid"].endswith("webacl/shop/1")
    assert event["metadata"]["labels"] == ["a:b", "c:d"]
    assert event["http_request"]["http_headers"] == [{"name": "Host", "value": "www.example.com"}]
    assert "http_response" not in event


def test_a_captcha_is_a_disposition_and_no_known_action() -> None:
    event = event_of("aws_waf_log", action="CAPTCHA")
    assert (event["action_id"], event["disposition"]) == (0, "Captcha")


def test_a_request_to_a_bucket() -> None:
    event = event_of(
        "aws_s3_access_log",
        bucket="b", key="a/photo.jpg", request_uri="GET /b/a/photo.jpg?versionId=1 HTTP/1.1", http_status=403, error_code="AccessDenied",
        requester="arn:aws:iam::111122223333:user/alice", remote_ip="192.0.2.7", operation="REST.GET.OBJECT", total_time=7,
        object_size=10, bytes_sent=243, tls_version="TLSv1.2", host_header="b.s3.amazonaws.com", request_id="R",
    )  # fmt: skip
    assert event["http_request"]["url"]["path"] == "/b/a/photo.jpg"
    assert event["file"] == {
        "name": "photo.jpg",
        "path": "a/photo.jpg",
        "type_id": 1,
        "type": "Regular File",
        "size": 10,
    }
    assert event["actor"]["user"]["uid"].endswith("user/alice")
    assert event["api"]["operation"] == "REST.GET.OBJECT"
    assert (event["status"], event["status_detail"]) == ("Failure", "AccessDenied")
    assert event["http_response"] == {"code": 403, "body_length": 243, "latency": 7}
    assert "unmapped" not in event
