"""Flow logs and resolver queries."""

from typing import Final

from sakimori.analysis.log_forms.form import LogForm
from sakimori.ingest.dns import SOURCE as DNS
from sakimori.ingest.vpc_flow.source import SOURCE as VPC_FLOW
from sakimori.ingest.vpc_flow.transit_gateway import SOURCE as TRANSIT_GATEWAY

VPC_FLOW_FORM: Final = LogForm(
    table=VPC_FLOW.table,
    services=("vpcflow", "vpc_flow", "vpcflowlogs", "vpc-flow"),
    categories=("firewall", "flow"),
    aliases={"src_ip": "srcaddr", "dst_ip": "dstaddr", "src_port": "srcport", "dst_port": "dstport"},
    principal=("instance_id", "interface_id"),
    origin=("srcaddr",),
    resources=("instance_id", "interface_id"),
    anchors=("action",),
)
TRANSIT_GATEWAY_FORM: Final = LogForm(
    table=TRANSIT_GATEWAY.table,
    services=("tgwflow", "tgw_flow", "tgw-flow"),
    principal=("tgw_attachment_id",),
    origin=("srcaddr",),
    resources=("tgw_attachment_id",),
)
DNS_FORM: Final = LogForm(
    table=DNS.table,
    services=("route53", "dns", "resolver"),
    categories=("dns", "dns_query"),
    aliases={"query": "query_name", "record_type": "query_type", "answer": "rdata"},
    principal=("instance", "srcaddr"),
    origin=("srcaddr",),
    resources=("instance", "vpc_id"),
)
