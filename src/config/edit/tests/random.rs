//! Random files, randomly edited: what was wanted is said, and nothing else changed.

use proptest::prelude::*;

use super::super::super::node::Style;
use super::super::*;
use super::{edited, file, on, sources};

/// A text as people and machines write them, and some that nobody would.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "[0-9]{1,4}",
        "[ -~]{1,12}",
        "\\PC{1,8}",
        "[a-z \\n\\t:#'\"|>-]{1,16}",
        Just("yes".to_owned()),
        Just("null".to_owned()),
        Just("- a".to_owned()),
        Just("{a: b}".to_owned()),
    ]
    .prop_filter("no expression", |text| !text.contains("${"))
}

/// How a map of texts may be written: each text as YAML spells it in one of its styles.
fn spelled(style: usize, text: &str, flow: bool, depth: usize) -> String {
    let around = scalar::Around { flow, quotes: if style == 1 { Style::Single } else { Style::Double } };
    let block = scalar::block(text, Style::Literal);
    match (style, block) {
        (2, Some((lines, sign))) if !flow => {
            let indent = " ".repeat(depth);
            let lines: String = lines
                .iter()
                .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("\n{indent}{line}") })
                .collect();
            format!("|{sign}{lines}")
        }
        (3, _) => scalar::spell(&New::Text(text.to_owned()), None, around).expect("a scalar"),
        _ => {
            let old = scalar::Old { text: "", style: around.quotes };
            scalar::spell(&New::Text(text.to_owned()), Some(old), around).expect("a scalar")
        }
    }
}

