//! Drift at a glance: the console's page about a project, which `triform cloud serve --project DIR` shows.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::console::{AUDIT, RULES, raw};
use crate::situations::PROJECT;
use crate::support::{SECRET, World};

/// A world whose cloud shows its project.
fn watched(files: &[(&str, &str)]) -> World {
    World::with_cloud(files, &["--project", "project"])
}

/// The page about the project, in English.
fn page(world: &World) -> Browser {
    let mut browser = Browser::start();
    browser.tell("Emulation.setUserAgentOverride", &json!({"userAgent": "test", "acceptLanguage": "en"}));
    browser.open(&format!("{}/#/cn-hangzhou/project", url(world)), 1280, 900);
    browser.comes_to("document.querySelector('.glance') !== null", true);
    browser
}

fn url(world: &World) -> String {
    world.cloud.url().replace("127.0.0.1", "console.localhost")
}

const STATUS: &str = "document.querySelector('main > .sum')?.textContent";
const QUIET: &str = "All quiet: project, record and cloud agree.";
const BODY: &str = "document.querySelector('main')?.textContent ?? ''";

/// What the row of a path says: project, recorded, live, and what the next plan says.
fn row(path: &str) -> String {
    format!(
        "[...[...document.querySelectorAll('.sides tbody tr')].find(row => row.querySelector('th code').textContent === {path:?})
            ?.querySelectorAll('td') ?? []].map(cell => cell.textContent)"
    )
}

#[test]
fn recorded_stands_beside_live_as_soon_as_somebody_edits() {
    let world = watched(PROJECT);
    let mut browser = page(&world);
    browser.comes_to(STATUS, "Nothing was deployed from here yet. The next apply makes all of this.");
    browser.ask("window.kept = true");
    world.apply(&[]);
    browser.comes_to(STATUS, QUIET);
    assert_eq!(browser.ask("document.querySelector('details summary').textContent"), "Unchanged: 2");

    // Somebody edits, in the console or as everybody with a key does.
    world.console().update("hello", json!({"memorySize": 1024}));
    browser.comes_to(STATUS, "1 to decide · 1 edited online");
    let asks = "drift asks: use-local → 512, use-live keeps 1024";
    browser.comes_to(&row("memorySize"), json!(["512", "512", "1024", asks]));
    assert_eq!(browser.ask("document.querySelectorAll('.moved').length"), 1);

    // And the project is edited.
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    browser.comes_to(&row("timeout"), json!(["20", "10", "10", "edit writes 20"]));
    world.edit("code/util.py", "return None", "return 1");
    browser.comes_to("document.querySelectorAll('.sides tbody tr').length", 3);
    world.plan(&[]).exits(2).shows(&["? memorySize"]).shows(&["~ timeout"]).shows(&["~ util.py"]);

    // The whole plan is one link away, in an origin of its own.
    let digest =
        world.plan(&[]).stdout.split_whitespace().find(|word| word.starts_with("sha256:")).map(str::to_owned);
    browser.click(".moved a[href^='/guest/plan.html#r']");
    browser.comes_to("document.querySelector('h1')?.textContent", "Plan for greeter");
    assert_eq!(browser.ask("document.querySelector('#r0').open"), true);
    assert_eq!(
        browser.ask("document.querySelector('.digest code').textContent"),
        json!(digest),
        "another plan"
    );
    assert_eq!(browser.ask("origin"), "null", "the plan's page could reach the console");
    assert_eq!(browser.ask("document.querySelectorAll('.filters[hidden]').length"), 0, "its script runs");
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
    browser.open(&format!("{}/#/cn-hangzhou/project", url(&world)), 1280, 900);
    browser.comes_to("document.querySelectorAll('.sides tbody tr').length", 3);

    // What did not move is there for whoever asks.
    browser.click(".moved details summary");
    browser.comes_to(&row("handler"), json!(["\"index.handler\"", "\"index.handler\""]));
    // What somebody unfolded stays so when the card is drawn anew, and the keyboard stays where it was.
    browser.ask("window.card = document.querySelector('.moved')");
    world.edit("s.yaml", "timeout: 20", "timeout: 30");
    browser.comes_to(&row("timeout"), json!(["30", "10", "10", "edit writes 30"]));
    assert_eq!(browser.ask("window.card.isConnected"), false);
    browser.comes_to(&row("handler"), json!(["\"index.handler\"", "\"index.handler\""]));
    assert_eq!(browser.ask("document.activeElement.dataset.key"), "rest fc3_function.hello summary");

    // And it is taken back while somebody looks.
    browser.ask("window.kept = true");
    world.apply(&["--use-local"]);
    browser.comes_to(STATUS, QUIET);
    browser.comes_to("document.querySelectorAll('.moved').length", 0);
    assert_eq!(browser.ask("window.kept"), true, "the page was loaded anew");
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
}

