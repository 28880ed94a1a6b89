"""VPC flow logs: text of the default or any other format, and Parquet."""

from functools import partial
from typing import Final

from sakimori.ingest.source import Source
from sakimori.ingest.vpc_flow.batch import FlowBatch
from sakimori.ingest.vpc_flow.fields import ACCOUNT, REGION, form, moment, number, text
from sakimori.ingest.vpc_flow.files import cut, head, recognises

# Fields of versions 2 to 5 and 7 to 11, in AWS's order (6 is that of transit gateways):
# https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html, read 2026-11.
FORM: Final = form(
    "aws_vpc_flow_log",
    "Flow logs of VPCs: which addresses exchanged how many packets through which network interface, and whether they were let through.",
    key="interface_id",
    distinct=("srcport", "dstport", "bytes"),
    fields=(
        number("version", "The version of the record: the highest among those of its fields.", bits=16),
        ACCOUNT,
        text("interface_id", "The network interface where the traffic was recorded; NULL for a regional NAT gateway."),
        text("srcaddr", "The address of the source; of outgoing traffic the interface's own."),
        text("dstaddr", "The address of the destination; of incoming traffic the interface's own."),
        number("srcport", "The port of the source.", bits=16),
        number("dstport", "The port of the destination.", bits=16),
        number("protocol", "The protocol's IANA number: 1 ICMP, 6 TCP, 17 UDP.", bits=8),
        number("packets", "How many packets the flow had in the aggregation interval."),
        number("bytes", "How many bytes the flow had in the aggregation interval."),
        moment("start", "When the first packet of the aggregation interval came."),
        moment("end", "When the last packet of the aggregation interval came."),
        text("action", "ACCEPT or REJECT; NULL where log_status is not OK."),
        text("log_status", "OK, NODATA (there was no traffic) or SKIPDATA (AWS could not record all of it)."),
        text("vpc_id", "The VPC of the interface."),
        text("subnet_id", "The subnet of the interface."),
        text("instance_id", "The instance of the interface; NULL where a service manages the interface."),
        number("tcp_flags", "All TCP flags of the interval: 1 FIN, 2 SYN, 4 RST, 18 SYN-ACK, and sums of them; 0 for ACK alone.", bits=16),
        text("type", "IPv4, IPv6 or EFA."),
        text("pkt_srcaddr", "The address of the source as the packet has it, behind NAT and the like."),
        text("pkt_dstaddr", "The address of the destination as the packet has it, behind NAT and the like."),
        REGION,
        text("az_id", "The ID of the Availability Zone of the interface; NULL in a sublocation."),
        text("sublocation_type", "wavelength, outpost or localzone; NULL for none of them."),
        text("sublocation_id", "The ID of the sublocation; NULL outside of one."),
        text("pkt_src_aws_service", "The AWS service to whose addresses pkt_srcaddr belongs; NULL for none."),
        text("pkt_dst_aws_service", "The AWS service to whose addresses pkt_dstaddr belongs; NULL for none."),
        text("flow_direction", "ingress or egress, seen from the interface."),
        number("traffic_path", "The number of the way that outgoing traffic took, such as 8 for an internet gateway.", bits=16),
        text("ecs_cluster_arn", "The ARN of the ECS cluster of the task whose traffic it is."),
        text("ecs_cluster_name", "The name of the ECS cluster."),
        text("ecs_container_instance_arn", "The ARN of the ECS container instance; NULL for a task that runs on no EC2 instance."),
        text("ecs_container_instance_id", "The ID of the ECS container instance; NULL for a task that runs on no EC2 instance."),
        text("ecs_container_id", "The runtime ID of the task's first container."),
        text("ecs_second_container_id", "The runtime ID of the task's second container."),
        text("ecs_service_name", "The name of the ECS service; NULL for a task that no service started."),
        text("ecs_task_definition_arn", "The ARN of the ECS task definition."),
        text("ecs_task_arn", "The ARN of the ECS task."),
        text("ecs_task_id", "The ID of the ECS task."),
        text("reject_reason", "Why traffic was rejected: BPA (VPC Block Public Access) or EC (encryption controls); NULL for other reasons."),
        text("resource_id", "The regional NAT gateway where the traffic was recorded."),
        number("encryption_status", "0 in clear text, 1 encrypted by Nitro, 2 by the application, 3 by both; NULL where AWS does not know.", bits=16),
        text("instance_tag", "The value of the first chosen tag of the instance, percent-encoded."),
        text("instance_tag_2", "The value of the second chosen tag of the instance, percent-encoded."),
        text("interface_tag", "The value of the first chosen tag of the interface, percent-encoded."),
        text("interface_tag_2", "The value of the second chosen tag of the interface, percent-encoded."),
        text("asg_tag", "The value of the first chosen tag of the Auto Scaling group, percent-encoded."),
        text("asg_tag_2", "The value of the second chosen tag of the Auto Scaling group, percent-encoded."),
        text("interface_type", "The kind of the interface, such as nat_gateway or vpc_endpoint."),
        text("next_hop_interface_id", "The interface to which outgoing traffic went next, or from which incoming traffic came."),
        text("next_hop_subnet_id", "The subnet of the next interface."),
        text("next_hop_az_id", "The ID of the Availability Zone of the next interface."),
        text("next_hop_vpc_id", "The VPC of the next interface."),
        text("next_hop_interface_type", "The kind of the next interface."),
    ),
)  # fmt: skip

SOURCE: Final = Source(
    name="vpc-flow",
    table=FORM.table,
    batch=partial(FlowBatch, FORM),
    recognises=partial(recognises, FORM),
    cut=cut,
    head=head,
    rows_a_flush=400_000,
)
