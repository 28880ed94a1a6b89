"""The Regions of the account as its own service lists them."""

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.server import SimulatedAccount


@pytest.mark.slow
def test_regions_are_listed_with_their_status_in_pages() -> None:
    with SimulatedAccount(account_id="606060606060") as account:
        account.state.enabled_regions.add("ap-east-1")
        client = account.client("account", region="us-east-1")
        pages = [page["Regions"] for page in client.get_paginator("list_regions").paginate(MaxResults=10)]
        found = {each["RegionName"]: each["RegionOptStatus"] for page in pages for each in page}
        assert len(pages) > 1
        assert all(len(page) <= 10 for page in pages)
        assert found["us-east-1"] == "ENABLED_BY_DEFAULT"
        assert found["ap-east-1"] == "ENABLED"
        assert found["af-south-1"] == "DISABLED"
        assert not {each for each in found if each.startswith(("cn-", "us-gov-"))}
        on = client.list_regions(RegionOptStatusContains=["ENABLED"])["Regions"]
        assert [each["RegionName"] for each in on] == ["ap-east-1"]
        with pytest.raises(ClientError) as refused:
            client.list_regions(RegionOptStatusContains=["ON"])
        assert refused.value.response["Error"]["Code"] == "ValidationException"
