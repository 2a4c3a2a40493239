//! Several files: what a project is made of, and what is said where that goes wrong.

use super::*;

/// Gathers a project from texts by name; the first one is the project.
fn gathered(files: &[(&str, &str)], environment: Option<&str>) -> Sources {
    let (name, text) = files[0];
    let main = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
    let mut asked = Vec::new();
    Sources::gather(main, environment, &mut |name| {
        assert!(!asked.contains(&name.to_owned()), "{name} is read twice");
        asked.push(name.to_owned());
        let found = files.iter().find(|(other, _)| *other == name);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "there is no such file".to_owned())
    })
}

/// Checks the leaves of an entry, each with the place that says it.
#[track_caller]
fn says(files: &[(&str, &str)], environment: Option<&str>, entry: &str, expected: &str) -> Desired {
    let (desired, diagnostics) = read_sources(&gathered(files, environment), &[]);
    assert_eq!(told(&diagnostics), "");
    let resource = &desired.resources[&Address::new("toy", entry)];
    let leaf = |(path, planned): (&Path, &Planned)| {
        let (line, _) = resource.spans[path].line_column();
        format!("{path} = {} ({}:{line})\n", written(planned), resource.spans[path].source.name)
    };
    assert_eq!(resource.attributes.iter().map(leaf).collect::<String>().trim(), expected.trim());
    desired
}

/// Checks what is wrong, file by file.
#[track_caller]
fn wrong_files(files: &[(&str, &str)], environment: Option<&str>, expected: &str) {
    let (_, diagnostics) = read_sources(&gathered(files, environment), &[]);
    assert_eq!(told(&diagnostics).trim(), expected.trim());
}

fn told(diagnostics: &[Diagnostic]) -> String {
    let mut lines = Vec::new();
    for one in diagnostics {
        let place = one.at.as_ref().map(|(span, label)| format!("{span} ({label})")).unwrap_or_default();
        lines.push(format!("{place} {} {}", one.code, one.message));
        lines.extend(one.also.iter().map(|(span, label)| format!("  {span} {label}")));
        lines.extend(one.help.iter().map(|help| format!("  help: {help}")));
    }
    lines.join("\n")
}

const BASE: &str = "edition: 3.0.0
name: shop
vars: {colour: red, size: 8}
resources:
  one:
    component: toy
    props:
      colour: ${vars.colour}
      size: ${vars.size}
      note: from the base
      env: {A: x, B: y}
      words: [a, b]
      box: {lid: oak, depth: 3}
";

#[test]
fn a_file_lies_over_the_one_that_it_extends() {
    let child = "extend: ./common/base.yaml
name: store
vars: {size: 16}
resources:
  one:
    props:
      note: ~
      env: {B: z, C: w}
      words: [c]
  two:
    component: toy
    props: {colour: '${vars.colour}', note: '${resources.one.props.box.lid}'}
";
    let files = [("s.yaml", child), ("common/base.yaml", BASE)];
    let desired = says(
        &files,
        None,
        "one",
        r#"
box.depth = Number(Number(3.0)) (common/base.yaml:13)
box.lid = Text("oak") (common/base.yaml:13)
colour = Text("red") (common/base.yaml:8)
env["A"] = Text("x") (common/base.yaml:11)
env["B"] = Text("z") (s.yaml:8)
env["C"] = Text("w") (s.yaml:8)
size = Number(Number(16.0)) (common/base.yaml:9)
words = List([Text("c")]) (s.yaml:9)
"#,
    );
    assert_eq!(desired.project, "store");
    says(&files, None, "two", "colour = Text(\"red\") (s.yaml:12)\nnote = Text(\"oak\") (s.yaml:12)");
}

#[test]
fn a_base_may_extend_another_one_in_another_folder() {
    let files = [
        ("s.yaml", "extends: [base/a.yaml]\nresources: {one: {props: {note: s}}}\n"),
        ("base/a.yaml", "extend: ../../common/b.yaml\nresources: {one: {props: {size: 16}}}\n"),
        ("../common/b.yaml", BASE),
    ];
    let desired = says(
        &files,
        None,
        "one",
        r#"
box.depth = Number(Number(3.0)) (../common/b.yaml:13)
box.lid = Text("oak") (../common/b.yaml:13)
colour = Text("red") (../common/b.yaml:8)
env["A"] = Text("x") (../common/b.yaml:11)
env["B"] = Text("y") (../common/b.yaml:11)
note = Text("s") (s.yaml:2)
size = Number(Number(16.0)) (base/a.yaml:2)
words = List([Text("a"), Text("b")]) (../common/b.yaml:12)
"#,
    );
    assert_eq!(desired.project, "shop");
}

