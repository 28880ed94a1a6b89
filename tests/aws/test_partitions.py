import pytest

from sakimori.aws.partitions import global_region_of, is_left_out, partition_of_region, partitions


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("ap-northeast-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("eu-central-9", "aws"),
        ("", "aws"),
        ("nonsense", "aws"),
    ],
)
def test_region_tells_its_partition(region: str, partition: str) -> None:
    assert partition_of_region(region).id == partition


@pytest.mark.parametrize(
    ("service", "partition", "region"),
    [
        ("iam", "aws", "us-east-1"),
        ("s3", "aws", "us-east-1"),
        ("support", "aws", "us-east-1"),
        ("iam", "aws-cn", "cn-north-1"),
        ("organizations", "aws-cn", "cn-northwest-1"),
        ("s3", "aws-cn", "cn-northwest-1"),
        ("iam", "aws-us-gov", "us-gov-west-1"),
    ],
)
def test_global_service_lives_where_its_partition_keeps_it(service: str, partition: str, region: str) -> None:
    assert global_region_of(service, partitions()[partition]) == region


def test_default_regions_are_those_without_opting_in() -> None:
    commercial = partitions()["aws"]
    assert len(commercial.default_regions) == 17
    assert set(commercial.default_regions) < set(commercial.regions)
    assert "af-south-1" not in commercial.default_regions
    assert partitions()["aws-cn"].default_regions == ("cn-north-1", "cn-northwest-1")


def test_no_pseudo_region_is_a_region() -> None:
    assert not any(region.endswith("global") for one in partitions().values() for region in one.regions)


def test_a_service_that_other_regions_have_is_left_out_of_one() -> None:
    aws = partitions()["aws"]
    assert is_left_out("codeartifact", "ap-northeast-3", aws)
    assert not is_left_out("codeartifact", "ap-northeast-1", aws)
    assert not is_left_out("iam", "ap-northeast-1", aws)
