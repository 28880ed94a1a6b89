"""Files in which people leave secrets: each form takes names with values and gives a file's name and its text."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

from filler import lines, noun, path
from making import LOWER, Maker

Pairs = Sequence[tuple[str, str]]
Form = Callable[[Maker, Pairs], tuple[str, str]]


def _identifier(text: str) -> str:
    return re.sub(r"\W", "_", text)


def _each(pairs: Pairs, line: str) -> str:
    """The line once for each pair: {name} as it is, {word} as an identifier, {UPPER}, {value}, {quoted} as JSON has it."""
    return "".join(
        line.replace("{name}", name)
        .replace("{word}", _identifier(name))
        .replace("{UPPER}", _identifier(name).upper())
        .replace("{quoted}", json.dumps(value).replace("\\\\n", "\\n"))
        .replace("{value}", value)
        for name, value in pairs
    )


def _code(extension: str, filler: str, head: str, line: str, tail: str = "") -> Form:
    """Source code: some of it, the assignments, some more."""

    def form(make: Maker, pairs: Pairs) -> tuple[str, str]:
        before, after = lines(make, filler, make.random.randint(1, 6)), lines(make, filler, make.random.randint(1, 6))
        text = head + before + _each(pairs, line) + tail + after
        return f"{path(make)}/{noun(make)}_{make.of(LOWER, 3)}.{extension}", text

    return form


def _file(names: str, head: str, line: str, tail: str = "", filler: str = "") -> Form:
    """Other files, with lines of their kind before and after."""

    def form(make: Maker, pairs: Pairs) -> tuple[str, str]:
        before, after = (lines(make, filler, make.random.randint(1, 5)) if filler else "" for _ in range(2))
        directory = make.one_of(("deploy", "config", "ops", "infra", noun(make)))
        return f"{directory}/{make.of(LOWER, 4)}/{names}", head + before + _each(pairs, line) + tail + after

    return form


def _json(make: Maker, pairs: Pairs) -> tuple[str, str]:
    told = {"stage": "prod", "retries": 3, noun(make): {name: value.replace("\\n", "\n") for name, value in pairs}}
    return f"config/{make.of(LOWER, 4)}/appsettings.json", json.dumps(told, indent=make.one_of((2, 4))) + "\n"


def _one_line_json(make: Maker, pairs: Pairs) -> tuple[str, str]:
    told = {"env": dict(pairs), "image": f"shop/{noun(make)}:{make.hex(12)}"}
    return f"deploy/task-{make.of(LOWER, 4)}.json", json.dumps(told, separators=(",", ":"))


def _kubernetes_coded(make: Maker, pairs: Pairs) -> tuple[str, str]:
    coded = "".join(f"  {name}: {base64.b64encode(value.encode()).decode()}\n" for name, value in pairs)
    text = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {noun(make)}-env\ntype: Opaque\ndata:\n{coded}"
    return f"k8s/{noun(make)}/{make.of(LOWER, 4)}-secret.yaml", text


def _notebook(make: Maker, pairs: Pairs) -> tuple[str, str]:
    source = ["import os, boto3\n", *(f'os.environ["{name}"] = "{value}"\n' for name, value in pairs)]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": [f"# {noun(make).title()} by month\n"]},
        {"cell_type": "code", "execution_count": 3, "metadata": {}, "outputs": [], "source": source},
    ]
    told = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return f"analysis/{noun(make)}_{make.of(LOWER, 3)}.ipynb", json.dumps(told, indent=1) + "\n"


def _minified(make: Maker, pairs: Pairs) -> tuple[str, str]:
    told = ",".join(f"{_identifier(name)}:{json.dumps(value)}" for name, value in pairs)
    line = lines(make, "minified", 60) + f"var cfg={{{told}}};" + lines(make, "minified", 60)
    return f"web/static/app.{make.hex(8)}.js", line


def _mail(make: Maker, pairs: Pairs) -> tuple[str, str]:
    head = f"From: ops@shop.internal\nTo: partner@vendor.internal\nSubject: access to {noun(make)}\nDate: Mon, 2 Feb 2026 09:00:00 +0900\n\nHi,\n\nhere it is:\n\n"
    text = head + _each(pairs, "  {name}: {value}\n") + "\nBest regards,\nops\n\n" + lines(make, "prose", 3)
    return f"mail/{make.of(LOWER, 6)}.eml", text


def _japanese(make: Maker, pairs: Pairs) -> tuple[str, str]:
    told = _each(pairs, "| {name} | `{value}` |\n")
    text = f"# 接続手順\n\n{lines(make, 'japanese', 3)}\n| 項目 | 値 |\n|---|---|\n{told}\n{lines(make, 'japanese', 3)}"
    return f"docs/{make.of(LOWER, 4)}/接続手順.md", text


def _xml(make: Maker, pairs: Pairs) -> tuple[str, str]:
    told = "".join(f'    <add key="{name}" value="{escape(value, {chr(34): "&quot;"})}" />\n' for name, value in pairs)
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<configuration>\n  <appSettings>\n{told}  </appSettings>\n</configuration>\n'
    return f"src/{make.of(LOWER, 5)}/Web.config", text


_WORKFLOW: Final = "name: deploy\non: [push]\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    env:\n"
_COMPOSE: Final = "services:\n  web:\n    image: shop/web:1.4\n    environment:\n"
_KUBERNETES: Final = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web-env\ntype: Opaque\nstringData:\n"
_LAMBDA: Final = (
    'resource "aws_lambda_function" "worker" {\n  function_name = "worker"\n  environment {\n    variables = {\n'
)

FORMS: Final[Mapping[str, Form]] = {
    "python": _code("py", "python", "import os\n\nimport boto3\n\n", "{UPPER} = {quoted}\n"),
    "python call": _code("py", "python", "import boto3\n\n", 'client = connect(region="ap-northeast-1", {word}={quoted})\n'),
    "javascript": _code("js", "javascript", "'use strict';\n\n", "const {word} = '{value}';\n"),
    "typescript": _code("ts", "javascript", "import { store } from './store';\n\nexport const settings = {\n", "  {word}: '{value}',\n", "};\n"),
    "java": _code("java", "java", "package internal.shop;\n\npublic class Settings {\n", '    private static final String {UPPER} = "{value}";\n', "\n"),
    "kotlin": _code("kt", "java", "object Settings {\n", '    const val {UPPER} = "{value}"\n', "}\n"),
    "csharp": _code("cs", "java", "namespace Shop {\n  public static class Settings {\n", '    public const string {word} = "{value}";\n', "  }\n}\n"),
    "go": _code("go", "go", 'package settings\n\nimport "context"\n\n', 'var {word} = "{value}"\n'),
    "ruby": _code("rb", "prose", "# frozen_string_literal: true\n\n# ", "config.{word} = '{value}'\n", "# "),
    "php": _code("php", "javascript", "<?php\n// ", "define('{UPPER}', '{value}');\n", "/* "),
    "rust": _code("rs", "go", "use std::env;\n// ", 'const {UPPER}: &str = "{value}";\n', "// "),
    "swift": _code("swift", "go", "import Foundation\n// ", 'let {word} = "{value}"\n', "// "),
    "powershell": _file("deploy.ps1", "Set-StrictMode -Version Latest\n", '$env:{word} = "{value}"\n', filler=""),
    "shell": _file("run.sh", "#!/bin/sh\nset -eu\n", "export {word}='{value}'\n", 'exec "$@"\n'),
    "shell history": _file(".bash_history", "cd /srv/shop\nls -la\n", "export {word}={value}\n", "make deploy\nexit\n"),
    "environment": _file(".env", "# production\n", "{word}={value}\n", filler="env"),
    "yaml": _file("values.yaml", "", "{name}: {value}\n", filler="yaml"),
    "quoted yaml": _file("settings.yml", "production:\n  retries: 3\n", '  {name}: "{value}"\n', filler=""),
    "toml": _file("settings.toml", "[production]\nretries = 3\n", '{word} = "{value}"\n'),
    "ini": _file("app.ini", "[app]\ndebug = off\n", "{word} = {value}\n", "[log]\nlevel = info\n"),
    "properties": _file("application.properties", "server.port=8080\n", "shop.{word}={value}\n", filler="env"),
    "terraform": _code("tf", "terraform", "", 'variable "{word}" {\n  type    = string\n  default = "{value}"\n}\n'),
    "terraform lambda": _code("tf", "terraform", _LAMBDA, '      {word} = "{value}"\n', "    }\n  }\n}\n"),
    "tfvars": _file("prod.auto.tfvars", 'stage = "prod"\n', '{word} = "{value}"\n'),
    "cloudformation": _file("template.yaml", "Resources:\n  Worker:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n", "          {word}: '{value}'\n"),
    "dockerfile": _file("Dockerfile", "FROM python:3.12-slim\nWORKDIR /app\n", "ENV {word}={value}\n", 'CMD ["python", "-m", "shop"]\n'),
    "compose": _file("docker-compose.yml", _COMPOSE, "      - {word}={value}\n", '    ports: ["8080:80"]\n'),
    "kubernetes": _file("secret.yaml", _KUBERNETES, '  {name}: "{value}"\n'),
    "workflow": _file("deploy.yml", _WORKFLOW, "      {word}: {value}\n", "    steps:\n      - run: make deploy\n"),
    "gitlab ci": _file(".gitlab-ci.yml", "stages: [deploy]\nvariables:\n", '  {word}: "{value}"\n', "deploy:\n  script: [make deploy]\n"),
    "log": _file("app.log", "", "2026-02-11T04:05:06.789Z DEBUG [config] resolved {name}={value} from environment\n", filler="log"),
    "sql": _file("seed.sql", "BEGIN;\n", "INSERT INTO settings (name, value) VALUES ('{name}', '{value}');\n", "COMMIT;\n"),
    "chat export": _file("general.txt", "", "[10:31] tanaka: {name} は {value} です\n", filler="japanese"),
    "json": _json, "one-line json": _one_line_json, "kubernetes base64": _kubernetes_coded, "notebook": _notebook,
    "minified": _minified, "mail": _mail, "japanese document": _japanese, "xml": _xml,
}  # fmt: skip
