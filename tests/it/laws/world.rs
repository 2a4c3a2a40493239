//! The nouns of the laws: a project and a cloud as flat maps of texts, and a project as the files that declare it.
//!
//! A path is spelled as people spell it (`environmentVariables["A"]`, `code["index.py"]`), a value is a text, and
//! what is empty is not there. Nothing here knows how the product sees any of it.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Values by path.
pub type Flat = BTreeMap<String, String>;

/// What is live, by live name: a function's, or `function/trigger`.
pub type Cloud = BTreeMap<String, Flat>;

/// An entry of `s.yaml`: a function with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its live name.
    pub name: String,
    pub fields: Flat,
    pub triggers: BTreeMap<String, Flat>,
}

/// Entries by name.
pub type Project = BTreeMap<String, Entry>;

/// What a project declares of one resource.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The live name.
    pub key: String,
    pub fields: Flat,
}

/// Returns what a project declares, by address.
pub fn wanted(project: &Project) -> BTreeMap<String, Wanted> {
    let mut wanted = BTreeMap::new();
    for (entry, Entry { name, fields, triggers }) in project {
        wanted.insert(function_address(entry), Wanted { key: name.clone(), fields: fields.clone() });
        for (trigger, fields) in triggers {
            let key = format!("{name}/{trigger}");
            wanted.insert(trigger_address(entry, trigger), Wanted { key, fields: fields.clone() });
        }
    }
    wanted
}

pub fn function_address(entry: &str) -> String {
    format!("fc3_function.{entry}")
}

pub fn trigger_address(entry: &str, trigger: &str) -> String {
    format!("fc3_trigger.{entry}[\"{trigger}\"]")
}

pub fn variable(name: &str) -> String {
    format!("environmentVariables[\"{name}\"]")
}

pub fn file(name: &str) -> String {
    format!("code[\"{name}\"]")
}

/// Returns the key of a path inside a map: `A` of `environmentVariables["A"]`.
pub fn key_in<'a>(path: &'a str, map: &str) -> Option<&'a str> {
    path.strip_prefix(map)?.strip_prefix("[\"")?.strip_suffix("\"]")
}

/// The text that refers to another entry's function.
pub fn reference(entry: &str) -> String {
    format!("${{resources.{entry}.output.functionArn}}")
}

/// Returns the entry that a value refers to.
pub fn referred(value: &str) -> Option<&str> {
    value.strip_prefix("${resources.")?.strip_suffix(".output.functionArn}")
}

/// What that reference comes to.
pub fn arn(region: &str, name: &str) -> String {
    format!("acs:fc:{region}:1000000000000001:functions/{name}")
}

/// Takes out what would make a project none: references to nothing, and rings of them.
pub fn tidied(mut project: Project) -> Project {
    let names: Vec<String> = project.keys().cloned().collect();
    for (entry, Entry { fields, .. }) in &mut project {
        fields.retain(|_, value| {
            referred(value).is_none_or(|to| to > entry.as_str() && names.iter().any(|name| name == to))
        });
    }
    project
}

/// Returns the files of a project.
pub fn files(project: &Project, region: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut text = String::from("edition: 3.0.0\nname: laws\nresources:\n");
    for (entry, Entry { name, fields, triggers }) in project {
        let mut line = |line: String| writeln!(text, "{line}").expect("texts take everything");
        line(format!("  {entry}:\n    component: fc3\n    props:\n      region: {region}"));
        line(format!("      functionName: {name}\n      runtime: python3.10\n      code: ./code-{entry}"));
        let mut variables = Vec::new();
        for (path, value) in fields {
            if let Some(file) = key_in(path, "code") {
                files.insert(format!("code-{entry}/{file}"), value.clone());
            } else if let Some(name) = key_in(path, "environmentVariables") {
                variables.push(format!("        {name}: {value:?}"));
            } else {
                line(format!("      {path}: {value}"));
            }
        }
        if !variables.is_empty() {
            line(format!("      environmentVariables:\n{}", variables.join("\n")));
        }
        if !triggers.is_empty() {
            line("      triggers:".to_owned());
        }
        for (trigger, fields) in triggers {
            line(format!("        - triggerName: {trigger}"));
            let (config, own): (Vec<_>, Vec<_>) =
                fields.iter().partition(|(path, _)| path.starts_with("triggerConfig."));
            for (path, value) in own {
                line(format!("          {path}: {value}"));
            }
            line("          triggerConfig:".to_owned());
            for (path, value) in config {
                let field = path.trim_start_matches("triggerConfig.");
                let value = match field {
                    "methods" => format!("[{value}]"),
                    "cronExpression" => format!("{value:?}"),
                    _ => value.clone(),
                };
                line(format!("            {field}: {value}"));
            }
        }
    }
    files.insert("s.yaml".to_owned(), text);
    files
}
