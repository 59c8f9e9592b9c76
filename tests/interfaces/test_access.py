"""Who may ask: keys, the page's login, other sites, other hosts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from assistant.interfaces.access import COOKIE, SESSION_SECONDS, Keys

from .conftest import ANA, Served
from .fakes import ARTICLE, HOSTILE, FakeAssistant
from .responses import problem

ORIGIN = "https://intranet.example"
ROUTES = [
    "/metrics",
    "/openapi.json",
    "/v1/sources",
    "/v1/models",
    "/v1/nothing",
    "/config",
    "/nothing",
    "/static/page.js",
]


WRONG = [
    {"Authorization": given}
    for given in ("Bearer wrong", "Bearer", "bearer  é", ANA, f"Basic {ANA}", f"Bearer {ANA} x", f"Bearer {ANA},")
] + [{"Cookie": f"{COOKIE}={given}"} for given in (ANA, "ana|99999999999|0", "ana|x|é", "ana", "|", "")]


@pytest.fixture
def client(served_with_keys: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served_with_keys.url, timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
def served_openly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With keys, to other computers and to the pages of one other site."""
    data = tmp_path_factory.mktemp("data")
    assistant = FakeAssistant(ARTICLE, HOSTILE, data=data, api_keys=f"ana:{ANA}", cors_origins=ORIGIN)
    with Served(assistant, loopback=False) as server:
        yield server


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("headers", [{}, *WRONG])
def test_every_route_asks_for_a_key(client: httpx.Client, path: str, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    response = client.get(path, headers=raw)
    assert response.status_code == 401 and response.headers["www-authenticate"].startswith("Bearer")
    assert ANA not in response.text
    if path != "/v1/models":
        problem(response, 401)


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/feedback", "/gradio_api/queue/join", "/gradio_api/upload"])
def test_nothing_is_done_without_a_key(served_with_keys: Served, client: httpx.Client, path: str) -> None:
    asked = len(served_with_keys.assistant.chain.asked)
    problem(client.post(path, json={"question": "Q"}), 401)
    assert len(served_with_keys.assistant.chain.asked) == asked


def test_monitors_need_no_key(client: httpx.Client) -> None:
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


@pytest.mark.parametrize("key", [ANA, "key-of-slack-9876543210"])
def test_a_key_opens_everything(client: httpx.Client, key: str) -> None:
    assert client.post("/v1/ask", json={"question": "Q"}, headers=bearer(key)).status_code == 200
    for path in ("/v1/sources", "/v1/models", "/metrics", "/openapi.json", "/", "/config"):
        assert client.get(path, headers=bearer(key)).status_code == 200
    assert client.get("/v1/models", headers={"authorization": f"bearer {key}"}).status_code == 200


def test_the_document_says_that_a_key_is_needed(client: httpx.Client, served: Served) -> None:
    document = client.get("/openapi.json", headers=bearer(ANA)).json()
    assert document["paths"]["/v1/ask"]["post"]["security"] == [{"key": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert "security" not in httpx.get(f"{served.url}/openapi.json").json()["paths"]["/v1/ask"]["post"]


def test_the_page_sends_to_the_login_and_the_login_back(client: httpx.Client) -> None:
    sent = client.get("/?q=Trade%3F")
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=/%3Fq%3DTrade%253F")
    form = client.get(sent.headers["location"])
    assert 'name="next" value="/?q=Trade%3F"' in form.text
    assert "form-action 'self'" in form.headers["content-security-policy"]
    wrong = client.post("/login", data={"key": "wrong", "next": "/?q=Trade%3F"})
    assert wrong.status_code == 401 and "This key is not known." in wrong.text and COOKIE not in wrong.cookies
    assert 'value="/?q=Trade%3F"' in wrong.text
    done = client.post("/login", data={"key": f" {ANA} ", "next": "/?q=Trade%3F"})
    assert (done.status_code, done.headers["location"]) == (303, "/?q=Trade%3F")
    cookie = done.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=strict", f"Max-Age={SESSION_SECONDS}", "Path=/"):
        assert attribute in cookie
    assert ANA not in cookie and "Secure" not in cookie
    for path in ("/", "/config", "/v1/sources", "/static/words.json"):
        assert client.get(path).status_code == 200
    assert client.get("/v1/sources", headers=bearer("wrong")).status_code == 401


@pytest.mark.parametrize(
    "page", ["//evil.example", "https://evil.example", "/\\evil.example", "/?a\r\nb: c", '/?"><b>', ""]
)
def test_the_login_leads_nowhere_else(client: httpx.Client, page: str) -> None:
    form = client.get("/login", params={"next": page})
    assert "evil.example" not in form.text and "<b>" not in form.text
    done = client.post("/login", data={"key": ANA, "next": page})
    assert re.fullmatch(r"/(\?[\w%]*)?", done.headers["location"])


@pytest.mark.parametrize(("language", "said"), [("id", "Kunci API"), ("ru-RU", "Ключ API"), ("xx", "API key")])
def test_the_login_speaks_the_browsers_language(client: httpx.Client, language: str, said: str) -> None:
    form = client.get("/login", headers={"Accept-Language": language}).text
    assert said in form and f'<html lang="{language[:2] if language != "xx" else "en"}">' in form


def test_a_link_from_another_site_is_followed_once_more_with_the_cookie(client: httpx.Client) -> None:
    again = client.get('/?q="<b>', headers={"Sec-Fetch-Site": "cross-site"})
    assert again.status_code == 200 and 'url=/?q=%22%3Cb%3E"' in again.text
    assert client.get("/?q=x", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_a_session_ends_by_itself_and_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys({"ana": ANA, "ben": "key-of-ben"})
    session = keys.session("ana")
    assert keys.session_holder(session) == "ana"
    assert Keys({"ana": "another", "ben": ANA}).session_holder(session) is None
    for tampered in (session.replace("ana", "ben"), session[:-1], session.replace("|", "||"), "", "ana", "ana|1|x"):
        assert keys.session_holder(tampered) is None
    later = time.time() + SESSION_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert keys.session_holder(session) is None


def test_in_a_browser_the_page_asks_for_the_key_and_works(browser: Browser, served_with_keys: Served) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.set_default_timeout(15_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
    page.goto(f"{served_with_keys.url}/?q=Trade")
    page.get_by_label("API key").fill("wrong")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("alert")).to_have_text("This key is not known.")
    page.get_by_label("API key").fill(ANA)
    page.keyboard.press("Enter")
    expect(page.locator("#chat a.cite").first).to_be_visible()
    expect(page.locator("#chat .asked")).to_have_text("Trade")  # the way through the login keeps what the address asks
    # A link on another site leads to the page without asking again.
    other = context.new_page()
    other.set_default_timeout(15_000)
    link = f'<a href="{served_with_keys.url}/?q=Trade">go</a>'
    other.route("http://other.test/", lambda route: route.fulfill(body=link, content_type="text/html"))
    other.goto("http://other.test/")
    other.get_by_text("go").click()
    expect(other.locator("#chat a.cite").first).to_be_visible()
    context.close()
    assert problems == []


# --- other hosts and other sites -----------------------------------------------------------------------------------


def test_other_names_are_served_where_keys_guard(served_openly: Served) -> None:
    for host in ("assistant.example", "10.0.0.5:7860"):
        answer = httpx.get(f"{served_openly.url}/v1/sources", headers={"Host": host, **bearer(ANA)})
        assert answer.status_code == 200
        problem(httpx.get(f"{served_openly.url}/v1/sources", headers={"Host": host}), 401)


def test_a_listed_site_may_ask_and_others_may_not(served_openly: Served) -> None:
    url = f"{served_openly.url}/v1/ask"
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    before = httpx.options(url, headers={"Origin": ORIGIN, **asks})
    assert before.status_code == 200 and before.headers["access-control-allow-origin"] == ORIGIN
    assert "authorization" in before.headers["access-control-allow-headers"]
    asked = httpx.post(url, json={"question": "Q"}, headers={"Origin": ORIGIN, **bearer(ANA)})
    assert asked.status_code == 200 and asked.headers["access-control-allow-origin"] == ORIGIN
    unknown = httpx.post(url, json={"question": "Q"}, headers={"Origin": ORIGIN})
    assert unknown.status_code == 401 and unknown.headers["access-control-allow-origin"] == ORIGIN
    for origin in ("https://evil.example", f"{ORIGIN}.evil.example", "null"):
        refused = httpx.options(url, headers={"Origin": origin, **asks})
        problem(refused, 403)
        assert "access-control-allow-origin" not in refused.headers
        assert httpx.post(url, json={"question": "Q"}, headers={"Origin": origin, **bearer(ANA)}).status_code == 403


def test_without_a_list_no_site_may_ask(served: Served) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    refused = httpx.options(f"{served.url}/v1/ask", headers=asks)
    problem(refused, 403)
    assert "access-control-allow-origin" not in refused.headers


def test_behind_a_proxy_that_speaks_tls_the_own_origin_is_served(served_openly: Served) -> None:
    headers = {"Host": "assistant.example", "Origin": "https://assistant.example", **bearer(ANA)}
    assert httpx.post(f"{served_openly.url}/v1/ask", json={"question": "Q"}, headers=headers).status_code == 200
