//! Files in, wanted values, and the lines that differ afterwards.

mod files;
mod random;

use similar::{ChangeTag, TextDiff};

use super::super::tests::TOY;
use super::*;
use crate::model::Number;

/// Returns a project of one file.
fn sources(text: &str) -> Sources {
    Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() }).into()
}

/// Edits a project of one file, and returns its text afterwards.
fn edited(project: &Project<'_>, wanted: &[Wanted]) -> (String, Vec<Refused>) {
    let Edited { mut texts, refused } = edit(project, wanted);
    (texts.remove("s.yaml").unwrap_or_else(|| project.sources.main().text.clone()), refused)
}

fn on<T>(text: &str, then: impl FnOnce(&Project<'_>) -> T) -> T {
    let sources = sources(text);
    let variables = |name: &str| (name == "STAGE").then(|| "prod".to_owned());
    let given = Given { variables: &variables, overrides: &[], unset: None };
    let is_secret = |_: &Schema, path: &Path| path.to_string().contains("SECRET");
    then(&Project { sources: &sources, given: &given, components: &[&TOY], is_secret: &is_secret })
}

/// Reads `one:env["A"]=text`; a number, `true` and `[a, b]` get their types, nothing behind the sign means gone.
fn wanted(text: &str) -> Wanted {
    let (place, value) = text.split_once('=').expect("a sign");
    let (name, path) = place.split_once(':').unwrap_or(("one", place));
    let value = match value {
        "" => None,
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => Some(match (value.strip_prefix('['), value.parse().ok().and_then(Number::new)) {
            (Some(list), _) => {
                let list = list.strip_suffix(']').expect("an end");
                Value::List(list.split(',').filter(|item| !item.is_empty()).map(Value::from).collect())
            }
            (None, Some(number)) => Value::Number(number),
            (None, None) => Value::text(value.strip_prefix('\'').unwrap_or(value)),
        }),
    };
    Wanted { address: Address::new("toy", name), path: path.parse().expect("a path"), value }
}

fn file(vars: &str, props: &str) -> String {
    let indented = |text: &str, by: &str| -> String {
        let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{by}{line}\n") };
        text.trim_matches('\n').lines().map(line).collect()
    };
    let (vars, props) = (indented(vars, "  "), indented(props, "      "));
    format!(
        "edition: 3.0.0\nvars:\n  other: 1\n{vars}resources:\n  one:\n    component: toy\n    props:\n{props}name: shop\n"
    )
}

fn diff(old: &str, new: &str) -> String {
    let mut lines = Vec::new();
    for change in TextDiff::from_lines(old, new).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        lines.push(format!("{sign}{}", change.value().trim_end_matches(['\n', '\r'])));
    }
    lines.join("\n")
}

/// Checks which lines of the props differ (without their first six spaces) when these values were written.
#[track_caller]
fn edits(props: &str, values: &[&str], expected: &str) {
    edits_file(
        &file("", props),
        values,
        &expected.trim_matches('\n').lines().map(deeper).collect::<Vec<_>>().join("\n"),
    );
}

fn deeper(line: &str) -> String {
    line.split_at_checked(1).map_or_else(String::new, |(sign, line)| {
        if line.is_empty() { sign.to_owned() } else { format!("{sign}      {line}") }
    })
}

#[track_caller]
fn edits_file(text: &str, values: &[&str], expected: &str) -> String {
    let wanted: Vec<Wanted> = values.iter().map(|value| wanted(value)).collect();
    on(text, |project| {
        let (new, refused) = edited(project, &wanted);
        let refused: Vec<String> =
            refused.iter().map(|refused| format!("{} {}", refused.wanted.path, refused.why)).collect();
        assert_eq!(refused, Vec::<String>::new(), "{text}");
        assert_eq!(diff(text, &new), expected.trim_matches('\n'), "{new}");
        let again = edit(&Project { sources: &sources(&new), ..*project }, &wanted);
        assert!(again.texts.is_empty(), "what is said already is not written again");
        new
    })
}

/// Checks why nothing was written, and on which line the reason stands.
#[track_caller]
fn refuses(vars: &str, props: &str, value: &str, expected: &str) {
    let text = file(vars, props);
    on(&text, |project| {
        let edited = edit(project, &[wanted(value)]);
        assert!(edited.texts.is_empty());
        let shown: Vec<String> = edited
            .refused
            .iter()
            .map(|refused| {
                let line = refused.at.as_ref().map_or(0, |at| at.line_column().0);
                format!("{line}: {}", refused.why)
            })
            .collect();
        assert_eq!(shown, [expected]);
    });
}

