"""Who has a policy: groups, roles and users. Where it only bounds what somebody may have, it gives nothing and does not count.

Source: IAM API Reference, ListEntitiesForPolicy (PolicyUsageFilter); IAM User Guide, "Permissions boundaries for IAM entities".
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sakimori.actions.site import Site

LIST: Final = "iam:ListEntitiesForPolicy"
_LISTED: Final[Mapping[str, tuple[str, str]]] = {
    "group": ("PolicyGroups", "GroupName"),
    "role": ("PolicyRoles", "RoleName"),
    "user": ("PolicyUsers", "UserName"),
}


def holders_of(site: Site, policy: str) -> Sequence[tuple[str, str]]:
    """Kind (`group`, `role` or `user`) and name of each holder of the policy of this ARN, sorted."""
    arguments = {"PolicyArn": policy, "PolicyUsageFilter": "PermissionsPolicy"}
    pages = [*site.door.pages(LIST, site.region, arguments)]
    return sorted(
        (kind, each[name])
        for page in pages
        for kind, (listed, name) in _LISTED.items()
        for each in page.get(listed) or ()
    )
