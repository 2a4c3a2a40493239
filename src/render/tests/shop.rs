//! The stories behind the plans: a small shop that was deployed once, and what happened to it since.

use std::fmt::Write as _;

use crate::apply::tests::story::{Story, story};
use crate::plan::tests::world::word;

/// A story of a plan.
pub(super) type Tale = fn() -> Story;

/// Every story by its name.
pub(super) const STORIES: &[(&str, Tale)] = &[
    ("empty", deployed),
    ("create", shop),
    ("edit", edit),
    ("drift", drift),
    ("conflict", conflict),
    ("decided", decided),
    ("code", code),
    ("opaque", opaque),
    ("replace", replace),
    ("rename", rename),
    ("delete", delete),
    ("release", release),
    ("take-over", take_over),
    ("deleted-online", deleted_online),
    ("accepted", accepted),
    ("ignored", ignored),
    ("imported", imported),
    ("moved", moved),
    ("partial", partial),
    ("asked", asked),
    ("remembered", remembered),
    ("secrets", secrets),
    ("promised", promised),
    ("unmanaged", unmanaged),
    ("foreign", foreign),
    ("whole", whole),
];

const CART: &str = "\
import json

import prices


def handler(event, context):
    cart = json.loads(event)
    total = sum(prices.of(item) for item in cart['items'])
    return {'statusCode': 200, 'body': json.dumps({'total': total})}


def warm(event, context):
    return None
";

const CART_ROUNDED: &str = "\
import json

import prices


def handler(event, context):
    cart = json.loads(event)
    total = round(sum(prices.of(item) for item in cart['items']), 2)
    return {'statusCode': 200, 'body': json.dumps({'total': total})}


def warm(event, context):
    prices.load()
    return None
";

const CART_HOTFIX: &str = "\
import json

import prices


def handler(event, context):
    cart = json.loads(event)
    # hotfix: empty carts crashed the report
    total = sum(prices.of(item) for item in cart.get('items', []))
    return {'statusCode': 200, 'body': json.dumps({'total': total})}


def warm(event, context):
    return None
";

const PRICES: &str = "TABLE = {}\n\n\ndef of(item):\n    return TABLE[item]\n";
const PRICES_KINDER: &str = "TABLE = {}\n\n\ndef of(item):\n    return TABLE.get(item, 0)\n";
const REPORT: &str = "def handler(event, context):\n    return 'report'\n";
const REPORT_CRLF: &str = "def handler(event, context):\r\n    return 'report'\r\n";
const START: &str = "#!/bin/sh\nexec python3 -m cart\n";
const NOTES: &str = "remember the milk";
const LOGO: &str = "\0PNG one";
const LOGO_NEWER: &str = "\0PNG another";

/// A file that says things to terminals, to Markdown and to pages.
const HOSTILE: &str =
    "</details>\n```\n````\n@everyone see #1\n<script>alert(1)</script>\n\u{1b}[2J\u{202e}| a | b |\n";

/// A file that is longer than what anybody reads.
const LONG: &str = include_str!("long.py");

/// Every content that a file of the stories has.
pub(super) const FILES: &[&str] = &[
    CART,
    CART_ROUNDED,
    CART_HOTFIX,
    PRICES,
    PRICES_KINDER,
    REPORT,
    REPORT_CRLF,
    START,
    NOTES,
    LOGO,
    LOGO_NEWER,
    HOSTILE,
    LONG,
];

/// Describes files: kind and name, and the content.
fn files(files: &[(&str, &str)]) -> String {
    files.iter().fold(String::new(), |mut text, (name, content)| {
        let kind = if name.contains(':') { "" } else { "file:" };
        _ = write!(text, " {kind}{name}={}", word(content)); // writing to a string cannot fail
        text
    })
}

const CART_SETTINGS: &str =
    "runtime=python3.12 memorySize=512 timeout=30 tags=[shop,web] env.LOG_LEVEL=warn env.GREETING=hello";

fn cart(settings: &str, code: &[(&str, &str)]) -> String {
    format!("handler=cart.handler {settings}{}", files(code))
}

fn cart_code() -> String {
    cart(CART_SETTINGS, &[("cart.py", CART), ("prices.py", PRICES), ("start.sh", START), ("logo.png", LOGO)])
}

