"""Configurations without the values of secrets: the names of variables stay, what they hold does not."""

from typing import Any, Final

HIDDEN: Final = "***"
_VARIABLES: Final = frozenset({"environment", "environmentvariables", "runtimeenvironmentvariables", "variables"})
_SECRETS: Final = frozenset(
    {"userdata", "masteruserpassword", "password", "secretstring", "authtoken", "privatekey", "clientsecret"}
)
_BEANSTALK: Final = "aws:elasticbeanstalk:application:environment"


def hide_values(value: object) -> None:
    """Replace, inside this value, what environment variables, user data and the like hold. Not by recursion."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += found
        elif isinstance(found, dict):
            _hide_members(found)
            waiting += found.values()


def _hide_members(members: dict[str, Any]) -> None:
    is_beanstalk = members.get("namespace") == _BEANSTALK or members.get("Namespace") == _BEANSTALK
    for name, value in members.items():
        kind = name.lower()
        if kind in _VARIABLES:
            _hide_variables(value)
        elif isinstance(value, str) and (kind in _SECRETS or (is_beanstalk and kind == "value")):
            members[name] = HIDDEN


def _hide_variables(value: object) -> None:
    """Variables by name, or a list of names with values; a structure that holds those further inside is left alone."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                item.update({name: HIDDEN for name in item if name.lower() == "value"})
    elif isinstance(value, dict) and not any(isinstance(member, dict | list) for member in value.values()):
        value.update(dict.fromkeys(value, HIDDEN))
