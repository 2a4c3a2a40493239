//! Entries in, resources or diagnostics out.

use std::sync::Arc;

use super::*;
use crate::config::edit::{Edited, Project, Wanted, edit};
use crate::config::tests::{shown, written};
use crate::config::{Desired, Given, Sources, load};
use crate::diag::Source;
use crate::model::Value;

fn read(text: &str) -> (Desired, Vec<Diagnostic>) {
    let sources: Sources = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() }).into();
    load(
        &sources,
        &Given { variables: &|name| (name == "TOPIC").then(|| "t".to_owned()), overrides: &[], unset: None },
        &[&FC],
    )
}

/// A project with one entry, whose props are these.
fn with(props: &str) -> String {
    let props: Vec<String> = props.trim_matches('\n').lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "edition: 1.0.0\nname: shop\nservices:\n  cart:\n    component: fc\n    props:\n      region: cn-hangzhou\n{}",
        props.concat()
    )
}

/// Writes everything that a file declares.
fn declared(text: &str) -> String {
    let (desired, diagnostics) = read(text);
    let mut lines = Vec::new();
    if !diagnostics.is_empty() {
        lines.push(shown(&diagnostics));
    }
    for (address, resource) in &desired.resources {
        let mut words = vec![format!("{address} = {}/{}", resource.region, resource.name)];
        words.extend(resource.parent.iter().map(|parent| format!("of {parent}")));
        let others = resource.depends_on.iter().filter(|other| Some(*other) != resource.parent.as_ref());
        words.extend(others.map(|other| format!("after {other}")));
        words.extend(resource.links.iter().map(|(label, output)| format!("link {label} {}", output.output)));
        words.extend(resource.code.iter().map(|code| format!("code {}", code.path.display())));
        lines.push(words.join(" "));
        for (path, planned) in &resource.attributes {
            assert!(resource.spans.contains_key(path), "{address} {path} has a place");
            lines.push(format!("  {path} = {}", written(planned)));
        }
    }
    lines.join("\n")
}

const ARTICLE: &str = "
edition: 1.0.0
name: fc-deploy
access: default
vars:
  region: cn-hangzhou
  service:
    name: fc-deploy-service
    description: demo for fc-deploy
    internetAccess: true