/// The shop as it was deployed first.
fn shop() -> Story {
    story()
        .declare("function.cart", &cart_code())
        .declare("trigger.cart/http", "type=http description=checkout")
        .declare("function.report", &cart("memorySize=128", &[("report.py", REPORT)]))
        .declare("trigger.report/nightly", &format!("type=timer cron={}", word("0 0 2 * * *")))
        .declare("domain/shop.example.com", "route:/cart=cart route:/report=report")
}

fn deployed() -> Story {
    shop().apply()
}

/// Changes online that rules are about: one that holds, one that is over, and one where the project moved as well.
fn ignored() -> Story {
    let why = word("the platform team tunes it by hand");
    deployed()
        .rule(&format!("ignore function.cart:memorySize reason={why} owner=ops@example.com until=2026-12-31"))
        .rule(&format!("ignore function.cart:timeout reason={} until=2026-11-01", word("during the sale")))
        .rule("ignore function.cart:env.GREETING")
        .rule("ignore *:code owner=shop")
        .rule(&format!("ignore trigger.cart/debug reason={}", word("someone is looking for a bug")))
        .declare("function.cart", &cart_code().replace("env.GREETING=hello", "env.GREETING=welcome"))
        .online(
            "function.cart",
            &format!("memorySize=2048 timeout=60 env.GREETING=hi{}", files(&[("cart.py", CART_HOTFIX)])),
        )
        .appears("trigger.cart/debug", "")
}

/// A resource that the project says is its own, and a record that it lets go of.
fn imported() -> Story {
    deployed()
        .rule("import function.stock stock")
        .rule("removed function.report")
        .remove("trigger.report/nightly")
        .remove("function.report")
        .declare("domain/shop.example.com", "route:/cart=cart")
        .declare("function.stock", "memorySize=256 timeout=30")
        .appears("function.stock", "memorySize=512 timeout=30 description=stock")
}

fn edited(story: Story) -> Story {
    let settings =
        "runtime=python3.12 memorySize=1024 timeout=30 tags=[shop,web,eu] env.LOG_LEVEL=info env.BANNER=sale";
    story
        .declare(
            "function.cart",
            &cart(
                settings,
                &[("cart.py", CART_ROUNDED), ("prices.py", PRICES), ("start.sh", START), ("logo.png", LOGO)],
            ),
        )
        .declare("domain/shop.example.com", "route:/cart=cart")
}

fn edit() -> Story {
    edited(deployed())
}

fn drift() -> Story {
    deployed()
        .online(
            "function.cart",
            "memorySize=2048 tags=[shop,web,debug] env.LOG_LEVEL=debug env.TRACE=on -env.GREETING",
        )
        .online("trigger.report/nightly", "description=paused")
}

fn conflict() -> Story {
    edited(deployed()).online(
        "function.cart",
        &format!("memorySize=2048 timeout=60 env.LOG_LEVEL=debug{}", files(&[("cart.py", CART_HOTFIX)])),
    )
}

/// Every question of [`conflict`] and [`code`] answered, some this way and some that.
fn decided() -> Story {
    code()
        .online("function.cart", "memorySize=2048 timeout=60")
        .decide("use-local use-live=function.cart:memorySize use-live=function.cart:file:prices.py")
}

fn code() -> Story {
    let settings = CART_SETTINGS;
    deployed()
        .declare(
            "function.cart",
            &cart(
                settings,
                &[
                    ("cart.py", CART_ROUNDED),
                    ("prices.py", PRICES),
                    ("exec:start.sh", START),
                    ("logo.png", LOGO_NEWER),
                    ("fresh.txt", NOTES),
                ],
            ),
        )
        .online(
            "function.cart",
            &files(&[("cart.py", CART_HOTFIX), ("prices.py", PRICES_KINDER), ("debug/notes.txt", NOTES)]),
        )
        .declare("function.report", &cart("memorySize=128", &[("report.py", REPORT_CRLF), ("long.py", LONG)]))
}

fn opaque() -> Story {
    deployed().online("function.report", "-file:report.py code=blob")
}

fn replace() -> Story {
    deployed().declare("trigger.report/nightly", "type=http")
}

