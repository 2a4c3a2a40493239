//! Command lines.

use super::{Page, deployed, run};

#[test]
fn command_lines() {
    let room = deployed();
    let mut page = Page::default();
    let cases: [&[&str]; 15] = [
        &["plan", "--target", "fc3_function.helo"],
        &["plan", "--exclude", "fc3_funktion.*"],
        &["apply", "--auto-approve", "--use-local=fc3_function.helo"],
        &["apply", "--auto-approve", "--use-live=fc3_function.hello:memorySiz"],
        &["apply", "--auto-approve", "--use-local", "--use-live"],
        &["apply", "--auto-approve", "--use-local=fc3_function.hello", "--use-live=fc3_function.hello"],
        &["plan", "--target", "fc3_function."],
        &["plan", "--target", ""],
        &["plan", "--var", "stage"],
        &["plan", "--out"],
        &["aply"],
        &["apply", "--parallelism", "many"],
        &["plan", "--timeout", "0"],
        &["init", "cobol"],
        &["plan", "--log-level", "loud"],
    ];
    for args in cases {
        let ran = run(&room, args);
        let code = ran.code.expect("an exit code");
        page.add(&args.join(" "), &ran, code);
    }
    page.check("command_lines");
}
