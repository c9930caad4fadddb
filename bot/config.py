"""The settings of the program. Nothing else reads files or the environment.

Later ones win: defaults, the TOML file, the secrets folder, environment variables. A key is written
`discord.token` in sentences, `[discord] token` in TOML, `discord__token` as a file of the secrets folder and
`POTKEEPER_DISCORD__TOKEN` in the environment.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot import config_sign_in
from bot.config_base import AccountId, FilePath, Section, is_no_switch, split
from bot.config_sign_in import (
    CloudflareAccessSettings,
    DiscordOauthSettings,
    MetricsSettings,
    OidcSettings,
    TrustedHeaderSettings,
)
from bot.words import words
from core.errors import shown

PREFIX = "POTKEEPER_"
SECRETS_DIR = f"{PREFIX}SECRETS_DIR"
DEFAULT_FILE = Path("config.toml")

# What a key must be, for the sentence that says so.
EXPECTED = {
    "data_dir": "bot.expects_folder",
    "allowed_guilds": "bot.expects_ids",
    "clock_file": "bot.expects_file",
    "discord.token": "bot.expects_token",
    "discord.api_base": "bot.expects_loopback",
    "discord.guild_ready_timeout": "bot.expects_ready_seconds",
    "proofs.kind": "bot.expects_storage_kind",
    "proofs.s3.endpoint": "bot.expects_text",
    "proofs.s3.bucket": "bot.expects_text",
    "proofs.s3.access_key": "bot.expects_text",
    "proofs.s3.secret_key": "bot.expects_text",
    "proofs.s3.secure": "bot.expects_true_or_false",
    "proofs.s3.region": "bot.expects_text",
    "proofs.s3.prefix": "bot.expects_text",
    "log.level": "bot.expects_level",
    "log.json": "bot.expects_true_or_false",
    "scheduler.tick_seconds": "bot.expects_tick_seconds",
    "alerts.allow_private": "bot.expects_true_or_false",
    "web.port": "bot.expects_port",
    "web.host": "bot.expects_address",
    "web.public_url": "bot.expects_url",
    "web.trusted_proxies": "bot.expects_networks",
    "web.demo_account": "bot.expects_ids",
    "web.demo_secret": "bot.expects_text",
    **config_sign_in.EXPECTED,
}


Seconds = Annotated[float, BeforeValidator(is_no_switch)]


class ConfigError(Exception):
    """The configuration cannot be used; the text is the one sentence that says why."""


class DiscordSettings(Section):
    """How to reach Discord. `api_base` is only for a simulator on this machine."""

    token: SecretStr | None = None
    api_base: str | None = None
    guild_ready_timeout: Seconds = Field(default=0.3, ge=0.05, le=30)

    @field_validator("token")
    @classmethod
    def _token_is_one_word(cls, token: SecretStr | None) -> SecretStr | None:
        text = "" if token is None else token.get_secret_value()
        if token is not None and (not text or " " in text or not text.isprintable()):
            raise ValueError("not a token")
        return token

    @field_validator("api_base")
    @classmethod
    def _api_base_is_here(cls, api_base: str | None) -> str | None:
        from bot.api_base import is_loopback

        if api_base is not None and not is_loopback(api_base):
            raise ValueError("not on this machine")
        return api_base


class S3Settings(Section):
    """An S3-compatible server for proofs."""

    endpoint: str = ""
    bucket: str = ""
    access_key: str = ""
    secret_key: SecretStr = SecretStr("")
    secure: bool = True
    region: str | None = None
    prefix: str = ""


class ProofsSettings(Section):
    """Where screenshots are kept: a folder below `data_dir`, or S3."""

    kind: Literal["local", "s3"] = "local"
    s3: S3Settings = S3Settings()


class LogSettings(Section):
    """What is logged, to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = Field(default=False, alias="json")


class SchedulerSettings(Section):
    """How often the jobs are asked whether something is due."""

    tick_seconds: Seconds = Field(default=60, ge=0.05, le=3600)


