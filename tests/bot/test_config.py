"""The configuration: order of the sources, the example file, one sentence for everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import (
    EXPECTED,
    PREFIX,
    SECRETS_DIR,
    ConfigError,
    known_keys,
    load_settings,
    require_token,
    variable_of,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variables and no file of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    for key in known_keys():
        monkeypatch.delenv(variable_of(key), raising=False)
    monkeypatch.delenv(SECRETS_DIR, raising=False)


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "given.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_the_defaults_hold():
    settings = load_settings()
    assert settings.data_dir == Path("data")
    assert settings.database == Path("data/potkeeper.db")
    assert settings.allowed_guilds == ()
    assert settings.proofs.kind == "local"
    assert settings.scheduler.tick_seconds == 60
    assert settings.discord.api_base is None


def test_the_example_documents_every_key_and_holds_the_defaults():
    example = ROOT / "config.example.toml"
    assert load_settings(example) == load_settings()
    text = example.read_text(encoding="utf-8")
    for key in known_keys():
        section, _, name = key.rpartition(".")
        assert f"{name} = " in text, key
        assert not section or f"[{section}]" in text, key


def test_every_key_has_words_for_what_it_must_be():
    assert set(EXPECTED) == set(known_keys())


def test_config_toml_is_read_where_the_bot_starts(tmp_path: Path):
    (tmp_path / "config.toml").write_text('data_dir = "here"', encoding="utf-8")
    assert load_settings().data_dir == Path("here")


def test_the_environment_wins_over_secrets_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = file(tmp_path, "[discord]\ntoken = 'file'\nguild_ready_timeout = 1\n[proofs.s3]\nprefix = 'file'")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "discord__token").write_text("secret\n", encoding="utf-8")
    (secrets / "proofs__s3__secret_key").write_text("key\n", encoding="utf-8")
    (secrets / "of_another_program").write_text("x", encoding="utf-8")
    monkeypatch.setenv(SECRETS_DIR, str(secrets))
    settings = load_settings(path)
    assert require_token(settings) == "secret"
    assert settings.discord.guild_ready_timeout == 1, "the rest of the section stays"
    assert settings.proofs.s3.secret_key.get_secret_value() == "key"
    assert settings.proofs.s3.prefix == "file"
    monkeypatch.setenv("POTKEEPER_DISCORD__TOKEN", "environment")
    assert require_token(load_settings(path)) == "environment"


def test_a_systemd_credential_is_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "discord__token").write_text("credential", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert require_token(load_settings()) == "credential"


@pytest.mark.parametrize("text", ["1, 2", "1 2", "1,2"])
def test_ids_in_the_environment_need_no_brackets(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("POTKEEPER_ALLOWED_GUILDS", text)
    assert load_settings().allowed_guilds == (1, 2)


def test_an_empty_variable_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("POTKEEPER_DISCORD__TOKEN", "")
    assert load_settings().discord.token is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data_dri = 'x'", ["data_dri", "data_dir"]),
        ("[discord]\ntokne = 'x'", ["discord.tokne", "discord.token"]),
        ("[proofs.s3]\nendpiont = 'x'", ["proofs.s3.endpiont", "proofs.s3.endpoint"]),
        ("_secrets_dir = 'x'", ["_secrets_dir"]),
        ("zzz = 1", ["zzz", "config.example.toml"]),
        ("discord = 3", ["discord", "table"]),
        ("[discord]\ntoken = 'two words'", ["discord.token"]),
        ("[discord]\ntoken = 3", ["discord.token"]),
        ("[discord]\napi_base = 'http://example.com/api'", ["discord.api_base", "this machine"]),
        ("[discord]\napi_base = 'https://127.0.0.1.example.com'", ["discord.api_base"]),
        ("[discord]\napi_base = 'http://user@127.0.0.1/'", ["discord.api_base"]),
        ("[discord]\napi_base = 'ftp://127.0.0.1/'", ["discord.api_base"]),
        ("[discord]\nguild_ready_timeout = 99", ["discord.guild_ready_timeout", "30"]),
        ("[log]\nlevel = 'loud'", ["log.level", "warning"]),
        ("[log]\njson = 'maybe'", ["log.json", "true or false"]),
        ("[scheduler]\ntick_seconds = 0", ["scheduler.tick_seconds"]),
        ("allowed_guilds = ['abc']", ["allowed_guilds", "ids"]),
        ("allowed_guilds = [-1]", ["allowed_guilds"]),
        ("allowed_guilds = 5", ["allowed_guilds"]),
        ("allowed_guilds = [99999999999999999999]", ["allowed_guilds"]),
        ("[proofs]\nkind = 'cloud'", ["proofs.kind"]),
        ("[proofs]\nkind = 's3'", ["proofs.s3.endpoint"]),
        ("clock_file = 'x'", ["clock_file"]),
        ("data_dir = ''", ["data_dir", "folder"]),
        ("data_dir = ' '", ["data_dir", "folder"]),
        (r'data_dir = "a\u0000b"', ["data_dir", "folder"]),
        ("data_dir = 5", ["data_dir", "folder"]),
        (r'[discord]\ntoken = "a\u0000b"'.replace(r"\n", "\n"), ["discord.token"]),
        ("[discord]\nguild_ready_timeout = true", ["discord.guild_ready_timeout", "seconds"]),
        ("[scheduler]\ntick_seconds = true", ["scheduler.tick_seconds", "seconds"]),
        ("allowed_guilds = [true]", ["allowed_guilds", "ids"]),
        ("[web]\nport = true", ["web.port", "port"]),
        ("[web]\nport = 0", ["web.port", "65535"]),
        ("[web]\nport = 65536", ["web.port", "65535"]),
        ("[web]\nport = 80.5", ["web.port", "65535"]),
        ("[web]\nport = 'eighty'", ["web.port", "65535"]),
        ("[web]\nhost = 'two words'", ["web.host"]),
        ("[web]\nhost = ''", ["web.host"]),
        ("[web]\ntrusted_proxies = ['10.0.0.0/33']", ["web.trusted_proxies"]),
        ("[web]\npublic_url = 'club.example'", ["web.public_url"]),
        ("data_dir = 'a'\ndata_dir = 'b'", ["given.toml", "TOML"]),
        ("x = ", ["given.toml", "TOML"]),
    ],
)
def test_what_is_wrong_is_named_in_one_sentence(tmp_path: Path, text: str, words: list[str]):
    with pytest.raises(ConfigError) as caught:
        load_settings(file(tmp_path, text))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert [word for word in words if word not in sentence] == []


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("POTKEEPER_DISCORD_TOKEN", "POTKEEPER_DISCORD__TOKEN"),
        ("POTKEEPER_DATADIR", "POTKEEPER_DATA_DIR"),
        ("potkeeper_allowed_guild", "POTKEEPER_ALLOWED_GUILDS"),
        ("POTKEEPER_PROOFS__S3__BUCKT", "POTKEEPER_PROOFS__S3__BUCKET"),
    ],
)
def test_a_mistyped_variable_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, near: str):
    monkeypatch.setenv(name, "x")
    with pytest.raises(ConfigError, match=near):
        load_settings()


def test_a_section_as_a_variable_must_be_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("POTKEEPER_DISCORD", "secret-that-is-no-json")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "discord" in str(caught.value)
    assert "secret-that-is-no-json" not in str(caught.value)


def test_a_mistyped_secret_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "discord__tokne").write_text("x", encoding="utf-8")
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path))
    with pytest.raises(ConfigError, match=r"discord\.tokne"):
        load_settings()


def test_a_missing_file_or_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        load_settings(tmp_path / "absent.toml")
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path / "absent"))
    with pytest.raises(ConfigError, match="absent"):
        load_settings()


def test_secrets_are_never_in_a_message(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        load_settings(file(tmp_path, "[discord]\ntoken = 'my secret token'"))
    assert "my secret" not in str(caught.value)
    settings = load_settings(file(tmp_path, "[discord]\ntoken = 'hush'\n[proofs.s3]\nsecret_key = 'hush2'"))
    assert "hush" not in repr(settings)
    assert settings.secrets == ["hush", "hush2"]


def test_no_token_is_a_sentence_of_its_own():
    with pytest.raises(ConfigError, match="POTKEEPER_DISCORD__TOKEN"):
        require_token(load_settings())


def test_the_terminal_s_language_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "zh_TW.UTF-8")
    with pytest.raises(ConfigError, match="設定"):
        load_settings(file(tmp_path, "zzz = 1"))


def test_the_prefix_is_ours():
    assert variable_of("proofs.s3.bucket") == f"{PREFIX}PROOFS__S3__BUCKET"
