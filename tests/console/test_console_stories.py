"""The stories view: what is kept and answered, and the page in a real Chromium."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect, sync_playwright

from schemas import Story, StoryRecord
from services.console.server import Console, application, hosting
from services.console.settings import ConsoleSettings
from services.console.source import Arrival, Position
from services.console.stories import Stories
from services.consumer.stories import Told
from tests.console.test_console_browser import CHROMIUM, DESKTOP, HOSTILE, PHONE, page_at
from tests.consumer.made_events import event
from tests.consumer.made_stories import story

LARGE, NEW = story("large", (60, 9), (20, 1)), story("new", (2, 1), (0, 2))


def test_the_oldest_stories_go_first_and_one_without_a_record_is_gone() -> None:
    kept = Stories(2)
    for one in (NEW, LARGE, story("middle", (10, 1))):
        kept.add(one.id, one)
    assert [one["id"] for one in kept.listed("newest")["stories"]] == ["new", "middle"]
    kept.add("middle", None)
    assert (len(kept), kept.get("middle"), kept.changes) == (1, None, 4)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/stories?sort=oldest", 400),
        ("/api/stories?colour=red", 400),
        ("/api/stories?text=" + "x" * 201, 400),
        ("/api/story", 400),
        ("/api/story?id=none", 404),
        ("/api/stories", 200),
    ],
)
def test_what_cannot_be_answered_says_why(path: str, status: int) -> None:
    async def run() -> None:
        async with TestClient[Any, Any](TestServer(application(Console(ConsoleSettings())))) as client:
            answer = await client.get(path)
            assert answer.status == status
            assert ("error" in await answer.json()) == (status != 200)

    asyncio.run(run())


@contextmanager
def telling(*stories: StoryRecord) -> Iterator[tuple[str, Any]]:
    """A console that holds the ``stories`` and one document, and how to tell it more."""
    console = Console(ConsoleSettings(port=0))
    with hosting(console) as (address, loop):

        def tell(came: Sequence[StoryRecord]) -> None:
            async def take() -> None:
                told = Story(id="large", saga="large", similarity=0.9, rule="r", documents=2, sources=2)
                one = event(id="times-1", event_id="t", story=told)
                console.take(
                    [Arrival(one, one.model_dump_json().encode(), 0.0)], Position(lag=0, caught_up=True, problem="")
                )
                console.tell([Told(one.id, one) for one in came])

            asyncio.run_coroutine_threadsafe(take(), loop).result(30)

        tell(stories)
        yield address, tell


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.mark.timeout(120)
def test_stories_are_found_opened_and_left_by_address_and_keep_up(chromium: Browser) -> None:
    with telling(LARGE, NEW) as (address, tell), page_at(chromium, address) as page:
        page.goto("/stories")
        titles = page.locator(".told-story h2")
        expect(titles).to_have_text(["Council backs the tunnel (large)", "Council backs the tunnel (new)"])
        page.get_by_label("First", exact=True).select_option("growing")
        expect(titles.first).to_contain_text("(new)")
        expect(page).to_have_url(f"{address}/stories?sort=growing")
        page.get_by_label("Words", exact=True).fill("(large)")
        page.keyboard.press("Enter")
        expect(titles).to_have_count(1)
        expect(page).to_have_url(f"{address}/stories?sort=growing&text=%28large%29")
        titles.get_by_role("link").press("Enter")
        expect(page).to_have_url(f"{address}/stories?story=large")
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        expect(page.locator(".camp.favor")).to_contain_text("a gift to the city")
        expect(page.locator(".camp.against")).to_contain_text("The tunnel should never be dug.")
        page.go_back()
        expect(page.get_by_label("Words", exact=True)).to_have_value("(large)")
        page.go_forward()
        page.locator(".camp.against").get_by_role("link", name="times.example").click()
        page.get_by_role("link", name="The story that it tells").click()
        expect(page.locator(".telling h1")).to_have_text("Council backs the tunnel (large)")
        expect(page.locator("#strip-lag")).to_have_text("0")
        tell([story("large", (60, 9), (20, 1), (0, 5))])
        page.get_by_role("button", name="The story has grown: show").click(timeout=20_000)
        expect(page.locator(".telling > header")).to_contain_text("15 documents")
        page.goto("/stories?text=airport")
        expect(page.locator(".nothing")).to_have_text("No story that is kept matches these filters.")


@pytest.mark.timeout(120)
def test_hostile_titles_stay_text_and_axe_has_no_complaint(chromium: Browser) -> None:
    hostile = story("hostile", (1, 30), head={"id": "x", "title": HOSTILE[:200]})
    for look in ({"viewport": DESKTOP, "color_scheme": "light"}, {"viewport": PHONE, "color_scheme": "dark"}):
        with telling(hostile, LARGE) as (address, _), page_at(chromium, address, **look) as page:
            for path in ("/stories", "/stories?story=hostile"):
                page.goto(path)
                expect(page.locator("main")).to_contain_text('<script>alert("x")</script>')
                assert page.locator("main :is(script, img, iframe, style)").count() == 0
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
                found = Axe().run(page)
                assert not found.response["violations"], found.generate_report()