#[test]
fn scalars_keep_their_style() {
    for (old, value, new) in [
        ("note: a # why\t here", "b", "note: b # why\t here"),
        ("note: 'a'   # why", "it's", "note: 'it''s'   # why"),
        ("note: \"a\"", "say \"b\"\n\u{1}", "note: \"say \\\"b\\\"\\n\\x01\""),
        ("note:    a", "b: c", "note:    \"b: c\""),
        ("note: a", "yes", "note: \"yes\""),
        ("note: a", "010", "note: \"010\""),
        ("note: a", "2026-01-02", "note: \"2026-01-02\""),
        ("note: a", "1.2.3", "note: 1.2.3"),
        ("note: a", " b", "note: \" b\""),
        ("note: a", "# b", "note: \"# b\""),
        ("note: a", "https://b.c/?d=e&f", "note: https://b.c/?d=e&f"),
        ("note: &n a", "b", "note: &n b"),
        ("note: !!str a", "b", "note: !!str b"),
        ("note: a", "\u{5ba2}\u{6237}", "note: \u{5ba2}\u{6237}"),
        ("note : a", "b", "note : b"),
        ("\"note\": a", "b", "\"note\": b"),
    ] {
        let value = format!("note='{value}");
        edits(old, &[&value], &format!("-{old}\n+{new}"));
    }
    edits("note: 8080", &["note='9090"], "-note: 8080\n+note: 9090");
    edits("note: 8080", &["note='0x1F"], "-note: 8080\n+note: \"0x1F\"");
    edits("note: 8080", &["note='true"], "-note: 8080\n+note: \"true\"");
    edits("note: a", &["note='9090"], "-note: a\n+note: \"9090\"");
    edits("size: '16'", &["size=32"], "-size: '16'\n+size: '32'");
    edits("size: 16", &["size=32"], "-size: 16\n+size: 32");
    edits("on: yes", &["on=false"], "-on: yes\n+on: false");
    edits("env: {A: 'x', B: \"w\", C: z}", &["note='q"], "+note: q");
}

#[test]
fn texts_of_several_lines() {
    edits("note: |\n  a\n  b\n\nsize: 16", &["note='a\nc\n"], "-  b\n+  c");
    edits("note: |- # why\n  a\n  b\nsize: 16", &["note='a\n\n  c"], "-  b\n+\n+    c");
    edits("note: |\n  a\nsize: 16", &["note='b"], "-note: |\n-  a\n+note: |-\n+  b");
    edits("note: >-\n  a\n  b\nsize: 16", &["note='c d\ne"], "-  a\n-  b\n+  c d\n+\n+  e");
    edits("note: |\n  a\n  b\nsize: 16", &["note=' c"], "-note: |\n-  a\n-  b\n+note: \" c\"");
    edits("note: |2\n   a\nsize: 16", &["note='b"], "-note: |2\n-   a\n+note: \"b\"");
    edits("note: |+\n  a\n\nsize: 16", &["note='b\n"], "-note: |+\n-  a\n+note: |\n+  b");
    edits("note: a\n  b\nsize: 16", &["note='c"], "-note: a\n-  b\n+note: c");
    edits("note: \"a\n  b\"\nsize: 16", &["note='c\nd"], "-note: \"a\n-  b\"\n+note: \"c\\nd\"");
    edits("size: 16", &["note='a\nb\n"], "+note: |\n+  a\n+  b");
    edits("env:\n  A: |\n    x\n  B: w", &["env[\"A\"]='z"], "-  A: |\n-    x\n+  A: |-\n+    z");
}

