//! Entries in, resources or diagnostics out.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::config::tests::{shown, written};
use crate::config::{Desired, Given, Sources, codes, load};
use crate::diag::{Diagnostic, Source};

fn read(text: &str) -> (Desired, Vec<Diagnostic>) {
    let sources: Sources = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() }).into();
    load(&sources, &Given { variables: &|_| None, overrides: &[], unset: None }, &[&FC3])
}

/// A function that is complete, as the entry `cart` (props from line 6).
const CART: &str = "
edition: 3.0.0
name: shop
resources:
  cart:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: cart
      runtime: python3.10
      handler: index.handler
      code: ./cart
";

fn with(more: &str) -> String {
    let more: Vec<String> = more.trim_matches('\n').lines().map(|line| format!("      {line}\n")).collect();
    let more = more.concat();
    format!("{}{more}", &CART[1..])
}

/// Checks everything that a file declares but what `CART` has anyway.
#[track_caller]
fn declares(text: &str, expected: &str) {
    let (desired, diagnostics) = read(text);
    assert_eq!(shown(&diagnostics), "");
    let mut lines = Vec::new();
    for (address, resource) in &desired.resources {
        let mut words = vec![format!("{address} = {}/{}", resource.region, resource.name)];
        words.extend(resource.parent.iter().map(|parent| format!("of {parent}")));
        words.extend(resource.depends_on.iter().map(|other| format!("after {other}")));
        words.extend(resource.links.iter().map(|(label, output)| format!("link {label} {}", output.output)));
        lines.push(words.join(" "));
        for (path, planned) in &resource.attributes {
            assert!(resource.spans.contains_key(path), "{address} {path} has a place");
            let anyway = ["Text(\"python3.10\")", "Text(\"index.handler\")"];
            if !anyway.contains(&written(planned).as_str()) {
                lines.push(format!("  {path} = {}", written(planned)));
            }
        }
    }
    assert_eq!(lines.join("\n"), expected.trim_matches('\n'));
}

/// Checks what is wrong with `CART` with more props, which begin at line 12.
#[track_caller]
fn wrong(more: &str, expected: &str) {
    wrong_file(&with(more), expected);
}

#[track_caller]
fn wrong_file(text: &str, expected: &str) {
    let (_, diagnostics) = read(text);
    assert_eq!(shown(&diagnostics).trim(), expected.trim());
}

#[test]
fn a_function_with_every_kind_of_value() {
    declares(
        &with(
            "
cpu: 0.35
memorySize: '512'
diskSize: 512
timeout: 60
internetAccess: false
role: acs:ram::123456789:role/demo
environmentVariables: {PORT: 8080, LOG_LEVEL: info}
customRuntimeConfig: {command: [a, b], port: 9000, healthCheckConfig: {httpGetUrl: /, periodSeconds: 5}}
",
        ),
        r#"
fc3_function.cart = cn-hangzhou/cart
  cpu = Number(Number(0.35))
  customRuntimeConfig.command = List([Text("a"), Text("b")])
  customRuntimeConfig.healthCheckConfig.httpGetUrl = Text("/")
  customRuntimeConfig.healthCheckConfig.periodSeconds = Number(Number(5.0))
  customRuntimeConfig.port = Number(Number(9000.0))
  diskSize = Number(Number(512.0))
  environmentVariables["LOG_LEVEL"] = Text("info")
  environmentVariables["PORT"] = Text("8080")
  internetAccess = Bool(false)
  memorySize = Number(Number(512.0))
  role = Text("acs:ram::123456789:role/demo")
  timeout = Number(Number(60.0))
"#,
    );
}

#[test]
fn code_is_where_the_file_says() {
    let (desired, _) = read(CART);
    let code = desired.resources[&Address::new(FUNCTION, "cart")].code.clone().expect("it has code");
    assert_eq!(code.path, std::path::Path::new("./cart"));
    assert_eq!(code.span.line_column(), (12, 13));
}

#[test]
fn a_custom_runtime_needs_no_handler() {
    let text = CART.replace("python3.10", "custom.debian12").replace("      handler: index.handler\n", "");
    let (desired, diagnostics) = read(&text);
    assert_eq!(shown(&diagnostics), "");
    let function = &desired.resources[&Address::new(FUNCTION, "cart")];
    assert_eq!(written(&function.attributes[&Path::field("handler")]), "Text(\"handler\")");
}

