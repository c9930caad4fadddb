"""/dashboard: a private link for those who run the club, and for nobody else."""

from __future__ import annotations

from core import web_sessions
from tests.cogs.conftest import Server, labels, link_of, private, text


async def test_a_treasurer_gets_a_link_that_signs_in_once(served: Server):
    shown = private(await served.tess.slash(served.general, "dashboard"))
    assert labels(shown) == ["Open the dashboard"]
    address = link_of(shown)
    assert address.startswith("https://club.example/pot/login/")
    started = served.db.write(web_sessions.sign_in, address.rsplit("/", 1)[1], owner_of=lambda guild: None)
    assert started.session.discord_id == served.tess.id


async def test_the_owner_of_the_server_gets_one_without_a_row(served: Server):
    address = link_of(private(await served.owner.slash(served.general, "dashboard")))
    started = served.db.write(
        web_sessions.sign_in, address.rsplit("/", 1)[1], owner_of=lambda guild: served.owner.id
    )
    assert started.session.discord_id == served.owner.id


async def test_a_second_link_ends_the_first(served: Server):
    first, second = [link_of(private(await served.rita.slash(served.general, "dashboard"))) for _ in range(2)]
    rows = served.db.conn.execute("SELECT count(*) FROM link_tokens WHERE expires_at > ?", (_now(served),))
    assert first != second
    assert rows.fetchone() == (1,)


async def test_members_are_told_that_it_is_not_for_them(served: Server):
    served.on_roster(served.ann)
    shown = private(await served.ann.slash(served.general, "dashboard"))
    assert labels(shown) == []
    assert served.db.conn.execute("SELECT count(*) FROM link_tokens").fetchone() == (0,)


async def test_without_pages_it_says_so(server: Server):
    shown = private(await server.tess.slash(server.general, "dashboard"))
    assert "not switched on" in text(shown)
    assert server.db.conn.execute("SELECT count(*) FROM link_tokens").fetchone() == (0,)


def _now(server: Server) -> str:
    return server.services.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