#[test]
fn new_keys_come_behind_their_siblings() {
    edits("env:\n  A: x # a\n  # end\nnote: n", &["env[\"B\"]='w"], "+  B: w");
    edits("colour: red\nnote: n", &["size=16", "on=true"], "+size: 16\n+on: true");
    edits("size: 16\nnote: n", &["env[\"B\"]='w", "env[\"C D\"]='z"], "+env:\n+  B: w\n+  C D: z");
    edits("size: 16\nenv: {}  # none\nnote: n", &["env[\"B\"]='w"], "-env: {}  # none\n+env: {B: w}  # none");
    edits("size: 16\nenv:  # none\nnote: n", &["env[\"B\"]='w"], "+  B: w");
    edits("size: 16\nenv: ~\nnote: n", &["env[\"B\"]='w"], "-env: ~\n+env: {B: w}");
    edits("size: # soon\nnote: n", &["size=16"], "-size: # soon\n+size: 16 # soon");
    edits("env: { A: \"x\" }", &["env[\"B\"]='a, b"], "-env: { A: \"x\" }\n+env: { A: \"x\", B: \"a, b\" }");
    edits("env: {\n  A: x, # a\n  B: w # b\n}", &["env[\"C\"]='z"], "-  B: w # b\n+  B: w, # b\n+  C: z");
    edits("env: {\n  A: x,\n  B: w, # b\n}", &["env[\"C\"]='z"], "+  C: z,");
    edits("box:\n    lid: oak\nnote: n", &["box.depth=3"], "+    depth: 3");
    edits("note: n", &["box.lid='oak", "box.depth=3"], "+box:\n+  lid: oak\n+  depth: 3");
    edits("note: |\n  a\n", &["size=16"], "+size: 16");
    edits("note: n", &["words=[a,b]"], "+words:\n+  - a\n+  - b");
    edits("tags:\n- a\nnote: n", &["words=[a]"], "+words:\n+- a");
    edits("note: 'n'\nenv: {A: 'x'}", &["env[\"B\"]='yes"], "-env: {A: 'x'}\n+env: {A: 'x', B: 'yes'}");
}

#[test]
fn keys_that_go_take_their_lines_along() {
    edits("# about a\nsize: 16 # why\n\nnote: n", &["size="], "-size: 16 # why");
    edits("env:\n  A: x\n  B: w # b\n# end\nnote: n", &["env[\"B\"]="], "-  B: w # b");
    edits("env:\n  A: x\nnote: n", &["env[\"A\"]="], "-env:\n-  A: x");
    edits("env:\n  # about A\n  A: x # a\nnote: n", &["env[\"A\"]="], "-  A: x # a");
    edits("env: {A: x} # e\nnote: n", &["env[\"A\"]="], "-env: {A: x} # e\n+env: {} # e");
    edits("env: {A: x, B: w, C: z}", &["env[\"A\"]="], "-env: {A: x, B: w, C: z}\n+env: {B: w, C: z}");
    edits(
        "env: {A: x, B: w, C: z}",
        &["env[\"B\"]=", "env[\"C\"]="],
        "-env: {A: x, B: w, C: z}\n+env: {A: x}",
    );
    edits(
        "env: {A: x, B: w, C: z}",
        &["env[\"A\"]=", "env[\"C\"]="],
        "-env: {A: x, B: w, C: z}\n+env: {B: w}",
    );
    edits("env: {\n  A: x, # a\n  B: w\n}", &["env[\"A\"]="], "-  A: x, # a");
    edits("note: |\n  a\n  b\n\nsize: 16", &["note="], "-note: |\n-  a\n-  b");
    edits("env:\n  A: x\n  B: w", &["env[\"A\"]=", "env[\"C\"]='z"], "-  A: x\n+  C: z");
    edits("env: {A: x}", &["env[\"A\"]=", "env[\"C\"]='z"], "-env: {A: x}\n+env: {C: z}");
    edits("tags: [a]\nnote: n", &["tags=[]"], "-tags: [a]");
}

#[test]
fn lists_change_by_element() {
    edits("tags: [b, a] # t", &["tags=[a,c]"], "-tags: [b, a] # t\n+tags: [c, a] # t");
    edits("tags:\n  - b # why b\n  - a\nnote: n", &["tags=[a,b,c]"], "+  - c");
    edits("tags:\n- b # why b\n- a", &["tags=[a]"], "-- b # why b");
    edits("words:\n  - a\n  - b\n  - c", &["words=[a,x,b,c]"], "+  - x");
    edits("words:\n  - a\n  - b\n  - c", &["words=[x,a,c]"], "+  - x\n-  - b");
    edits("words:\n  - a\n  # about b\n  - 'b'\n  - c", &["words=[a,d,c]"], "-  - 'b'\n+  - 'd'");
    edits("words: [a, b, c]", &["words=[c]"], "-words: [a, b, c]\n+words: [c]");
    edits("words: [a, b]", &["words=[x,a,b,w]"], "-words: [a, b]\n+words: [x, a, b, w]");
    edits("words: [\n  a,\n  b\n]", &["words=[a,b,c]"], "-  b\n+  b,\n+  c");
}

#[test]
fn doubles_in_lists() {
    edits("words:\n- a\n- a\n- a", &["words=[a]"], "-- a\n-- a");
}