services:
  fc-deploy-test:
    component: devsapp/fc
    actions:
      pre-deploy:
        - run: npm install
          path: ./code
    props:
      region: ${vars.region}
      service: ${vars.service}
      function:
        name: http-trigger-function
        runtime: python3
        codeUri: ./code
        environmentVariables:
          RETRIES: 3
        customContainerConfig: {image: 'a:v1', command: [python, app.py]}
      triggers:
        - name: httpTrigger
          type: http
          config: {authType: anonymous}
      customDomains:
        - domainName: www.example.com
          protocol: HTTP
          routeConfigs: [{path: /*}, {path: /other, serviceName: s, functionName: f}]
  second:
    component: fc@0.1.77
    props:
      region: cn-hangzhou
      service: ${fc-deploy-test.props.service}
      function: {name: second, runtime: nodejs14, codeUri: ./second.zip, handler: index.main}
";

#[test]
fn the_articles_file_declares_a_service_functions_triggers_and_domains() {
    insta::assert_snapshot!(declared(&ARTICLE[1..]));
}

#[test]
fn everything_of_a_service_and_a_function() {
    insta::assert_snapshot!(declared(&with(
        "
service:
  name: shop
  role: acs:ram::123:role/shop
  logConfig: {project: p, logstore: l, enableRequestMetrics: true, logBeginRule: DefaultRegex}
  vpcConfig: {vpcId: vpc-1, vswitchIds: [vsw-2, vsw-1], securityGroupId: sg-1}
  nasConfig:
    userId: 10003
    groupId: 10003
    mountPoints: [{serverAddr: x.nas.aliyuncs.com, nasDir: /data, fcDir: /mnt/data}]
  ossMountConfig: {mountPoints: [{bucketName: b, endpoint: 'http://oss', mountDir: /mnt/b, readOnly: true}]}
  tracingConfig: Disable
function:
  name: cart
  runtime: custom
  codeUri: ./cart
  memorySize: 1024
  cpu: 0.5
  instanceType: e1
  initializer: index.init
  initializationTimeout: 60
  caPort: 8080
  layers: ['acs:fc:cn-hangzhou:official:layers/Nodejs16/versions/2']
  customHealthCheckConfig: {httpGetUrl: /ok}
  customDNS: {nameServers: [1.1.1.1], searches: [], dnsOptions: [{name: ndots, value: 1}]}
  instanceLifecycleConfig: {preStop: {handler: index.stop, timeout: 6}}
  asyncConfiguration:
    destination: {onSuccess: '', onFailure: 'acs:fc:::services/shop/functions/fail'}
    maxAsyncRetryAttempts: 0
    statefulInvocation: true
triggers:
  - {name: nightly, type: timer, config: {cronExpression: '@every 1h', enable: true, payload: x}}
  - name: uploads
    type: oss
    role: acs:ram::123:role/oss
    sourceArn: acs:oss:cn-hangzhou:123:b
    config: {events: ['oss:ObjectCreated:*'], filter: {Key: {Prefix: in/, Suffix: .png}}}
  - name: topic
    type: mns_topic
    sourceArn: acs:mns:cn-hangzhou:123:/topics/${env(TOPIC)}
    config: {notifyContentFormat: JSON, notifyStrategy: BACKOFF_RETRY, filterTag: '${env.TOPIC}'}
"
    )));
}

#[test]
fn what_is_about_an_alias_waits_for_it() {
    insta::assert_snapshot!(declared(&with(
        "
service: {name: shop}
function: {name: cart, runtime: python3, codeUri: ./cart}
triggers:
  - {name: http, type: http, qualifier: prod, config: {authType: anonymous}}
customDomains:
  - domainName: www.example.com
    protocol: HTTP
    routeConfigs: [{path: /new, qualifier: canary}, {path: /*, qualifier: prod}]
aliases:
  - {name: prod, versionId: 3, additionalVersionWeight: {4: 0.2}, description: live}
  - {name: canary, versionId: 4}
provisionConfigs:
  - qualifier: prod
    target: 2
    alwaysAllocateCPU: false
    scheduledActions: [{name: night, scheduleExpression: cron(0 0 22 * * *), target: 1, timeZone: Asia/Shanghai}]
    targetTrackingPolicies:
      - {name: load, metricType: CPUUtilization, metricTarget: 0.6, minCapacity: 2, maxCapacity: 20}
onDemandConfigs: [{qualifier: LATEST, maximumInstanceCount: 0}]
"
    )));
    insta::assert_snapshot!(
        "what_is_wrong_about_releases",
        declared(&with(
            "
service: {name: shop}
aliases:
  - prod
  - {name: LATEST, versionId: 1}
  - {name: prod, versionId: 1, additionalVersionWeight: {2: 20, 3: half}, policy: x}
  - {name: prod, versionId: 2}
provisionConfigs: [{target: 1}]
onDemandConfigs: {qualifier: prod}
"
        ))
    );
}

#[test]
fn what_the_tool_would_choose_or_make_is_refused_with_what_to_write() {
    insta::assert_snapshot!(declared(&with(
        "
service:
  name: shop
  role: {name: shop, policies: [AliyunECSFullAccess]}
  logConfig: auto
  vpcConfig: auto
  nasConfig: autoPerformance
  tracingConfig: Enable
function: {name: cart, runtime: python3, codeUri: ./cart}
triggers:
  - {name: uploads, type: oss, role: oss-role, config: {events: ['oss:ObjectCreated:*']}}
customDomains: [{domainName: auto, protocol: HTTP, routeConfigs: [{path: /*}]}]
"
    )));
}

#[test]
fn what_is_wrong_is_told_in_the_words_of_the_file() {
    insta::assert_snapshot!(declared(&with(
        "
service: {name: 1st}
function: {name: 'a$b', runtime: python4, memorySize: 100, codeURI: ./x}
triggers:
  - {name: t, type: timer, config: {cron: x}}
  - {name: t, type: kafka}
  - {name: h, type: http, config: {authType: nobody, methods: [FETCH]}}
custom: 1
"
    )));
    insta::assert_snapshot!("without_function", declared(&with("service: {name: shop}\ntriggers: []")));
}

#[test]
fn entries_that_disagree_about_a_service_are_told_with_both_places() {
    let text =
        with("service: {name: shop, description: one}\nfunction: {name: a, runtime: python3, codeUri: ./a}")
            + "  list:
    component: fc
    props:
      region: cn-hangzhou
      service: {name: shop, description: two, internetAccess: false}
      function: {name: b, runtime: python3, codeUri: ./b}
";
    insta::assert_snapshot!(declared(&text));
}

#[test]
fn an_entry_finds_its_way_back_into_the_file() {
    let text = ARTICLE[1..].split("  second:").next().unwrap_or_default();
    let trigger = "fc_trigger.fc-deploy-test[\"httpTrigger\"]";
    let domain = "fc_custom_domain[\"www.example.com\"]";
    let edited = edited(
        text,
        &[
            ("fc_service[\"fc-deploy-service\"]", "description", Some("by people".into())),
            ("fc_function.fc-deploy-test", "memorySize", Some(Value::int(512))),
            ("fc_function.fc-deploy-test", "environmentVariables[\"LEVEL\"]", Some("debug".into())),
            (trigger, "triggerConfig.methods", Some(texts(&["GET", "POST"]))),
            (domain, "protocol", Some("HTTP,HTTPS".into())),
            (domain, "routeConfig.routes[\"/other\"].functionName", Some("g".into())),
        ],
    );
    assert_eq!(why(&edited), [""; 0]);
    insta::assert_snapshot!(edited.texts["s.yaml"]);
}

#[test]
fn what_the_file_spells_otherwise_is_written_in_its_words() {
    let service = "fc_service[\"shop\"]";
    let calls = "fc_async_config.cart[\"LATEST\"]";
    let domain = "fc_custom_domain[\"www.example.com\"]";
    let mount = |folder: &str, field: &str| format!("nasConfig.mountPoints[\"{folder}\"].{field}");
    let wanted: Vec<(&str, String, Option<Value>)> = vec![
        (service, mount("/mnt/data", "serverAddr"), Some("y.nas.aliyuncs.com:/other".into())),
        (service, mount("/mnt/old", "serverAddr"), None),
        (service, mount("/mnt/old", "mountDir"), None),
        (service, mount("/mnt/new", "serverAddr"), Some("z.nas.aliyuncs.com:/".into())),
        (service, mount("/mnt/new", "mountDir"), Some("/mnt/new".into())),
        (calls, "destinationConfig.onFailure.destination".to_owned(), Some("acs:mns:r:1:/queues/q".into())),
        (calls, "destinationConfig.onSuccess.destination".to_owned(), None),
        (domain, "routeConfig.routes[\"/new/*\"].methods".to_owned(), Some(texts(&["GET"]))),
        (domain, "routeConfig.routes[\"/*\"].qualifier".to_owned(), Some("prod".into())),
        ("fc_alias[\"shop/prod\"]", "versionId".to_owned(), Some("4".into())),
        ("fc_provision_config.cart[\"prod\"]", "target".to_owned(), Some(Value::int(9))),
    ];
    let wanted: Vec<_> = wanted.iter().map(|(at, path, value)| (*at, path.as_str(), value.clone())).collect();
    let edited = edited(WORDS, &wanted);
    assert_eq!(why(&edited), [""; 0]);
    insta::assert_snapshot!(edited.texts["s.yaml"]);
}

#[test]
fn what_is_spelled_in_the_services_words_is_not_mixed_with_the_tools() {
    let file = WORDS
        .replace("nasDir: /data", "enableTLS: true")
        .replace("serverAddr: x.nas.aliyuncs.com\n", "serverAddr: x.nas.aliyuncs.com:/data\n")
        .replace("fcDir: /mnt/data", "mountDir: /mnt/data");
    let server = Some("y.nas.aliyuncs.com:/other".into());
    let edited = edited(
        &file,
        &[
            ("fc_service[\"shop\"]", "nasConfig.mountPoints[\"/mnt/data\"].serverAddr", server),
            (
                "fc_custom_domain[\"www.example.com\"]",
                "routeConfig.routes[\"/theirs\"].functionName",
                Some("f".into()),
            ),
        ],
    );
    assert_eq!(edited.texts.len(), 0);
    insta::assert_snapshot!(why(&edited).join("\n"));
}

const WORDS: &str = "\
edition: 1.0.0
name: shop
services:
  cart:
    component: fc
    props:
      region: cn-hangzhou
      service:
        name: shop
        nasConfig:
          userId: 10003
          groupId: 10003
          mountPoints:
            # the data
            - serverAddr: x.nas.aliyuncs.com
              nasDir: /data
              fcDir: /mnt/data
            - serverAddr: x.nas.aliyuncs.com
              nasDir: /old
              fcDir: /mnt/old
      function:
        name: cart
        runtime: python3
        codeUri: ./cart
        asyncConfiguration:
          destination:
            onSuccess: acs:fc:::services/shop/functions/good
            onFailure: acs:fc:::services/shop/functions/bad
      aliases:
        - name: prod
          versionId: '3'
      provisionConfigs: [{qualifier: prod, target: 2}]
      customDomains:
        - domainName: api.example.com
          protocol: HTTP
          routeConfigs: [{path: /*}]
        - domainName: www.example.com
          protocol: HTTP
          routeConfigs:
            - path: /new/* # for a few
            - path: /*
";

fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().map(|&item| item.into()).collect())
}

fn edited(text: &str, wanted: &[(&str, &str, Option<Value>)]) -> Edited {
    let sources = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() }).into();
    let given = Given { variables: &|_| None, overrides: &[], unset: None };
    let project = Project { sources: &sources, given: &given, components: &[&FC], is_secret: &|_, _| false };
    let wanted: Vec<Wanted> = wanted
        .iter()
        .map(|(address, path, value)| Wanted {
            address: address.parse().expect("an address"),
            path: path.parse().expect("a path"),
            value: value.clone(),
        })
        .collect();
    edit(&project, &wanted)
}

fn why(edited: &Edited) -> Vec<String> {
    edited.refused.iter().map(|refused| refused.why.to_string()).collect()
}
