"""The page of a night in a real browser: keys, search, filters, addresses, and nothing asked of any network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import factory
import pytest

from qa_audit.page import About, PageBuilder
from qa_audit.records import Evidence, Excused, Scorecard

webdriver = pytest.importorskip(
    "selenium.webdriver", reason="selenium is not installed: the page was not opened"
)
from selenium.webdriver.chrome.service import Service  # noqa: E402 - only where there is selenium
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="Chromium (chromium, chromium-driver) is not installed: the page was not opened in a browser",
)
STANDARD = factory.STANDARD
ATTACK = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1><b>粗</b> &amp; \u2028 \U0001f600"
FEW = ("queue", "all", "unanswered")


def cards() -> list[Scorecard]:
    """Three agents' chats; the first one has an excused hit inside a fail's words, the second a text made to do harm."""
    first, second, *others = (card for one in factory.reports(chats=12) for card in one.scorecards)
    said = first.transcript.messages[3].text
    start = said.index("看物流")
    excused = Excused(Evidence(3, start, start + 3, "看物流"), "后面有解释")
    results = tuple(replace(r, excused=(excused,)) if r.rule_id == "COMP-04" else r for r in first.results)
    opening, *rest = second.transcript.messages
    attack = replace(second.transcript, messages=(replace(opening, text=ATTACK), *rest))
    return [replace(first, results=results), replace(second, transcript=attack), *others]


def many(copies: int) -> Iterator[Scorecard]:
    for copy in range(copies):
        for card in cards():
            yield replace(card, transcript=replace(card.transcript, id=f"{card.transcript.id}-{copy:03}"))


def write(path: Path, chosen: Iterator[Scorecard] | list[Scorecard]) -> str:
    builder = PageBuilder(STANDARD)
    for card in chosen:
        builder.add(card)
    for chat in factory.unanswered():
        builder.add_unanswered(chat)
    builder.write(path, About(factory.NIGHT, factory.RUN_ID, factory.report().team, not_audited=4))
    return path.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("page") / "night.html", cards())


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1366,768",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


class Page:
    """What a person does and sees."""

    def __init__(self, browser: Any, address: str, fragment: str = "") -> None:
        self.browser = browser
        browser.get("about:blank")
        browser.get(address + fragment)
        self.until("document.body.dataset.ready")

    def run(self, script: str) -> Any:
        return self.browser.execute_script(f"return {script}")

    def until(self, script: str) -> None:
        WebDriverWait(self.browser, 20).until(lambda _: self.run(script))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    def listed(self) -> list[str]:
        return self.run("[...document.querySelectorAll('.row b')].map((b) => b.textContent)")

    def active(self) -> str:
        return self.run("document.querySelector('.row.active b')?.textContent")

    def opened(self, chat: str) -> None:
        self.until(f"document.querySelector('#chat-title')?.firstChild.textContent === {json.dumps(chat)}")

    def text(self, selector: str) -> str:
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def choose(self, name: str, value: str) -> None:
        self.run(
            f"((s) => {{ s.value = {json.dumps(value)}; s.dispatchEvent(new Event('change')); return s.value; }})(document.getElementById('{name}'))"
        )


@pytest.fixture
def page(browser: Any, address: str) -> Page:
    return Page(browser, address)


def risky() -> list[str]:
    builder = PageBuilder(STANDARD)
    for card in cards():
        builder.add(card)
    rows = sorted((row for row, _ in builder._chats if row.risk), key=lambda row: row.order)
    return [row.id for row in rows]


def test_it_opens_with_the_queue_and_the_figures_of_the_night(page: Page) -> None:
    assert page.text("h1") == "质检抽查 2025-11-20"
    assert page.run("[...document.querySelectorAll('#views span')].map((s) => s.textContent)") == [
        str(len(risky())),
        "36",
        "2",
    ]
    assert page.listed() == risky()[: len(page.listed())]
    assert page.text("#count") == f"{len(risky())} 通"
    figures = page.text("#figures")
    assert "客服服务标准 2025.11" in figures
    assert "其中无人应答 2 通" in figures
    assert "误差范围" in figures


def test_the_list_and_the_findings_are_walked_with_keys(page: Page) -> None:
    queue = risky()
    page.press("j", "j", "k", Keys.ARROW_DOWN, Keys.ARROW_UP)
    assert page.active() == queue[1]
    assert page.run("document.body.classList.contains('reading')") is False
    page.press(Keys.ENTER)
    page.opened(queue[1])
    assert page.run("decodeURIComponent(location.hash)") == f"#chat={queue[1]}"
    places = page.run("document.querySelectorAll('.transcript .finding').length")
    assert places > 1
    page.press("n")
    first = page.run("document.activeElement.dataset.findings")
    page.press("n")
    assert page.run("document.activeElement.dataset.findings") != first
    page.press("p")
    assert page.run("document.activeElement.dataset.findings") == first
    assert (
        page.run(f"document.getElementById('finding-{first.split()[0]}').classList.contains('here')") is True
    )
    page.press(Keys.ESCAPE, "j")
    assert page.active() == queue[2]


def test_views_help_and_search_have_keys(page: Page) -> None:
    seen = []
    for _ in FEW:
        seen.append(page.run("document.querySelector('[role=tab][aria-selected=true]').dataset.view"))
        page.press("]")
    assert seen == list(FEW)
    page.press("[")
    assert page.listed() == ["U90002", "U90001"]
    page.press("?")
    assert page.run("document.getElementById('help').open") is True
    assert "随机抽检须盲审，不在本页" in page.text("#help")
    page.press(Keys.ESCAPE)
    assert page.run("document.getElementById('help').open") is False
    page.press("/")
    assert page.run("document.activeElement.id") == "query"
    page.press("j]?")
    assert page.run("document.getElementById('query').value") == "j]?"
    page.press(Keys.ESCAPE)
    assert page.run("document.getElementById('query').value") == ""


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("S10001", {"S10001"}),
        ("陈立 快递放驿站", {f"S2{i + 1:04d}" for i in range(12) if (i * 2 + 1) % 12 == 10}),
        ("看物流不就知道了", {f"S{n + 1}{i + 1:04d}" for n in range(3) for i in range(12) if (i * (1, 2, 5)[n] + n) % 12 == 0}),
        ("引导站外", {card.transcript.id for card in cards() if any(d.rule_id == "COMP-04" for d in card.deductions)}),
        ("没有这样的话", set()),
    ],
)  # fmt: skip
def test_search_looks_at_ids_agents_rules_and_everything_said(
    page: Page, words: str, found: set[str]
) -> None:
    page.press("]", "/", words)
    page.until("everythingRead && document.getElementById('clear').hidden === false")
    page.until(f"document.getElementById('count').textContent === '{len(found)} / 36 通'")
    assert set(page.listed()) == found
    page.press(Keys.ENTER)
    assert page.run("document.activeElement.id") == "list"


def test_filters_narrow_the_list_and_say_how_many(page: Page) -> None:
    rule = next(n for n, rule in enumerate(STANDARD.rules) if rule.id == "RESP-01")
    failed = {c.transcript.id for c in cards() if any(d.rule_id == "RESP-01" for d in c.deductions)}
    page.press("]")
    assert f"RESP-01 及时接起/首次响应（{len(failed)}）" in page.text("#rule")
    page.choose("rule", str(rule))
    assert set(page.listed()) == failed
    page.choose("verdict", "pass")
    assert page.text("#count") == f"{36 - len(failed)} / 36 通"
    page.choose("agent", "=1057 赵敏")
    assert all(chat.startswith("S3") for chat in page.listed())
    page.run("document.getElementById('clear').click()")
    assert page.text("#count") == "36 通"
    page.choose("verdict", "excused")
    assert page.listed() == ["S10001"]
    page.run("document.getElementById('clear').click()")
    page.choose("sort", "early")
    assert page.listed()[0] == "S10001"


def test_an_address_opens_its_chat(browser: Any, address: str) -> None:
    page = Page(browser, address, "#chat=U90001")
    page.opened("U90001")
    assert "我的快递被退回去了" in page.text(".transcript")
    assert page.run("document.querySelector('[role=tab][aria-selected=true]').dataset.view") == "unanswered"
    page.run("(location.hash = '#chat=NOBODY')")
    page.until("document.getElementById('detail').textContent.includes('本页没有会话 NOBODY')")
    page.run("(location.hash = '#chat=100%')")
    page.until("document.getElementById('detail').textContent.includes('本页没有会话 100%')")


def test_hits_overlap_and_the_excused_one_says_why(browser: Any, address: str) -> None:
    page = Page(browser, address, "#chat=S10001")
    page.opened("S10001")
    marks = page.run(
        "[...document.querySelectorAll('#message-3 mark')].map((m) => [m.textContent, m.className])"
    )
    assert marks == [
        ["可能是", "fail finding"],
        ["你自己", "fail finding"],
        ["看物流", "fail excused finding"],
        ["不就知道了", "fail finding"],
    ]
    assert "命中但不计 COMP-04 引导站外/私下交易：后面有解释" in page.run(
        "document.querySelector('mark.excused').title"
    )
    assert "后面有解释" in page.text(".verdicts")
    said = next(card for card in cards() if card.transcript.id == "S10001").transcript.messages[3].text
    assert page.run("document.querySelector('#message-3 .text').textContent") == said
    labels = page.run("[...document.querySelectorAll('#message-3 .labels .tag')].map((t) => t.textContent)")
    assert labels == list(dict.fromkeys(labels))
    assert "不计 COMP-04 引导站外/私下交易" in labels
    copied = page.run(
        "(getSelection().selectAllChildren(document.getElementById('message-3')), getSelection().toString())"
    )
    assert said in copied
    assert "COMP-04" not in copied
    weights = page.run(
        "['mark.fail', '.text'].map((s) => getComputedStyle(document.querySelector(`#message-3 ${s}`)).fontWeight)"
    )
    assert weights == ["700", "400"]
    green = "getComputedStyle(document.querySelector('.transcript mark.pass')).backgroundColor"
    page.run("(location.hash = '#chat=S10003')")
    page.opened("S10003")
    page.run("[...document.querySelectorAll('.verdicts details')].map((part) => (part.open = true))")
    assert "OPEN-01 主动问候 “您好，很高兴为您服务”" in page.text(".verdicts")
    before = page.run(green)
    page.press("g")
    assert page.run(green) != before


def test_text_is_text_whatever_it_says(browser: Any, address: str) -> None:
    page = Page(browser, address, "#chat=S10002")
    page.opened("S10002")
    assert page.run("document.querySelector('#message-0 .text').textContent") == ATTACK
    assert page.run("[document.images.length, window.hacked ?? null]") == [0, None]
    severe = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert severe == []


def test_nothing_is_asked_of_any_network(browser: Any, address: str) -> None:
    browser.get_log("performance")
    page = Page(browser, address)
    page.press(Keys.ENTER, "n", "/", "物流")
    page.until("everythingRead")
    asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = {
        one["params"]["request"]["url"] for one in asked if one["method"] == "Network.requestWillBeSent"
    }
    assert addresses == {address}
    blocked = browser.execute_async_script(
        "const done = arguments[0]; addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective));"
        "fetch('data:text/plain,x').catch(() => {});"
    )
    assert blocked == "connect-src"


def test_a_long_list_draws_only_what_is_in_sight(browser: Any, tmp_path: Path) -> None:
    page = Page(browser, write(tmp_path / "night.html", many(20)))
    page.press("]")
    assert page.text("#count") == "720 通"
    assert len(page.listed()) < 30
    page.press(Keys.END)
    page.until("document.querySelector('.row.active')?.getAttribute('aria-posinset') === '720'")
    assert page.run("document.getElementById('list').getAttribute('aria-activedescendant')") == "row-719"
    assert len(page.listed()) < 30
    last = page.active()
    page.press(Keys.ENTER)
    page.opened(last)


@pytest.mark.parametrize(("width", "both"), [(1366, True), (1024, True), (390, False)])
def test_it_fits_the_screen(browser: Any, page: Page, width: int, *, both: bool) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.press(Keys.ENTER)
        page.opened(risky()[0])
        assert page.run("document.documentElement.scrollWidth <= innerWidth") is True
        assert page.run("document.getElementById('side').offsetWidth > 0") is both
        if not both:
            page.run("document.querySelector('.back').click()")
            assert page.run("document.getElementById('side').offsetWidth > 0") is True
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_dark_screens_and_paper_have_their_colours(browser: Any, page: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for name, media, feature in (
        ("light", "screen", "light"),
        ("dark", "screen", "dark"),
        ("paper", "print", "light"),
    ):
        features = [{"name": "prefers-color-scheme", "value": feature}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        seen[name] = page.run(ground)
    hidden = page.run("getComputedStyle(document.getElementById('side')).display")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert seen == {"light": "rgb(244, 245, 247)", "dark": "rgb(20, 24, 30)", "paper": "rgb(255, 255, 255)"}
    assert hidden == "none"


def test_everything_that_takes_the_focus_has_a_name(browser: Any, page: Page) -> None:
    page.press(Keys.ENTER)
    page.opened(risky()[0])
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    focusable = [
        node
        for node in nodes
        if not node["ignored"]
        and any(p["name"] == "focusable" and p["value"]["value"] for p in node.get("properties", ()))
    ]
    assert len(focusable) > 20
    unnamed = [
        node["role"]["value"]
        for node in focusable
        if not node.get("name", {}).get("value")
        and node["role"]["value"] not in ("listitem", "article", "RootWebArea")
    ]
    assert unnamed == []
    reached = set()
    for _ in range(60):
        page.press(Keys.TAB)
        reached.add(page.run("document.activeElement.id || document.activeElement.className"))
    assert {"query", "rule", "agent", "list", "transcript", "help-button"} <= reached
    assert any("finding" in name for name in reached)
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert page.browser.find_elements(By.CSS_SELECTOR, "[role=listbox] [role=option][aria-selected=true]")