#[test]
fn items_with_names() {
    let doors = "doors:\n  - id: front\n    leadsTo: street\n  - {id: back, leadsTo: yard}";
    edits(doors, &["doors[\"front\"].leadsTo='park"], "-    leadsTo: street\n+    leadsTo: park");
    edits(
        doors,
        &["doors[\"back\"].leadsTo='park"],
        "-  - {id: back, leadsTo: yard}\n+  - {id: back, leadsTo: park}",
    );
    edits(
        doors,
        &["doors[\"side\"].id='side", "doors[\"side\"].leadsTo='lane"],
        "+  - id: side\n+    leadsTo: lane",
    );
    edits(
        doors,
        &["doors[\"front\"].id=", "doors[\"front\"].leadsTo="],
        "-  - id: front\n-    leadsTo: street",
    );
    edits(
        "doors:\n  - leadsTo: street\n    id: front",
        &["doors[\"front\"].leadsTo="],
        "-  - leadsTo: street\n-    id: front\n+  - id: front",
    );
    edits("note: n", &["doors[\"side\"].id='side"], "+doors:\n+  - id: side");
}

#[test]
fn ends_of_lines_and_of_files() {
    let text = "\u{feff}%YAML 1.2\n---\n# top\nedition: 3.0.0\nname: shop\nresources:\n  one:\n    component: toy\n    props:\n      size: 16\n      note: n";
    edits_file(text, &["size=32"], "-      size: 16\n+      size: 32");
    let new = edits_file(text, &["env[\"A\"]='x"], "+      env:\n+        A: x");
    assert!(new.ends_with("note: n"), "no line end comes to the end");
    let new = edits_file(text, &["note="], "-      size: 16\n-      note: n\n+      size: 16");
    assert!(new.ends_with("size: 16"), "{new:?}");
    let at_end = text.replace("      note: n", "      env:\n        A: x");
    let new = edits_file(&at_end, &["env[\"B\"]='w"], "-        A: x\n+        A: x\n+        B: w");
    assert!(new.ends_with("B: w"), "{new:?}");
    let windows = file("", "env:\n  A: x\nnote: |\n  a\n  b").replace('\n', "\r\n");
    let new = edits_file(
        &windows,
        &["env[\"B\"]='w", "note='a\nc\n", "env[\"A\"]='z"],
        "-        A: x\n+        A: z\n+        B: w\n-        b\n+        c",
    );
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    let marked = format!("{}...\n", file("", "note: n"));
    edits_file(&marked, &["note='m"], "-      note: n\n+      note: m");
}

#[test]
fn expressions_are_followed_where_nothing_else_uses_them() {
    let vars = |line: &str, props: &str| file(line, props);
    edits_file(&vars("a: x # here", "note: ${vars.a}"), &["note='w"], "-  a: x # here\n+  a: w # here");
    edits_file(&vars("a: {b: x}", "note: \"${vars.a.b}\""), &["note='w"], "-  a: {b: x}\n+  a: {b: w}");
    edits_file(&vars("e:\n  A: x", "env: ${vars.e}"), &["env[\"B\"]='w"], "+    B: w");
    edits_file(&vars("e:\n  A: x", "env: ${vars.e}"), &["env[\"A\"]='w"], "-    A: x\n+    A: w");
    refuses(
        "a: x",
        "note: ${vars.a}\nenv: {B: '${vars.a}'}",
        "note='w",
        "9: its value comes from `${vars.a}`, which is used at 2 places",
    );
    refuses("a: x", "note: ${vars.a}-1", "note='w", "9: its value comes from `${vars.a}-1`");
    refuses("", "note: ${env('STAGE')}", "note='w", "8: its value comes from `${env('STAGE')}`");
    refuses("", "note: ${env('STAGE')}", "note=", "8: its value comes from `${env('STAGE')}`");
    refuses(
        "",
        "words: ['${env(''STAGE'')}', b]",
        "words=[x,b]",
        "8: its value comes from `${env('STAGE')}`",
    );
    refuses(
        "",
        "note: n\nenv: {A: '${this.props.note}'}",
        "note='w",
        "8: the edit would not change this alone: it reaches toy.one:env[\"A\"]",
    );
}

