"""Transit gateway flow logs: text with a header, and Parquet."""

from functools import partial
from typing import Final

from sakimori.ingest.source import Source
from sakimori.ingest.vpc_flow.batch import FlowBatch
from sakimori.ingest.vpc_flow.fields import ACCOUNT, REGION, form, moment, number, text
from sakimori.ingest.vpc_flow.files import cut, head, recognises

# Fields of versions 2 to 6, in AWS's order: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-logs.html, read 2026-11.
FORM: Final = form(
    "aws_transit_gateway_flow_log",
    "Flow logs of transit gateways: which addresses exchanged how many packets through which attachments.",
    key="tgw_attachment_id",
    distinct=("srcport", "dstport", "bytes"),
    fields=(
        number("version", "The version of the record: the highest among those of its fields.", bits=16),
        text("resource_type", "TransitGateway or TransitGatewayAttachment: what the flow log was made for."),
        ACCOUNT,
        text("tgw_id", "The transit gateway."),
        text("tgw_attachment_id", "The attachment where the traffic was recorded."),
        text("tgw_src_vpc_account_id", "The account of the VPC from which the traffic came."),
        text("tgw_dst_vpc_account_id", "The account of the VPC to which the traffic went."),
        text("tgw_src_vpc_id", "The VPC from which the traffic came."),
        text("tgw_dst_vpc_id", "The VPC to which the traffic went."),
        text("tgw_src_subnet_id", "The subnet from which the traffic came."),
        text("tgw_dst_subnet_id", "The subnet to which the traffic went."),
        text("tgw_src_eni", "The interface of the attachment from which the traffic came."),
        text("tgw_dst_eni", "The interface of the attachment to which the traffic went."),
        text("tgw_src_az_id", "The ID of the Availability Zone from which the traffic came."),
        text("tgw_dst_az_id", "The ID of the Availability Zone to which the traffic went."),
        text("tgw_pair_attachment_id", "The attachment at the other end: the one out of incoming traffic, into outgoing."),
        text("srcaddr", "The address of the source."),
        text("dstaddr", "The address of the destination."),
        number("srcport", "The port of the source.", bits=16),
        number("dstport", "The port of the destination.", bits=16),
        number("protocol", "The protocol's IANA number: 1 ICMP, 6 TCP, 17 UDP.", bits=8),
        number("packets", "How many packets the flow had in the aggregation interval."),
        number("bytes", "How many bytes the flow had in the aggregation interval."),
        moment("start", "When the first packet of the aggregation interval came."),
        moment("end", "When the last packet of the aggregation interval came."),
        text("log_status", "OK, NODATA (there was no traffic) or SKIPDATA (AWS could not record all of it)."),
        text("type", "IPv4, IPv6 or EFA."),
        number("packets_lost_no_route", "Packets lost because no route led to their destination."),
        number("packets_lost_blackhole", "Packets lost because their route led nowhere (blackhole)."),
        number("packets_lost_mtu_exceeded", "Packets lost because they were larger than the MTU."),
        number("packets_lost_ttl_expired", "Packets lost because their time to live ended."),
        number("tcp_flags", "All TCP flags of the interval: 1 FIN, 2 SYN, 4 RST, 18 SYN-ACK, and sums of them; 0 for ACK alone.", bits=16),
        REGION,
        text("flow_direction", "ingress or egress, seen from the attachment's interface."),
        text("pkt_src_aws_service", "The AWS service to whose addresses srcaddr belongs; NULL for none."),
        text("pkt_dst_aws_service", "The AWS service to whose addresses dstaddr belongs; NULL for none."),
    ),
)  # fmt: skip

SOURCE: Final = Source(
    name="tgw-flow",
    table=FORM.table,
    batch=partial(FlowBatch, FORM),
    recognises=partial(recognises, FORM),
    cut=cut,
    head=head,
    rows_a_flush=400_000,
)
