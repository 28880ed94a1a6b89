"""Notebook instances of SageMaker AI."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

_ANSWERS = {"Enabled": True, "Disabled": False}


def _reaches_internet(record: Record, _context: Context) -> bool | None:
    return _ANSWERS.get(record.get("Notebook", {}).get("DirectInternetAccess", ""))


def _gives_root(record: Record, _context: Context) -> bool | None:
    return _ANSWERS.get(record.get("Notebook", {}).get("RootAccess", ""))


def _is_in_vpc(record: Record, _context: Context) -> bool | None:
    notebook = record.get("Notebook", {})
    return bool(notebook.get("SubnetId")) if notebook else None


TABLE = table(
    "aws_sagemaker_notebook_instance",
    "Notebook instances of SageMaker AI.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SageMaker::NotebookInstance",
    rows=call("sagemaker:ListNotebookInstances", "NotebookInstances", MaxResults=100),
    each=[
        call("sagemaker:DescribeNotebookInstance", "@", name="Notebook",
             with_={"NotebookInstanceName": "NotebookInstanceName"}),
    ],
    columns=[
        col("arn", TEXT, "The notebook instance's ARN.", "NotebookInstanceArn"),
        col("name", TEXT, "The notebook instance's name.", "NotebookInstanceName"),
        col("status", TEXT, "InService, Stopped, Pending, Failed, …", "NotebookInstanceStatus"),
        col("role_arn", TEXT, "The role that its notebooks act with.", "Notebook.RoleArn"),
        col("has_direct_internet_access", BOOLEAN, "It reaches the internet past the account's own network.",
            _reaches_internet, needs=["Notebook"]),
        col("is_in_vpc", BOOLEAN, "It is attached to a subnet of the account.", _is_in_vpc, needs=["Notebook"]),
        col("root_access_is_enabled", BOOLEAN, "Its users have the rights of root on it.",
            _gives_root, needs=["Notebook"]),
        col("created_at", TIMESTAMP, "When it was made.", "CreationTime"),
    ],
)  # fmt: skip
