//! The console: what somebody does in it with a browser, and what nobody may do with one.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::browser::Browser;
use crate::situations::{LOUD_UTIL, UTIL, deployed};
use crate::support::{World, get};

/// The console of a world's cloud, in English.
pub fn page(world: &World, place: &str) -> Browser {
    let mut browser = Browser::start();
    browser.speaks("en");
    browser.open(&format!("{}/#/cn-hangzhou/functions{place}", url(world)), 1280, 900);
    browser
}

pub fn url(world: &World) -> String {
    world.cloud.url().replace("127.0.0.1", "console.localhost")
}

const SAVED: &str = "Saved, and in effect.";
const STATUS: &str = "document.querySelector('.panel form .status, .panel > p .status')?.textContent";
const MEMORY: &str = "document.querySelector('input[name=memorySize]')?.value";
const EDITOR: &str = "document.querySelector('.editor textarea')?.value";

#[test]
fn what_is_edited_in_the_page_is_what_a_plan_shows_and_takes_back_before_its_eyes() {
    let world = deployed();
    let mut browser = page(&world, "");
    browser.comes_to("document.querySelector('tbody a')?.textContent", "hello");
    browser.click("tbody a");

    browser.comes_to(MEMORY, "512");
    browser.fill("input[name=memorySize]", "1024");
    browser.fill("[aria-label='Value of LOG_LEVEL']", "debug");
    browser.click("#save");
    browser.comes_to(STATUS, SAVED);

    browser.click(".tabs a[href$='/triggers']");
    browser.comes_to("document.querySelectorAll('.check').length", 7);
    browser.click(".check:nth-child(3) input");
    browser.click(".cards .main");
    browser.comes_to(STATUS, SAVED);

    browser.click(".tabs a[href$='/code']");
    browser.comes_to("document.querySelectorAll('.tree button').length", 2);
    browser.click(".tree button[title='util.py']");
    browser.comes_to(EDITOR, UTIL);
    browser.fill(".editor textarea", LOUD_UTIL);
    browser.click("#save");
    browser.comes_to(STATUS, SAVED);

    let plan = world.plan(&[]).exits(2);
    let marks = [
        "? fc3_function.hello",
        "? environmentVariables[\"LOG_LEVEL\"]",
        "? memorySize",
        "? code",
        "? util.py",
        "? fc3_trigger.hello[\"http\"]",
        "? triggerConfig.methods",
    ];
    assert_eq!(plan.marks(), marks, "{plan}");

    // It is in effect.
    let link = world.console().call("GetTrigger", &["hello", "http"], json!(null));
    let link = link["httpTrigger"]["urlInternet"].as_str().expect("a URL").to_owned();
    assert_eq!(get(&link), (200, "HELLO, world!".to_owned()));

    // The activity list says what an audit log would.
    browser.click(".top a[href$='/activity']");
    let list = "document.querySelector('.activity')?.textContent ?? ''";
    browser.comes_to(&format!("({list}).includes('memorySize: 512 → 1024')"), true);
    browser.comes_to(&format!("({list}).includes('environmentVariables.LOG_LEVEL: warn → debug')"), true);
    browser.comes_to(&format!("({list}).includes('CreateFunction')"), true);
    browser.comes_to(&format!("({list}).includes('by access key local')"), true);
    browser.comes_to(&format!("({list}).includes('by somebody in the console')"), true);
    browser.click(".top a[href$='/functions']");
    browser.comes_to("document.querySelector('tbody a')?.textContent", "hello");
    browser.click("tbody a");
    browser.comes_to(MEMORY, "1024");
    browser.click(".tabs a[href$='/logs']");
    browser.comes_to("document.querySelector('.log')?.textContent.includes('FC Invoke End')", true);
    let ends = "document.querySelector('.log').textContent.split('FC Invoke End').length - 1";
    assert_eq!(browser.ask(ends), 1);
    get(&link);
    browser.comes_to(ends, 2);
    browser.click(".tabs a[href$='/code']");
    browser.comes_to("document.querySelectorAll('.tree button').length", 2);
    browser.click(".tree button[title='util.py']");
    browser.comes_to(EDITOR, LOUD_UTIL);

    // And it is taken back while somebody looks.
    browser.ask("window.kept = true");
    world.apply(&["--use-local"]);
    browser.comes_to(EDITOR, UTIL);
    browser.click(".tabs a[href$='/settings']");
    browser.comes_to(MEMORY, "512");
    browser.comes_to("document.querySelector(\"[aria-label='Value of LOG_LEVEL']\")?.value", "warn");
    assert_eq!(browser.ask("window.kept"), true, "the page was loaded anew");
    assert_eq!(browser.complaints(), Vec::<&serde_json::Value>::new());
}

