"""Whether the subnets of a database have a route to the internet."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.collect.declaration import Context, Record

ROUTING: Final = "Routing"
"""The name of the detail that reads the route tables of the database's VPC."""


def public_subnets(record: Record, _context: Context) -> list[str] | None:
    """Its subnets with a route to an internet gateway; None where the routes of one of them are not known."""
    routing = record.get(ROUTING)
    # Route tables that stand on a further page were not read, and those of a shared subnet are not told.
    if not routing or routing.get("NextToken") or not record.get("DBSubnetGroup"):
        return None
    subnets = [each["SubnetIdentifier"] for each in record["DBSubnetGroup"]["Subnets"]]
    tables = {subnet: _table_of(subnet, routing["RouteTables"]) for subnet in subnets}
    if not tables or None in tables.values():
        return None
    return sorted(subnet for subnet, table in tables.items() if table is not None and _leads_out(table))


def is_in_public_subnet(record: Record, context: Context) -> bool | None:
    """Whether it has such a subnet: it may be in any of its group's, and move with a failover."""
    found = public_subnets(record, context)
    return None if found is None else bool(found)


def _table_of(subnet: str, tables: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The table that is associated with the subnet, or else the VPC's main one."""
    associations = [(each, table) for table in tables for each in table.get("Associations") or ()]
    own = [table for each, table in associations if each.get("SubnetId") == subnet]
    main = [table for each, table in associations if each.get("Main") is True]
    return next(iter((*own, *main)), None)


def _leads_out(table: Mapping[str, Any]) -> bool:
    return any(str(route.get("GatewayId", "")).startswith("igw-") for route in table["Routes"])