#[test]
fn it_looks_when_something_changed_and_somebody_looks() {
    let world = watched(PROJECT);
    world.apply(&[]);
    let looks = || world.cloud.calls("ListTriggers");
    // Nobody has the page open: whatever changes, nothing is asked.
    world.cloud.reset_counters();
    world.console().update("hello", json!({"memorySize": 1024}));
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    assert_eq!(looks(), 0);

    let mut browser = page(&world);
    browser.comes_to("document.querySelectorAll('.sides tbody tr').length", 2);
    // The first look heard of the code, so a second one follows; and a look is no change that yet another would follow.
    let until = Instant::now() + Duration::from_secs(20);
    while looks() < 2 {
        assert!(Instant::now() < until, "{} looks", looks());
        std::thread::sleep(Duration::from_millis(10)); // between two looks, not instead of them
    }
    std::thread::sleep(Duration::from_secs(1)); // time enough for several
    let asks = "fetch('/api/guest/plan').then(answer => answer.json()).then(page => page.fresh)";
    assert_eq!(browser.ask(asks), true);
    assert_eq!(looks(), 2);

    // An apply changes many things, and is followed to its end in few looks; what it is at is told meanwhile.
    world.cloud.switch(json!([{"name": "held", "operation": "UpdateFunction", "do": "hold"}]));
    let mut apply = world.command(&["apply", "--auto-approve", "--use-local"]);
    let mut apply = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    world.cloud.wait_until_held("held");
    browser.comes_to(&format!("({BODY}).includes('runs `triform apply`')"), true);
    world.cloud.release("held");
    assert!(apply.wait().expect("ends").success());
    browser.comes_to(STATUS, QUIET);
    browser.comes_to(&format!("({BODY}).includes('runs `triform apply`')"), false);
    world.plan(&[]).exits(0);
}

