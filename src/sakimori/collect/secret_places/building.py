"""What builds and deploys: projects of CodeBuild, stacks of CloudFormation, environments of Elastic Beanstalk, jobs of Glue."""

import json
from collections.abc import Iterator

from sakimori.collect.codebuild.project import LIST as PROJECTS
from sakimori.collect.declaration import Context, Record, call
from sakimori.collect.secret_places.place import Place, Reach, Text, lines_of, variables


def _project(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    listed = (record.get("environment") or {}).get("environmentVariables") or ()
    plain = [each for each in listed if each.get("type", "PLAINTEXT") == "PLAINTEXT"]
    yield from lines_of("environment", variables(plain))
    for source in (record.get("source") or {}, *(record.get("secondarySources") or ())):
        if source.get("buildspec"):
            yield Text(name="buildspec", data=str(source["buildspec"]).encode())
        if source.get("location"):
            yield Text(name="source location", data=str(source["location"]).encode())


def _stack(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    pairs = [(each.get("ParameterKey"), each.get("ParameterValue", "")) for each in record.get("Parameters") or ()]
    yield from lines_of("parameters", pairs)
    pairs = [(each.get("OutputKey"), each.get("OutputValue", "")) for each in record.get("Outputs") or ()]
    yield from lines_of("outputs", pairs)
    template = record.get("TemplateBody")
    if template:
        # botocore reads a JSON template into an object; a YAML one stays text.
        text = (
            template if isinstance(template, str) else json.dumps(template, indent=2, default=str, ensure_ascii=False)
        )
        yield Text(name="template", data=text.encode())


def _beanstalk(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    for settings in record.get("Settings") or ():
        listed = settings.get("OptionSettings") or ()
        yield from lines_of("options", ((each.get("OptionName"), each.get("Value") or "") for each in listed))


def _glue_arn(kind: str, member: str = "Name"):  # noqa: ANN202 - a Derive
    def derive(record: Record, context: Context) -> str:
        return f"arn:{context.partition}:glue:{context.region}:{context.account_id}:{kind}/{record[member]}"

    return derive


def _job(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    for name in ("DefaultArguments", "NonOverridableArguments"):
        yield from lines_of(name, (record.get(name) or {}).items())


def _connection(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    yield from lines_of("properties", (record.get("ConnectionProperties") or {}).items())


PLACES = (
    Place(id="codebuild-project", resource_type="AWS::CodeBuild::Project", rows=PROJECTS,
          arn=lambda record, _: record["arn"], texts=_project),
    Place(
        id="cloudformation-stack", resource_type="AWS::CloudFormation::Stack", texts=_stack, needs=("TemplateBody",),
        arn=lambda record, _: record["StackId"],
        rows=(call("cloudformation:DescribeStacks", "Stacks"),),
        each=(call("cloudformation:GetTemplate", "TemplateBody", with_={"StackName": "StackId"}, TemplateStage="Original"),),
    ),
    Place(
        id="elasticbeanstalk-environment", resource_type="AWS::ElasticBeanstalk::Environment", texts=_beanstalk,
        needs=("Settings",), arn=lambda record, _: record["EnvironmentArn"],
        rows=(call("elasticbeanstalk:DescribeEnvironments", "Environments", IncludeDeleted=False),),
        each=(call("elasticbeanstalk:DescribeConfigurationSettings", "ConfigurationSettings", name="Settings",
                   with_={"ApplicationName": "ApplicationName", "EnvironmentName": "EnvironmentName"}),),
    ),
    Place(id="glue-job", resource_type="AWS::Glue::Job", rows=(call("glue:GetJobs", "Jobs", MaxResults=100),),
          arn=_glue_arn("job"), texts=_job),
    # The passwords of connections are for whoever uses them: asked for are the properties without them.
    Place(id="glue-connection", resource_type="AWS::Glue::Connection", arn=_glue_arn("connection"), texts=_connection,
          rows=(call("glue:GetConnections", "ConnectionList", HidePassword=True, MaxResults=100),)),
)  # fmt: skip
