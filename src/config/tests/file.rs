//! What stands where in a file, and what YAML is taken.

use super::*;

#[test]
fn editions() {
    let help = "  help: triform reads the editions 1.0.0, 2.0.0 and 3.0.0";
    wrong_file(
        "edition: 4.0.0\nservices: {}\n",
        &format!("1:10 error E0112 the file is of edition `4.0.0`\n{help}"),
    );
    wrong_file(
        "name: x\n",
        &format!(
            "1:1 error E0112 the file does not say its edition\n  help: begin the file with `edition: 3.0.0`\n{help}"
        ),
    );
}

#[test]
fn older_editions_keep_their_entries_below_services_and_name_them_in_expressions() {
    for edition in ["1.0.0", "2.0.0"] {
        let text = format!(
            "edition: {edition}
name: x
services:
  a:
    component: toy
    actions: {{pre-deploy: [{{run: make}}]}}
    props: {{note: '${{env.STAGE}}-${{env(STAGE)}}'}}
  b-c: {{component: toy, props: {{note: '${{a.props.note}}', size: 8}}}}
  d: {{component: toy, props: {{note: '${{b-c.output.arn}}', env: {{A: '${{this.name}}'}}}}}}
"
        );
        let (desired, diagnostics) = read_with(&text, &[]);
        assert_eq!(
            shown(&diagnostics),
            "6:15 warning E0135 the hook `pre-deploy` is not run: `make`\n  help: run what it needs before triform reads the code"
        );
        let note = |name: &str| {
            let toy = &desired.resources[&Address::new("toy", name)];
            written(&toy.attributes[&"note".parse::<Path>().expect("a path")])
        };
        assert_eq!([note("a"), note("b-c")], ["Text(\"prod-prod\")"; 2].map(str::to_owned));
        assert_eq!(note("d"), "<toy.b-c arn>");
    }
    wrong_file(
        "edition: 1.0.0\nname: x\nresources: {}\nservices: {}\n",
        "3:1 error E0112 `resources` belongs to edition 3.0.0\n  help: in editions 1.0.0 and 2.0.0 this is `services`",
    );
}

#[test]
fn keys_of_the_file_and_of_an_entry() {
    wrong_file(
        "
edition: 3.0.0
nmae: x
actions: {pre-deploy: [{run: npm install}, {plugin: x}], fail-deploy: [{component: fc3 logs}], complete-deploy: []}
triform: {secrets: []}
services: {}
resources:
  a b: {}
  b: text
  c: {componet: toy}
  d: {component: tyo, props: {}}
  e: {component: fc@1.0, props: {}}
  f: {component: toy, props: {}, actions: {}, extend: {}, if: x}
  g: {component: toy}
",
        "
1:1 error E0109 `name` is missing
  help: `name`: the project's name
2:1 warning E0110 unknown key `nmae`
  help: did you mean `name`?
3:11 warning E0135 the hook `pre-deploy` is not run: `npm install`, `plugin x`
  help: run what it needs before triform reads the code
3:58 warning E0135 the hook `fail-deploy` is not run: `component fc3 logs`
  help: run what it needs afterwards, by the exit code of `triform apply`
4:11 error E0111 `triform.secrets` is not built yet
  help: nothing is dropped silently: remove it to go on without it
5:1 error E0112 `services` belongs to editions 1.0.0 and 2.0.0
  help: in edition 3.0.0 this is `resources`
7:3 error E0114 `a b` cannot name a resource
  help: use letters, digits, `-` and `_`
8:6 error E0106 `resources.b` has to be a map, and this is a text
  help: it has `component` and `props`
9:3 error E0109 `component` is missing
  help: `component`: what the entry is, such as `fc3`
9:7 warning E0110 unknown key `componet`
  help: did you mean `component`?
10:18 error E0113 there is no component `tyo`
  help: did you mean `toy`?
11:18 error E0113 there is no component `fc@1.0`
  help: triform has `toy`
12:55 error E0109 `extend.name` is missing
  help: `extend.name`: the template
12:59 error E0111 `if` is not built yet
  help: nothing is dropped silently: remove it to go on without it
13:3 error E0109 `props` is missing
  help: `props`: what is deployed
",
    );
}

#[test]
fn no_resources_is_an_error_and_none_of_them_is_not() {
    wrong_file(
        "edition: 3.0.0\nname: x\n",
        "1:1 error E0109 `resources` is missing\n  help: `resources`: what the project deploys, one entry for each function",
    );
    wrong_file("edition: 3.0.0\nname: x\nresources: {}\n", "");
}

