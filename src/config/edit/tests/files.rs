//! Several files: a value is written where the last of them says it, and nobody else is told anything new.

use super::*;

const BASE: &str = "edition: 3.0.0 # of all shops
name: shop
vars:
  size: 8
resources:
  one:
    component: toy
    props:
      colour: red # as the door
      size: ${vars.size}
      env:
        A: x
        B: y
      words: [a, b]
      doors:
        - {id: front, leadsTo: street}
";
const CHILD: &str = "extend: ../base.yaml
vars:
  size: 16 # larger
resources:
  one:
    props:
      note: ours
      env:
        B: z # not y
";
const ENVIRONMENTS: &str = "environments:
  - name: prod
    overlays:
      resources:
        one:
          note: theirs # and no more
          env: {C: w}
  - name: test
  - name: alone
    overlays: &overlays
      components:
        toy: {size: 24}
";

fn gathered(files: &[(&str, &str)], environment: Option<&str>) -> Sources {
    let (name, text) = files[0];
    let main = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
    Sources::gather(main, environment, &mut |name| {
        let found = files.iter().find(|(other, _)| *other == name);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "there is no such file".to_owned())
    })
}

/// Edits a project, and returns the lines that differ in each file and what was refused, with its place.
fn changed(files: &[(&str, &str)], environment: Option<&str>, values: &[&str]) -> String {
    let sources = gathered(files, environment);
    let given = Given { variables: &|_| None, overrides: &[], unset: None };
    let project = Project { sources: &sources, given: &given, components: &[&TOY], is_secret: &|_, _| false };
    let values: Vec<Wanted> = values.iter().map(|value| wanted(value)).collect();
    let Edited { texts, refused } = edit(&project, &values);
    let again = edit(&Project { sources: &sources.with(&texts), ..project }, &values);
    assert!(again.texts.is_empty(), "what is said already is not written again: {:?}", again.texts);
    let file = |(name, new): (&String, &String)| {
        let old = sources.all().find(|source| source.name == *name).expect("is of the project");
        format!("{name}\n{}\n", diff(&old.text, new))
    };
    let refused = refused.iter().map(|one| {
        let at = one.at.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{}: {at}: {}\n", one.wanted.path, one.why)
    });
    texts.iter().map(file).chain(refused).collect::<String>().trim().to_owned()
}

#[track_caller]
fn in_base(values: &[&str], expected: &str) {
    assert_eq!(
        changed(&[("s.yaml", CHILD), ("../base.yaml", BASE)], None, values),
        expected.trim_matches('\n')
    );
}

#[track_caller]
fn in_environment(environment: &str, values: &[&str], expected: &str) {
    let child = CHILD.replace("../base", "base");
    let files = [("s.yaml", &*child), ("base.yaml", BASE), ("env.yaml", ENVIRONMENTS)];
    assert_eq!(changed(&files, Some(environment), values), expected.trim_matches('\n'));
}

#[test]
fn a_value_is_written_where_the_last_file_says_it() {
    in_base(
        &["colour=green", "note=more", "env[\"A\"]=u", "env[\"B\"]=v", "words=[a,c]", "size=32"],
        "
../base.yaml
-      colour: red # as the door
+      colour: green # as the door
-        A: x
+        A: u
-      words: [a, b]
+      words: [a, c]
s.yaml
-  size: 16 # larger
+  size: 32 # larger
-      note: ours
+      note: more
-        B: z # not y
+        B: v # not y
",
    );
    in_base(
        &["doors[\"front\"].leadsTo=park"],
        "
../base.yaml
-        - {id: front, leadsTo: street}
+        - {id: front, leadsTo: park}
",
    );
}

#[test]
fn what_is_new_stands_with_its_siblings() {
    in_base(
        &["env[\"C\"]=w", "on=true"],
        "
s.yaml
+        C: w
+      on: true
",
    );
    in_base(
        &["doors[\"back\"].id=back", "doors[\"back\"].leadsTo=yard"],
        "
../base.yaml
+        - id: back
+          leadsTo: yard
",
    );
    let child = "extend: ../base.yaml\nname: store\n";
    let found = changed(&[("s.yaml", child), ("../base.yaml", BASE)], None, &["on=true"]);
    assert_eq!(found, "../base.yaml\n+      on: true");
}