class AlertsSettings(Section):
    """Alerts to phones and webhooks go to public addresses only, unless private ones are allowed here."""

    allow_private: bool = False


class WebSettings(Section):
    """The pages: a port of this machine, and how browsers reach it. Without a port there are none.

    The demo's door (`demo_…`) signs in without a link; it needs a simulator.
    """

    port: Annotated[int | None, BeforeValidator(is_no_switch)] = Field(default=None, ge=1, le=65535)
    host: str = Field(default="127.0.0.1", pattern=r"^[!-~]+$")
    public_url: str | None = None
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(split)] = ()
    demo_account: AccountId | None = None
    demo_secret: SecretStr | None = None
    metrics: MetricsSettings = MetricsSettings()
    cloudflare_access: CloudflareAccessSettings = CloudflareAccessSettings()
    oidc: OidcSettings = OidcSettings()
    discord_oauth: DiscordOauthSettings = DiscordOauthSettings()
    trusted_header: TrustedHeaderSettings = TrustedHeaderSettings()

    @field_validator("public_url")
    @classmethod
    def _public_url_is_an_address(cls, public_url: str | None) -> str | None:
        from bot.web.paths import PublicUrl

        if public_url is not None:
            PublicUrl.parse(public_url)
        return public_url

    @property
    def address(self) -> str | None:
        """Where browsers find the first page; None while there are no pages."""
        if self.port is None:
            return None
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def members_address(self) -> str | None:
        """The same for members, who are elsewhere: only a public address helps them. All are here in the demo."""
        return self.address if self.public_url or self.demo_secret else None


class Settings(BaseSettings):
    """Everything that can be configured; built once in bot/cli.py and handed down."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: FilePath = Path("data")
    allowed_guilds: Annotated[tuple[AccountId, ...], NoDecode, BeforeValidator(split)] = ()
    clock_file: FilePath | None = None
    discord: DiscordSettings = DiscordSettings()
    proofs: ProofsSettings = ProofsSettings()
    log: LogSettings = LogSettings()
    scheduler: SchedulerSettings = SchedulerSettings()
    web: WebSettings = WebSettings()
    alerts: AlertsSettings = AlertsSettings()

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return database_path(self.data_dir)

    @property
    def secrets(self) -> list[str]:
        """Every secret value, for the log to leave out."""
        web = self.web
        kept = [
            self.discord.token, self.proofs.s3.secret_key, web.demo_secret, web.metrics.token,
            web.oidc.client_secret, web.discord_oauth.client_secret,
        ]  # fmt: skip
        return [secret.get_secret_value() for secret in kept if secret and secret.get_secret_value()]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the sources in order, strongest first; the TOML file comes as `init_settings`."""
        secrets = NestedSecretsSettingsSource(
            file_secret_settings,
            secrets_dir_missing="error",
            secrets_prefix="",
            secrets_nested_delimiter="__",
        )
        return env_settings, secrets, init_settings


def database_path(data_dir: Path) -> Path:
    """The database of a data folder."""
    return data_dir / "potkeeper.db"


def load_settings(path: Path | None = None) -> Settings:
    """Read all sources; raises ConfigError naming the key.

    `path` must exist when it is given; without it `config.toml` is read if there is one.
    """
    _refuse_unknown_variables(os.environ)
    values = _read_toml(path)
    folder = os.environ.get(SECRETS_DIR) or os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        settings = Settings(**{**values, "_secrets_dir": folder or None})
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from None
    except SettingsError as error:
        raise ConfigError(_settings_sentence(error, folder)) from None
    _check_together(settings)
    return settings


def require_token(settings: Settings) -> str:
    """The bot's token; raises ConfigError when there is none."""
    if settings.discord.token is None:
        raise ConfigError(words("bot.config_token_missing", variable=variable_of("discord.token")))
    return settings.discord.token.get_secret_value()


