//! The page of a plan, in a browser: what somebody who reads it does.
//!
//! The page is the example of `docs/`, which a golden test keeps the same as what is rendered; every class and action
//! is in it. The browser is told over its debugging pipe, clicks where a hand would, and is asked what is visible.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

const PAGE: &str = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/docs/examples/plan.html");

/// Longer than any answer takes on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn a_page_is_filtered_and_folded_by_clicks_and_asks_nobody() {
    let mut browser = Browser::start();
    browser.open(PAGE, 1280, 900);
    let all = browser.visible();
    assert_eq!(all.len(), 17, "{all:?}");
    assert_eq!(browser.ask("document.querySelector('#status').textContent"), "17 resources");

    // One action, then one more, then none.
    browser.click("button[data-value='create']");
    assert_eq!(browser.visible(), ["function.news", "trigger.news[\"queue\"]"]);
    assert_eq!(browser.ask("document.querySelector('#status').textContent"), "2 of 17 resources shown");
    browser.click("button[data-value='delete']");
    assert_eq!(browser.visible(), ["function.news", "function.old", "trigger.news[\"queue\"]"]);
    assert_eq!(browser.ask("document.querySelectorAll('button[aria-pressed=true]').length"), 2);
    browser.click("button[data-value='create']");
    browser.click("button[data-value='delete']");
    assert_eq!(browser.visible(), all);

    // A class; a class of one action; what asks.
    browser.click("button[data-value='conflict']");
    assert_eq!(browser.visible(), ["function.cart", "function.stats"]);
    browser.click("button[data-value='take over']");
    assert_eq!(browser.visible(), ["function.stats"]);
    browser.click("button[data-value='take over']");
    browser.click("button[data-value='conflict']");
    browser.click("button[data-group='need']");
    let asking = browser.visible();
    assert_eq!(asking.len(), 6, "{asking:?}");
    browser.click("button[data-group='need']");

    // Found by its address.
    browser.click("input[type=search]");
    browser.tell("Input.insertText", &json!({ "text": "QUEUE" }));
    assert_eq!(browser.visible(), ["trigger.news[\"queue\"]"]);
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
    assert_eq!(browser.visible().len(), 2);
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

/// A browser without a screen.
struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    next: u64,
    session: Option<String>,
    heard: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        // The debugging pipe is what the browser finds on 3 and 4.
        let script = "for name in chromium chromium-browser google-chrome; do
            if command -v $name >/dev/null; then
                exec $name --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
                    --disable-background-networking --disable-component-update --disable-sync \
                    --user-data-dir=\"$1\" --remote-debugging-pipe about:blank 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null
            fi
        done";
        let mut child = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let to = child.stdin.take().expect("a pipe");
        let mut stdout = child.stdout.take().expect("a pipe");
        let (said, from) = channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut chunk = vec![0; 1 << 16];
            while let Ok(count @ 1..) = stdout.read(&mut chunk) {
                bytes.extend_from_slice(&chunk[..count]);
                while let Some(end) = bytes.iter().position(|byte| *byte == 0) {
                    let message: Vec<u8> = bytes.drain(..=end).collect();
                    let message = serde_json::from_slice(&message[..end]).expect("JSON");
                    if said.send(message).is_err() {
                        return;
                    }
                }
            }
        });
        let (next, session, heard) = (0, None, Vec::new());
        let mut browser = Self { child, to, from, next, session, heard, _profile: profile };
        let target = browser.tell("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.tell("Target.attachToTarget", &attach);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.tell(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Says one thing to the browser, and returns the answer.
    #[track_caller]
    fn tell(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).and_then(|()| self.to.flush()).expect("a browser (see tests/prepare)");
        loop {
            let heard = self.hear();
            if heard["id"] == self.next {
                assert!(heard["error"].is_null(), "{method}: {heard}");
                return heard["result"].clone();
            }
            self.heard.push(heard);
        }
    }

    #[track_caller]
    fn hear(&mut self) -> Value {
        self.from.recv_timeout(PATIENCE).expect("an answer of the browser")
    }

    /// Opens a page in a window of this size, and waits until it is there.
    fn open(&mut self, url: &str, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tell("Emulation.setDeviceMetricsOverride", &size);
        self.heard.clear();
        self.tell("Page.navigate", &json!({ "url": url }));
        while !self.heard.iter().any(|heard| heard["method"] == "Page.loadEventFired") {
            let heard = self.hear();
            self.heard.push(heard);
        }
    }

    /// Asks the page.
    #[track_caller]
    fn ask(&mut self, expression: &str) -> Value {
        let answer =
            self.tell("Runtime.evaluate", &json!({ "expression": expression, "returnByValue": true }));
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until the page says something: it follows a link in its own time.
    #[track_caller]
    fn comes_to(&mut self, expression: &str, expected: &str) {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while self.ask(expression) != expected {
            assert!(std::time::Instant::now() < until, "{expression} never became {expected}");
            std::thread::sleep(std::time::Duration::from_millis(10)); // between two looks, not instead of them
        }
    }

    /// Clicks into the middle of something, where it is on the screen.
    #[track_caller]
    fn click(&mut self, selector: &str) {
        let place = self.ask(&format!(
            "(() => {{ const one = document.querySelector({}); one.scrollIntoView({{ block: 'center' }});
                const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] }})()",
            json!(selector)
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.tell("Input.dispatchMouseEvent", &event);
        }
    }

    fn press(&mut self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code, "text": text });
            self.tell("Input.dispatchKeyEvent", &event);
        }
    }

    /// Returns the addresses of the resources that can be seen.
    fn visible(&mut self) -> Vec<String> {
        let cards = "[...document.querySelectorAll('#list > details')]
            .filter(card => card.checkVisibility()).map(card => card.dataset.address)";
        serde_json::from_value(self.ask(cards)).expect("addresses")
    }

    /// Demands that the page asked nobody for anything, and that nothing went wrong in it.
    #[track_caller]
    fn is_silent(&mut self, page: &str) {
        let heard = |method: &'static str| self.heard.iter().filter(move |heard| heard["method"] == method);
        let asked: Vec<&Value> = heard("Network.requestWillBeSent")
            .map(|heard| &heard["params"]["request"]["url"])
            .filter(|url| *url != page && !url.as_str().is_some_and(|url| url.starts_with("data:")))
            .collect();
        assert!(asked.is_empty(), "{asked:?}");
        assert_eq!(
            heard("Network.requestWillBeSent")
                .filter(|heard| heard["params"]["request"]["url"] == page)
                .count(),
            1
        );
        let wrong: Vec<&Value> = heard("Runtime.exceptionThrown")
            .chain(heard("Log.entryAdded"))
            .chain(heard("Runtime.consoleAPICalled"))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