#[test]
fn what_is_wrong_in_a_base_points_into_it() {
    wrong_files(
        &[
            ("s.yaml", "extend: base.yaml\nresources: {one: {props: {size: 12}}}\n"),
            ("base.yaml", &BASE.replace("${vars.colour}", "blue").replace("note:", "not:")),
        ],
        None,
        "
base.yaml:8:15 (no such value) E0107 unknown value for `colour`
  help: one of `red` and `green`
base.yaml:10:7 (not used) E0110 unknown key `not`
  help: did you mean `note`?
s.yaml:2:33 (from 8 to 64, a multiple of 8) E0108 `size` is 12
",
    );
}

#[test]
fn files_that_cannot_be_extended() {
    wrong_files(
        &[("s.yaml", "edition: 3.0.0\nextend: ../base.yml\n")],
        None,
        "
s.yaml:2:9 (named here) E0140 could not read `../base.yml`: there is no such file
  help: paths are taken from the folder of `s.yaml`
",
    );
    wrong_files(
        &[
            ("s.yaml", "edition: 3.0.0\nextend: a.yaml\n"),
            ("a.yaml", "extend: b.yaml\n"),
            ("b.yaml", "extend: ./a.yaml\n"),
        ],
        None,
        "
b.yaml:1:9 (leads back to `a.yaml`) E0141 these files extend each other
  a.yaml:1:9 on the way
  help: take one of these lines out
",
    );
    wrong_files(
        &[("s.yaml", "extend: s.yaml\n")],
        None,
        "
s.yaml:1:9 (leads back to `s.yaml`) E0141 these files extend each other
  help: take one of these lines out
",
    );
    wrong_files(
        &[("s.yaml", "extend: a.yaml\n"), ("a.yaml", "a: [1\nb: 2\n")],
        None,
        "
a.yaml:2:2 () E0100 this is not YAML: illegal placement of ':' indicator
  s.yaml:1:9 extended here
",
    );
    wrong_files(
        &[("s.yaml", "extend: a.yaml\n"), ("a.yaml", "")],
        None,
        "
a.yaml:1:1 () E0103 the file is empty
  s.yaml:1:9 extended here
  help: `triform init` writes a project to start from
",
    );
    wrong_files(
        &[("s.yaml", "extend: ${vars.base}\n")],
        None,
        "
s.yaml:1:9 (read before anything is filled in) E0120 `extend` cannot hold an expression
  help: write the path out
",
    );
    wrong_files(
        &[("s.yaml", "extend: {a: b}\n")],
        None,
        "s.yaml:1:9 (expected the path of a file) E0106 `extend` has to be the path of a file, and this is a map",
    );
    wrong_files(
        &[("s.yaml", "extends: [a.yaml, b.yaml]\n")],
        None,
        "
s.yaml:1:19 (the second one) E0108 `extends` names more than one file
  help: name one; that one may extend the next
",
    );
}

#[test]
fn files_that_go_on_for_ever_are_no_project() {
    let mut names = 0;
    let main = Arc::new(Source { name: "s.yaml".to_owned(), text: "extend: x/s.yaml\n".to_owned() });
    let sources = Sources::gather(main, None, &mut |_| {
        names += 1;
        Ok("extend: x/s.yaml\n".to_owned())
    });
    let (_, diagnostics) = read_sources(&sources, &[]);
    assert_eq!(names, 15);
    assert!(told(&diagnostics).contains("E0101 more than 16 files extend each other in a row"));
}

#[test]
fn a_file_of_another_edition_extends_nothing() {
    let (_, diagnostics) = read_sources(
        &gathered(&[("s.yaml", "edition: 4.0.0\nextend: base.yaml\nservices: {}\n")], None),
        &[],
    );
    assert_eq!(diagnostics.iter().map(|one| one.code).collect::<Vec<_>>(), ["E0112"]);
}

