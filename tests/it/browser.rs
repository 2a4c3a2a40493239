//! A browser without a screen, told over its debugging pipe.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than any answer takes on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A browser without a screen.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    next: u64,
    session: Option<String>,
    heard: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub fn start() -> Self {
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
        browser.new_tab();
        browser
    }

    /// Opens a tab and turns to it. Returns the one that was turned to before, for [`Browser::turn_to`].
    pub fn new_tab(&mut self) -> Option<String> {
        let before = self.session.take();
        let target = self.tell("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.tell("Target.attachToTarget", &attach);
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Runtime", "Log"] {
            self.tell(&format!("{domain}.enable"), &json!({}));
        }
        before
    }

    /// Turns to another tab.
    pub fn turn_to(&mut self, tab: Option<String>) {
        self.session = tab;
        self.tell("Page.bringToFront", &json!({}));
    }

    /// Says one thing to the browser, and returns the answer.
    #[track_caller]
    pub fn tell(&mut self, method: &str, params: &Value) -> Value {
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
    pub fn open(&mut self, url: &str, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tell("Emulation.setDeviceMetricsOverride", &size);
        self.heard.clear();
        self.tell("Page.navigate", &json!({ "url": url }));
        while !self.heard.iter().any(|heard| heard["method"] == "Page.loadEventFired") {
            let heard = self.hear();
            self.heard.push(heard);
        }
    }

    /// Prefers this language from now on, in pages that are opened later.
    pub fn speaks(&mut self, language: &str) {
        self.tell(
            "Emulation.setUserAgentOverride",
            &json!({ "userAgent": "test", "acceptLanguage": language }),
        );
    }

    /// Looks with this width and colour scheme from now on.
    pub fn looks(&mut self, width: u32, scheme: &str) {
        let size = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tell("Emulation.setDeviceMetricsOverride", &size);
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.tell("Emulation.setEmulatedMedia", &feature);
    }

    /// A picture of the whole page, as PNG in base64.
    pub fn picture(&mut self) -> String {
        let answer =
            self.tell("Page.captureScreenshot", &json!({ "format": "png", "captureBeyondViewport": true }));
        answer["data"].as_str().expect("a picture").to_owned()
    }

    /// What the page asked its server for since it was opened: the paths of all requests.
    pub fn requests(&mut self) -> Vec<String> {
        self.ask("0"); // what was asked before this was heard by now
        let urls = self.heard.iter().filter(|heard| heard["method"] == "Network.requestWillBeSent");
        let urls = urls.filter_map(|heard| heard["params"]["request"]["url"].as_str());
        urls.filter_map(|url| Some(url.split_once("://")?.1.split_once('/')?.1.to_owned())).collect()
    }

    /// Asks the page.
    #[track_caller]
    pub fn ask(&mut self, expression: &str) -> Value {
        let answer = self.tell(
            "Runtime.evaluate",
            &json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }),
        );
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until the page says something: it follows a link in its own time.
    #[track_caller]
    pub fn comes_to(&mut self, expression: &str, expected: impl Into<Value>) {
        let expected = expected.into();
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let now = self.ask(expression);
            if now == expected {
                break;
            }
            assert!(std::time::Instant::now() < until, "{expression} is {now} and never became {expected}");
            std::thread::sleep(std::time::Duration::from_millis(10)); // between two looks, not instead of them
        }
    }

    /// Clicks into the middle of something, where it is on the screen once that was drawn: a click goes to what was drawn
    /// last.
    #[track_caller]
    pub fn click(&mut self, selector: &str) {
        let place = self.ask(&format!(
            "(async () => {{ const one = document.querySelector({}); one.scrollIntoView({{ block: 'center' }});
                const drawn = () => new Promise(requestAnimationFrame); await drawn(); await drawn();
                const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] }})()",
            json!(selector)
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.tell("Input.dispatchMouseEvent", &event);
        }
    }

    /// Types a text into a field in place of what is there.
    #[track_caller]
    pub fn fill(&mut self, selector: &str, text: &str) {
        self.click(selector);
        self.ask(&format!("document.querySelector({}).select()", json!(selector)));
        self.tell("Input.insertText", &json!({ "text": text }));
    }

    /// What the page complained about in the browser's console since it was opened.
    pub fn complaints(&self) -> Vec<&Value> {
        let methods = ["Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"];
        self.heard.iter().filter(|heard| methods.iter().any(|method| heard["method"] == *method)).collect()
    }

    pub fn press(&mut self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code, "text": text });
            self.tell("Input.dispatchKeyEvent", &event);
        }
    }

    /// Demands that the page asked nobody for anything, and that nothing went wrong in it.
    #[track_caller]
    pub fn is_silent(&mut self, page: &str) {
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