def known_keys(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Every key that can be set, dotted: `discord.token`; sections themselves are not keys."""
    for name, field in model.model_fields.items():
        key = prefix + (field.alias or name)
        kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
        inner = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
        if inner is None:
            yield key
        else:
            yield from known_keys(inner, f"{key}.")


def variable_of(key: str) -> str:
    """The environment variable of a key."""
    return PREFIX + key.upper().replace(".", "__")


def _sections() -> set[str]:
    return {key.rsplit(".", depth)[0] for key in known_keys() for depth in range(1, key.count(".") + 1)}


def _read_toml(path: Path | None) -> dict[str, Any]:
    chosen = path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    if chosen is None:
        return {}
    try:
        with chosen.open("rb") as file:
            values = tomllib.load(file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(words("bot.config_file_unreadable", path=str(chosen), reason=reason)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(words("bot.config_file_broken", path=str(chosen), reason=str(error))) from None
    for name in values:
        if name.startswith("_") or name not in Settings.model_fields:
            raise ConfigError(_unknown(name))
    return values


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """pydantic-settings ignores a mistyped name at the top level without a word; we do not."""
    known = (
        {variable_of(key) for key in known_keys()} | {variable_of(key) for key in _sections()} | {SECRETS_DIR}
    )
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), sorted(known), 1, 0.6)
            raise ConfigError(_unknown_name(name, near))


def _check_together(settings: Settings) -> None:
    if settings.web.demo_secret is not None and settings.discord.api_base is None:
        raise ConfigError(words("bot.config_demo_real"))
    if settings.clock_file is not None and settings.discord.api_base is None:
        raise ConfigError(words("bot.config_clock_file_real"))
    if settings.proofs.kind == "s3":
        for name in ("endpoint", "bucket", "access_key"):
            if not getattr(settings.proofs.s3, name):
                raise ConfigError(words("bot.config_missing", key=f"proofs.s3.{name}"))
        if not settings.proofs.s3.secret_key.get_secret_value():
            raise ConfigError(words("bot.config_missing", key="proofs.s3.secret_key"))
    _check_sign_ins(settings.web)


def _check_sign_ins(web: WebSettings) -> None:
    """A way to sign in is configured completely, or not at all."""
    for section, needed in config_sign_in.NEEDED.items():
        chosen = getattr(web, section)
        if chosen == type(chosen)():
            continue
        for name in needed:
            if config_sign_in.is_empty(getattr(chosen, name)):
                raise ConfigError(words("bot.config_missing", key=f"web.{section}.{name}"))
        if web.port is None:
            raise ConfigError(words("web_sso.config_no_pages", key=f"web.{section}"))
        if section in config_sign_in.NEEDS_PYJWT and find_spec("jwt") is None:
            raise ConfigError(words("web_sso.config_no_pyjwt", key=f"web.{section}"))


def _sentence(error: ValidationError) -> str:
    """One sentence for the first thing that is wrong. Values are not repeated: they may be secrets."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    names = [str(part) for part in first["loc"] if isinstance(part, str)]
    key = ".".join(names)
    if first["type"] == "extra_forbidden":
        return _unknown(key)
    if key in _sections():
        return words("bot.config_not_a_section", key=key)
    while key not in EXPECTED and "." in key:  # a name inside a table of names
        key = key.rpartition(".")[0]
    return words("bot.config_invalid", key=key, expected=words(EXPECTED[key]))


def _settings_sentence(error: SettingsError, folder: str | None) -> str:
    if folder is not None and not Path(folder).is_dir():
        return words("bot.config_no_secrets_dir", path=folder)
    # A variable of a whole section that holds no JSON; the library's text may repeat its value.
    found = [key for key in _sections() if f'"{key}"' in str(error)]
    return words("bot.config_not_a_section", key=found[0] if found else shown(type(error).__name__))


def _unknown(key: str) -> str:
    near = difflib.get_close_matches(key, sorted({*known_keys(), *_sections()}), 1, 0.5)
    return _unknown_name(key, near)


def _unknown_name(name: str, near: list[str]) -> str:
    if near:
        return words("bot.config_unknown_near", name=shown(name), near=near[0])
    return words("bot.config_unknown", name=shown(name))