proptest! {
    #[test]
    fn random_edits_of_random_files(
        env in proptest::collection::btree_map("[A-F]", (words(), 0_usize..4), 0..5),
        tags in proptest::collection::vec(words(), 0..4),
        (flow, comments, crlf, ended) in (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        edits in proptest::collection::btree_map("[A-H]", proptest::option::of(words()), 1..5),
        list in proptest::collection::vec(words(), 0..4),
    ) {
        let comment = if comments { "  # why" } else { "" };
        let mut props = vec!["colour: red".to_owned()];
        if flow {
            let pairs: Vec<String> = env.iter().map(|(key, (text, style))| format!("{key}: {}", spelled(*style, text, true, 0))).collect();
            props.push(format!("env: {{{}}}{comment}", pairs.join(", ")));
            let items: Vec<String> = tags.iter().map(|text| spelled(1, text, true, 0)).collect();
            props.push(format!("words: [{}]{comment}", items.join(", ")));
        } else {
            props.push(format!("env:{comment}"));
            for (key, (text, style)) in &env {
                let text = spelled(*style, text, false, 10);
                let behind = if text.starts_with('|') { "" } else { comment };
                props.push(format!("  {key}: {}{behind}", text.replace("\n          ", "\n    ")));
            }
            props.push(format!("words:{comment}"));
            for text in &tags {
                props.push(format!("- {}{comment}", spelled(0, text, false, 0)));
            }
        }
        let mut text = file("", &props.join("\n"));
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if !ended {
            text = text.trim_end().to_owned();
        }
        let mut wanted: Vec<Wanted> = edits
            .iter()
            .map(|(key, value)| Wanted {
                address: Address::new("toy", "one"),
                path: Path::field("env").key(key),
                value: value.clone().map(Value::Text),
            })
            .collect();
        let list = Value::List(list.into_iter().map(Value::Text).collect());
        wanted.push(Wanted { address: Address::new("toy", "one"), path: Path::field("words"), value: Some(list) });
        on(&text, |project| -> Result<(), TestCaseError> {
            let before = load(project.sources, project.given, project.components);
            prop_assert!(before.1.iter().all(|diagnostic| !diagnostic.is_error()), "{text}");
            let (new, refused) = edited(project, &wanted);
            prop_assert!(refused.is_empty(), "{refused:?}\n{text}");
            let after = load(&sources(&new), project.given, project.components);
            let address = Address::new("toy", "one");
            let mut expected = before.0.resources[&address].attributes.clone();
            for one in &wanted {
                expected.remove(&one.path);
                if let Some(value) = one.value.clone().filter(|value| !value.is_empty()) {
                    expected.insert(one.path.clone(), value.into());
                }
            }
            prop_assert_eq!(&after.0.resources[&address].attributes, &expected, "{}\n{}", &text, &new);
            prop_assert_eq!(text.ends_with('\n'), new.ends_with('\n'));
            prop_assert!(!crlf || new.matches('\n').count() == new.matches("\r\n").count());
            let comments = |text: &str| text.lines().filter(|line| line.ends_with("# why")).count();
            prop_assert!(comments(&new) <= comments(&text));
            Ok(())
        })?;
    }

    #[test]
    fn random_edits_of_random_files_that_build_on_each_other(
        layers in proptest::collection::vec(proptest::collection::btree_map("[A-E]", words(), 0..4), 3),
        words_of in proptest::collection::vec(proptest::option::of(proptest::collection::vec(words(), 1..3)), 3),
        (chosen, comments) in (any::<bool>(), any::<bool>()),
        edits in proptest::collection::btree_map("[A-G]", proptest::option::of(words()), 1..5),
        list in proptest::option::of(proptest::collection::vec(words(), 1..3)),
    ) {
        let comment = if comments { " # why" } else { "" };
        // What one layer says: a map, which is merged, and a list, which is replaced.
        let props = |layer: usize, indent: usize| {
            let front = " ".repeat(indent);
            let mut lines = vec![format!("{front}colour: red{comment}")];
            lines.extend((!layers[layer].is_empty()).then(|| format!("{front}env:")));
            let spell = |value: &str| spelled(3, value, false, 0);
            lines.extend(layers[layer].iter().map(|(key, value)| format!("{front}  {key}: {}{comment}", spell(value))));
            if let Some(items) = &words_of[layer] {
                let items: Vec<String> = items.iter().map(|text| spelled(1, text, true, 0)).collect();
                lines.push(format!("{front}words: [{}]{comment}", items.join(", ")));
            }
            lines.join("\n") + "\n"
        };
        let base = format!("edition: 3.0.0\nname: shop\nresources:\n  one:\n    component: toy\n    props:\n{}", props(0, 6));
        let child = format!("extend: base.yaml\nresources:\n  one:\n    props:\n{}", props(1, 6));
        let environments = format!("environments:\n- name: test\n- name: prod\n  overlays:\n    resources:\n      one:\n{}", props(2, 8));
        let main = Arc::new(Source { name: "s.yaml".to_owned(), text: child });
        let sources = Sources::gather(main, chosen.then_some("prod"), &mut |name| {
            Ok(if name == "env.yaml" { environments.clone() } else { base.clone() })
        });
        let address = Address::new("toy", "one");
        let mut wanted: Vec<Wanted> = edits
            .iter()
            .map(|(key, value)| Wanted {
                address: address.clone(),
                path: Path::field("env").key(key),
                value: value.clone().map(Value::Text),
            })
            .collect();
        let value = list.map(|items| Value::List(items.into_iter().map(Value::Text).collect()));
        wanted.push(Wanted { address: address.clone(), path: Path::field("words"), value });
        on("", |project| -> Result<(), TestCaseError> {
            let project = Project { sources: &sources, ..*project };
            let read = |sources: &Sources| load(sources, project.given, project.components);
            let before = read(&sources);
            prop_assert!(before.1.is_empty(), "{:?}", before.1);
            let Edited { texts, refused } = edit(&project, &wanted);
            prop_assert!(refused.is_empty(), "{refused:?}\n{sources:?}");
            let mut expected = before.0.resources[&address].attributes.clone();
            for one in &wanted {
                expected.remove(&one.path);
                if let Some(value) = one.value.clone().filter(|value| !value.is_empty()) {
                    expected.insert(one.path.clone(), value.into());
                }
            }
            let after = sources.with(&texts);
            prop_assert_eq!(&read(&after).0.resources[&address].attributes, &expected, "{:?}\n{:?}", &sources, &after);
            if chosen {
                prop_assert!(texts.keys().all(|name| name == "env.yaml"), "{texts:?}");
                let test = |sources: &Sources| read(&sources.for_environment(Some("test"))).0.resources[&address].attributes.clone();
                prop_assert_eq!(test(&sources), test(&after));
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_text_made_of_yaml_panics(
        pieces in proptest::collection::vec("[a-c]|: |- |\\n|  |\\[|\\]|\\{|\\}|, |&a |\\*a|<<|'|\"|\\||>|#|\\? |\u{e9}|note: |env:\\n|words:\\n|      |size: 8\\n", 0..30),
        value in words(),
    ) {
        let text = format!("edition: 3.0.0\nname: x\nvars: {{a: b}}\nresources:\n  one:\n    component: toy\n    props:\n      size: 8\n      {}", pieces.concat());
        let address = Address::new("toy", "one");
        let wanted = ["note", "env[\"a\"]", "size", "words"].map(|path| Wanted {
            address: address.clone(),
            path: path.parse().expect("a path"),
            value: match path {
                "size" => None,
                "words" => Some(Value::List(vec![Value::text(value.clone())])),
                _ => Some(Value::text(value.clone())),
            },
        });
        on(&text, |project| {
            let (new, refused) = edited(project, &wanted);
            // Whatever was not refused is said.
            let (desired, _) = load(&sources(&new), project.given, project.components);
            let Some(resource) = desired.resources.get(&address) else { return };
            for one in wanted.iter().filter(|one| !refused.iter().any(|refused| refused.wanted == **one)) {
                let said = resource.attributes.get(&one.path).and_then(Planned::known);
                assert_eq!(said, one.value.as_ref().filter(|value| !value.is_empty()));
            }
        });
    }
}
