"""The company's containers: one careful service beside what was tried out once and stayed."""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.eks.models import eks_backends

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA

_CLUSTER: Final = "awase"
_PARTNER: Final = "333333333333"


def seed(seeding: Seeding) -> None:
    """Task definitions and services, repositories of images, and two Kubernetes clusters."""
    for family, parts in _definitions(seeding).items():
        for part in parts:
            seeding.client("ecs", TOKYO).register_task_definition(family=family, **part)
    ireland = seeding.client("ecs", IRELAND)
    ireland.register_task_definition(family="report", containerDefinitions=[_container("report", user="www-data")])
    _services(seeding)
    _images(seeding)
    _clusters(seeding)


def _definitions(seeding: Seeding) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """Revisions by family, the latest last. Secrets are made here and visibly not real."""
    account = seeding.state.account_id
    password = {"name": "DB_PASSWORD", "value": "not-a-secret-" + "kaisha"}
    stored = {"name": "DB_PASSWORD", "valueFrom": f"arn:aws:secretsmanager:{TOKYO}:{account}:secret:db-AbCdEf"}
    settings = [
        {"name": "STAGE", "value": "本番"},
        {"name": "DB_SECRET", "value": "/awase/db"},
    ]
    fargate = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512"}
    on_host = {"requiresCompatibilities": ["EC2"], "networkMode": "host", "pidMode": "host"}
    keys = [{"name": "AWS_ACCESS_KEY_ID", "value": "AKIA" + "FAKE" * 4}]
    careless = _container("agent", user="root", privileged=True, environment=keys)
    return {
        # The first revision kept its password in plain text; the latest does not.
        "web": (
            {**fargate, "containerDefinitions": [_container("web", user="1000", environment=[password])]},
            {
                **fargate,
                "containerDefinitions": [_container("web", user="1000:1000", environment=settings, secrets=[stored])],
            },
        ),
        "host-agent": ({**on_host, "containerDefinitions": [_container("sidecar", user="nobody"), careless]},),
        # No user, so the image decides; and someone was in a hurry.
        "worker": ({**fargate, "containerDefinitions": [_container("夜間-worker", environment=[password])]},),
        "kiosk": (
            {
                "requiresCompatibilities": ["EC2"],
                "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
                "containerDefinitions": [_container("kiosk", user="ContainerUser")],
            },
        ),
    }


def _container(name: str, **more: Any) -> Mapping[str, Any]:
    return {"name": name, "image": f"{name.encode('ascii', 'ignore').decode().strip('-')}:1", "memory": 256, **more}


def _services(seeding: Seeding) -> None:
    ecs = seeding.client("ecs", TOKYO)
    ecs.create_cluster(clusterName=_CLUSTER)
    for name, public in (("web", "ENABLED"), ("worker", "DISABLED")):
        ecs.create_service(
            cluster=_CLUSTER,
            serviceName=name,
            taskDefinition=name,
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=_network(seeding, public),
        )
    # Deployed by a program of the vendor's: its addresses hide in the task sets.
    ecs.create_service(
        cluster=_CLUSTER, serviceName="vendor", desiredCount=1, deploymentController={"type": "EXTERNAL"}
    )
    for name, public in (("open", "ENABLED"), ("closed", "DISABLED")):
        made = ecs.create_task_set(
            cluster=_CLUSTER,
            service="vendor",
            taskDefinition="web",
            launchType="FARGATE",
            networkConfiguration=_network(seeding, public),
        )
        seeding.names[f"task-set.{name}"] = made["taskSet"]["taskSetArn"]
    ireland = seeding.client("ecs", IRELAND)
    ireland.create_cluster(clusterName="report")
    ireland.create_service(cluster="report", serviceName="report", taskDefinition="report", desiredCount=0)


def _network(seeding: Seeding, public: str) -> Mapping[str, Any]:
    group = seeding.names["sg.default-closed"].rpartition("/")[2]
    interface = {"subnets": [seeding.names["subnet.production"]], "securityGroups": [group], "assignPublicIp": public}
    return {"awsvpcConfiguration": interface}


def _images(seeding: Seeding) -> None:
    """In Tokyo the registry scans what is under `awase/`; in Virginia Inspector scans only what begins with `prod`."""
    ecr = seeding.client("ecr", TOKYO)
    ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[_scan("SCAN_ON_PUSH", "awase/*")])
    for name, on_push in (("awase/web", False), ("tools", True), ("legacy", False), ("partner", True)):
        ecr.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": on_push})
    pull = {"Effect": "Allow", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}
    own_organization = {"StringEquals": {"aws:PrincipalOrgID": "o-awase00000"}}
    for name, who in (
        ("legacy", {"Principal": "*"}),
        ("partner", {"Principal": {"AWS": f"arn:aws:iam::{_PARTNER}:root"}}),
        ("tools", {"Principal": "*", "Condition": own_organization}),
    ):
        document = {"Version": "2012-10-17", "Statement": [{**pull, **who}]}
        ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(document))
    enhanced = seeding.client("ecr", VIRGINIA)
    enhanced.put_registry_scanning_configuration(scanType="ENHANCED", rules=[_scan("CONTINUOUS_SCAN", "prod*")])
    for name in ("prod-app", "test-app"):
        enhanced.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": True})


def _scan(frequency: str, names: str) -> Mapping[str, Any]:
    return {"scanFrequency": frequency, "repositoryFilters": [{"filter": names, "filterType": "WILDCARD"}]}


def _clusters(seeding: Seeding) -> None:
    role = f"arn:aws:iam::{seeding.state.account_id}:role/eks-cluster"
    subnets = [seeding.names["subnet.production"]]
    private = {"subnetIds": subnets, "endpointPublicAccess": False, "endpointPrivateAccess": True}
    logs = {
        "clusterLogging": [{"types": ["audit", "authenticator"], "enabled": True}, {"types": ["api"], "enabled": False}]
    }
    eks = seeding.client("eks", TOKYO)
    eks.create_cluster(name="awase-prod", version="1.34", roleArn=role, resourcesVpcConfig=private, logging=logs)
    seeding.client("eks", IRELAND).create_cluster(
        name="jikken", roleArn=role, resourcesVpcConfig={"subnetIds": subnets}
    )
    # Nobody has upgraded it since: what only time can do.
    forgotten: Any = eks_backends[seeding.state.account_id][IRELAND].clusters["jikken"]
    forgotten.version = "1.29"
