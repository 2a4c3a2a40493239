//! Readers of Terraform plans.

use serde_json::Value as Json;

use super::{edited, no_network, offline, python, run, told};
use crate::support::without_colour;

/// The policy that the documentation shows.
const POLICY: &str = "CKV2_SHOP_1";

fn policy() -> &'static str {
    let page = include_str!("../../../docs/json.md");
    let (_, block) = page.split_once("```yaml\n").expect("a policy");
    block.split_once("```").expect("its end").0
}

#[test]
fn checkov_fails_the_one_trigger_that_lets_everybody_in() {
    let room = edited();
    let plan = told(&room, "plan.json", &["plan"]);
    if !no_network().is_empty() {
        // The network is off indeed: what answers out here is out of reach in there.
        let address = room.endpoint().replace("http://", "");
        let (host, port) = address.split_once(':').expect("a port");
        let connect = format!("import socket; socket.create_connection(('{host}', {port}), 5)");
        let interpreter = &python(".venv-readers", "")[..1];
        let (code, _, complaint) = run(offline(interpreter, &["-c", &connect], room.root()));
        assert!(code == 1 && complaint.contains("unreachable"), "exit {code}: {complaint}");
    }

    let checks = room.root().join("policies");
    std::fs::create_dir(&checks).expect("a folder");
    std::fs::write(checks.join("anonymous.yaml"), policy()).expect("writes");
    let (plan, checks) = (plan.display().to_string(), checks.display().to_string());
    let args = ["--file", &plan, "--framework", "terraform_plan", "--external-checks-dir", &checks];
    let args = [&args[..], &["--check", POLICY, "--skip-download", "--output", "json"]].concat();
    let (code, out, complaint) = run(offline(&python(".venv-readers", "checkov.main"), &args, room.root()));
    let report: Json = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{complaint}"));
    assert_eq!(code, 1, "a failed check is its exit code 1: {out}{complaint}");
    assert_eq!(report["summary"]["parsing_errors"], 0, "{report}");
    let of = |list: &str| -> Vec<String> {
        let checks = report["results"][list].as_array().expect("a list").iter();
        let mut found: Vec<String> = checks
            .map(|check| {
                assert_eq!(check["check_id"], POLICY);
                check["resource"].as_str().expect("an address").to_owned()
            })
            .collect();
        found.sort();
        found
    };
    assert_eq!(of("failed_checks"), ["fc3_trigger.cart[\"webhook\"]"]);
    assert_eq!(
        of("passed_checks"),
        [
            "fc3_custom_domain[\"www.example.com\"]",
            "fc3_function.cart",
            "fc3_function.report",
            "fc3_trigger.cart[\"http\"]",
            "fc3_trigger.report[\"daily\"]",
        ]
    );
}

#[test]
fn tfsumpy_prints_the_right_summary() {
    let room = edited();
    let plan = told(&room, "plan.json", &["plan"]);
    let plan = plan.display().to_string();
    let (code, out, complaint) = run(offline(&python(".venv-readers", "tfsumpy"), &[&plan], room.root()));
    assert_eq!(code, 0, "{out}{complaint}");
    let out = without_colour(&out);
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    // One that is replaced counts as one that is deleted and one that is created.
    for line in [
        "Total Changes: 4",
        "Create: 2",
        "Update: 1",
        "Delete: 2",
        "CREATE fc3_trigger: fc3_trigger.cart[\"webhook\"]",
        "UPDATE fc3_function: fc3_function.cart",
        "DELETE fc3_trigger: fc3_trigger.cart[\"nightly\"]",
        "REPLACE fc3_trigger: fc3_trigger.report[\"daily\"]",
        "~ memorySize = 512 -> 1024",
    ] {
        assert!(lines.contains(&line), "no line {line:?} in:\n{out}");
    }
}