#[test]
fn an_edit_that_collides_is_refused_and_shown_and_not_lost() {
    let world = deployed();
    let mut browser = page(&world, "/hello");
    browser.comes_to(MEMORY, "512");
    browser.fill("input[name=memorySize]", "1024");
    world.console().update("hello", json!({"timeout": 20}));
    browser.comes_to("document.querySelector('.collision li')?.textContent", "timeout: 10 → 20");
    assert_eq!(browser.ask(MEMORY), "1024");

    browser.click("#save");
    browser.comes_to("document.querySelector('#save').disabled", false);
    assert_eq!(world.console().function("hello")["memorySize"], 512, "the edit was refused");
    assert_eq!(browser.ask(MEMORY), "1024");

    browser.click(".collision button");
    browser.comes_to(STATUS, SAVED);
    let function = world.console().function("hello");
    assert_eq!((&function["memorySize"], &function["timeout"]), (&json!(1024), &json!(20)));

    // The bounds are the service's, whoever checks them.
    browser.fill("input[name=memorySize]", "100");
    browser.click("#save");
    assert_eq!(browser.ask("document.querySelector('input[name=memorySize]').checkValidity()"), false);
    browser.fill("input[name=memorySize]", "32768");
    browser.click("#save");
    browser.comes_to(
        "document.querySelector('.status .refusal')?.textContent.includes('do not go together')",
        true,
    );
    assert_eq!(world.console().function("hello")["memorySize"], 1024);
}

/// Answers with a page that tries to read and to change what the console can.
const HOSTILE: &str = r#"
import json, os
MARKUP = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>\x1b[2J\x1b]0;hurt\x07\u202e'
PAGE = '''<!doctype html><title>trying</title><script>
(async () => {
  const told = [];
  for (const [method, path] of [['GET', 'api/functions'], ['GET', 'api/session'], ['PUT', 'api/call/2023-03-30/functions/hello']]) {
    const options = {method, credentials: 'include', body: method === 'PUT' ? '{"timeout": 99}' : undefined};
    told.push(await fetch('CONSOLE/' + path, options).then(answer => 'status ' + answer.status, () => 'refused'));
    await fetch('CONSOLE/' + path, {...options, mode: 'no-cors'}).catch(() => {});
  }
  document.title = told.join(' ');
})()
</script>'''

def handler(event, context):
    print(MARKUP)
    return {'statusCode': 200, 'headers': {'content-type': 'text/html', 'x-hostile': '<b>bold</b>'},
            'body': PAGE.replace('CONSOLE', os.environ['CONSOLE']) + MARKUP}
"#;

#[test]
fn a_hostile_function_harms_neither_page_nor_terminal() {
    let world = deployed();
    let markup = "<img src=x onerror=\"window.hurt=1\"><script>window.hurt=1</script>\u{1b}[2J\u{202e}";
    world.console().edit_code("hello", &json!({"index.py": HOSTILE, "<img src=x onerror=hurt()>.py": ""}));
    let variables = json!({"EVIL": markup, "CONSOLE": url(&world)});
    world.console().update("hello", json!({"description": markup, "environmentVariables": variables}));

    world.cloud.call("POST /2023-03-30/functions/hello/versions", &json!({"description": markup}));
    world.cloud.call("POST /2021-04-06/services", &json!({"serviceName": "s", "description": markup}));

    let mut browser = page(&world, "");
    let elements = "document.querySelectorAll('img, main script, iframe').length";
    browser.comes_to("document.querySelector('tbody small')?.textContent.startsWith('<img src=x')", true);
    for (tab, there) in [
        (
            "settings",
            "[...document.querySelectorAll('.value')].some(input => input.value.startsWith('<img'))",
        ),
        ("code", "document.querySelector('.tree button')?.textContent.startsWith('<img')"),
        ("triggers", "Boolean(document.querySelector('.url a'))"),
        ("versions", "document.querySelector('.list .wraps')?.textContent.startsWith('<img src=x')"),
        ("logs", "Boolean(document.querySelector('.log'))"),
        ("test", "Boolean(document.querySelector('#invoke'))"),
    ] {
        browser.ask(&format!("location.hash = '#/cn-hangzhou/functions/hello/{tab}'"));
        browser.comes_to(there, true);
        assert_eq!(browser.ask(elements), 0, "{tab}");
    }
    browser.ask("location.hash = '#/cn-hangzhou/services'");
    browser.comes_to("document.querySelector('h1').textContent", "Services");
    browser.comes_to("document.querySelector('tbody small')?.textContent.startsWith('<img src=x')", true);
    assert_eq!(browser.ask(elements), 0, "services");
    browser.ask("location.hash = '#/cn-hangzhou/functions/hello/test'");
    browser.comes_to("Boolean(document.querySelector('#invoke'))", true);
    browser.click("#invoke");
    browser.comes_to("document.querySelectorAll('pre.text').length", 3);
    let shown = browser.ask("document.querySelector('.result').textContent");
    let shown = shown.as_str().expect("text");
    assert!(shown.contains("<script>window.hurt=1</script>␛[2J␛]0;hurt␇\u{fffd}"), "{shown}");
    assert!(!shown.contains('\u{202e}'), "{shown}");
    assert_eq!(browser.ask(elements), 0);
    assert_eq!(browser.ask("typeof window.hurt"), "undefined");
    assert_eq!(browser.complaints(), Vec::<&serde_json::Value>::new());

    // The function's own page, in the same browser, after the console gave it a cookie.
    let link = world.console().call("GetTrigger", &["hello", "http"], json!(null));
    let link = link["httpTrigger"]["urlInternet"].as_str().expect("a URL").to_owned();
    browser.open(&link, 1280, 900);
    browser.comes_to("document.title", "refused refused refused");
    assert_eq!(world.console().function("hello")["timeout"], 10);

    let plan = world.plan(&[]).exits(2);
    assert!(!plan.stdout.contains(['\u{1b}', '\u{202e}']), "{plan}");
}

