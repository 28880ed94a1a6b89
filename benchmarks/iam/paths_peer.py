"""The peer on the same file: principalmapper 1.1.5 with an IAM client that answers from it, and no session, so that it asks AWS nothing.

Run by `paths.py --peer PYTHON` in the peer's own environment. It imports names that Python 3.10 took out of `collections`; they
are put back for it. Without a session it knows no functions, instances or stacks, as we know none from the file.
"""

import collections
import collections.abc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

for _name in ("Mapping", "MutableMapping"):
    setattr(collections, _name, getattr(collections.abc, _name))


class _Pages:
    def __init__(self, pages: list[dict[str, Any]]) -> None:
        self.pages = pages

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return self.pages


class _Client:
    """As much of an IAM client as the peer asks for."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.told = {
            "UserDetailList": [each for each in records if "UserName" in each],
            "RoleDetailList": [each for each in records if "RoleName" in each],
            "GroupDetailList": [each for each in records if "GroupName" in each],
            "Policies": [each for each in records if "PolicyVersionList" in each],
        }

    def get_paginator(self, operation: str) -> _Pages:
        return _Pages([self.told] if operation == "get_account_authorization_details" else [{"VirtualMFADevices": []}])

    def list_access_keys(self, **_: Any) -> dict[str, Any]:
        return {"AccessKeyMetadata": [{"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}]}

    def get_login_profile(self, **_: Any) -> dict[str, Any]:
        return {"LoginProfile": {}}

    def list_mfa_devices(self, **_: Any) -> dict[str, Any]:
        return {"MFADevices": []}


def main() -> None:
    from principalmapper.common import Graph  # noqa: PLC0415 - after `collections` is mended
    from principalmapper.graphing import edge_identification, gathering  # noqa: PLC0415
    from principalmapper.querying.presets.privesc import can_privesc  # noqa: PLC0415

    records = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    found = gathering.get_nodes_groups_and_policies(_Client(records))
    gathering.update_admin_status(found["nodes"], None)
    read = time.perf_counter()
    edges = edge_identification.obtain_edges(
        None, list(edge_identification.checker_map), found["nodes"], [], [], None, None
    )
    linked = time.perf_counter()
    graph = Graph(
        found["nodes"],
        edges,
        found["policies"],
        found["groups"],
        {"account_id": "123456789012", "pmapper_version": "1.1.5"},
    )
    escalating = sum(can_privesc(graph, node)[0] for node in graph.nodes if not node.is_admin)
    print(
        json.dumps(
            {
                "identities": len(found["nodes"]),
                "admins_s": round(read - began, 2),
                "edges_s": round(linked - read, 2),
                "query_s": round(time.perf_counter() - linked, 2),
                "admins": sum(node.is_admin for node in found["nodes"]),
                "edges": len(edges),
                "starts_with_paths": escalating,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
