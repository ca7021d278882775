"""What the tests in a browser have in common: a page that has come to rest, a search, the rows of a list."""

import time

from playwright.sync_api import expect

PATIENCE = 30.0  # seconds: others may use the machine, too

# What was asked for is drawn, and the address holds it: two frames, then as long as the page waits for the view to
# rest, then as long as it waits before it writes. Timers of one page end in the order in which they are due.
_SETTLED = """async () => {
  const frame = () => new Promise((resume) => requestAnimationFrame(resume));
  const wait = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));
  await frame();
  await frame();
  await wait(210);
  await wait(260);
  await frame();
  await frame();
}"""


def settle(page):
    """Wait until the page has drawn and written down what was done last."""
    page.evaluate(_SETTLED)


def eventually(get, wanted):
    """Wait until a function returns what is wanted."""
    end = time.monotonic() + PATIENCE
    while (found := get()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert found == wanted


def ready(page):
    """Wait until titles, cards and the engine are there."""
    page.locator("html[data-ready]").wait_for(state="attached", timeout=120_000)


def type_query(page, query):
    """Type into the search field, and wait for the answer to just that."""
    page.locator("#map").focus()
    page.keyboard.press("/")
    page.locator("#search").fill(query)
    expect(page.locator("#results")).to_have_attribute("data-query", query)


def find(page, query):
    """Type a query and choose the first result."""
    type_query(page, query)
    expect(page.locator("#results [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_be_hidden()


def idle(page):
    """Wait until the list that is being made is there."""
    expect(page.locator("#basket.busy")).to_have_count(0)


def state_of(page):
    """The parts of the address, undecoded."""
    settle(page)
    return dict(part.split("=", 1) for part in page.evaluate("location.hash")[1:].split("&"))


def rows_of(page):
    """The rows of the list, as the address of the page holds them."""
    text = state_of(page)["b"].replace("%21", "!")
    return [int(part.rstrip("!"), 36) for part in text.split(".")]
