"""What stands in ordinary calls: requests and resources that several populations share."""

import random
from typing import Final

from company import BUCKETS, FUNCTIONS, SECRETS, SHOP, instance, kms_arn, secret_arn
from population import Shape
from record import HOME, Record, hexadecimal, resource

THROTTLED: Final = (0.004, "Client.RequestLimitExceeded", "Request limit exceeded.")
RATE: Final = (0.004, "ThrottlingException", "Rate exceeded")
EXPIRED: Final = (0.002, "ExpiredTokenException", "The security token included in the request is expired")
INSTANCES: Final = tuple(instance(f"web {number}") for number in range(60))
PREFIXES: Final = {
    "images": ("item", "jpg"),
    "orders": ("daily/orders", "csv.gz"),
    "customers": ("members/part", "parquet"),
    "lake": ("clickstream/dt=2026-10-0", "parquet"),
    "artifacts": ("builds/shop-web", "zip"),
    "athena": ("results/q", "csv"),
    "state": ("prod/network/terraform", "tfstate"),
    "logs": ("AWSLogs/part", "json.gz"),
}


def s3_resources(bucket: str, key: str, account: str) -> list[Record]:
    return [
        {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
        resource(account, "AWS::S3::Bucket", f"arn:aws:s3:::{bucket}"),
    ]


def object_call(weight: float, name: str, place: str, account: str = SHOP, *, missing: float = 0.0) -> Shape:
    """A call on an object: the data events of S3."""
    bucket, (prefix, ending) = BUCKETS[place], PREFIXES[place]
    host = f"{bucket}.s3.ap-northeast-1.amazonaws.com"

    def request(rng: random.Random) -> Record:
        number = rng.randrange(40_000)
        asked: Record = {"bucketName": bucket, "Host": host, "key": f"{prefix}-{number:05d}.{ending}"}
        if name == "PutObject":
            asked["x-amz-server-side-encryption"] = "aws:kms"
        return asked

    def extra(rng: random.Random) -> Record:
        size = rng.randrange(2_000, 400_000)
        return {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": size if name == "PutObject" else 0,
            "bytesTransferredOut": size if name == "GetObject" else 0,
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": f"{rng.getrandbits(120):030x}EXAMPLE=",
        }

    errors = ((missing, "NoSuchKey", "The specified key does not exist."),) if missing else ()
    bucket_only = [resource(account, "AWS::S3::Bucket", f"arn:aws:s3:::{bucket}")]
    return Shape(weight, f"s3:{name}", request, None, bucket_only, extra, data=True, errors=errors)


def list_objects(weight: float, place: str, account: str = SHOP) -> Shape:
    bucket = BUCKETS[place]
    request = {"list-type": "2", "bucketName": bucket, "prefix": PREFIXES[place][0],
               "Host": f"{bucket}.s3.ap-northeast-1.amazonaws.com"}  # fmt: skip
    held = [resource(account, "AWS::S3::Bucket", f"arn:aws:s3:::{bucket}")]
    return Shape(weight, "s3:ListObjects", request, None, held, {"SignatureVersion": "SigV4"}, data=True)


def decrypt(weight: float, key: str, context: Record, account: str = SHOP) -> Shape:
    held = [resource(account, "AWS::KMS::Key", kms_arn(account, key))]
    request = {"encryptionContext": context, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    return Shape(weight, "kms:Decrypt", request, None, held, errors=(RATE,))


def data_key(weight: float, key: str, context: Record, account: str = SHOP) -> Shape:
    arn = kms_arn(account, key)
    request = {"encryptionContext": context, "keyId": arn, "keySpec": "AES_256"}
    return Shape(weight, "kms:GenerateDataKey", request, None, [resource(account, "AWS::KMS::Key", arn)])


def secret(weight: float, names: tuple[str, ...] = SECRETS) -> Shape:
    return Shape(weight, "secretsmanager:GetSecretValue", lambda rng: {"secretId": secret_arn(rng.choice(names))})


def parameter(weight: float, path: str = "/prod/shop") -> Shape:
    def request(rng: random.Random) -> Record:
        return {
            "name": f"{path}/{rng.choice(('db-host', 'cache-host', 'feature', 'mail-from'))}",
            "withDecryption": True,
        }

    return Shape(weight, "ssm:GetParameter", request)


def log_stream(weight: float, group: str) -> Shape:
    def request(rng: random.Random) -> Record:
        return {"logGroupName": group, "logStreamName": f"2026/10/01/[$LATEST]{rng.getrandbits(128):032x}"}

    exists = (
        0.3 if "eks" in group else 0.01,
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
    )
    return Shape(weight, "logs:CreateLogStream", request, errors=(exists,))


def filters(name: str, *values: str) -> Record:
    """EC2's filters, with its wrappings."""
    return {"filterSet": {"items": [{"name": name, "valueSet": {"items": [{"value": value} for value in values]}}]}}


def instances(rng: random.Random, few: int = 3) -> Record:
    return {"instancesSet": {"items": [{"instanceId": rng.choice(INSTANCES)} for _ in range(few)]}, "filterSet": {}}


def ec2_reads(scale: float = 1.0) -> list[Shape]:
    """What everything asks of EC2."""
    tagged = filters("tag:kubernetes.io/cluster/shop-eks", "owned")
    return [
        Shape(8 * scale, "ec2:DescribeInstances", instances, errors=(THROTTLED, EXPIRED)),
        Shape(4 * scale, "ec2:DescribeInstances", tagged, errors=(THROTTLED,)),
        Shape(3 * scale, "ec2:DescribeSecurityGroups", {"securityGroupSet": {}, "securityGroupIdSet": {}, "filterSet": {}}),
        Shape(3 * scale, "ec2:DescribeSubnets", {"subnetSet": {}, **tagged}),
        Shape(2 * scale, "ec2:DescribeVolumes", {"volumeSet": {}, "filterSet": {}}),
        Shape(2 * scale, "ec2:DescribeInstanceStatus", {"instancesSet": {}, "filterSet": {}, "includeAllInstances": False}),
        Shape(2 * scale, "ec2:DescribeNetworkInterfaces", {"networkInterfaceIdSet": {}, "filterSet": {}}),
        Shape(1 * scale, "ec2:DescribeTags", filters("resource-type", "instance"), errors=(THROTTLED,)),
        Shape(1 * scale, "ec2:DescribeImages", {"imagesSet": {}, "ownersSet": {"items": [{"owner": "self"}]}, "filterSet": {}}),
        Shape(1 * scale, "ec2:DescribeVpcs", {"vpcSet": {}, "filterSet": {}}),
        Shape(1 * scale, "ec2:DescribeRouteTables", {"routeTableIdSet": {}, "filterSet": {}}),
    ]  # fmt: skip


def function_name(rng: random.Random) -> str:
    return f"shop-{rng.choice(FUNCTIONS)}"


def function_arn(name: str, account: str = SHOP) -> str:
    return f"arn:aws:lambda:{HOME}:{account}:function:{name}"


def request_id(rng: random.Random) -> str:
    return hexadecimal(f"{rng.random()}", 24)


def athena_query(rng: random.Random) -> Record:
    table = rng.choice(("orders", "clickstream", "stock", "campaign", "members_masked"))
    return {
        "queryString": "***OMITTED***",
        "clientRequestToken": request_id(rng),
        "queryExecutionContext": {"database": "lake", "catalog": "AwsDataCatalog"},
        "resultConfiguration": {"outputLocation": f"s3://{BUCKETS['athena']}/results/"},
        "workGroup": f"wg-{table[:5]}",
    }


def one_object(bucket: str, key: str, account: str, **more: str) -> Record:
    """What stands in a call on one object."""
    return {
        "request": {"bucketName": bucket, "key": key, "Host": f"{bucket}.s3.ap-northeast-1.amazonaws.com", **more},
        "resources": s3_resources(bucket, key, account),
        "data": True,
    }
