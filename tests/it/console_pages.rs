//! The console's pages, each of them: held against the rules of accessibility in every form it has, and with more in
//! the cloud than fits on a page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::browser::Browser;
use crate::console::{AUDIT, RULES, page, url};
use crate::many::copy_hello;
use crate::situations::deployed;
use crate::support::World;

/// Each page, and what is there when it is.
const PAGES: &[(&str, &str)] = &[
    ("functions", ".list tbody a[href*='/functions/']"),
    ("functions/hello/settings", "#add-variable"),
    ("functions/hello/code", ".tree [aria-current]"),
    ("functions/hello/triggers", ".card .checks"),
    ("functions/hello/versions", ".card [name=weight]"),
    ("functions/hello/async", ".card [name=onFailure]"),
    ("functions/hello/scaling", ".card [name=scheduledPolicies]"),
    ("functions/hello/test", "#invoke"),
    ("functions/hello/logs", ".panel .log"),
    ("functions/absent", "main > .refusal"),
    ("functions/shop$cart/versions", ".panel .note a"),
    ("functions/shop$cart/scaling", ".card [name=maximumInstanceCount]"),
    ("services", ".list tbody a[href$='/services/shop']"),
    ("services/shop/settings", ".card [name=tracingConfig]"),
    ("services/shop/functions", ".list tbody a"),
    ("services/shop/versions", ".card [name=weight]"),
    ("domains", ".list tbody a[href$='/domains/www.shop.localhost']"),
    ("domains/www.shop.localhost", ".route"),
    ("activity", ".activity li"),
];

/// Something of everything that the console shows, beside what was deployed.
fn furnish(world: &World) {
    let versions = json!({"description": "before the sale"});
    let role = "acs:ram::1000000000000001:role/aliyunfcdefaultrole";
    let route = |path: &str, function: &str| json!({"path": path, "functionName": function});
    let routes = json!([route("/*", "hello"), route("/cart/*", "shop$cart")]);
    for (call, body) in [
        ("POST /2023-03-30/functions/hello/versions", json!({"description": "the first one"})),
        ("POST /2023-03-30/functions/hello/versions", versions.clone()),
        (
            "POST /2023-03-30/functions/hello/aliases",
            json!({"aliasName": "prod", "versionId": "1", "additionalVersionWeight": {"2": 0.25}}),
        ),
        ("PUT /2023-03-30/functions/hello/async-invoke-config", json!({"maxAsyncRetryAttempts": 1})),
        ("PUT /2023-03-30/functions/hello/concurrency", json!({"reservedConcurrency": 10})),
        (
            "POST /2021-04-06/services",
            json!({"serviceName": "shop", "description": "one for all", "role": role}),
        ),
        (
            "POST /2021-04-06/services/shop/functions",
            json!({"functionName": "cart", "runtime": "python3", "handler": "index.handler", "code": {"zipFile": EMPTY_ZIP}}),
        ),
        ("POST /2021-04-06/services/shop/versions", versions),
        ("POST /2021-04-06/services/shop/aliases", json!({"aliasName": "live", "versionId": "1"})),
        (
            "POST /2023-03-30/custom-domains",
            json!({"domainName": "www.shop.localhost", "protocol": "HTTP", "routeConfig": {"routes": routes}}),
        ),
    ] {
        world.cloud.call(call, &body);
    }
}

/// An archive without a file.
const EMPTY_ZIP: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";

/// Keeps every page's picture in a folder that `TRIFORM_TEST_PICTURES` names, for those who want to look.
fn picture(browser: &mut Browser, name: &str) {
    if let Some(folder) = std::env::var_os("TRIFORM_TEST_PICTURES") {
        let picture = STANDARD.decode(browser.picture()).expect("base64");
        let file = std::path::Path::new(&folder).join(format!("{}.png", name.replace(['/', '$'], "-")));
        std::fs::write(file, picture).expect("writes");
    }
}