/// Sends a request with these headers to the console; returns status and answer.
pub fn raw(world: &World, request: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(&world.cloud.address).expect("somebody listens");
    let request = format!("{request} HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no HTTP: {answer}")), answer)
}

#[test]
fn only_its_own_page_may_ask_the_console() {
    let world = deployed();
    let port = world.cloud.address.rsplit_once(':').expect("a port").1.to_owned();
    let host = format!("Host: console.localhost:{port}\r\n");
    let (status, first) = raw(&world, "GET /", &host);
    assert_eq!(status, 200);
    let cookie = first.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let policy = first.lines().find(|line| line.starts_with("content-security-policy: ")).expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().expect("a pair"));
    let token = first.split("name=\"token\" content=\"").nth(1).and_then(|rest| rest.split('"').next());
    let token = format!("X-Console-Token: {}\r\n", token.expect("a token"));
    let own = format!("Origin: http://console.localhost:{port}\r\n");

    let read = "GET /api/functions";
    let write = "DELETE /api/call/2023-03-30/functions/hello/triggers/http";
    let refused: [(&str, String); 11] = [
        // No cookie; no token; no origin; another origin, a null one, one of another port.
        (read, host.clone()),
        (write, format!("{host}{cookie}{own}")),
        (write, format!("{host}{cookie}{token}")),
        (write, format!("{host}{own}{token}")),
        (read, format!("{host}{cookie}Origin: http://evil.example.com\r\n")),
        (write, format!("{host}{cookie}{token}Origin: null\r\n")),
        (write, format!("{host}{cookie}{token}Origin: http://console.localhost:1\r\n")),
        // A page of the same site but another origin, without an origin of its own.
        (read, format!("{host}{cookie}Sec-Fetch-Site: same-site\r\n")),
        ("GET /api/session", format!("{host}Sec-Fetch-Site: cross-site\r\n")),
        // DNS rebinding: a foreign name that leads here, with all else as it should be.
        (
            write,
            format!(
                "Host: evil.example.com:{port}\r\n{cookie}{token}Origin: http://evil.example.com:{port}\r\n"
            ),
        ),
        (read, format!("Host: console.localhost.example.com\r\n{cookie}")),
    ];
    for (request, headers) in refused {
        let (status, answer) = raw(&world, request, &headers);
        assert_eq!(status, 403, "{request}\n{headers}\n{answer}");
    }
    assert_eq!(raw(&world, read, &format!("{host}{cookie}")).0, 200);
    // What functions answer has another origin than the console, and the console's data is nowhere else.
    assert_eq!(raw(&world, "GET /_http/anything/", &format!("{host}{cookie}")).0, 400);
    assert_eq!(raw(&world, read, &format!("Host: 127.0.0.1:{port}\r\n{cookie}")).0, 400);
    let (status, moved) = raw(&world, "GET /", &format!("Host: 127.0.0.1:{port}\r\n"));
    assert!(
        status == 302 && moved.contains(&format!("location: http://console.localhost:{port}/")),
        "{moved}"
    );
    // The trigger is still there, until the page itself removes it.
    assert_eq!(raw(&world, write, &format!("{host}{cookie}{token}{own}")).0, 204);
}

/// The rules of axe-core, as `tests/prepare` gets them.
pub const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.axe/axe-core-4.10.3.min.js");

/// What violates a rule, and how many rules were kept.
pub const AUDIT: &str = "axe.run(document).then(({ violations, passes }) => [
    violations.map(({ id, nodes }) => [id, nodes.map(node => `${node.html} ${node.failureSummary}`)]), passes.length])";

#[test]
fn the_page_speaks_the_language_of_the_browser() {
    let world = deployed();
    let mut browser = page(&world, "");
    browser.comes_to("document.querySelector('h1')?.textContent", "Functions");
    assert_eq!(browser.ask("document.documentElement.lang"), "en");
    browser.speaks("fr,zh-CN,en");
    browser.open("about:blank", 1280, 900);
    browser.open(&format!("{}/", url(&world)), 1280, 900);
    browser.comes_to("document.querySelector('h1')?.textContent", "函数");
    assert_eq!(browser.ask("document.documentElement.lang"), "zh-CN");
    // Whatever is said in one language is said in the other.
    assert_eq!(browser.ask("import('/assets/words.js').then(({ gaps }) => gaps())"), json!([]));
}
