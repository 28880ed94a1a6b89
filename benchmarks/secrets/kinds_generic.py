"""Secrets that no vendor's prefix tells: keys in armour, addresses with passwords, passwords by the word beside them."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from making import ALNUM, HEX, LOWER, Maker, Planted, a_line_of, ec_key, openssh_key, pem, pkcs8_key, rsa_key


def _armoured(kind: str, text: str, file: str) -> Planted:
    return Planted(secrets=((kind, a_line_of(text)),), block=text, file=file)


def rsa(make: Maker) -> Planted:
    return _armoured("key-rsa", pem("RSA PRIVATE KEY", rsa_key(make)), f"ssl/{make.of(LOWER, 6)}.key")


def ec(make: Maker) -> Planted:
    return _armoured("key-ec", pem("EC PRIVATE KEY", ec_key(make)), f"certs/{make.of(LOWER, 6)}.pem")


def pkcs8(make: Maker) -> Planted:
    return _armoured("key-pkcs8", pem("PRIVATE KEY", pkcs8_key(make)), f"certs/{make.of(LOWER, 6)}_privkey.pem")


def openssh(make: Maker) -> Planted:
    return _armoured("key-openssh", pem("OPENSSH PRIVATE KEY", openssh_key(make)), ".ssh/id_ed25519")


def pgp(make: Maker) -> Planted:
    text = pem("PGP PRIVATE KEY BLOCK", b"\x95\x03\x98\x04" + make.bytes(900)).replace("\n", "\n\n", 1)
    return _armoured("key-pgp", text, "keys/release-signing.asc")


def putty(make: Maker) -> Planted:
    secret = make.b64(36)
    text = (
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: deploy\nPublic-Lines: 2\n"
        f"{make.b64(48)}\n{make.b64(3)}\nPrivate-Lines: 1\n{secret}\nPrivate-MAC: {make.hex(64)}\n"
    )
    return Planted(secrets=(("key-putty", secret),), block=text, file="keys/deploy.ppk")


def escaped_pem(make: Maker) -> Planted:
    text = pem("RSA PRIVATE KEY", rsa_key(make))
    return Planted(
        secrets=(("key-in-one-line", a_line_of(text)),), pairs=(("JWT_SIGNING_KEY", text.replace("\n", "\\n")),)
    )


def service_account(make: Maker) -> Planted:
    key = pem("PRIVATE KEY", pkcs8_key(make))
    project = f"shop-{make.of(LOWER, 5)}"
    told = {
        "type": "service_account",
        "project_id": project,
        "private_key_id": make.hex(40),
        "private_key": key,
        "client_email": f"deploy@{project}.iam.gserviceaccount.com",
        "client_id": make.of("123456789", 21),
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    return Planted(
        secrets=(("google-service-account", a_line_of(key)),),
        block=json.dumps(told, indent=2) + "\n",
        file=f"{project}-{make.hex(12)}.json",
        also=(told["private_key_id"],),
    )


def _address(kind: str, name: str, scheme: str, rest: str) -> Callable[[Maker], Planted]:
    def planted(make: Maker) -> Planted:
        password = make.one_of((make.password(), make.of(ALNUM, 20)))
        host = f"{make.of(LOWER, 6)}.{make.one_of(('prod', 'stg'))}.shop.internal"
        return Planted(
            secrets=((kind, password),), pairs=((name, f"{scheme}://app_{make.of(LOWER, 4)}:{password}@{host}{rest}"),)
        )

    return planted


def azure_storage(make: Maker) -> Planted:
    key = make.b64(64)
    value = f"DefaultEndpointsProtocol=https;AccountName=st{make.of(LOWER, 8)};AccountKey={key};EndpointSuffix=core.windows.net"
    return Planted(secrets=(("azure-storage-key", key),), pairs=(("AZURE_STORAGE_CONNECTION_STRING", value),))


def azure_sas(make: Maker) -> Planted:
    signature = quote(make.b64(32), safe="")
    url = (
        f"https://st{make.of(LOWER, 8)}.blob.core.windows.net/dump?sv=2024-11-04&ss=b&srt=sco&sp=rwdlac"
        f"&se=2027-01-01T00:00:00Z&spr=https&sig={signature}"
    )
    return Planted(secrets=(("azure-sas", signature),), pairs=(("BLOB_SAS_URL", url),))


def service_bus(make: Maker) -> Planted:
    key = make.b64(32)
    value = f"Endpoint=sb://{make.of(LOWER, 8)}.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey={key}"
    return Planted(secrets=(("azure-service-bus", key),), pairs=(("SERVICEBUS_CONNECTION", value),))


def sql_server(make: Maker) -> Planted:
    password = make.password()
    value = f"Server=tcp:{make.of(LOWER, 6)}.database.windows.net,1433;Database=orders;User ID=app;Password={password};Encrypt=True"
    return Planted(secrets=(("sql-server-string", password),), pairs=(("ORDERS_DB", value),))


def twilio(make: Maker) -> Planted:
    sid, token = "AC" + make.hex(32), make.hex(32)
    pairs = (("TWILIO_ACCOUNT_SID", sid), ("TWILIO_AUTH_TOKEN", token))
    return Planted(secrets=(("twilio-auth-token", token),), pairs=pairs, also=(sid,))


def docker_login(make: Maker) -> Planted:
    token = base64.b64encode(f"ci-{make.of(LOWER, 5)}:{make.password(18)}".encode()).decode()
    text = json.dumps({"auths": {"https://index.docker.io/v1/": {"auth": token}}}, indent="\t")
    return Planted(secrets=(("docker-login", token),), block=text + "\n", file=".docker/config.json")


def npmrc(make: Maker) -> Planted:
    token = make.uuid()
    text = f"registry=https://npm.shop.internal/\n//npm.shop.internal/:_authToken={token}\nalways-auth=true\n"
    return Planted(secrets=(("npmrc", token),), block=text, file=".npmrc")


def netrc(make: Maker) -> Planted:
    password = make.password(18)
    text = f"machine git.shop.internal\n  login ci-bot\n  {'password'} {password}\n"
    return Planted(secrets=(("netrc", password),), block=text, file=".netrc")


def pgpass(make: Maker) -> Planted:
    password = make.password(18)
    text = f"# hostname:port:database:username:password\ndb.prod.shop.internal:5432:orders:app:{password}\n"
    return Planted(secrets=(("pgpass", password),), block=text, file=".pgpass")


def kubeconfig(make: Maker) -> Planted:
    """The key is written in base64 once more: whoever reports either coding has found it."""
    key = pem("EC PRIVATE KEY", ec_key(make))
    text = (
        "apiVersion: v1\nkind: Config\nclusters:\n- name: prod\n  cluster:\n    server: https://10.0.4.2:6443\n"
        f"users:\n- name: admin\n  user:\n    client-key-data: {base64.b64encode(key.encode()).decode()}\n"
    )
    return Planted(secrets=(("kubeconfig-key", a_line_of(key)),), block=text, file=".kube/config")


def wireguard(make: Maker) -> Planted:
    key = make.b64(32)
    text = (
        f"[Interface]\nPrivateKey = {key}\nAddress = 10.8.0.2/24\n\n[Peer]\nPublicKey = {make.b64(32)}\n"
        "Endpoint = vpn.shop.internal:51820\nAllowedIPs = 10.8.0.0/24\n"
    )
    return Planted(secrets=(("wireguard", key),), block=text, file="wg0.conf")


def basic_header(make: Maker) -> Planted:
    token = base64.b64encode(f"batch:{make.password(18)}".encode()).decode()
    line = f"curl -sS -H 'Authorization: Basic {token}' https://api.shop.internal/v1/orders\n"
    return Planted(secrets=(("basic-header", token),), block=line, file="ops/export.sh")


def bearer_header(make: Maker) -> Planted:
    token = make.of(ALNUM + "-_", 47) + "a"
    line = f"curl -sS -H 'Authorization: Bearer {token}' https://api.shop.internal/v1/orders\n"
    return Planted(secrets=(("bearer-header", token),), block=line, file="ops/report.sh")


def command_line(make: Maker) -> Planted:
    password = make.password(14)
    line = make.one_of(
        (
            f"mysql -h db.prod.shop.internal -u app -p{password} orders < dump.sql\n",
            f"PGPASSWORD={password} psql -h db.prod.shop.internal -U app orders\n",
            f"sshpass -p {password} ssh deploy@10.0.3.14 uptime\n",
            f"redis-cli -h cache.prod.shop.internal -a {password} ping\n",
            f"curl -u batch{':'}{password} https://api.shop.internal/v1/orders\n",
        )
    )
    return Planted(secrets=(("password-on-command-line", password),), block="set -e\n" + line, file=".bash_history")


def _named(kind: str, names: tuple[str, ...], value: Callable[[Maker], str]) -> Callable[[Maker], Planted]:
    def planted(make: Maker) -> Planted:
        made = value(make)
        return Planted(secrets=((kind, made),), pairs=((make.one_of(names), made),))

    return planted


def _japanese(kind: str, lines: tuple[str, ...], value: Callable[[Maker], str]) -> Callable[[Maker], Planted]:
    def planted(make: Maker) -> Planted:
        made = value(make)
        return Planted(
            secrets=((kind, made),),
            block=f"# 引き継ぎ資料\n\n- 環境: 本番\n{make.one_of(lines).format(made)}\n",
            file="docs/引き継ぎ.md",
        )

    return planted


KINDS: Final[Mapping[str, Callable[[Maker], Planted]]] = {
    **{
        each.__name__: each
        for each in (
            rsa, ec, pkcs8, openssh, pgp, putty, escaped_pem, service_account, azure_storage, azure_sas, service_bus,
            sql_server, twilio, docker_login, npmrc, netrc, pgpass, kubeconfig, wireguard, basic_header, bearer_header,
            command_line,
        )
    },
    "postgres": _address("url-postgres", "DATABASE_URL", "postgresql", ":5432/orders"),
    "mysql": _address("url-mysql", "DB_URL", "mysql", ":3306/orders?charset=utf8mb4"),
    "mongodb": _address("url-mongodb", "MONGO_URI", "mongodb+srv", "/orders?retryWrites=true"),
    "redis": _address("url-redis", "REDIS_URL", "rediss", ":6379/0"),
    "amqp": _address("url-amqp", "BROKER_URL", "amqps", ":5671/%2f"),
    "https": _address("url-https-login", "PACKAGE_INDEX", "https", "/simple/"),
    "password": _named("password", ("db_password", "ADMIN_PASSWORD", "passwd", "smtpPassword"), lambda make: make.password(18)),
    "human": _named("password-human", ("DB_PASSWORD", "rootPassword", "password"), lambda make: make.human_password()),
    "api_key": _named("generic-api-key", ("api_key", "apiKey", "PARTNER_API_KEY"), lambda make: make.of(ALNUM, 32)),
    "hex_secret": _named("generic-hex-secret", ("client_secret", "HMAC_SECRET", "signingSecret"), lambda make: make.of(HEX, 64)),
    "django": _named("framework-secret", ("SECRET_KEY", "SECRET_KEY_BASE", "APP_SECRET"), lambda make: make.of(ALNUM + "-_", 50)),
    "encryption": _named("encryption-key", ("ENCRYPTION_KEY", "AES_KEY", "FERNET_KEY"), lambda make: make.b64(32)),
    "japanese_password": _japanese(
        "japanese-password",
        ("- パスワード：{}", "- ログイン情報（パスワード）: {}", "| 初期パスワード | {} |", "管理者のパスワードは「{}」です。", "PW：{}"),
        lambda make: make.one_of((make.password(14), make.human_password())),
    ),
    "japanese_bare": _japanese(
        "japanese-password-bare",
        ("パスワード {}", "パスワード　{}", "PW: {}", "ログインPASS={}", "ID: tanaka / PW: {}", "- VPN PASS: {}", "初期PW={}"),
        lambda make: make.one_of((make.password(14), make.human_password())),
    ),
    "japanese_secret": _japanese(
        "japanese-secret-key",
        ("- シークレットキー：{}", "- 秘密鍵: {}", "APIキー＝{}", "| 認証情報 | {} |", "アクセストークンは {} を使ってください。"),
        lambda make: make.of(ALNUM, 40),
    ),
}  # fmt: skip
