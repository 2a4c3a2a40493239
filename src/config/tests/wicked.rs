//! Files made to do harm: none panics, and none takes more than a moment or a bounded amount of memory.

use proptest::prelude::*;

use super::*;

#[test]
fn a_wicked_file_is_refused_quickly() {
    let bomb = lines((1..20).map(|level| {
        let before = format!("*a{}, ", level - 1).repeat(9);
        format!("a{level}: &a{level} [{before}]")
    }));
    too_large(&file(&format!("a0: &a0 [x, x, x, x, x, x, x, x, x]\n{bomb}"), "note: x"));

    let doubling = lines((1..60).map(|level| format!("a{level}: ${{vars.a{0}}}${{vars.a{0}}}", level - 1)));
    too_large(&file(&format!("a0: xxxxxxxxxxxxxxxx\n{doubling}"), "note: x"));

    let chain = lines((0..5000).map(|level| format!("a{level}: ${{vars.a{}}}", level + 1)));
    too_large(&file(&format!("{chain}a5000: x\n"), "note: x"));

    too_large(&"[".repeat(20_000));
    too_large(&format!("a: {}{}", "[".repeat(200), "]".repeat(200)));
    too_large(&lines((0..2000).map(|level| format!("{}a:", " ".repeat(level)))));
    too_large(&"#".repeat(yaml::MAX_BYTES + 1));
}

/// Checks that this is the one thing that is wrong.
#[track_caller]
fn too_large(text: &str) {
    let (_, diagnostics) = read_with(text, &[]);
    assert_eq!(diagnostics.len(), 1, "{}", shown(&diagnostics));
    assert_eq!(diagnostics[0].code, codes::TOO_LARGE, "{}", shown(&diagnostics));
}

#[test]
fn nesting_and_expressions_together_stay_within_the_stack() {
    for nesting in [10, 50, 100] {
        let (open, close) = ("[".repeat(nesting), "]".repeat(nesting));
        let vars =
            lines((1..2000).map(|level| format!("v{level}: {open}\"${{vars.v{}}}\"{close}", level - 1)));
        too_large(&file(&format!("v0: x\n{vars}"), "note: x"));
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = read_with(&text, &[]);
    }

    #[test]
    fn no_text_made_of_yaml_panics(pieces in proptest::collection::vec("[a-c]|: |- |\\n|  |\\[|\\]|\\{|\\}|, |&a |\\*a|<<|'|\"|\\||>|#|\\$\\{vars\\.[a-c]\\}|\\$\\{|\\}|!!str |\\?|é|edition: 3.0.0\\n|name: x\\n|vars:\\n|resources:\\n|component: toy\\n|props:\\n", 0..40)) {
        let _ = read_with(&pieces.concat(), &[]);
    }

    #[test]
    fn no_expression_panics(body in "[a-z.\\[\\]()'\"{}$, é]{0,30}") {
        let _ = read_with(&file("a: 1", &format!("note: >-\n  ${{{body}}}")), &[]);
    }
}