const PROJECT: &str = "edition: 3.0.0
name: shop
access: work
resources:
  one:
    component: toy
    access: other
    props: {region: a, note: plain, size: 8, env: {A: x, B: y}, words: [a]}
  two:
    component: toy@1.0
    props: {region: a, note: two}
";

const ENVIRONMENTS: &str = "environments:
  - name: prod
    type: production
    region: c
    access: safe
    overlays:
      components:
        toy: {size: 32, note: '${source.note} of ${project} in ${that.type}', colour: green}
      resources:
        one: {colour: red, env: {B: ~, C: '${this.props.size}'}, words: [b]}
    infraStack: {region: '${that.region}'}
  - name: test
";

#[test]
fn an_environment_lies_over_everything() {
    let files = [("s.yaml", PROJECT), ("env.yaml", ENVIRONMENTS)];
    let one = r#"
colour = Text("red") (env.yaml:10)
env["A"] = Text("x") (s.yaml:8)
env["C"] = Text("32") (env.yaml:10)
note = Text("plain of shop in production") (env.yaml:8)
size = Number(Number(32.0)) (env.yaml:8)
words = List([Text("b")]) (env.yaml:10)
"#;
    let desired = says(&files, Some("prod"), "one", one);
    assert_eq!((desired.environment.as_deref(), desired.access.as_deref()), (Some("prod"), Some("safe")));
    assert!(desired.resources.values().all(|resource| resource.region == "c"));
    let project = PROJECT.replace("    access: other\n", "");
    let files = [("s.yaml", &*project), ("env.yaml", ENVIRONMENTS)];
    let plain = r#"
env["A"] = Text("x") (s.yaml:7)
env["B"] = Text("y") (s.yaml:7)
note = Text("plain") (s.yaml:7)
size = Number(Number(8.0)) (s.yaml:7)
words = List([Text("a")]) (s.yaml:7)
"#;
    assert_eq!(says(&files, Some("test"), "one", plain).access.as_deref(), Some("work"));
    assert_eq!(says(&files, None, "one", plain).environment, None);
    let elsewhere = format!("env: envs/all.yaml\n{project}");
    let files = [("s.yaml", &*elsewhere), ("envs/all.yaml", ENVIRONMENTS)];
    says(
        &files,
        Some("prod"),
        "two",
        "colour = Text(\"green\") (envs/all.yaml:8)\nnote = Text(\"two of shop in production\") (envs/all.yaml:8)\nsize = Number(Number(32.0)) (envs/all.yaml:8)",
    );
}

#[test]
fn a_base_and_an_environment_go_together() {
    let child = "extend: base.yaml\nresources: {one: {props: {note: child, size: 16}}}\n";
    let environments = "environments: [{name: prod, overlays: {resources: {one: {size: 24}}}}]\n";
    let files = [("s.yaml", child), ("base.yaml", BASE), ("env.yaml", environments)];
    says(
        &files,
        Some("prod"),
        "one",
        r#"
box.depth = Number(Number(3.0)) (base.yaml:13)
box.lid = Text("oak") (base.yaml:13)
colour = Text("red") (base.yaml:8)
env["A"] = Text("x") (base.yaml:11)
env["B"] = Text("y") (base.yaml:11)
note = Text("child") (s.yaml:2)
size = Number(Number(24.0)) (env.yaml:1)
words = List([Text("a"), Text("b")]) (base.yaml:12)
"#,
    );
}

#[test]
fn environments_that_are_not_there() {
    let files = [("s.yaml", PROJECT), ("env.yaml", ENVIRONMENTS)];
    wrong_files(
        &files,
        Some("prd"),
        "--env:1:1 (asked for here) E0142 there is no environment `prd`\n  help: did you mean `prod`?",
    );
    wrong_files(
        &files,
        Some("staging"),
        "--env:1:1 (asked for here) E0142 there is no environment `staging`\n  help: `env.yaml` has `prod` and `test`",
    );
    wrong_files(
        &[("s.yaml", PROJECT)],
        Some("prod"),
        "
--env:1:1 (named here) E0140 could not read `env.yaml`: there is no such file
  help: write it, or name another file with `env: FILE` in the project
",
    );
    let named = format!("env: envs.yaml\n{PROJECT}");
    wrong_files(
        &[("s.yaml", &named)],
        Some("prod"),
        "
s.yaml:1:6 (named here) E0140 could not read `envs.yaml`: there is no such file
  help: paths are taken from the folder of `s.yaml`
",
    );
}

