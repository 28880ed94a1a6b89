"""What runs with a role and is given sessions of it by a service: a pod, a task, a build.

Sources: CloudTrail User Guide, "CloudTrail userIdentity element" (AWSService); Amazon EKS User Guide, "Learn how EKS Pod Identity
grants pods access to AWS services" (session tags, six hours), and events of it that others published: EKS assumes the role
as pods.eks.amazonaws.com, and AssumeRoleForPodIdentity is told of the node's role without an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from sakimori.simulate.given_sessions import Giving, give_session, sts_event
from sakimori.simulate.identities import Credentials, credentials_of_session
from sakimori.simulate.sessions import iam_of
from sakimori.simulate.state import AccountState

PODS: Final = "pods.eks.amazonaws.com"
TASKS: Final = "ecs-tasks.amazonaws.com"
BUILDS: Final = "codebuild.amazonaws.com"
_SIX_HOURS: Final = 21_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What runs with a role. `name` is that of its sessions; `asked` what the service asks STS for besides."""

    service: str
    region: str
    role: str
    name: str
    asked: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod of a service account `namespace/name`; `node` is the `userIdentity` of the machine that it runs on."""

    cluster: str
    account: str
    node: Mapping[str, Any]


def given_by_service(state: AccountState, runs: Workload) -> Credentials:
    """The credentials that the service hands to what runs there; LookupError where there is no such role."""
    found: Any = next((each for each in iam_of(state).roles.values() if each.name == runs.role), None)
    if found is None:
        raise LookupError(runs.role)
    identity = {"type": "AWSService", "invokedBy": runs.service}
    giving = Giving(
        operation="AssumeRole", name=runs.name, identity=identity, region=runs.region, address=runs.service,
        agent=runs.service, seconds=_SIX_HOURS, asked=runs.asked,
    )  # fmt: skip
    return credentials_of_session(give_session(state, found, giving))


def given_to_pod(state: AccountState, region: str, role: str, pod: Pod) -> Credentials:
    """The same by EKS Pod Identity."""
    namespace, _, name = pod.account.partition("/")
    tags = {
        "eks-cluster-arn": f"arn:{state.partition}:eks:{region}:{state.account_id}:cluster/{pod.cluster}",
        "eks-cluster-name": pod.cluster, "kubernetes-namespace": namespace, "kubernetes-service-account": name,
    }  # fmt: skip
    asking = Giving(
        operation="AssumeRoleForPodIdentity", name="", identity=pod.node, region=region, address="10.0.1.20",
        agent="aws-sdk-go-v2/1.21.2", seconds=_SIX_HOURS,
    )  # fmt: skip
    event = sts_event(state, asking, {"clusterName": pod.cluster, "token": "HIDDEN_DUE_TO_SECURITY_REASONS"})
    state.history.tell(event | {"eventSource": "eks-auth.amazonaws.com"})
    asked = {"tags": [{"key": key, "value": value} for key, value in tags.items()], "transitiveTagKeys": list(tags)}
    session = f"eks-{pod.cluster}-{name}-{uuid4()}"
    return given_by_service(state, Workload(service=PODS, region=region, role=role, name=session, asked=asked))