#[test]
fn one_access_for_all() {
    let text = "edition: 3.0.0\nname: x\naccess: ${env('STAGE')}\nresources:\n  a: {component: toy, props: {}, access: prod}\n";
    let (desired, diagnostics) = read_with(text, &[]);
    assert_eq!((shown(&diagnostics).as_str(), desired.access.as_deref()), ("", Some("prod")));
    wrong_file(
        &text.replace("access: prod", "access: other"),
        "
5:42 error E0111 a project with two accesses is not built yet
  3 the other one
  help: nothing is dropped silently: remove it to go on without it
",
    );
}

#[test]
fn anchors_and_merges() {
    props(
        "base: &base {colour: red, size: 8, note: base}",
        "
<<: *base
size: 16
env: {A: &a x, B: *a}
",
        r#"
colour = Text("red")
env["A"] = Text("x")
env["B"] = Text("x")
note = Text("base")
size = Number(Number(16.0))
"#,
    );
    wrong(
        "base: &base {colour: blue}",
        "<<: [*base]\nenv: {A: *base}",
        "
3:15 error E0106 `env.A` has to be a text, and this is a map
  9 used here
3:24 error E0107 unknown value for `colour`
  8 used here
  help: one of `red` and `green`
",
    );
}

#[test]
fn what_is_not_yaml_says_where() {
    wrong_file("a: [1\nb: 2\n", "2:2 error E0100 this is not YAML: illegal placement of ':' indicator");
    wrong_file(
        "a:\n\tb: 2\n",
        "2:2 error E0100 this is not YAML: tabs disallowed within this context (block indentation)\n  help: indent with spaces, not with tabs",
    );
}

#[test]
fn odd_yaml() {
    wrong_file(
        "edition: 3.0.0\nname: a\nname: b\nresources: {}\n",
        "
3:1 error E0102 the key `name` stands twice
  2 first here
  help: keep one of them
",
    );
    wrong_file(
        "a: 1\n---\nb: 2\n",
        "2:1 error E0103 the file holds more than one YAML document\n  help: keep one project in one file, and choose with `-t FILE`",
    );
    wrong_file(
        "",
        "1:1 error E0103 the file is empty\n  help: `triform init` writes a project to start from",
    );
    wrong_file(
        "a: {{ name }}\n",
        "
1:5 error E0104 a key is a map
  help: if this is a placeholder such as {{ name }}, put it in quotes or fill it in
",
    );
    wrong_file(
        "edition: 3.0.0\nname: !Ref x\nresources: {}\n",
        "2:7 error E0104 the tag `!Ref` means nothing here\n  help: remove the tag",
    );
    wrong_file(
        "edition: 3.0.0\nname: x\nresources: {}\nvars: &v {a: *v}\n",
        "4:14 error E0104 an alias stands inside its own anchor",
    );
    wrong_file(
        "edition: 3.0.0\nname: x\nresources: {}\nvars: {<<: 3}\n",
        "4:12 error E0104 `<<` takes a map, and this is a number",
    );
    wrong_file(
        "- a\n",
        "1:1 error E0106 `the file` has to be a map, and this is a list\n  help: it begins with `edition: 3.0.0`",
    );
    wrong_file("\u{feff}edition: 3.0.0\r\nname: x\r\nresources: {}\r\n", "");
}

#[test]
fn places_are_what_is_written() {
    let text = "a: plain # c\nb: 'sin''gle'\nc: \"d\\\"ouble\"\nd: |\n  block\n  two\n\ne: [x, {y: z}]\nf:\n  - 1\n  - 2\n# end\ng: ünï\n";
    let source = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() });
    let (root, diagnostics) = yaml::parse(&source);
    assert_eq!(diagnostics, Vec::new());
    let root = root.expect("it is YAML");
    let written: Vec<(&str, &str)> = root
        .pairs()
        .expect("a map")
        .iter()
        .map(|pair| (&text[pair.key.span.range.clone()], &text[pair.value.span.range.clone()]))
        .collect();
    assert_eq!(
        written,
        [
            ("a", "plain"),
            ("b", "'sin''gle'"),
            ("c", "\"d\\\"ouble\""),
            ("d", "block\n  two"),
            ("e", "[x, {y: z}]"),
            ("f", "- 1\n  - 2"),
            ("g", "ünï"),
        ]
    );
}

#[test]
fn a_key_that_stands_twice_is_found_in_maps_of_any_size() {
    for size in [2, 16, 17, 18, 40] {
        let vars = lines((0..size).map(|at| format!("k{at}: 1")));
        for twice in [0, size - 1] {
            let (_, diagnostics) = read_with(&file(&format!("{vars}k{twice}: 2\n"), "note: x"), &[]);
            let found = shown(&diagnostics);
            let expected =
                format!("{}:3 error E0102 the key `k{twice}` stands twice\n  {} first", size + 3, twice + 3);
            assert!(found.starts_with(&expected), "{found}\n{expected}");
        }
    }
}
