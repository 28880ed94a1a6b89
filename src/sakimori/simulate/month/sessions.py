"""How somebody comes to temporary credentials, and the events that tell of it: every key that is used was handed out first."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sakimori.simulate.month.calendar import spelled, spelled_at_length
from sakimori.simulate.month.company import Account, Person, the_company
from sakimori.simulate.month.identities import Role, of_role, of_service, seen_from_outside, sso_role
from sakimori.simulate.month.made_up import base32, temporary_key, uuid
from sakimori.simulate.month.teller import Caller, Event, Teller

_HOUR: Final = 3600
_GITHUB: Final = "token.actions.githubusercontent.com"
_ASSUMES: Final = {"WebIdentityUser": "AssumeRoleWithWebIdentity", "SAMLUser": "AssumeRoleWithSAML"}
"""What a caller asks for who is no AWS principal."""
Opened = tuple[Caller, tuple[Event, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A session that somebody asks for. `external_id`: of a role for another company."""

    role: Role
    name: str
    external_id: str = ""
    seconds: int = _HOUR


@dataclass(slots=True, kw_only=True)
class Sessions:
    """Hands out sessions."""

    teller: Teller

    @property
    def chance(self) -> random.Random:
        """What decides about everything made up."""
        return self.teller.chance

    def by_service(self, service: str, wish: Wish, at: int, region: str) -> Opened:
        """A service assumes a role for a machine, a function or itself. The caller is inside AWS until it is moved."""
        key = temporary_key(self.chance)
        event = self._assume(of_service(service), wish, key, at, region)
        event |= {"sourceIPAddress": service, "userAgent": service, "sharedEventID": uuid(self.chance)}
        identity = of_role(wish.role, wish.name, key, spelled(at))
        caller = Caller(
            identity={**identity, "invokedBy": service},
            account=wish.role.account, address=service, agent=service, region=region, session=wish.name, direct=False,
        )  # fmt: skip
        return caller, (self._sealed(event, at, wish.role.account, region),)

    def by_pod(self, provider: str, subject: str, wish: Wish, at: int, caller: Caller) -> Opened:
        """A token of an OpenID provider becomes a session: of a pod, or of a build at GitHub."""
        key = temporary_key(self.chance)
        arn = f"arn:aws:iam::{wish.role.account.id}:oidc-provider/{provider}"
        identity = {
            "type": "WebIdentityUser",
            "principalId": f"{arn}:sts.amazonaws.com:{subject}",
            "userName": subject,
            "identityProvider": arn,
        }
        event = self._assume(identity, wish, key, at, caller.region)
        event["responseElements"] |= {
            "subjectFromWebIdentityToken": subject,
            "provider": arn,
            "audience": "sts.amazonaws.com",
        }
        event |= {"sourceIPAddress": caller.address, "userAgent": caller.agent}
        context = {"webIdFederationData": {"federatedProvider": arn, "attributes": {}}}
        made = of_role(wish.role, wish.name, key, spelled(at), **context)
        opened = caller.elsewhere(identity=made, account=wish.role.account, session=wish.name)
        return opened, (self._sealed(event, at, wish.role.account, caller.region),)

    def by_github(self, repository: str, wish: Wish, at: int, caller: Caller) -> Opened:
        """A build of the main branch."""
        return self.by_pod(_GITHUB, f"repo:example/{repository}:ref:refs/heads/main", wish, at, caller)

    def by_vendor(self, vendor_account: str, wish: Wish, at: int, caller: Caller) -> Opened:
        """Another company's account assumes a role that was made for it."""
        key = temporary_key(self.chance)
        identity = {
            "type": "AWSAccount",
            "principalId": f"{the_company().unique_id('AROA', vendor_account)}:collector",
            "accountId": vendor_account,
        }
        event = self._assume(identity, wish, key, at, caller.region)
        event |= {
            "sourceIPAddress": caller.address,
            "userAgent": caller.agent,
            "sharedEventID": uuid(self.chance),
        }
        made = of_role(wish.role, wish.name, key, spelled(at))
        opened = caller.elsewhere(identity=made, account=wish.role.account, session=wish.name)
        return opened, (self._sealed(event, at, wish.role.account, caller.region),)

    def chained(self, by: Caller, wish: Wish, at: int) -> Opened:
        """Somebody assumes a role; across accounts both are told, with one shared id."""
        key = temporary_key(self.chance)
        event = self._assume(by.identity, wish, key, at, by.region)
        event |= {"sourceIPAddress": by.address, "userAgent": by.agent}
        events = [event]
        if wish.role.account.id != by.account.id:
            event["sharedEventID"] = uuid(self.chance)
            event["recipientAccountId"] = by.account.id
            other = {**event, "userIdentity": seen_from_outside(by.identity, by.account.id)}
            other |= {"eventID": uuid(self.chance), "recipientAccountId": wish.role.account.id}
            events.append(other)
        opened = by.elsewhere(
            identity=of_role(wish.role, wish.name, key, spelled(at)),
            account=wish.role.account, session=wish.name, console=False,
        )  # fmt: skip
        accounts = (by.account, wish.role.account)
        return opened, tuple(
            self._sealed(each, at, account, by.region) for each, account in zip(events, accounts, strict=False)
        )

    def by_sso(self, person: Person, account: Account, at: int, caller: Caller) -> Opened:
        """IAM Identity Center hands out a session; its own account and the one that is entered tell of it."""
        company = the_company()
        permission_set, mail = person.sets[account.key], f"{person.name}@{company.domain}"
        details = {"role_name": permission_set, "account_id": account.id}
        asked = self.identity_center(
            person, "Federate" if caller.console else "GetRoleCredentials", at, caller, details
        )
        wish = Wish(role=sso_role(account, permission_set), name=mail, seconds=8 * _HOUR)
        key = temporary_key(self.chance)
        provider = "EXAMPLEsbHrvuioiTKQkrbl3="
        identity = {
            "type": "SAMLUser", "principalId": f"{provider}:{mail}", "userName": mail, "identityProvider": provider,
        }  # fmt: skip
        event = self._assume(identity, wish, key, at, company.home)
        event["requestParameters"] |= {
            "sAMLAssertionID": f"_{uuid(self.chance)}",
            "principalArn": f"arn:aws:iam::{account.id}:saml-provider/AWSSSO_example_DO_NOT_DELETE",
        }
        # The request comes from Identity Center's own machines, not from the person.
        event |= {
            "sourceIPAddress": company.networks["cloud"].address(50),
            "userAgent": company.agents["identity-center"],
        }
        opened = caller.elsewhere(identity=of_role(wish.role, mail, key, spelled(at)), account=account, session=mail)
        return opened, (asked, self._sealed(event, at, account, company.home))

    def identity_center(self, person: Person, name: str, at: int, caller: Caller, details: dict[str, Any]) -> Event:
        """What IAM Identity Center tells in the management account of what a person does there."""
        company = the_company()
        management = company.accounts["management"]
        signs_in = name in {"UserAuthentication", "CredentialVerification"}
        identity: dict[str, Any] = {
            "type": "Unknown" if signs_in else "IdentityCenterUser",
            "accountId": management.id,
            "onBehalfOf": {
                "userId": person.user_id,
                "identityStoreArn": f"arn:aws:identitystore::{management.id}:identitystore/{company.identity_store}",
            },
            "credentialId": uuid(self.chance),
        }
        if signs_in:
            identity |= {"principalId": management.id, "arn": "", "accessKeyId": "", "userName": person.name}
        event: dict[str, Any] = {
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": spelled(at),
            "eventSource": "signin.amazonaws.com" if signs_in else "sso.amazonaws.com",
            "eventName": name,
            "awsRegion": company.home,
            "sourceIPAddress": caller.address,
            "userAgent": caller.agent,
            "requestParameters": None,
            "responseElements": None,
            "requestID": uuid(self.chance),
            "eventID": uuid(self.chance),
            "readOnly": not signs_in,
            "eventType": "AwsServiceEvent",
            "managementEvent": True,
            "recipientAccountId": management.id,
            "serviceEventDetails": details,
            "eventCategory": "Management",
        }
        if signs_in:
            event["additionalEventData"] = {
                "AuthWorkflowID": uuid(self.chance),
                "LoginTo": "https://example.awsapps.com/start/",
                "CredentialType": "PASSWORD" if name == "CredentialVerification" else "PASSWORD,TOTP",
            }
        return self._sealed(event, at, management, company.home)

    def console_login(self, caller: Caller, at: int, *, error: str = "", mfa: bool = False) -> Event:
        """ConsoleLogin, as it came out. Of a session by SAML or Identity Center it never says that MFA was used."""
        home = the_company().home
        region = "us-east-1" if caller.identity["type"] == "Root" else home
        identity = {name: each for name, each in caller.identity.items() if name != "sessionContext" or caller.session}
        if not caller.session:
            identity["accessKeyId"] = ""
        event: dict[str, Any] = {
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": spelled(at),
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
            "awsRegion": region,
            "sourceIPAddress": caller.address,
            "userAgent": caller.agent,
            **({"errorMessage": error} if error else {}),
            "requestParameters": None,
            "responseElements": {"ConsoleLogin": "Failure" if error else "Success"},
            "additionalEventData": {
                "LoginTo": f"https://{home}.console.aws.amazon.com/console/home?region={home}",
                "MobileVersion": "No",
                "MFAUsed": "Yes" if mfa else "No",
            },
            "eventID": uuid(self.chance),
            "readOnly": False,
            "eventType": "AwsConsoleSignIn",
            "managementEvent": True,
            "recipientAccountId": caller.account.id,
            "eventCategory": "Management",
            "tlsDetails": _tls(f"{home}.signin.aws.amazon.com"),
        }
        return self._sealed(event, at, caller.account, region)

    def _assume(self, identity: Mapping[str, Any], wish: Wish, key: str, at: int, region: str) -> dict[str, Any]:
        parameters: dict[str, Any] = {"roleArn": wish.role.arn, "roleSessionName": wish.name}
        if wish.external_id:
            parameters["externalId"] = wish.external_id
        if identity.get("type") != "AWSService":
            parameters["durationSeconds"] = wish.seconds
        return {
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": spelled(at),
            "eventSource": "sts.amazonaws.com",
            "eventName": _ASSUMES.get(identity["type"], "AssumeRole"),
            "awsRegion": region,
            "sourceIPAddress": "",
            "userAgent": "",
            "requestParameters": parameters,
            "responseElements": {
                "credentials": {
                    "accessKeyId": key,
                    "sessionToken": f"IQoJb3JpZ2luX2VjEXAMPLE{base32(self.chance, 40)}",
                    "expiration": spelled_at_length(at + wish.seconds),
                },
                "assumedRoleUser": {
                    "assumedRoleId": f"{wish.role.id}:{wish.name}",
                    "arn": f"arn:aws:sts::{wish.role.account.id}:assumed-role/{wish.role.name}/{wish.name}",
                },
            },
            "requestID": uuid(self.chance),
            "eventID": uuid(self.chance),
            "readOnly": True,
            "resources": [{"accountId": wish.role.account.id, "type": "AWS::IAM::Role", "ARN": wish.role.arn}],
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": wish.role.account.id,
            "eventCategory": "Management",
            **({} if identity["type"] == "AWSService" else {"tlsDetails": _tls(f"sts.{region}.amazonaws.com")}),
        }

    def _sealed(self, event: dict[str, Any], at: int, account: Account, region: str) -> Event:
        return self.teller.sealed(event, at, account.id, region)


def _tls(host: str) -> dict[str, str]:
    return {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": host}