fn rename() -> Story {
    let code = [("report.py", REPORT_CRLF)];
    deployed()
        .online("function.report", &format!("memorySize=192 env.DEBUG=1{}", files(&code)))
        .declare("function.report", &cart("name=reports memorySize=256", &[("report.py", REPORT)]))
}

fn delete() -> Story {
    deployed()
        .remove("trigger.cart/http")
        .remove("trigger.report/nightly")
        .remove("function.report")
        .online("function.report", "memorySize=192")
}

/// Our routes go from a domain on which somebody else has one, and a record whose resource is gone already.
fn release() -> Story {
    deployed()
        .online("domain/shop.example.com", "route:/blog=blog")
        .remove("domain/shop.example.com")
        .remove("trigger.report/nightly")
        .vanishes("trigger.report/nightly")
}

fn take_over() -> Story {
    shop()
        .appears(
            "function.cart",
            &cart(
                "runtime=python3.12 memorySize=256 timeout=30 env.OWNER=ops",
                &[("cart.py", CART_HOTFIX), ("old.txt", NOTES)],
            ),
        )
        .appears("trigger.cart/http", "type=http description=checkout")
}

fn deleted_online() -> Story {
    deployed().vanishes("function.report").vanishes("trigger.cart/http")
}

fn accepted() -> Story {
    deployed()
        .online("function.cart", "memorySize=2048 env.LOG_LEVEL=debug")
        .vanishes("trigger.report/nightly")
        .decide("use-live")
        .apply()
}

fn moved() -> Story {
    deployed()
        .remove("function.cart")
        .remove("trigger.cart/http")
        .declare("function.basket", &format!("name=cart {}", cart_code()))
        .declare("trigger.basket/http", "type=http description=basket")
}

fn partial() -> Story {
    edited(deployed()).leave_out(&["function.report", "trigger.report/nightly"])
}

fn asked() -> Story {
    deployed().online("function.cart", "memorySize=1024").replace(&["function.cart"])
}

/// Somebody was at the console, and nobody looked.
fn remembered() -> Story {
    edited(deployed()).online("function.report", "memorySize=192").remember()
}

fn secrets() -> Story {
    story()
        .declare("function.cart", "password=hunter2 env.DB_PASSWORD=swordfish env.API_TOKEN=abracadabra")
        .apply()
        .declare(
            "function.cart",
            "password=hunter3 env.DB_PASSWORD=tuna env.API_TOKEN=abracadabra env.NEW_SECRET=sesame",
        )
        .online("function.cart", "env.API_TOKEN=opensesame env.LIVE_SECRET=mellon env.DB_PASSWORD=marlin")
}

fn promised() -> Story {
    deployed()
        .declare("function.mail", "memorySize=128")
        .declare("trigger.mail/queue", "type=queue target=${function.mail.id}")
        .declare(
            "trigger.cart/http",
            "type=http description=checkout target=to:${function.mail.arn}/${function.mail.id}",
        )
}

fn unmanaged() -> Story {
    deployed().appears("trigger.cart/debug", "type=http")
}

/// Names and values that say things to terminals, to Markdown and to pages.
fn foreign() -> Story {
    const TAG: &str = "</code></summary><script>alert(1)</script><img src=x onerror=alert(1)>";
    const MARKDOWN: &str = "`tick` ```` **bold** | a | b | @everyone #1 [go](https://example.com/) <!-- x";
    const TERMINAL: &str = "\u{1b}[31mred\u{1b}[2J\r\n\u{202e}back\u{7}\u{9b}0m";
    let named = |at: &str| format!("function.{at}");
    let tags = |first: &str| format!("tags=[{},{}] ", word(first), word("a | b"));
    let before = format!("description={} env.A_B=one {}", word("plain\n\n```\n</details>"), tags(TAG));
    story()
        .declare("function.cart", &format!("{before}{}", files(&[("a`|b/<i>.py", CART), ("ok.py", PRICES)])))
        .declare("trigger.cart/</summary><script>alert(1)</script>", "description=@everyone")
        .apply()
        .declare(
            "function.cart",
            &format!(
                "description={} env.A_B={} env.{}=1 {}{}",
                word(MARKDOWN),
                word(TERMINAL),
                word("<b>&amp;\"'` @team"),
                tags(MARKDOWN),
                files(&[("a`|b/<i>.py", HOSTILE), ("ok.py", PRICES_KINDER)])
            ),
        )
        .declare("trigger.cart/</summary><script>alert(1)</script>", &format!("description={}", word(TAG)))
        .online("function.cart", &format!("description={} env.HTML={}", word(TERMINAL), word(TAG)))
        .declare(
            &named("@everyone `x` | #1 *b*\n\n# head\u{1b}[31m\u{202e}"),
            &format!("description={}", word(MARKDOWN)),
        )
        .appears("trigger.cart/| @everyone <b> `", "type=http")
        .appears(&named("<!--"), "")
        .declare(&named("<!--"), &format!("description={}", word("--> <a href='javascript:alert(1)'>x</a>")))
}