/// Demands that nothing went wrong in the page. A browser also notes what was refused: what is absent, what collides.
#[track_caller]
fn is_sound(browser: &Browser) {
    let mut wrong = browser.complaints();
    wrong.retain(|heard| heard["params"]["entry"]["source"] != "network");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn every_page_keeps_the_rules_of_accessibility(language: &str) {
    let world = deployed();
    furnish(&world);
    let rules = std::fs::read_to_string(RULES)
        .unwrap_or_else(|error| panic!("{RULES}: {error}; run tests/prepare first"));
    let mut browser = Browser::start();
    browser.speaks(language);
    browser.open(&url(&world), 1280, 800);
    browser.comes_to("Boolean(document.querySelector('tbody a'))", true);
    assert_eq!(browser.ask("document.documentElement.lang"), language);
    browser.ask(&format!("{rules};0"));
    for (page, there) in PAGES {
        browser.ask(&format!("location.hash = '#/cn-hangzhou/{page}'"));
        browser.comes_to(&format!("Boolean(document.querySelector({there:?}))"), true);
        if *page == "functions/hello/settings" {
            // What is said when two collide is a part of the page too.
            browser.fill("input[name=memorySize]", "1024");
            world.cloud.call("PUT /2023-03-30/functions/hello", &json!({"timeout": 20}));
            browser.comes_to("Boolean(document.querySelector('.collision'))", true);
        }
        if page.ends_with("/test") {
            browser.click("#invoke");
            browser.comes_to("document.querySelectorAll('pre.text').length", 3);
        }
        browser.ask("document.querySelectorAll('main details').forEach(one => { one.open = true })");
        for (width, scheme) in [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")] {
            browser.looks(width, scheme);
            let found = browser.ask(AUDIT);
            assert_eq!(found[0], json!([]), "{page}, {width} wide, {scheme}");
            assert!(found[1].as_u64() > Some(15), "{page}: {found}");
            let wide = browser.ask("document.documentElement.scrollWidth <= innerWidth");
            assert_eq!(wide, true, "{page} is wider than {width}");
            picture(&mut browser, &format!("{page}-{language}-{width}-{scheme}"));
        }
    }
    is_sound(&browser);
}

#[test]
fn every_page_keeps_the_rules_of_accessibility_in_english() {
    every_page_keeps_the_rules_of_accessibility("en");
}

#[test]
fn every_page_keeps_the_rules_of_accessibility_in_chinese() {
    every_page_keeps_the_rules_of_accessibility("zh-CN");
}

const ROWS: &str = "document.querySelectorAll('tbody tr').length";
const TOLD: &str = "document.querySelector('.bar .status')?.textContent";

/// What the page asked for, but news, which it waits for all the time.
fn data(browser: &mut Browser) -> Vec<String> {
    let is_data = |path: &String| path.starts_with("api/") && !path.starts_with("api/news");
    browser.requests().into_iter().filter(is_data).collect()
}

#[test]
fn five_thousand_functions_are_told_a_hundred_at_a_time_and_no_call_is_made_for_each() {
    let mut world: World = deployed();
    world.restart_cloud(|data| copy_hello(data, 4999));
    let mut browser = page(&world, "");
    browser.comes_to(TOLD, "1 to 100 of 5000");
    assert_eq!(browser.ask(ROWS), 100);
    let elements = browser.ask("document.querySelectorAll('*').length");
    assert!(elements.as_u64() < Some(1000), "{elements} elements");

    // It goes on, a page at a time, in place of the last one.
    browser.ask("[...document.querySelectorAll('.buttons button')].at(-1).click()");
    browser.comes_to(TOLD, "101 to 200 of 5000");
    assert_eq!(browser.ask(ROWS), 100);

    // And is searched where the functions are.
    browser.fill("input[type=search]", "f123");
    browser.comes_to(TOLD, "1 to 10 of 10");
    assert_eq!(browser.ask("document.querySelector('tbody a').textContent"), "f1230");
    browser.fill("input[type=search]", "mail");
    browser.comes_to(TOLD, "1 to 100 of 100");
    browser.fill("input[type=search]", "");
    browser.comes_to(TOLD, "1 to 100 of 5000");

    // One call for each thing that was done above.
    let calls = [
        "api/about",
        "api/functions?search=&after=",
        "api/functions?search=&after=f0099",
        "api/functions?search=f123&after=",
        "api/functions?search=mail&after=",
        "api/functions?search=&after=",
    ];
    assert_eq!(data(&mut browser), calls);
    is_sound(&browser);
}

const SAVED: &str = "Saved, and in effect.";

/// What is said below the form that holds this field.
fn said(field: &str) -> String {
    format!(
        "document.querySelector({field:?})?.closest('form').querySelector('.buttons .status').textContent"
    )
}

/// Presses the main button of the form that holds this field, and waits until it is saved.
#[track_caller]
fn save(browser: &mut Browser, field: &str) {
    browser.ask(&format!("document.querySelector({field:?}).closest('form').requestSubmit()"));
    browser.comes_to(&said(field), SAVED);
}

#[test]
fn whatever_the_pages_show_can_be_edited_there() {
    let world = deployed();
    furnish(&world);
    let get = |path: &str| world.cloud.call(&format!("GET {path}"), &json!({}));
    let mut browser = page(&world, "/hello/versions");
    browser.comes_to("document.querySelectorAll('.list tbody tr').length", 2);
    browser.fill("[name=versionDescription]", "the third");
    browser.click("#publish");
    browser.comes_to("document.querySelectorAll('.list tbody tr').length", 3);
    browser.fill("[name=aliasName]", "test");
    browser.ask("document.querySelector('[name=aliasVersion]').value = '3'");
    browser.ask("document.querySelector('[name=aliasName]').form.requestSubmit()");
    browser.comes_to("document.querySelectorAll('.cards .card').length", 2);
    assert_eq!(get("/2023-03-30/functions/hello/aliases/test")["versionId"], "3");
    browser.fill("[name=weight]", "0.5");
    save(&mut browser, "[name=weight]");
    let alias = get("/2023-03-30/functions/hello/aliases/prod");
    assert_eq!(alias["additionalVersionWeight"], json!({"2": 0.5}));

    browser.ask("location.hash = '#/cn-hangzhou/functions/hello/scaling'");
    browser.comes_to("document.querySelector('[name=reservedConcurrency]')?.value", "10");
    browser.fill("[name=reservedConcurrency]", "20");
    save(&mut browser, "[name=reservedConcurrency]");
    assert_eq!(get("/2023-03-30/functions/hello/concurrency")["reservedConcurrency"], 20);

    // Where there is no limit none is shown, and none is saved by accident.
    browser.ask("location.hash = '#/cn-hangzhou/functions/shop$cart/scaling'");
    let limit = "[name=maximumInstanceCount]";
    browser.comes_to(&format!("document.querySelector({limit:?})?.value"), "");
    assert_eq!(browser.ask(&format!("document.querySelector({limit:?}).form.reportValidity()")), false);
    browser.fill(limit, "3");
    save(&mut browser, limit);

    browser.ask("location.hash = '#/cn-hangzhou/services/shop'");
    browser.comes_to("document.querySelector('[name=description]')?.value", "one for all");
    browser.fill("[name=description]", "all for one");
    save(&mut browser, "[name=description]");
    assert_eq!(get("/2021-04-06/services/shop")["description"], "all for one");
    // A service that has functions cannot go, and the page says why.
    browser.ask("window.confirm = () => true");
    browser.click(".card .main + button");
    browser.comes_to("document.querySelector('.status .refusal')?.textContent.includes('active')", true);

    browser.ask("location.hash = '#/cn-hangzhou/domains/www.shop.localhost'");
    browser.comes_to("document.querySelectorAll('.route').length", 2);
    browser.click("#add-route");
    browser.fill(".route:last-child [name=path]", "/old");
    browser.fill(".route:last-child [name=functionName]", "hello");
    browser.fill(".route:last-child [name=methods]", "get, head");
    save(&mut browser, ".route");
    let routes = get("/2023-03-30/custom-domains/www.shop.localhost")["routeConfig"]["routes"].clone();
    assert_eq!(routes.as_array().map(Vec::len), Some(3));
    assert_eq!((&routes[2]["path"], &routes[2]["methods"]), (&json!("/old"), &json!(["GET", "HEAD"])));

    // A new domain leads to its own page.
    browser.ask("location.hash = '#/cn-hangzhou/domains'");
    browser.comes_to("document.querySelectorAll('.list tbody tr').length", 1);
    browser.fill("[name=new]", "new.shop.localhost");
    browser.ask("document.querySelector('[name=new]').form.requestSubmit()");
    browser.comes_to("document.querySelector('h1')?.textContent", "new.shop.localhost");
    browser.comes_to("document.querySelectorAll('#add-route').length", 1);
    is_sound(&browser);
}

#[test]
fn two_tabs_that_edit_one_thing_collide_also_where_nothing_was_set() {
    let world = deployed();
    let get = || world.cloud.call("GET /2023-03-30/functions/hello/async-invoke-config", &json!({}));
    let retries = "document.querySelector('[name=maxAsyncRetryAttempts]')?.value";
    let field = "[name=maxAsyncRetryAttempts]";
    let mut browser = page(&world, "/hello/async");
    browser.comes_to(retries, "3");
    browser.fill(field, "5");
    let first = browser.new_tab();
    browser.speaks("en");
    browser.open(&format!("{}/#/cn-hangzhou/functions/hello/async", url(&world)), 1280, 900);
    browser.comes_to(retries, "3");
    browser.fill(field, "2");
    save(&mut browser, field);

    browser.turn_to(first);
    browser.comes_to(
        "document.querySelector('.collision li')?.textContent",
        "maxAsyncRetryAttempts: 3 → 2yours: 5",
    );
    browser.ask(&format!("document.querySelector({field:?}).form.requestSubmit()"));
    browser.comes_to("document.querySelector('.card .main').disabled", false);
    assert_eq!(get()["maxAsyncRetryAttempts"], 2, "the edit was refused");
    assert_eq!(browser.ask(retries), "5", "and is not lost");
    browser.click(".collision button");
    browser.comes_to(&said(field), SAVED);
    assert_eq!(get()["maxAsyncRetryAttempts"], 5);
}

/// Goes on with the tabulator until the keyboard is there.
#[track_caller]
fn tab_to(browser: &mut Browser, selector: &str) {
    for _ in 0..60 {
        if browser.ask(&format!("document.activeElement.matches({selector:?})")) == true {
            return;
        }
        browser.press("Tab", 9, "");
    }
    panic!("the keyboard never comes to {selector}");
}

#[test]
fn a_setting_is_edited_by_keyboard_alone_and_survives_a_restart() {
    let mut world = deployed();
    let mut browser = page(&world, "");
    browser.comes_to("document.querySelector('tbody a')?.textContent", "hello");
    let memory = "document.querySelector('input[name=memorySize]')?.value";
    let status = "document.querySelector('.panel form .status')?.textContent";
    tab_to(&mut browser, "tbody a");
    browser.press("Enter", 13, "\r");
    browser.comes_to(memory, "512");
    // The keyboard is where the reader is, and not at the top again.
    browser.comes_to("document.activeElement.textContent", "Settings");
    tab_to(&mut browser, "input[name=memorySize]");
    browser.tell("Input.insertText", &json!({"text": "1024"}));
    tab_to(&mut browser, "#save");
    browser.press("Enter", 13, "\r");
    browser.comes_to(status, SAVED);

    browser.ask("window.kept = true");
    world.restart_cloud(|_| {});
    assert_eq!(world.cloud.call("GET /2023-03-30/functions/hello", &json!({}))["memorySize"], 1024);
    // The page goes on where it was, with the keys of the new process.
    browser.comes_to("document.querySelector('.lost').textContent", "");
    browser.fill("input[name=timeout]", "33");
    browser.press("Enter", 13, "\r");
    browser.comes_to(status, SAVED);
    assert_eq!(world.cloud.call("GET /2023-03-30/functions/hello", &json!({}))["timeout"], 33);
    assert_eq!(browser.ask("window.kept"), true, "the page was loaded anew");
}