#[test]
fn the_cloud_stops_though_a_look_is_held() {
    let mut world = watched(PROJECT);
    let mut browser = page(&world);
    browser.comes_to("document.querySelectorAll('.moved').length", 2);
    world.cloud.switch(json!([{"name": "held", "operation": "GetFunction", "do": "hold"}]));
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.cloud.wait_until_held("held");
    let began = Instant::now();
    assert_eq!(world.cloud.stop(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[test]
fn only_the_consoles_own_page_is_told_of_the_project() {
    let world = watched(PROJECT);
    world.apply(&[]);
    let port = world.cloud.address.rsplit_once(':').expect("a port").1.to_owned();
    let host = format!("Host: console.localhost:{port}\r\n");
    let (_, first) = raw(&world, "GET /", &host);
    let cookie = first.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().expect("a pair"));

    let (status, plan) = raw(&world, "GET /guest/plan.html", &format!("{host}{cookie}"));
    assert_eq!(status, 200, "{plan}");
    let policy =
        plan.lines().find_map(|line| line.strip_prefix("content-security-policy: ")).expect("a policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "sandbox allow-scripts"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("allow-same-origin"), "{policy}");

    // Without the cookie, the console; from another page, nothing.
    let (status, sent) = raw(&world, "GET /guest/plan.html", &host);
    assert!(status == 302 && sent.contains("location: /") && !sent.contains("greeter"), "{sent}");
    for (request, headers) in [
        ("GET /guest/plan.html", format!("{host}{cookie}Sec-Fetch-Site: cross-site\r\n")),
        ("GET /guest/plan.html", format!("{host}{cookie}Origin: http://evil.example.com\r\n")),
        ("GET /guest/plan.html", format!("Host: evil.example.com:{port}\r\n{cookie}")),
        ("GET /api/guest/plan", host.clone()),
        ("GET /api/guest/plan", format!("{host}{cookie}Sec-Fetch-Site: same-site\r\n")),
        ("GET /api/guest/plan", format!("Host: evil.example.com:{port}\r\n{cookie}")),
    ] {
        let (status, answer) = raw(&world, request, &headers);
        assert_eq!(status, 403, "{request}\n{headers}\n{answer}");
    }
    // It is only read.
    let own = format!("Origin: http://console.localhost:{port}\r\n");
    for request in
        ["POST /api/guest/plan", "PUT /guest/plan.html", "GET /guest/other", "GET /api/guest/other"]
    {
        let (status, _) = raw(&world, request, &format!("{host}{cookie}{own}"));
        assert_ne!(status, 200, "{request}");
    }
}

#[test]
fn a_project_that_cannot_be_read_is_told_until_it_is_mended() {
    let world = watched(PROJECT);
    world.apply(&[]);
    let mut browser = page(&world);
    browser.comes_to(STATUS, QUIET);
    let good = world.read("s.yaml");
    world.edit("s.yaml", "memorySize: 512", "memorySize: <b>much</b>");
    browser.comes_to(STATUS, "The project cannot be planned as it is");
    let said = browser.ask("document.querySelector('pre.text').textContent");
    let said = said.as_str().expect("text");
    assert!(said.contains("s.yaml:14:19") && said.contains("<b>much</b>"), "{said}");
    assert_eq!(browser.ask("document.querySelectorAll('main b').length"), 0);
    std::fs::remove_file(world.path("s.yaml")).expect("removes");
    browser.comes_to(&format!("({BODY}).includes('could not read the configuration')"), true);
    world.write("s.yaml", &good.replace("512", "768"));
    browser.comes_to(&row("memorySize"), json!(["768", "512", "512", "edit writes 768"]));
    world.write("s.yaml", &good);
    browser.comes_to(STATUS, QUIET);
}

#[test]
fn a_variable_that_is_not_set_here_hides_no_drift() {
    let mut files = PROJECT.to_vec();
    let with = files[0].1.replace("GREETING: Hello", "GREETING: ${env('GREETING')}");
    files[0].1 = &with;
    files.push((".env", "GREETING=Hello\n"));
    let world = watched(&files);
    world.apply(&[]);
    let mut browser = page(&world);
    browser.comes_to(STATUS, QUIET);
    world.write(".env", "");
    browser.comes_to(STATUS, "Nothing was changed online.");
    browser.comes_to(&format!("({BODY}).includes('GREETING')"), true);
    world.console().update("hello", json!({"memorySize": 1024}));
    browser.comes_to(&row("memorySize"), json!(["512", "1024"]));
    assert_eq!(
        browser.ask("document.querySelectorAll('.sides tbody tr').length"),
        1,
        "an edit that nobody made"
    );
    world.write(".env", "GREETING=Hi\n");
    browser.comes_to(
        &row("environmentVariables[\"GREETING\"]"),
        json!(["\"Hi\"", "\"Hello\"", "\"Hello\"", "edit writes \"Hi\""]),
    );
}

#[test]
fn what_anybody_says_is_text() {
    let world = watched(PROJECT);
    world.apply(&[]);
    let mut browser = page(&world);
    browser.comes_to(STATUS, QUIET);
    let markup = "<img src=x onerror=\"window.hurt=1\"><script>window.hurt=1</script>\u{1b}[2J\u{202e}";
    world.console().update("hello", json!({"description": markup}));
    world.console().edit_code("hello", &json!({"<img src=x onerror=hurt()>.py": markup}));
    browser.comes_to("document.querySelectorAll('.moved-online').length", 2);
    let shown = browser.ask(BODY);
    let shown = shown.as_str().expect("text");
    assert!(shown.contains("<script>window.hurt=1</script>"), "{shown}");
    assert!(shown.contains("code: <img src=x onerror=hurt()>.py"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    assert_eq!(browser.ask("document.querySelectorAll('img, main script').length"), 0);
    browser.click("a.plan");
    browser.comes_to("document.querySelector('h1')?.textContent", "Plan for greeter");
    assert_eq!(browser.ask("document.querySelectorAll('img, main script').length"), 0);
    assert_eq!(browser.ask("typeof window.hurt"), "undefined");
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
}

#[test]
fn an_environment_is_shown_by_its_own_state() {
    let mut files = PROJECT.to_vec();
    let environments = "\
environments:
  - name: prod
    overlays:
      components:
        fc3:
          memorySize: 768
";
    files.push(("env.yaml", environments));
    let world = World::with_cloud(&files, &["--project", "project", "--env", "prod"]);
    let mut browser = page(&world);
    world.apply(&["--env", "prod"]);
    browser.comes_to(STATUS, QUIET);
    browser.comes_to(&format!("({BODY}).includes('environment prod')"), true);
    world.edit("env.yaml", "768", "1024");
    browser.comes_to(&row("memorySize"), json!(["1024", "768", "768", "edit writes 1024"]));
}

#[test]
fn no_secret_stands_in_the_page() {
    let world = watched(PROJECT);
    world.apply(&[]);
    let mut browser = page(&world);
    browser.comes_to(STATUS, QUIET);
    let live = "another-horse-battery";
    let variables = json!({"LOG_LEVEL": "warn", "GREETING": "Hello", "DB_PASSWORD": live});
    world.console().update("hello", json!({"environmentVariables": variables}));
    let said = "drift asks: use-local → secret, use-live keeps secret";
    let path = row("environmentVariables[\"DB_PASSWORD\"]");
    browser.comes_to(&path, json!(["secret", "secret", "secret", said]));
    for place in ["api/guest/plan", "api/guest/settings?about=fc3_function.hello", "guest/plan.html"] {
        let text = browser.ask(&format!("fetch('/{place}').then(answer => answer.text())"));
        let text = text.as_str().expect("text");
        assert!(text.contains("fc3_function.hello") || text.contains("memorySize"), "{place}: {text}");
        assert!(!text.contains(SECRET) && !text.contains(live), "{place} tells a secret");
    }
}

#[test]
fn the_page_keeps_the_rules_of_accessibility_in_both_languages() {
    let world = watched(PROJECT);
    let rules = std::fs::read_to_string(RULES)
        .unwrap_or_else(|error| panic!("{RULES}: {error}; run tests/prepare first"));
    let mut browser = page(&world);
    let shown = |browser: &mut Browser, what: &str| {
        for (width, scheme) in [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")] {
            let size =
                json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600 });
            browser.tell("Emulation.setDeviceMetricsOverride", &size);
            let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
            browser.tell("Emulation.setEmulatedMedia", &feature);
            let found = browser.ask(AUDIT);
            assert_eq!(found[0], json!([]), "{what}, {width} wide, {scheme}");
            assert!(found[1].as_u64() > Some(15), "{what}: {found}");
            let wide = browser.ask("document.documentElement.scrollWidth <= innerWidth");
            assert_eq!(wide, true, "{what} is wider than {width}");
        }
    };
    browser.ask(&format!("{rules};0"));
    browser.comes_to("document.querySelectorAll('.moved').length", 2);
    browser.ask("document.querySelectorAll('details').forEach(one => { one.open = true })");
    browser.comes_to("document.querySelectorAll('.sides').length", 2);
    shown(&mut browser, "what is new");

    world.apply(&[]);
    world.console().update("hello", json!({"memorySize": 1024}));
    let one = json!({"triggerName": "more", "triggerType": "timer", "triggerConfig": "{\"cronExpression\": \"@every 1h\", \"enable\": false}"});
    world.console().call("CreateTrigger", &["hello"], one);
    browser.comes_to(
        &row("memorySize"),
        json!(["512", "512", "1024", "drift asks: use-local → 512, use-live keeps 1024"]),
    );
    browser.comes_to(&format!("({BODY}).includes('Also online, not yours')"), true);
    browser.ask("document.querySelectorAll('details').forEach(one => { one.open = true })");
    browser.comes_to("document.querySelectorAll('.sides').length > 1", true);
    shown(&mut browser, "drift");

    world.edit("s.yaml", "memorySize: 512", "memorySize: much");
    browser.comes_to(STATUS, "The project cannot be planned as it is");
    shown(&mut browser, "a mistake");

    assert_eq!(browser.ask("import('/guest/words.js').then(({ gaps }) => gaps())"), json!([]));
    browser.tell("Emulation.setUserAgentOverride", &json!({"userAgent": "test", "acceptLanguage": "zh-CN"}));
    world.edit("s.yaml", "memorySize: much", "memorySize: 512");
    browser.open("about:blank", 1280, 900);
    browser.open(&format!("{}/#/cn-hangzhou/project", url(&world)), 1280, 900);
    browser.comes_to("document.querySelector('h1')?.textContent", "项目 greeter");
    browser.comes_to(
        &row("memorySize"),
        json!(["512", "512", "1024", "漂移 待决定：use-local → 512，use-live 保留 1024"]),
    );
    browser.ask(&format!("{rules};0"));
    shown(&mut browser, "Chinese");
}

#[test]
fn a_folder_that_is_not_there_is_told_at_once() {
    let world = World::new(&[]);
    let ran = world.run(&["cloud", "serve", "--listen", "127.0.0.1:0", "--project", "nowhere"]).exits(1);
    ran.tells(&["there is no folder `nowhere`"]).tells(&["help:", "s.yaml"]);
}