#[test]
fn triggers_belong_to_their_function() {
    declares(
        &with(
            "
triggers:
  - triggerName: http
    triggerType: http
    triggerConfig: {authType: anonymous, methods: [PUT, GET], disableURLInternet: false}
  - triggerName: nightly
    triggerType: timer
    qualifier: LATEST
    description: every night
    triggerConfig: {cronExpression: '0 0 2 * * *', enable: true, payload: x}
",
        ),
        r#"
fc3_function.cart = cn-hangzhou/cart
fc3_trigger.cart["http"] = cn-hangzhou/http of fc3_function.cart after fc3_function.cart link cart urlInternet
  triggerConfig.authType = Text("anonymous")
  triggerConfig.disableURLInternet = Bool(false)
  triggerConfig.methods = List([Text("GET"), Text("PUT")])
  triggerType = Text("http")
fc3_trigger.cart["nightly"] = cn-hangzhou/nightly of fc3_function.cart after fc3_function.cart
  description = Text("every night")
  qualifier = Text("LATEST")
  triggerConfig.cronExpression = Text("0 0 2 * * *")
  triggerConfig.enable = Bool(true)
  triggerConfig.payload = Text("x")
  triggerType = Text("timer")
"#,
    );
}

#[test]
fn a_domain_is_shared_and_keyed_by_path() {
    let second = "
  api:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: api
      runtime: python3.10
      handler: index.handler
      code: ./api
      customDomain: {domainName: www.example.com, protocol: HTTP, route: {path: /api/*, methods: [GET]}}
";
    let first = with(
        "customDomain: {domainName: www.example.com, protocol: HTTP, route: {path: /*, qualifier: LATEST}}",
    );
    declares(
        &format!("{}{}", first, &second[1..]),
        r#"
fc3_custom_domain["www.example.com"] = cn-hangzhou/www.example.com after fc3_function.api after fc3_function.cart link www.example.com url
  protocol = Text("HTTP")
  routeConfig.routes["/*"].functionName = Text("cart")
  routeConfig.routes["/*"].path = Text("/*")
  routeConfig.routes["/*"].qualifier = Text("LATEST")
  routeConfig.routes["/api/*"].functionName = Text("api")
  routeConfig.routes["/api/*"].methods = List([Text("GET")])
  routeConfig.routes["/api/*"].path = Text("/api/*")
fc3_function.api = cn-hangzhou/api
fc3_function.cart = cn-hangzhou/cart
"#,
    );
    let quarrel = second.replace("/api/*", "/*").replace("protocol: HTTP", "protocol: HTTPS");
    wrong_file(
        &format!("{}{}", first, &quarrel[1..]),
        "
21:61 error E0117 two entries declare fc3_custom_domain[\"www.example.com\"] and disagree about `protocol`
  12 and here
  help: entries that share it have to say the same
21:68 error E0117 two entries declare fc3_custom_domain[\"www.example.com\"] and disagree about `routeConfig.routes[\"/*\"].functionName`
  12 and here
  help: entries that share it have to say the same
",
    );
    let far = second.replace("region: cn-hangzhou", "region: cn-beijing");
    wrong_file(
        &format!("{}{}", first, &far[1..]),
        "
21:34 error E0117 two entries declare fc3_custom_domain[\"www.example.com\"] and disagree about its region
  12 and here
  help: entries that share it have to say the same
",
    );
}

#[test]
fn outputs_mean_resources() {
    let more = "
triggers: [{triggerName: web, triggerType: http, triggerConfig: {authType: anonymous, methods: [GET]}}]
customDomain: {domainName: a.example.com, protocol: HTTP, route: {path: /*}}
";
    let api = "
  api:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: api
      runtime: python3.10
      handler: index.handler
      code: ./api
      environmentVariables:
        URL: ${resources.cart.output.url.system_url}/x
        INSIDE: ${resources.cart.output.url.system_intranet_url}
        ARN: ${resources.cart.output.functionArn}
        NAME: ${resources.cart.output.functionName}
        DOMAIN: ${resources.cart.output.customDomain.domainName}
        PUBLIC: ${resources.cart.output.url.custom_domain}
";
    declares(
        &format!("{}{}", with(more), &api[1..]),
        r#"
fc3_custom_domain["a.example.com"] = cn-hangzhou/a.example.com after fc3_function.cart link a.example.com url
  protocol = Text("HTTP")
  routeConfig.routes["/*"].functionName = Text("cart")
  routeConfig.routes["/*"].path = Text("/*")
fc3_function.api = cn-hangzhou/api after fc3_custom_domain["a.example.com"] after fc3_function.cart after fc3_trigger.cart["web"]
  environmentVariables["ARN"] = <fc3_function.cart functionArn>
  environmentVariables["DOMAIN"] = Text("a.example.com")
  environmentVariables["INSIDE"] = <fc3_trigger.cart["web"] urlIntranet>
  environmentVariables["NAME"] = Text("cart")
  environmentVariables["PUBLIC"] = <fc3_custom_domain["a.example.com"] url>
  environmentVariables["URL"] = <fc3_trigger.cart["web"] urlInternet>/x
fc3_function.cart = cn-hangzhou/cart
fc3_trigger.cart["web"] = cn-hangzhou/web of fc3_function.cart after fc3_function.cart link cart urlInternet
  triggerConfig.authType = Text("anonymous")
  triggerConfig.methods = List([Text("GET")])
  triggerType = Text("http")
"#,
    );
    wrong(
        "environmentVariables: {A: '${resources.cart.output.url.system_url}'}",
        "
12:34 error E0124 `cart` has no output `url.system_url`
  help: it has `functionArn`, `functionId`, `functionName` and `region`
",
    );
}

#[test]
fn every_promised_output_is_in_a_schema() {
    for (schema, outputs) in [
        (&FUNCTION_SCHEMA, &["functionArn", "functionId"][..]),
        (&TRIGGER_SCHEMA, &["urlInternet", "urlIntranet"]),
        (&CUSTOM_DOMAIN_SCHEMA, &["url"]),
    ] {
        for output in outputs {
            assert!(schema.outputs.iter().any(|(name, _)| name == output), "{} {output}", schema.kind);
        }
    }
}

#[test]
fn what_is_missing_is_named() {
    wrong_file(
        "edition: 3.0.0\nname: shop\nresources:\n  cart:\n    component: fc3\n    props: {}\n",
        "
4:3 error E0109 `code` is missing
  help: `code`: The files of the function.
4:3 error E0109 `functionName` is missing
  help: `functionName`: the function's name in the cloud
4:3 error E0109 `handler` is missing
  help: `handler`: What is called in the code, such as `index.handler`; a custom runtime does not use it and needs none here.
4:3 error E0109 `region` is missing
  help: `region`: where the function runs, such as `cn-hangzhou`
4:3 error E0109 `runtime` is missing
  help: `runtime`: The language and version that runs the code, such as `python3.10` or `custom.debian12`.
",
    );
    wrong(
        "
triggers:
  - triggerName: a
    triggerType: http
  - triggerName: b
    triggerType: timer
    triggerConfig: {}
  - triggerConfig: {}
customDomain: {}
",
        "
13:11 error E0109 `triggers[0].triggerConfig` is missing
  help: `triggers[0].triggerConfig`: an http trigger needs `authType` and `methods`
17:11 error E0109 `triggers[1].triggerConfig.cronExpression` is missing
  help: `triggers[1].triggerConfig.cronExpression`: a trigger of type `timer` needs it
17:11 error E0109 `triggers[1].triggerConfig.enable` is missing
  help: `triggers[1].triggerConfig.enable`: a trigger of type `timer` needs it
18:11 error E0109 `triggers[2].triggerName` is missing
  help: `triggers[2].triggerName`: the trigger's name
18:11 error E0109 `triggers[2].triggerType` is missing
  help: `triggers[2].triggerType`: What calls the function: `http` or `timer`.
19:7 error E0109 `customDomain.domainName` is missing
  help: `customDomain.domainName`: the domain, such as `www.example.com`
19:7 error E0109 `customDomain.protocol` is missing
  help: `customDomain.protocol`: What the domain answers to.
19:7 error E0109 `customDomain.route` is missing
  help: `customDomain.route`: which path leads to this function: `{path: /*}`
",
    );
}

/// Checks what is wrong with `CART` when one of its lines is another.
#[track_caller]
fn wrong_line(from: &str, to: &str, expected: &str) {
    assert!(CART.contains(from), "{from}");
    wrong_file(&CART[1..].replace(from, to), expected);
}

#[test]
fn a_role_that_is_no_arn_is_not_taken_for_a_name() {
    wrong(
        "role: acs:ram:1234:role/x",
        "
12:13 error E0114 `acs:ram:1234:role/x` is no role's ARN
  help: write the role's ARN: `acs:ram::<account>:role/<name>`
",
    );
}

#[test]
fn names_and_words_that_are_not_allowed() {
    wrong_line(
        "runtime: python3.10",
        "runtime: pyhton3.10",
        "9:16 error E0107 unknown value for `runtime`\n  help: did you mean `python3.10`?",
    );
    wrong_line(
        "region: cn-hangzhou",
        "region: cn-hangzou",
        "7:15 warning E0132 triform does not know the region `cn-hangzou`\n  help: did you mean `cn-hangzhou`?",
    );
    wrong_line(
        "functionName: cart",
        "functionName: 1cart",
        "8:21 error E0114 `1cart` cannot name a function\n  help: 1 to 64 letters, digits, `_` and `-`, beginning with a letter or `_`",
    );
    wrong_line("functionName: cart", "functionName: service$cart", "");
    wrong_line(
        "functionName: cart",
        &format!("functionName: {}", "c".repeat(65)),
        &format!(
            "8:21 warning E0134 `{}` has 65 characters\n  help: the service documents 64",
            "c".repeat(65)
        ),
    );
    wrong(
        "
memorySize: 500
diskSize: 1024
triggers:
  - {triggerName: a b, triggerType: htttp}
  - {triggerName: t, triggerType: timer, triggerConfig: {cronExpression: x, enable: true, methods: [GET]}}
  - {triggerName: t, triggerType: http, triggerConfig: {authType: none, methods: [GTE]}, cronExpression: x}
customDomain: {domainName: 'http://x', protocol: http, route: {path: x}, routeConfig: {}}
",
        "
12:19 error E0108 `memorySize` is 500
13:17 error E0108 `diskSize` is 1024
15:25 error E0114 `a b` cannot name a trigger
  help: 1 to 128 letters, digits, `_` and `-`, beginning with a letter or `_`
15:43 error E0107 unknown value for `triggers[0].triggerType`
  help: did you mean `http`?
16:97 warning E0110 a trigger of type `timer` has no `methods`
17:25 error E0115 the trigger `t` is declared twice
  16 first here
  help: give each its own name, or remove one
17:73 error E0107 unknown value for `triggers[2].triggerConfig.authType`
  help: one of `anonymous`, `function` and `jwt`
17:89 error E0107 unknown value for `triggers[2].triggerConfig.methods[0]`
  help: did you mean `GET`?
17:96 warning E0110 unknown key `triggers[2].cronExpression`
  help: did you mean `triggers[2].triggerConfig.cronExpression`?
18:34 error E0114 `http://x` is no domain
  help: write the bare name, such as `www.example.com`
18:56 error E0107 unknown value for `customDomain.protocol`
  help: did you mean `HTTP`?
18:76 error E0114 `x` is no path
  help: a path begins with `/`
18:80 warning E0110 unknown key `customDomain.routeConfig`
  help: did you mean `route`?
",
    );
}

/// Checks that each of these props is an error that says that it is not built.
#[track_caller]
fn not_yet(more: &str, what: &str) {
    let (_, diagnostics) = read(&with(more));
    assert!(!diagnostics.is_empty(), "{more}");
    for diagnostic in &diagnostics {
        assert_eq!(diagnostic.code, codes::NOT_BUILT, "{more}: {}", diagnostic.message);
    }
    assert_eq!(diagnostics[0].message, format!("{what} is not built yet"), "{more}");
}

#[test]
fn what_is_not_built_is_never_dropped() {
    for key in UNBUILT.iter().filter(|key| is_unbuilt(key)) {
        not_yet(&format!("{key}: auto"), &format!("`{key}`"));
    }
    not_yet("role: auto", "a role that the tool makes");
    not_yet("role: aliyunfcdefaultrole", "a role by its name alone");
    for kind in ["oss", "log", "mns_topic", "cdn_events", "tablestore", "eventbridge"] {
        not_yet(
            &format!("triggers: [{{triggerName: t, triggerType: {kind}, triggerConfig: {{bucket: x}}}}]"),
            &format!("a trigger of type `{kind}`"),
        );
    }
    not_yet(
        "triggers: [{triggerName: t, triggerType: http, triggerConfig: {authType: jwt, methods: [GET], authConfig: {}}}]",
        "an http trigger of authType `jwt`",
    );
    not_yet(
        "customDomain: {domainName: auto, protocol: HTTP, route: {path: /*}}",
        "a domain that the tool chooses",
    );
    not_yet(
        "customDomain: {domainName: a.example.com, protocol: HTTPS, route: {path: /*}, certConfig: {certName: x}}",
        "`customDomain.certConfig`",
    );
    for (from, to, what) in [
        ("code: ./cart", "code: {ossBucketName: b, ossObjectName: o}", "code from an OSS bucket"),
        ("code: ./cart", "code: https://example.com/a.zip", "code from a URL"),
        ("runtime: python3.10", "runtime: custom-container", "the runtime `custom-container`"),
    ] {
        let (_, diagnostics) = read(&CART.replace(from, to));
        assert_eq!(diagnostics.len(), 1, "{}", shown(&diagnostics));
        assert_eq!(diagnostics[0].message, format!("{what} is not built yet"));
    }
}

#[test]
fn no_key_of_the_incumbent_is_called_unknown() {
    let keys = "region functionName runtime handler code description cpu memorySize diskSize timeout \
        instanceConcurrency internetAccess environmentVariables layers role logConfig vpcConfig nasConfig \
        ossMountConfig gpuConfig customContainerConfig customRuntimeConfig customDNS instanceLifecycleConfig \
        tracingConfig tags resourceGroupId instanceIsolationMode sessionAffinity enableLongLiving \
        sessionAffinityConfig annotations endpoint supplement triggers asyncInvokeConfig vpcBinding \
        concurrencyConfig provisionConfig scalingConfig customDomain disableOndemand idleTimeout \
        disableInjectCredentials";
    for key in keys.split_whitespace() {
        let known = HANDLED.contains(&key)
            || UNBUILT.contains(&key)
            || FUNCTION_SCHEMA.attribute(&Path::field(key)).is_some();
        assert!(known, "{key}");
    }
}

#[test]
fn two_entries_with_one_function() {
    let second =
        CART[1..].split_once("resources:\n").expect("it has resources").1.replace("  cart:", "  copy:");
    wrong_file(
        &format!("{}{second}", &CART[1..]),
        "
16:21 error E0116 fc3_function.cart and fc3_function.copy are both `cart` in the cloud
  8 fc3_function.cart here
  help: give one of them another name or region
",
    );
}

#[test]
fn a_name_cannot_wait_for_an_apply() {
    wrong_line(
        "functionName: cart",
        "functionName: ${resources.cart.output.functionArn}",
        "
8:21 error E0125 `functionName` has to be known before the apply
  help: use a value of `props` or `vars` here; outputs may stand in single values and environment variables
",
    );
}

proptest! {
    #[test]
    fn no_props_panic(pieces in proptest::collection::vec("region: |functionName: |runtime: |custom\n|code: |role: |diskSize: |triggers: |triggerName: |triggerType: |http\n|timer\n|triggerConfig: |methods: |customDomain: |domainName: |route: |path: |a\n|/\\*\n|\n|\n  |\n    |- |1\n|\\{|\\}|\\[|\\]|, |'|\\$\\{this\\.props\\.code\\}|\\$\\{resources\\.cart\\.output\\.url\\.system_url\\}", 0..30)) {
        let _ = read(&with(&pieces.concat()));
    }
}