#[test]
fn anchors_are_followed_where_nothing_else_uses_them() {
    edits_file(&file("c: &c\n  A: x", "env: *c"), &["env[\"A\"]='w"], "-    A: x\n+    A: w");
    edits_file(&file("c: &c\n  A: x", "env:\n  <<: *c\n  B: w"), &["env[\"A\"]='z"], "-    A: x\n+    A: z");
    edits_file(&file("c: &c\n  A: x", "env:\n  <<: *c\n  B: w"), &["env[\"C\"]='z"], "+        C: z");
    edits_file(
        &file("c: &c x", "env: {A: *c, B: *c}"),
        &["env[\"A\"]="],
        "-      env: {A: *c, B: *c}\n+      env: {B: *c}",
    );
    let shared = "its value comes through an alias or a merge and is used at other places too";
    refuses("c: &c x", "note: *c\nenv: {A: *c}", "note='w", &format!("9: {shared}"));
    refuses("", "note: &c x\nenv: {A: *c}", "env[\"A\"]='w", &format!("9: {shared}"));
    refuses("", "note: &c x\nenv: {A: *c}", "note='w", &format!("8: {shared}"));
    refuses("c: &c {A: x}\nd: *c", "env:\n  <<: *c", "env[\"A\"]='w", &format!("11: {shared}"));
}

#[test]
fn what_cannot_be_written_says_why() {
    refuses("", "note: n", "env[\"SECRET\"]='w", "5: it is a secret, and secrets are not written into files");
    refuses("", "note: n", "note='a${b}", "8: the value holds `${`, which would be read as an expression");
    refuses("", "note: n", "size=12", "5: the project would not be valid: `size` is 12");
    refuses("", "box: {lid: oak}", "box.lid=", "8: the project would not be valid: `box.lid` is missing");
    refuses("", "note: n", "two:note='w", "0: no entry of the file is its place");
    refuses(
        "",
        "env: {A: x,\n  # about B\n  B: w,\n  C: z}",
        "env[\"A\"]=",
        "8: it is written in a way that cannot be edited without changing something else",
    );
}

#[test]
fn one_that_cannot_be_written_does_not_hold_the_others_up() {
    let text = file("", "size: 16\nnote: n\non: true");
    on(&text, |project| {
        let (new, refused) = edited(
            project,
            &[wanted("note='m"), wanted("size=12"), wanted("on=false"), wanted("env[\"SECRET\"]='x")],
        );
        assert_eq!(diff(&text, &new), "-      note: n\n-      on: true\n+      note: m\n+      on: false");
        let refused: Vec<String> = refused.iter().map(|refused| refused.wanted.path.to_string()).collect();
        assert_eq!(refused, ["size", "env[\"SECRET\"]"]);
    });
}

#[test]
fn a_value_from_the_command_line_is_not_in_the_file() {
    let text = file("a: x", "note: ${vars.a}");
    on(&text, |project| {
        let overrides = [("a".to_owned(), "z".to_owned())];
        let given = Given { overrides: &overrides, ..*project.given };
        let edited = edit(&Project { given: &given, ..*project }, &[wanted("note='y")]);
        assert!(edited.texts.is_empty());
        assert_eq!(edited.refused[0].why, Why::Given("a".to_owned()));
    });
}

#[test]
fn odd_ways_of_writing() {
    edits("? note\n: n # why\nsize: 16", &["note=m"], "-: n # why\n+: m # why");
    edits("- {}".replace("- {}", "words:\n  -\n    a\n  - b").as_str(), &["words=[c,b]"], "-    a\n+    c");
    edits("words: [a,\n\n  'b' , c] # w", &["words=[a,d,c]"], "-  'b' , c] # w\n+  'd' , c] # w");
    edits("env: {\"A\":x, B}", &["env[\"A\"]=w"], "-env: {\"A\":x, B}\n+env: {\"A\":w, B}");
    edits("env:\n\n  # first\n\n  A: x\t# tab", &["env[\"A\"]=w"], "-  A: x\t# tab\n+  A: w\t# tab");
    edits(
        "{colour: red, note: n}",
        &["note=m", "size=16"],
        "-{colour: red, note: n}\n+{colour: red, note: m, size: 16}",
    );
}

#[test]
fn a_large_file_is_edited_in_one_go() {
    let entry = |index: usize| {
        format!("  e{index}:\n    component: toy\n    props:\n      size: 16\n      env:\n        A: x\n")
    };
    let text = format!("edition: 3.0.0\nname: shop\nresources:\n{}", (0..300).map(entry).collect::<String>());
    let wanted: Vec<Wanted> = (0..300)
        .flat_map(|index| {
            [format!("e{index}:size=32"), format!("e{index}:env[\"B\"]=w"), format!("e{index}:note=m")]
        })
        .map(|value| wanted(&value))
        .collect();
    on(&text, |project| {
        let (new, refused) = edited(project, &wanted);
        assert!(refused.is_empty());
        assert_eq!(diff(&text, &new).lines().count(), 300 * 4);
    });
}
