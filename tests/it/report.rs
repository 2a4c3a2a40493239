//! The page of a plan, in a browser: what somebody who reads it does.
//!
//! The page is the example of `docs/`, which a golden test keeps the same as what is rendered; every class and action
//! is in it. The browser is told over its debugging pipe, clicks where a hand would, and is asked what is visible.

use serde_json::json;

use crate::browser::Browser;

const PAGE: &str = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/docs/examples/plan.html");

#[test]
fn a_page_is_filtered_and_folded_by_clicks_and_asks_nobody() {
    let mut browser = Browser::start();
    browser.open(PAGE, 1280, 900);
    let all = visible(&mut browser);
    assert_eq!(all.len(), 17, "{all:?}");
    assert_eq!(browser.ask("document.querySelector('#status').textContent"), "17 resources");

    // One action, then one more, then none.
    browser.click("button[data-value='create']");
    assert_eq!(visible(&mut browser), ["function.news", "trigger.news[\"queue\"]"]);
    assert_eq!(browser.ask("document.querySelector('#status').textContent"), "2 of 17 resources shown");
    browser.click("button[data-value='delete']");
    assert_eq!(visible(&mut browser), ["function.news", "function.old", "trigger.news[\"queue\"]"]);
    assert_eq!(browser.ask("document.querySelectorAll('button[aria-pressed=true]').length"), 2);
    browser.click("button[data-value='create']");
    browser.click("button[data-value='delete']");
    assert_eq!(visible(&mut browser), all);

    // A class; a class of one action; what asks.
    browser.click("button[data-value='conflict']");
    assert_eq!(visible(&mut browser), ["function.cart", "function.stats"]);
    browser.click("button[data-value='take over']");
    assert_eq!(visible(&mut browser), ["function.stats"]);
    browser.click("button[data-value='take over']");
    browser.click("button[data-value='conflict']");
    browser.click("button[data-group='need']");
    let asking = visible(&mut browser);
    assert_eq!(asking.len(), 6, "{asking:?}");
    browser.click("button[data-group='need']");

    // Found by its address.
    browser.click("input[type=search]");
    browser.tell("Input.insertText", &json!({ "text": "QUEUE" }));
    assert_eq!(visible(&mut browser), ["trigger.news[\"queue\"]"]);
    browser.ask("{ const input = document.querySelector('input'); input.value = ''; input.dispatchEvent(new Event('input')) }");

    // Folded and unfolded, one and all.
    let open = "document.querySelectorAll('#list > details[open]').length";
    assert_eq!(browser.ask(open), 6);
    browser.click("#fold");
    assert_eq!(browser.ask(open), 0);
    browser.click("details[data-address='function.cart'] > summary");
    assert_eq!(browser.ask(open), 1);
    let cart =
        "document.querySelector(\"details[data-address='function.cart'] .settings\").checkVisibility()";
    assert_eq!(browser.ask(cart), true);
    browser.click("details[data-address='function.cart'] > summary");
    assert_eq!(browser.ask(cart), false);
    browser.click("#unfold");
    assert_eq!(browser.ask(open), 17);
    browser.click("#fold");

    // A decision leads to its resource, and opens it.
    browser.click(".decisions li:nth-child(3) a");
    browser.comes_to("document.querySelector('#list > details[open]')?.dataset.address", "function.cart");

    browser.is_silent(PAGE);
}

#[test]
fn a_page_is_read_with_a_keyboard_and_on_a_phone() {
    let mut browser = Browser::start();
    browser.open(PAGE, 360, 740);
    let focus = "document.activeElement.className || document.activeElement.textContent.trim()";
    browser.press("Tab", 9, "");
    assert_eq!(browser.ask(focus), "skip");
    browser.press("Enter", 13, "\r");
    assert_eq!(browser.ask("document.activeElement.id"), "resources");
    browser.press("Tab", 9, "");
    assert_eq!(browser.ask("document.activeElement.dataset.value"), "change");
    browser.press(" ", 32, " ");
    assert_eq!(visible(&mut browser).len(), 2);
    browser.press(" ", 32, " ");

    // Nothing is wider than the screen, with everything unfolded, in light and in dark.
    for scheme in ["light", "dark"] {
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.tell("Emulation.setEmulatedMedia", &feature);
        browser.ask("document.querySelectorAll('details').forEach(details => details.open = true)");
        assert_eq!(browser.ask("document.documentElement.scrollWidth"), 360, "{scheme}");
        // Text stands out from what is behind it.
        let faint = browser.ask(CONTRASTS);
        assert_eq!(faint, json!([]), "{scheme}: too little contrast");
    }
    browser.is_silent(PAGE);
}

/// Every visible text whose contrast is below 4.5.
const CONTRASTS: &str = r"(() => {
  const parse = text => (text.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map(one => one / 255).map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.querySelector('body'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('svg, script') || !element.checkVisibility()) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) found.add(`${element.className || element.tagName}: ${contrast.toFixed(2)}`);
  }
  return [...found];
})()";

/// Returns the addresses of the resources that can be seen.
fn visible(browser: &mut Browser) -> Vec<String> {
    let cards = "[...document.querySelectorAll('#list > details')]
        .filter(card => card.checkVisibility()).map(card => card.dataset.address)";
    serde_json::from_value(browser.ask(cards)).expect("addresses")
}
