"""What every page of the desk is held to: see test_every_screen.py."""

from pathlib import Path

AUDIT = (Path(__file__).parent / "audit.js").read_text()
MOST_STOPS = 300  # of the Tab key

TABBABLE = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]"
)].filter((each) => each.tabIndex >= 0 && !each.disabled
    && each.checkVisibility({visibilityProperty: true})
    && !each.closest("details:not([open]) > :not(summary)")).length"""
STOP = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    if (element === document.body) return null;
    element.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length);
    const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    const isInView = element.getBoundingClientRect().bottom > 0;
    const problem = isSeen && isInView ? "" : element.outerHTML.slice(0, 90);
    return [element.dataset.stop, problem];
}"""


def stops_of(page):
    """Where the Tab key goes, until it comes back."""
    stops, last = {}, None
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        # A date is one control with a stop for each of its parts.
        if stop is None or (stop[0] in stops and stop[0] != last):
            break
        last = stop[0]
        stops[last] = stop[1]
    return stops


def problems_of(page):
    """What the audit finds on the page as it is."""
    return page.evaluate(AUDIT)


TO_THE_TOP = """() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
}"""


def assert_keyboard_goes_everywhere(page):
    page.evaluate(TO_THE_TOP)
    tabbable = page.evaluate(TABBABLE)
    stops = stops_of(page)
    assert [element for element in stops.values() if element] == []
    assert len(stops) == tabbable