#[test]
fn what_goes_goes_from_every_file() {
    in_base(
        &["env[\"B\"]=", "colour="],
        "
../base.yaml
-      colour: red # as the door
-        B: y
s.yaml
-      env:
-        B: z # not y
",
    );
    let base = format!("{BASE}  two: {{component: toy, props: {{}}}}\n");
    let child = format!("{CHILD}  two: {{}}\n");
    let sources = gathered(&[("s.yaml", &child), ("../base.yaml", &base)], None);
    let given = Given { variables: &|_| None, overrides: &[], unset: None };
    let project = Project { sources: &sources, given: &given, components: &[&TOY], is_secret: &|_, _| false };
    let Edited { texts, refused } = edit(&project, &[Wanted::gone(Address::new("toy", "one"))]);
    assert!(refused.is_empty(), "{refused:?}");
    assert!(texts.values().all(|text| !text.contains("one:")), "{texts:?}");
    assert_eq!(texts.len(), 2);
}

#[test]
fn an_environment_is_changed_alone() {
    in_environment(
        "prod",
        &["note=more", "colour=green", "env[\"A\"]=u", "env[\"C\"]=v", "env[\"D\"]=t", "on=true"],
        "
env.yaml
-          note: theirs # and no more
-          env: {C: w}
+          note: more # and no more
+          env: {C: v, A: u, D: t}
+          colour: green
+          on: true
",
    );
    in_environment(
        "prod",
        &["env[\"B\"]=", "env[\"C\"]="],
        "
env.yaml
-          env: {C: w}
+          env: {B: null}
",
    );
    in_environment(
        "test",
        &["words=[c]"],
        "
env.yaml
+    overlays:
+      resources:
+        one:
+          words:
+            - c
",
    );
    in_environment("alone", &["size=32"], "env.yaml\n-        toy: {size: 24}\n+        toy: {size: 32}");
    in_environment(
        "prod",
        &["doors[\"front\"].leadsTo=park"],
        "doors[\"front\"].leadsTo: base.yaml:16:32: it is said for other resources or environments too, and cannot be said for this one alone",
    );
    in_environment("prod", &["size=32"], "size: base.yaml:10:13: its value comes from `${vars.size}`");
}

#[test]
fn the_only_environment_shares_with_the_project_without_one() {
    let environments = "environments: [{name: prod, overlays: {resources: {one: {note: theirs}}}}]\n";
    let files = [("s.yaml", CHILD), ("../base.yaml", BASE), ("env.yaml", environments)];
    assert_eq!(
        changed(&files, Some("prod"), &["colour=green", "note=x", "doors[\"front\"].leadsTo=park"]),
        "env.yaml
-environments: [{name: prod, overlays: {resources: {one: {note: theirs}}}}]
+environments: [{name: prod, overlays: {resources: {one: {note: x, colour: green}}}}]
doors[\"front\"].leadsTo: ../base.yaml:16:32: it is said for other resources or environments too, and cannot be said for this one alone"
    );
}

#[test]
fn a_template_of_several_entries_is_written_over() {
    let text = "edition: 3.0.0
name: shop
template:
  small: {size: 8, note: n}
  large:
    size: 64
resources:
  one: {component: toy, extend: {name: small}, props: {colour: red}}
  two: {component: toy, extend: {name: small}}
  three: {component: toy, extend: {name: large}}
";
    let files = [("s.yaml", text)];
    assert_eq!(
        changed(&files, None, &["size=16", "note=", "three:size=32"]),
        "s.yaml
-    size: 64
+    size: 32
-  one: {component: toy, extend: {name: small}, props: {colour: red}}
+  one: {component: toy, extend: {name: small}, props: {colour: red, size: 16, note: null}}"
    );
    assert_eq!(
        changed(&files, None, &["two:size=16"]),
        "size: s.yaml:4:17: it is said for other resources or environments too, and cannot be said for this one alone"
    );
}