#[test]
fn environments_that_are_none() {
    let read = |environments: &str| {
        let (_, found) =
            read_sources(&gathered(&[("s.yaml", PROJECT), ("env.yaml", environments)], Some("prod")), &[]);
        told(&found)
    };
    assert_eq!(
        read("environment: []\n"),
        "env.yaml:1:1 (has no `environments`) E0109 `environments` is missing\n  help: `environments`: a list; each environment has a `name`"
    );
    assert_eq!(
        read("environments: {prod: {}}\n"),
        "env.yaml:1:15 (expected a list) E0106 `environments` has to be a list, and this is a map\n  help: each item is a map with a `name`"
    );
    assert_eq!(
        read("environments:\n  - prod\n  - type: x\n  - name: a.b\n  - name: prod\n  - name: prod\n"),
        "env.yaml:2:5 (expected a map) E0106 `environments[0]` has to be a map, and this is a text\n  help: it has a `name`
env.yaml:3:5 (has no `environments[1].name`) E0109 `environments[1].name` is missing\n  help: `environments[1].name`: the environment's name
env.yaml:4:11 () E0114 `a.b` cannot name an environment\n  help: use letters, digits, `-` and `_`
env.yaml:6:11 (again here) E0115 the environment `prod` is declared twice\n  env.yaml:5:11 first here\n  help: give each its own name"
    );
    assert_eq!(
        read("environments:\n  - {name: prod, overlay: {}, overlays: {resources: {on: {}, one: []}, components: {tyo: {}}}}\n"),
        "env.yaml:2:18 (only `${that.…}` would read it) E0110 unknown key `overlay` of the environment `prod`\n  help: did you mean `overlays`?
env.yaml:2:54 (not used) E0110 the project has no resource `on`\n  help: did you mean `one`?
env.yaml:2:67 (expected a map) E0106 `overlays.resources.one` has to be a map, and this is a list
env.yaml:2:85 (not used) E0110 the project has no resource with the component `tyo`\n  help: did you mean `toy`?
s.yaml:7:13 (triform does not build this yet) E0111 a project with two accesses is not built yet\n  s.yaml:3:9 the other one\n  help: nothing is dropped silently: remove it to go on without it"
    );
}

#[test]
fn words_of_an_environment_mean_nothing_elsewhere() {
    let project = PROJECT.replace("    access: other\n", "").replace("plain", "'${that.region}'");
    wrong_files(
        &[("s.yaml", &project), ("env.yaml", ENVIRONMENTS)],
        Some("test"),
        "
s.yaml:7:31 (outside of them) E0122 `that` means something in the overlays of an environment only
  help: `this` is the resource around an expression
",
    );
}

#[test]
fn templates() {
    let text = "edition: 3.0.0
name: shop
template:
  small:
    size: 8
    note: '${this.name} is small'
    env: {A: x, B: y}
resources:
  one:
    component: toy
    extend: {name: small, ignore: [note, env.A]}
    props: {env: {C: z}}
  two:
    component: toy
    extend:
      name: small
";
    says(
        &[("s.yaml", text)],
        None,
        "one",
        "env[\"B\"] = Text(\"y\") (s.yaml:11)\nenv[\"C\"] = Text(\"z\") (s.yaml:12)\nsize = Number(Number(8.0)) (s.yaml:11)",
    );
    says(
        &[("s.yaml", text)],
        None,
        "two",
        "env[\"A\"] = Text(\"x\") (s.yaml:16)\nenv[\"B\"] = Text(\"y\") (s.yaml:16)\nnote = Text(\"two is small\") (s.yaml:16)\nsize = Number(Number(8.0)) (s.yaml:16)",
    );
    wrong_files(
        &[("s.yaml", &text.replace("name: small\n", "name: smal\n").replace("{name: small, ", "{"))],
        None,
        "
s.yaml:11:13 (has no `extend.name`) E0109 `extend.name` is missing
  help: `extend.name`: the template
s.yaml:13:3 (has no `props`) E0109 `props` is missing
  help: `props`: what is deployed
s.yaml:16:13 (not below `template`) E0143 there is no template `smal`
  help: did you mean `small`?
",
    );
}