/// Every class, action, question and outcome in one plan.
fn whole() -> Story {
    let small = |settings: &str| cart(settings, &[("report.py", REPORT)]);
    let before = deployed()
        .declare("function.legacy", &small("memorySize=128"))
        .declare("trigger.legacy/nightly", "type=timer")
        .declare("function.old", &small("memorySize=128"))
        .declare("function.gone", "memorySize=128")
        .declare("function.search", &small("memorySize=256"))
        .declare("function.mail", &small("memorySize=128"))
        .declare("function.kept", "memorySize=128 env.LOG_LEVEL=warn")
        .declare("function.caught-up", "memorySize=128")
        .declare("function.blob", &small("memorySize=128"))
        .declare("function.images", "memorySize=128")
        .declare("trigger.kept/hourly", "type=timer")
        .declare("domain/old.example.com", "route:/old=old")
        .apply()
        .online("function.kept", "memorySize=512 env.LOG_LEVEL=debug")
        .vanishes("trigger.kept/hourly")
        .decide("use-live")
        .apply();
    let settings = "runtime=python3.12 memorySize=1024 timeout=30 tags=[shop,web,eu] env.LOG_LEVEL=info env.BANNER=sale \
                    env.DB_PASSWORD=swordfish";
    before
        // Edits, drift, conflicts and code in one.
        .declare(
            "function.cart",
            &cart(
                settings,
                &[
                    ("cart.py", CART_ROUNDED),
                    ("prices.py", PRICES),
                    ("exec:start.sh", START),
                    ("logo.png", LOGO_NEWER),
                    ("fresh.txt", NOTES),
                ],
            ),
        )
        .online(
            "function.cart",
            &format!(
                "memorySize=2048 timeout=60 tags=[shop,web,debug,eu] env.TRACE=on{}",
                files(&[("cart.py", CART_HOTFIX), ("prices.py", PRICES_KINDER)])
            ),
        )
        .appears("trigger.cart/debug", "type=http")
        .declare("domain/shop.example.com", "route:/cart=cart route:/news=news route:/report=report")
        // Replaced under their own names, and under new ones.
        .declare("trigger.cart/http", "type=queue target=${function.news.id}")
        .online("function.report", "memorySize=192 env.DEBUG=1")
        .declare("function.report", &cart("name=reports memorySize=256", &[("report.py", REPORT_CRLF)]))
        // What goes.
        .remove("function.legacy")
        .remove("trigger.legacy/nightly")
        .online("function.legacy", "memorySize=1024")
        .remove("function.old")
        .remove("function.gone")
        .vanishes("function.gone")
        .remove("domain/old.example.com")
        .online("domain/old.example.com", "route:/blog=blog")
        // What comes.
        .declare("function.news", &cart("memorySize=256 env.API_TOKEN=sesame", &[("cart.py", CART)]))
        .declare("trigger.news/queue", "type=queue target=${function.news.id}")
        .declare("function.stats", &small("memorySize=256"))
        .appears("function.stats", &small("memorySize=512 env.OWNER=ops"))
        // What somebody deleted, what moved, what agrees again, what is opaque, what is left out.
        .vanishes("function.search")
        .remove("function.mail")
        .declare("function.post", &small("name=mail memorySize=128"))
        .declare("function.caught-up", "memorySize=256")
        .online("function.caught-up", "memorySize=256")
        .online("function.blob", "-file:report.py code=blob")
        .leave_out(&["function.images"])
}
