from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import PaginationError
from botocore.model import ServiceModel

from sakimori.aws.data_files import data_loader
from sakimori.aws.paging import MAX_PAGES, Paging, follow, paging_of


def paging(service: str, operation: str) -> Paging | None:
    model = ServiceModel(data_loader().load_service_model(service, "service-2"), service)
    return paging_of(data_loader(), model.operation_model(operation))


def test_operation_with_a_paginator_uses_its_tokens() -> None:
    found = paging("iam", "ListUsers")
    assert found == Paging(tokens={"Marker": "Marker"}, more="IsTruncated")


def test_operation_without_a_paginator_still_pages_by_its_token() -> None:
    assert paging("wafv2", "ListWebACLs") == Paging(tokens={"NextMarker": "NextMarker"})
    assert paging("detective", "ListGraphs") == Paging(tokens={"NextToken": "NextToken"})
    streams = paging("dynamodbstreams", "ListStreams")
    assert streams == Paging(tokens={"ExclusiveStartStreamArn": "LastEvaluatedStreamArn"})


def test_operation_that_does_not_page_is_known() -> None:
    assert paging("cloudtrail", "DescribeTrails") is None
    assert paging("support", "DescribeTrustedAdvisorCheckSummaries") is None


@pytest.mark.slow
def test_every_paginator_of_botocore_can_be_used() -> None:
    loader = data_loader()
    for service in loader.list_available_services("paginators-1"):
        for config in loader.load_service_model(service, "paginators-1")["pagination"].values():
            tokens = [config[key] if isinstance(config[key], list) else [config[key]] for key in
                      ("input_token", "output_token")]  # fmt: skip
            assert len(tokens[0]) == len(tokens[1])


def test_pages_come_in_order_until_there_is_no_token() -> None:
    pages: dict[Any, Mapping[str, Any]] = {
        None: {"n": 1, "Next": "a"}, "a": {"n": 2, "Next": "b"}, "b": {"n": 3, "Next": ""},
    }  # fmt: skip
    asked: list[Mapping[str, object]] = []

    def ask(parameters: Mapping[str, object]) -> Mapping[str, Any]:
        asked.append(parameters)
        return pages[parameters.get("Token")]

    found = list(follow(Paging(tokens={"Token": "Next"}), {"Size": 5}, ask))
    assert [page["n"] for page in found] == [1, 2, 3]
    assert asked == [{"Size": 5}, {"Size": 5, "Token": "a"}, {"Size": 5, "Token": "b"}]


def test_token_is_ignored_once_the_listing_is_not_truncated() -> None:
    pages = follow(Paging(tokens={"Marker": "Marker"}, more="IsTruncated"), {},
                   lambda _: {"IsTruncated": False, "Marker": "left over"})  # fmt: skip
    assert len(list(pages)) == 1


def test_listing_that_goes_round_in_a_circle_is_an_error() -> None:
    following = {None: "a", "a": "b", "b": "a"}
    pages = follow(Paging(tokens={"Token": "Next"}), {}, lambda asked: {"Next": following[asked.get("Token")]})
    with pytest.raises(PaginationError):
        list(pages)


def test_more_without_a_token_is_an_error_and_not_the_end() -> None:
    pages = follow(Paging(tokens={"Marker": "Marker"}, more="IsTruncated"), {}, lambda _: {"IsTruncated": True})
    with pytest.raises(PaginationError):
        list(pages)


def test_a_listing_without_an_end_ends() -> None:
    count = iter(range(1_000_000))
    pages = follow(Paging(tokens={"NextToken": "NextToken"}), {}, lambda _: {"NextToken": f"t{next(count)}"})
    with pytest.raises(PaginationError):
        sum(1 for _ in pages)
    assert next(count) == MAX_PAGES
