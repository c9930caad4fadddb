"""The whole site at /club/ of another server: behind a real proxy that keeps the path, and one that takes it off."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, FormData, web
from aiohttp.test_utils import TestServer

from core import api_tokens, statement_links, tokens, upload_links, web_sessions
from core.models import Member
from tests.factories import Club
from tests.web.conftest import MakePages
from tests.web.site import Pages

BASE = "/club"
ADDRESS = re.compile(r'\b(?:href|src|action|data-version-url|formaction)="([^"]*)"')
HOP_BY_HOP = {"host", "connection", "transfer-encoding", "content-length", "keep-alive"}
MOST = 400


class Proxy:
    """A small reverse proxy, as people have one before several programs; everything outside /club is not ours."""

    def __init__(self, *, strips: bool) -> None:
        self.strips = strips
        self.target = ""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/{tail:.*}", self._pass_on)
        app.on_cleanup.append(self._close)
        self.server = TestServer(app)
        self.session: ClientSession | None = None

    async def _close(self, app: web.Application) -> None:
        if self.session is not None:
            await self.session.close()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        if not (request.path + "/").startswith(f"{BASE}/"):
            return web.Response(status=418, text="this is another program")
        if self.session is None:
            self.session = ClientSession(auto_decompress=False, cookie_jar=CookieJar(unsafe=True))
        path = request.raw_path.removeprefix(BASE) if self.strips else request.raw_path
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        headers |= {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}
        self.session.cookie_jar.clear()
        async with self.session.request(
            request.method, f"{self.target}{path or '/'}", headers=headers, data=await request.read(),
            allow_redirects=False,
        ) as answer:  # fmt: skip
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP]
            response = web.Response(status=answer.status, body=await answer.read())
            response.headers.clear()
            for name, value in kept:
                response.headers.add(name, value)
            return response


def below(page: str) -> bool:
    """Whether the page names addresses, and all of them stay below the path."""
    found = [address for address in ADDRESS.findall(page) if address and not address.startswith("#")]
    return bool(found) and all(address.startswith(f"{BASE}/") for address in found)


class Outside:
    """A browser that knows nothing but the public address."""

    def __init__(self, session: ClientSession, origin: str) -> None:
        self.session, self.origin = session, origin

    async def get(self, path: str) -> ClientResponse:
        response = await self.session.get(self.origin + path, allow_redirects=False)
        await response.read()
        return response

    async def post(self, path: str, data: Any = None, **more: Any) -> ClientResponse:
        headers = {"Origin": self.origin}  # as on plain http: no Sec-Fetch-Site there
        response = await self.session.post(
            self.origin + path,
            data={} if data is None else data,
            headers=headers,
            allow_redirects=False,
            **more,
        )
        await response.read()
        return response

    async def follow(self, response: ClientResponse) -> ClientResponse:
        assert response.status == 303, (response.status, await response.text())
        return await self.get(response.headers["Location"])


@pytest.fixture(params=[False, True], ids=["keeps the path", "takes it off"])
async def proxy(request: pytest.FixtureRequest) -> AsyncIterator[Proxy]:
    made = Proxy(strips=request.param)
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
async def pages(make_pages: MakePages, proxy: Proxy) -> Pages:
    made = await make_pages(url=str(proxy.server.make_url(BASE)))
    await made.browser()  # starts it
    proxy.target = str(made.server.make_url("")).rstrip("/")
    return made


@pytest.fixture
async def outside(pages: Pages, proxy: Proxy) -> AsyncIterator[Outside]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield Outside(session, str(proxy.server.make_url("")).rstrip("/"))


@pytest.fixture
def ann(club: Club) -> Member:
    bank = club.method("Bank")
    members = [club.subscriber(club.plan(name, 300), f"Member {name}") for name in ("One", "Two", "Three")]
    for month in ("2026-05", "2026-06"):
        club.open(month)
    club.verify(club.submit(members[0], method_id=bank.id))
    club.submit(members[1], note="see you")
    return members[2]


async def signed_in(pages: Pages, outside: Outside) -> Outside:
    secret = await pages.db.write(web_sessions.mint_link, pages.club.owner)
    address = pages.options.url.full(f"/login/{secret}").removeprefix(outside.origin)
    assert "Continue" in await (await outside.get(address)).text()
    response = await outside.post(address)
    assert response.headers["Location"] == f"{BASE}/"
    return outside


async def test_every_link_picture_script_and_form_stays_below_the_path(
    pages: Pages, outside: Outside, ann: Member
) -> None:
    browser = await signed_in(pages, outside)
    waiting, seen, wrong = deque([(f"{BASE}/", "start")]), {BASE}, {}
    while waiting and len(seen) < MOST:
        path, where = waiting.popleft()
        response = await browser.get(path)
        if response.status not in (200, 303):
            wrong[path] = (response.status, where)
        if response.status == 303 and not response.headers["Location"].startswith(f"{BASE}/"):
            wrong[path] = (response.headers["Location"], where)
        if response.content_type != "text/html":
            continue
        text = await response.text()
        for tag in re.findall(r"<[a-z][^>]*>", text):
            for found in ADDRESS.findall(tag):
                address = html.unescape(found).partition("#")[0]
                if address and not address.startswith((f"{BASE}/", "?")):
                    wrong[address] = ("not below the path", path)
                elif address.startswith(BASE) and not tag.startswith(
                    ("<form", "<button", "<input", "<main", "<div")
                ):
                    shape = re.sub(r"[0-9]+", "1", address)
                    if shape not in seen:
                        seen.add(shape)
                        waiting.append((address, path))
    assert wrong == {}
    assert len(seen) > 40


async def test_forms_lead_back_below_the_path(
    pages: Pages, outside: Outside, club: Club, ann: Member
) -> None:
    browser = await signed_in(pages, outside)
    page = await (await browser.get(f"{BASE}/review")).text()
    action = re.search(rf'action="({BASE}/review/\d+/verify)"', page)
    assert action is not None
    back = re.search(r'name="back" value="([^"]*)"', page)
    assert back is not None
    done = await browser.post(action[1], {"back": html.unescape(back[1])})
    assert done.headers["Location"] == f"{BASE}/review"
    assert "verified" in await (await browser.follow(done)).text()
    chosen = await browser.post(f"{BASE}/preferences", {"theme": "dark", "back": "/bills?state=open"})
    assert chosen.headers["Location"] == f"{BASE}/bills?state=open"
    asked = await browser.get(f"{BASE}/periods/2026-05/close")
    assert asked.status == 200
    out = await browser.post(f"{BASE}/logout")
    assert out.headers["Location"] == f"{BASE}/login"
    assert (await browser.get(f"{BASE}/")).headers["Location"] == f"{BASE}/login"


async def test_a_change_from_another_program_of_the_same_proxy_is_ours_only_by_origin(
    pages: Pages, outside: Outside
) -> None:
    browser = await signed_in(pages, outside)
    for headers in ({"Origin": "http://127.0.0.1"}, {"Origin": "https://evil.example"}, {}):
        address = f"{outside.origin}{BASE}/logout"
        async with browser.session.post(address, headers=headers, allow_redirects=False) as response:
            assert response.status == 403, headers


async def test_members_links_work_from_outside(
    pages: Pages, outside: Outside, club: Club, ann: Member
) -> None:
    secret = await pages.db.write(upload_links.mint, club.as_member(ann))
    address = f"{BASE}/u/{secret}"
    page = await (await outside.get(address)).text()
    assert below(page)
    form = FormData(default_to_multipart=True)
    for bill in club.bills(ann):
        form.add_field("bill", str(bill.id))
    sent = await outside.post(address, form)
    assert sent.headers["Location"] == f"{BASE}/u/sent"
    assert secret not in sent.headers["Location"]
    assert "it is registered" in await (await outside.follow(sent)).text()
    secret = await pages.db.write(statement_links.mint, club.as_member(ann))
    shown = await outside.post(f"{BASE}/statement/{secret}")
    assert shown.headers["Location"] == f"{BASE}/statement"
    assert "Statement of" in await (await outside.follow(shown)).text()


async def test_the_api_and_what_watches_are_below_the_path_too(
    pages: Pages, outside: Outside, club: Club
) -> None:
    secret = (await pages.db.write(api_tokens.create, club.owner, "Mine", "read")).secret
    description = await (await outside.get(f"{BASE}/openapi.json")).json()
    assert description["servers"] == [{"url": outside.origin + BASE}]
    for path in ("/healthz", "/readyz"):
        assert (await outside.get(BASE + path)).status == 200
    address = description["servers"][0]["url"] + "/api/v1/me"
    async with outside.session.get(address, headers={"Authorization": f"Bearer {secret}"}) as response:
        assert (await response.json())["role"] == "auditor"


async def test_a_refused_sign_in_link_and_unknown_pages_answer_below_the_path(
    pages: Pages, outside: Outside
) -> None:
    refused = await outside.post(f"{BASE}/login/{'x' * tokens.SECRET_BYTES}")
    assert refused.status == 410
    unknown = await outside.get(f"{BASE}/nothing")
    assert unknown.status == 404
    for response in (refused, unknown):
        assert below(await response.text())
    assert (await outside.get("/elsewhere")).status == 418
