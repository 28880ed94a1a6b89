"""Places of an account where secrets lie: what of them is read, what is said of what was not, and what never leaves memory."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from tests.collect.reading_places import read, zipped

from sakimori.aws.refusal import Refusal
from sakimori.collect.secret_places.catalogue import PLACES
from sakimori.collect.secret_places.place import Place
from sakimori.model.words import GapKind


def base(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


INSTANCES = {"Reservations": [{"Instances": [{"InstanceId": f"i-{n}", "State": {"Name": "running"}} for n in (1, 2)]}]}


def user_data(parameters: Mapping[str, object]) -> Any:
    return (
        {"UserData": {"Value": base("#!/bin/sh\nexport X=S3CRET-one\n")}}
        if parameters["InstanceId"] == "i-1"
        else "AccessDenied"
    )


def test_what_was_found_stands_beside_its_resource() -> None:
    found = read("ec2-user-data", {"ec2:DescribeInstances": INSTANCES, "ec2:DescribeInstanceAttribute": user_data})
    (hit,) = found.exposed
    assert hit["resource_arn"] == "arn:aws:ec2:us-east-1:123456789012:instance/i-1"
    assert (hit["part"], hit["line"], hit["kind"]) == ("user data", 2, "word")
    row = next(each for each in found.searched if each["resource_arn"] == hit["resource_arn"])
    assert (row["secret_count"], row["kinds"], row["worst_severity"], row["is_whole"]) == (1, "word", "critical", True)


def test_what_could_not_be_read_is_a_gap_and_its_count_is_unknown() -> None:
    found = read("ec2-user-data", {"ec2:DescribeInstances": INSTANCES, "ec2:DescribeInstanceAttribute": user_data})
    (gap,) = found.gaps
    row = next(each for each in found.searched if each["id"] == gap.parent)
    assert gap.call == "ec2:DescribeInstanceAttribute"
    assert row["resource_arn"] == "arn:aws:ec2:us-east-1:123456789012:instance/i-2"
    assert row.get("secret_count") is None


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
def test_a_place_whose_listing_is_refused_is_one_unknown_row(place: Place) -> None:
    found = read(place.id, {})
    assert [row["id"] for row in found.searched] == [place.id]
    assert found.searched[0].get("secret_count") is None
    assert found.gaps
    assert not found.exposed


def test_the_same_secret_twice_in_a_resource_is_one() -> None:
    answers = {
        "ec2:DescribeInstances": INSTANCES,
        "ec2:DescribeInstanceAttribute": {"UserData": {"Value": base("S3CRET-a\nS3CRET-a")}},
    }
    assert len(read("ec2-user-data", answers).exposed) == 2  # one for each instance


def test_a_doubtful_one_and_an_allowed_one_do_not_count() -> None:
    answers = {
        "ec2:DescribeInstances": INSTANCES,
        "ec2:DescribeInstanceAttribute": {"UserData": {"Value": base("S3CRET-maybe\nS3CRET-allowed")}},
    }
    found = read("ec2-user-data", answers)
    assert [(row["secret_count"], row["doubtful_count"], row["worst_severity"]) for row in found.searched] == [
        (0, 2, "")
    ] * 2


def test_what_the_scanner_could_not_open_is_a_gap_and_no_pass() -> None:
    answers = {
        "ec2:DescribeInstances": INSTANCES,
        "ec2:DescribeInstanceAttribute": {"UserData": {"Value": base("BOMB")}},
    }
    found = read("ec2-user-data", answers)
    assert [gap.code for gap in found.gaps] == ["ratio", "ratio"]
    assert [(row["is_whole"], row["secret_count"]) for row in found.searched] == [(False, None)] * 2


def test_user_data_of_another_form_is_a_gap() -> None:
    answers = {
        "ec2:DescribeInstances": INSTANCES,
        "ec2:DescribeInstanceAttribute": {"UserData": {"Value": "no base 64 !"}},
    }
    found = read("ec2-user-data", answers)
    assert {gap.code for gap in found.gaps} == {"NoBase64"}
    assert all(row["secret_count"] is None for row in found.searched)


FUNCTION = {"FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f", "PackageType": "Zip", "CodeSize": 100}


def test_the_code_of_a_function_is_fetched_from_where_lambda_says() -> None:
    asked = []

    def fetch(url: str, most: int) -> bytes:
        asked.append(url)
        return zipped("key = 'S3CRET-code'")

    answers = {
        "lambda:ListFunctions": {"Functions": [FUNCTION]},
        "lambda:GetFunction": {"Code": {"Location": "https://x.amazonaws.com/1"}},
    }
    found = read("lambda-code", answers, fetch=fetch)
    assert asked == ["https://x.amazonaws.com/1"]
    assert [hit["part"] for hit in found.exposed] == ["code.zip"]


@pytest.mark.parametrize(("registry", "codes"), [("123456789012", []), ("999999999999", ["OtherRegistry"])])
def test_a_function_whose_image_is_another_accounts_is_unknown(registry: str, codes: list[str]) -> None:
    uri = f"{registry}.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:1"
    answers = {
        "lambda:ListFunctions": {"Functions": [{**FUNCTION, "PackageType": "Image"}]},
        "lambda:GetFunction": {"Code": {"RepositoryType": "ECR", "ImageUri": uri}},
    }
    found = read("lambda-code", answers)
    assert [gap.code for gap in found.gaps] == codes
    assert [row["secret_count"] is None for row in found.searched] == [bool(codes)]


def _layers(*sizes: int) -> dict[str, Any]:
    return {
        "lambda:ListLayers": {"Layers": [{"LayerArn": "arn:aws:lambda:us-east-1:123456789012:layer:l"}]},
        "lambda:ListLayerVersions": {"LayerVersions": [{"Version": len(sizes) - at} for at in range(len(sizes))]},
        "lambda:GetLayerVersion": lambda parameters: {
            "Content": {
                "CodeSize": sizes[len(sizes) - parameters["VersionNumber"]],
                "Location": f"https://x.amazonaws.com/{parameters['VersionNumber']}",
            }
        },
    }


def test_every_version_of_a_layer_is_looked_at_the_newest_first() -> None:
    found = read("lambda-layer", _layers(10, 10), fetch=lambda url, _most: zipped(f"S3CRET-{url[-1]}"))
    assert [hit["part"] for hit in found.exposed] == ["version 2.zip", "version 1.zip"]
    assert [row["is_whole"] for row in found.searched] == [True]


def test_versions_of_a_layer_beyond_the_bound_are_not_fetched_and_that_is_said() -> None:
    found = read("lambda-layer", _layers(10, 10**9), most_bytes=1000, fetch=lambda _url, _most: zipped("S3CRET-2"))
    assert [hit["part"] for hit in found.exposed] == ["version 2.zip"]
    assert [row["is_whole"] for row in found.searched] == [False]


def test_a_version_of_a_layer_that_is_not_given_is_told_and_the_older_ones_are_looked_at() -> None:
    def fetch(url: str, _most: int) -> bytes:
        if url.endswith("2"):
            raise Refusal(call="https:GET", kind=GapKind.REFUSED, code="404", message="")
        return zipped(f"S3CRET-{url[-1]}")

    found = read("lambda-layer", _layers(10, 10), fetch=fetch)
    assert [hit["part"] for hit in found.exposed] == ["version 1.zip"]
    assert [(gap.code, gap.message) for gap in found.gaps] == [("404", "version 2.zip")]


def test_a_layer_that_is_listed_without_versions_is_unknown() -> None:
    answers = _layers()
    answers["lambda:ListLayers"]["Layers"][0]["LatestMatchingVersion"] = {"Version": 1}
    found = read("lambda-layer", answers)
    assert [gap.code for gap in found.gaps] == ["NoVersion"]
    assert [row["secret_count"] for row in found.searched] == [None]


def test_code_beyond_the_bound_is_not_fetched_and_that_is_said() -> None:
    answers = {"lambda:ListFunctions": {"Functions": [{**FUNCTION, "CodeSize": 101}]}}
    found = read("lambda-code", answers, most_bytes=100)
    assert [(row["byte_count"], row["is_whole"]) for row in found.searched] == [(0, False)]
    assert not found.gaps


def test_an_environment_that_lambda_could_not_decrypt_is_a_gap() -> None:
    function = {**FUNCTION, "Environment": {"Error": {"ErrorCode": "AccessDeniedException"}}}
    found = read("lambda-environment", {"lambda:ListFunctions": {"Functions": [function]}})
    assert [gap.code for gap in found.gaps] == ["AccessDeniedException"]


def test_a_variable_is_named_though_its_neighbour_has_several_lines() -> None:
    function = {**FUNCTION, "Environment": {"Variables": {"PEM": "one\ntwo\nthree", "TOKEN": "S3CRET-x"}}}
    found = read("lambda-environment", {"lambda:ListFunctions": {"Functions": [function]}})
    assert [hit["part"] for hit in found.exposed] == ["environment: TOKEN"]


def block(content: bytes) -> Mapping[str, Any]:
    return {"BlockData": content, "Checksum": base64.b64encode(hashlib.sha256(content).digest()).decode()}


def blocks(data: Mapping[int, bytes]) -> Mapping[str, Any]:
    return {
        "ec2:DescribeImages": {
            "Images": [{"ImageId": "ami-1", "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}]}]
        },
        "ec2:DescribeSnapshots": {"Snapshots": [{"SnapshotId": "snap-1"}]},
        "ebs:ListSnapshotBlocks": {"Blocks": [{"BlockIndex": index, "BlockToken": str(index)} for index in data]},
        "ebs:GetSnapshotBlock": lambda parameters: block(data[int(str(parameters["BlockIndex"]))]),
    }


def test_a_secret_over_the_edge_of_two_blocks_is_seen_and_the_image_named() -> None:
    found = read("ebs-snapshot", blocks({3: b"\0" * 500 + b"S3CR", 4: b"ET-edge\n" + b"\0" * 500, 9: b"x"}))
    assert [(hit["part"], hit["sha256"]) for hit in found.exposed] == [("ami-1 block 3", "S3CRET-edge")]
    assert [(row["byte_count"], row["is_whole"]) for row in found.searched] == [(1013, True)]


def test_a_secret_over_the_edge_of_two_pieces_is_seen() -> None:
    data = dict.fromkeys(range(40), b"\0" * 524_288)
    data[15] = b"\0" * 524_284 + b"S3CR"
    data[16] = b"ET-piece\n" + b"\0" * 500_000
    found = read("ebs-snapshot", blocks(data))
    assert [hit["sha256"] for hit in found.exposed] == ["S3CRET-piece"]


def test_a_snapshot_is_read_as_far_as_its_bound_and_that_is_said() -> None:
    found = read("ebs-snapshot", blocks(dict.fromkeys(range(50), b"\0" * 100)), most_bytes=1000)
    assert [(row["byte_count"], row["is_whole"]) for row in found.searched] == [(1000, False)]


def test_a_private_bucket_is_not_opened() -> None:
    answers = {
        "s3:ListBuckets": {"Buckets": [{"Name": "b", "BucketRegion": "us-east-1"}]},
        "s3:GetPublicAccessBlock": {
            "PublicAccessBlockConfiguration": {"IgnorePublicAcls": True, "RestrictPublicBuckets": True}
        },
        "s3:GetBucketPolicyStatus": {"PolicyStatus": {"IsPublic": True}},
        "s3:GetBucketAcl": {
            "Grants": [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}]
        },
    }
    found = read("s3-public-object", answers)
    assert not found.gaps
    assert not found.exposed


def test_job_definitions_of_every_form_are_looked_at() -> None:
    env = [{"name": "T", "value": "S3CRET-env"}]
    forms = [
        {"containerProperties": {"environment": env}},
        {"nodeProperties": {"nodeRangeProperties": [{"targetNodes": "0:", "container": {"environment": env}}]}},
        {"ecsProperties": {"taskProperties": [{"containers": [{"name": "c", "environment": env}]}]}},
        {"eksProperties": {"podProperties": {"initContainers": [{"name": "i", "args": ["S3CRET-env"]}]}}},
        {"parameters": {"T": "S3CRET-env"}},
    ]
    listed = [{"jobDefinitionArn": f"arn:{number}", **form} for number, form in enumerate(forms)]
    found = read("batch-job-definition", {"batch:DescribeJobDefinitions": {"jobDefinitions": listed}})
    assert sorted(str(hit["resource_arn"]) for hit in found.exposed) == [f"arn:{number}" for number in range(5)]


def test_no_secret_is_in_a_row() -> None:
    found = read("ec2-user-data", {"ec2:DescribeInstances": INSTANCES, "ec2:DescribeInstanceAttribute": user_data})
    told = [
        {name: value for name, value in row.items() if name not in {"sha256", "id"}}
        for row in (*found.searched, *found.exposed)
    ]
    assert "S3CRET" not in repr(told)
