"""The configuration of other ways to sign in: off, complete, or refused with the missing key's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot import config
from bot.config import ConfigError, load_settings
from bot.web_sign_ins import metrics_of, sign_ins_of

PEOPLE = 'people = { "ann@club.example" = "123456789012345678" }'
COMPLETE = {
    "cloudflare_access": f'issuer = "https://t.cloudflareaccess.com/"\naudience = "aud"\n{PEOPLE}',
    "oidc": f'issuer = "https://id.example"\nclient_id = "c"\nclient_secret = "very-secret"\n{PEOPLE}',
    "discord_oauth": 'client_id = "1"\nclient_secret = "very-secret"',
    "trusted_header": f'header = "Remote-User"\nnetworks = ["10.0.0.0/8"]\n{PEOPLE}',
}


def load(tmp_path: Path, text: str) -> config.Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_everything_is_off_by_default() -> None:
    web = config.WebSettings()
    found = sign_ins_of(web)
    assert (found.access, found.oidc, found.discord, found.header) == (None, None, None, None)
    assert (metrics_of(web).token, metrics_of(web).networks) == (None, ())


@pytest.mark.parametrize("section", COMPLETE)
def test_a_complete_section_is_on_and_the_others_stay_off(tmp_path: Path, section: str) -> None:
    settings = load(tmp_path, f"[web]\nport = 8080\n[web.{section}]\n{COMPLETE[section]}")
    found = sign_ins_of(settings.web)
    on = [way for way in (found.access, found.oidc, found.discord, found.header) if way is not None]
    assert len(on) == 1
    people: Any = getattr(on[0], "people", None)
    assert people in (None, {"ann@club.example": 123456789012345678})
    if found.access is not None:
        assert found.access.certs_url == "https://t.cloudflareaccess.com/cdn-cgi/access/certs"


@pytest.mark.parametrize("section", COMPLETE)
def test_a_section_that_is_half_there_is_refused_by_the_missing_key(tmp_path: Path, section: str) -> None:
    lines = COMPLETE[section].splitlines()
    for left_out in lines:
        rest = "\n".join(line for line in lines if line != left_out)
        with pytest.raises(ConfigError) as error:
            load(tmp_path, f"[web]\nport = 8080\n[web.{section}]\n{rest}")
        assert f"web.{section}.{left_out.split()[0]}" in str(error.value)


def test_a_way_to_sign_in_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"web\.port"):
        load(tmp_path, f"[web.oidc]\n{COMPLETE['oidc']}")


def test_signed_tokens_without_their_library_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"potkeeper\[sso\]"):
        load(tmp_path, f"[web]\nport = 8080\n[web.oidc]\n{COMPLETE['oidc']}")
    load(tmp_path, f"[web]\nport = 8080\n[web.discord_oauth]\n{COMPLETE['discord_oauth']}")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[web.oidc]\nissuer = 'id.example'", "web.oidc.issuer"),
        ("[web.oidc]\nscopes = 'email'", "web.oidc.scopes"),
        ("[web.oidc]\npeople = { a = 'x' }", "web.oidc.people"),
        ("[web.trusted_header]\nheader = 'Remote User'", "web.trusted_header.header"),
        ("[web.trusted_header]\nnetworks = ['everywhere']", "web.trusted_header.networks"),
        ("[web.metrics]\nnetworks = ['x']", "web.metrics.networks"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert key in str(error.value)


def test_secrets_are_known_to_the_log(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        f"[web]\nport = 8080\n[web.metrics]\ntoken = 'm-secret'\n[web.oidc]\n{COMPLETE['oidc']}",
    )
    assert {"m-secret", "very-secret"} <= set(settings.secrets)
