//! `docs/ci.md` is executed: every block that a runner would run, in a scratch repository, with the real program
//! against a cloud of the test's own. Only what is the host's is stood in for: its command line or API (`ci/gh`,
//! `ci/curl`), its actions, its expressions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use serde_yaml::Value as Yaml;

use crate::annotations::check_schema;
use crate::crash::story;
use crate::room::Room;

/// One fenced block of the page: its language, the file that its first line names, and its text.
struct Block {
    language: String,
    file: Option<String>,
    text: String,
}

fn blocks() -> Vec<Block> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let page = std::fs::read_to_string(page).expect("text");
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let file = text.first().and_then(|first| first.strip_prefix("# ")).filter(|_| language == "yaml");
        blocks.push(Block {
            language: language.to_owned(),
            file: file.map(str::to_owned),
            text: text.join("\n") + "\n",
        });
    }
    blocks
}

/// Returns a file of the page, read.
#[track_caller]
fn pipeline(name: &str) -> Yaml {
    let block = blocks().into_iter().find(|block| block.file.as_deref() == Some(name)).expect("a file");
    serde_yaml::from_str(&block.text).expect("YAML")
}

#[test]
fn every_file_is_valid_under_its_hosts_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    for block in blocks().iter().filter(|block| block.language == "yaml") {
        let name = block.file.as_ref().expect("a file names itself in its first line");
        let schema = if name.contains("gitlab") { "vendor.gitlab-ci" } else { "vendor.github-workflows" };
        let file = folder.path().join(name.replace('/', "-"));
        std::fs::write(&file, &block.text).expect("writes");
        files.entry(schema).or_default().push(file);
    }
    assert_eq!(files.values().map(Vec::len).sum::<usize>(), 4);
    for (schema, files) in files {
        check_schema(&["--builtin-schema", schema], &files);
    }
}

/// A repository at a host, the cloud that it deploys to, and what the host keeps.
struct Host {
    room: Room,
    jobs: std::cell::Cell<usize>,
}

/// What a block is run with, beside what every runner has.
type Variables = BTreeMap<String, String>;

impl Host {
    /// A repository whose main branch has a project that was never deployed, and the branch of the page for its state.
    fn new() -> Self {
        let room = story::deployed();
        let host = Self { room, jobs: 0.into() };
        for folder in ["host/artifacts/plan", "bin", "runners"] {
            std::fs::create_dir_all(host.path(folder)).expect("a folder");
        }
        for name in ["gh", "curl"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/ci").join(name);
            std::os::unix::fs::symlink(from, host.path("bin").join(name)).expect("links");
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_triform"), host.path("bin/triform")).expect("links");
        // What was deployed so far, as its state on the branch, made by the page's own block.
        host.git(host.room.root(), &["init", "--quiet", "--bare", "--initial-branch=main", "origin.git"]);
        let project = host.room.project();
        std::fs::write(project.join(".gitignore"), ".triform/\n").expect("writes");
        std::fs::rename(project.join(".triform"), host.path("kept")).expect("moves");
        host.git(&project, &["init", "--quiet", "--initial-branch=main"]);
        host.git(&project, &["remote", "add", "origin", &host.origin()]);
        host.commit(&project, "The project");
        host.git(&project, &["push", "--quiet", "origin", "main"]);
        let block = blocks().into_iter().find(|block| block.language == "sh").expect("a block");
        let person = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        host.run(&project, &block.text, &person.map(|name| (name.to_owned(), "dev".to_owned())).into());
        host.keep_state();
        host
    }

    /// Puts the state of what was deployed before there was a pipeline onto its branch.
    fn keep_state(&self) {
        let folder = self.path("runners/first");
        self.git(
            self.room.root(),
            &["clone", "--quiet", "--branch", "triform-state", &self.origin(), "runners/first"],
        );
        for entry in std::fs::read_dir(self.path("kept")).expect("a folder") {
            let entry = entry.expect("an entry");
            std::fs::rename(entry.path(), folder.join(entry.file_name())).expect("moves");
        }
        std::fs::remove_file(folder.join("s.local.lock")).expect("removes");
        self.commit(&folder, "What is deployed");
        self.git(&folder, &["push", "--quiet", "origin", "triform-state"]);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.room.root().join(name)
    }

    fn origin(&self) -> String {
        format!("file://{}", self.path("origin.git").display())
    }

    fn kept(&self, name: &str) -> String {
        std::fs::read_to_string(self.path("host").join(name)).unwrap_or_default()
    }

    #[track_caller]
    fn git(&self, folder: &Path, args: &[&str]) -> String {
        let mut command = self.command("git", folder);
        let ran = command.args(args).output().expect("git runs");
        assert!(ran.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).trim().to_owned()
    }

    #[track_caller]
    fn commit(&self, folder: &Path, message: &str) {
        self.git(folder, &["add", "--all"]);
        let user = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"];
        self.git(folder, &[user.as_slice(), &["commit", "--quiet", "--message", message]].concat());
    }

    /// A program with the stand-ins before everything else, and nothing inherited.
    fn command(&self, program: &str, folder: &Path) -> Command {
        let path = std::env::var("PATH").expect("a path");
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOME", self.path("home"))
            .env("HOST_FOLDER", self.path("host"))
            .env("TRIFORM_LOCAL", "true")
            .env("TRIFORM_ENDPOINT", self.room.endpoint())
            .env("DB_PASSWORD", crate::room::SECRET)
            // The state's address has a token in it at GitLab; here it leads to the same repository.
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", format!("url.{}.insteadOf", self.origin()))
            .env("GIT_CONFIG_VALUE_0", "https://oauth2:glpat-test@gitlab.example.com/example/shop.git");
        command
    }

    /// Runs a block as both hosts do, and returns what it said.
    #[track_caller]
    fn run(&self, folder: &Path, script: &str, variables: &Variables) -> String {
        let mut command = self.command("bash", folder);
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).envs(variables);
        let ran = command.stdin(std::process::Stdio::null()).output().expect("bash runs");
        let said =
            format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{script}\n--- {}\n{said}", ran.status);
        assert!(!said.contains(crate::room::SECRET), "{said}");
        said
    }

    /// A runner that never saw this repository, with a branch of it checked out.
    fn runner(&self, branch: &str) -> PathBuf {
        self.jobs.set(self.jobs.get() + 1);
        let name = format!("runners/{}", self.jobs.get());
        let args =
            ["clone", "--quiet", "--depth=1", "--single-branch", "--branch", branch, &self.origin(), &name];
        self.git(self.room.root(), &args);
        self.path(&name)
    }

    /// Somebody edits the project on a branch.
    fn propose(&self) -> String {
        let project = self.room.project();
        self.git(&project, &["switch", "--quiet", "--create", "feature"]);
        let text = std::fs::read_to_string(project.join("s.yaml")).expect("text");
        std::fs::write(project.join("s.yaml"), text.replacen("memorySize: 1024", "memorySize: 2048", 1))
            .expect("writes");
        std::fs::write(project.join("one/index.py"), "def handler(event, context):\n    return 'reviewed'\n")
            .expect("writes");
        self.commit(&project, "More memory");
        self.git(&project, &["push", "--quiet", "origin", "feature"]);
        self.git(&project, &["rev-parse", "HEAD"])
    }

    /// The branch is merged.
    fn merge(&self) -> String {
        let project = self.room.project();
        self.git(&project, &["switch", "--quiet", "main"]);
        self.git(&project, &["merge", "--quiet", "--ff-only", "feature"]);
        self.git(&project, &["push", "--quiet", "origin", "main"]);
        self.git(&project, &["rev-parse", "HEAD"])
    }

    fn memory(&self, name: &str) -> serde_json::Value {
        self.room.console("GET", &format!("functions/{name}"), None)["memorySize"].clone()
    }

    /// Demands that what was reviewed is deployed, and that the next run finds its state.
    #[track_caller]
    fn check_applied(&self) {
        assert_eq!(self.memory("memory"), 2048);
        let branch = self.git(&self.path("origin.git"), &["show", "triform-state:s.local.state.json"]);
        let state: serde_json::Value = serde_json::from_str(&branch).expect("a state");
        assert_eq!(state["serial"], 2, "{branch}");
        let names = self.git(&self.path("origin.git"), &["ls-tree", "--name-only", "-r", "triform-state"]);
        assert!(!names.contains(".lock") && !names.contains("journal"), "{names}");
    }

    /// Somebody edits online, in the evening.
    fn edit_online(&self, memory: u32) {
        self.room.console("PUT", "functions/keep", Some(json!({"memorySize": memory})));
    }
}

/// Returns a list of scripts, or one, as one.
fn script(value: &Yaml) -> String {
    match value {
        Yaml::String(text) => format!("{text}\n"),
        Yaml::Sequence(items) => items.iter().map(script).collect(),
        _ => String::new(),
    }
}

fn text(value: &Yaml) -> String {
    match value {
        Yaml::String(text) => text.clone(),
        Yaml::Number(number) => number.to_string(),
        other => panic!("no text: {other:?}"),
    }
}

mod github {
    use super::*;

    /// What GitHub knows: the values of expressions.
    pub struct Job<'a> {
        pub host: &'a Host,
        pub known: Variables,
    }

    impl Job<'_> {
        /// Runs a job of a workflow on a fresh runner; its outputs become known as those of a job that is needed.
        #[track_caller]
        pub fn run(&mut self, file: &str, name: &str, branch: &str) {
            let workflow = pipeline(file);
            assert_eq!(workflow["defaults"]["run"]["shell"], "bash", "what the test runs blocks with");
            let job = &workflow["jobs"][name];
            let folder = self.host.runner(branch);
            let mut ran = 0;
            for step in job["steps"].as_sequence().expect("steps") {
                if let Some(action) = step["uses"].as_str() {
                    self.action(action, step, &folder);
                } else {
                    self.step(job, step, &folder);
                    ran += 1;
                }
            }
            assert!(ran > 0);
            for (key, value) in job["outputs"].as_mapping().into_iter().flatten() {
                let value = self.expand(&text(value));
                self.known.insert(format!("needs.{name}.outputs.{}", text(key)), value);
            }
        }

        fn step(&mut self, job: &Yaml, step: &Yaml, folder: &Path) {
            let mut variables =
                Variables::from([("GITHUB_SHA".to_owned(), self.known["github.sha"].clone())]);
            for pairs in [&job["env"], &step["env"]] {
                for (key, value) in pairs.as_mapping().into_iter().flatten() {
                    variables.insert(text(key), self.expand(&text(value)));
                }
            }
            for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
                let file = self.host.path("host").join(name);
                variables.insert(name.to_owned(), file.display().to_string());
            }
            let said = self.host.run(folder, &script(&step["run"]), &variables);
            std::fs::write(self.host.path("host/log"), self.host.kept("log") + &said).expect("writes");
            let output = self.host.kept("GITHUB_OUTPUT");
            for (key, value) in output.lines().filter_map(|line| line.split_once('=')) {
                let id = step["id"].as_str().expect("a step with outputs has a name");
                self.known.insert(format!("steps.{id}.outputs.{key}"), value.to_owned());
            }
            let _ = std::fs::remove_file(self.host.path("host/GITHUB_OUTPUT"));
        }

        /// Stands in for an action.
        fn action(&self, action: &str, step: &Yaml, folder: &Path) {
            let with = |key: &str| folder.join(self.expand(&text(&step["with"][key])));
            match action.split('@').next().expect("a name") {
                "actions/checkout" => {} // the runner has it already
                "actions/upload-artifact" => {
                    std::fs::copy(with("path"), self.host.path("host/artifacts/plan/plan.triform"))
                        .expect("copies");
                }
                "github/codeql-action/upload-sarif" => {
                    std::fs::copy(with("sarif_file"), self.host.path("host/drift.sarif")).expect("copies");
                }
                other => panic!("no stand-in for {other}"),
            }
        }

        /// Fills in `${{ … }}`.
        fn expand(&self, value: &str) -> String {
            let Some((front, rest)) = value.split_once("${{") else { return value.to_owned() };
            let (name, rest) = rest.split_once("}}").expect("an end");
            let known = self.known.get(name.trim()).unwrap_or_else(|| panic!("nobody knows {name}"));
            format!("{front}{known}{}", self.expand(rest))
        }
    }

    pub fn known(head: &str) -> Variables {
        let pairs = [
            ("github.sha", head),
            ("github.token", "ghs-test"),
            ("github.repository", "example/shop"),
            ("github.event.pull_request.number", "5"),
            ("github.event.pull_request.head.sha", head),
            ("secrets.ALIBABA_CLOUD_ACCESS_KEY_ID", "local"),
            ("secrets.ALIBABA_CLOUD_ACCESS_KEY_SECRET", "local"),
        ];
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }
}

const GITHUB: [&str; 3] = [
    ".github/workflows/triform-plan.yml",
    ".github/workflows/triform-apply.yml",
    ".github/workflows/triform-drift.yml",
];

#[test]
fn on_github_what_was_reviewed_is_applied_and_drift_opens_one_issue() {
    let [plan, apply, drift] = GITHUB;
    let host = Host::new();
    let head = host.propose();
    let before = host.room.writes();
    let mut job = github::Job { host: &host, known: github::known(&head) };
    job.run(plan, "plan", "feature");
    std::fs::write(host.path("host/planned-commit"), &head).expect("writes");
    assert_eq!(host.room.writes(), before, "a plan only reads");
    let comment = host.kept("comment-on-5.md");
    assert!(comment.contains("sha256:") && comment.contains("memorySize"), "{comment}");
    assert!(host.kept("log").contains("::notice file=s.yaml,line="), "{}", host.kept("log"));

    let merged = host.merge();
    job.known.insert("github.sha".to_owned(), merged);
    job.run(apply, "review", "main");
    let digest = &job.known["needs.review.outputs.digest"];
    assert!(comment.contains(digest), "{digest}\n{comment}");
    assert_eq!(host.kept("GITHUB_STEP_SUMMARY").trim(), comment.trim());
    assert_eq!(host.room.writes(), before, "nothing is written before somebody approved it");
    job.run(apply, "apply", "main");
    host.check_applied();

    job.run(drift, "drift", "main");
    assert_eq!(host.kept("issue.md"), "", "nothing was changed online");
    host.edit_online(768);
    job.run(drift, "drift", "main");
    assert_eq!(host.kept("issue-title").trim(), "Changed online since the last apply");
    assert!(host.kept("issue.md").contains("768"), "{}", host.kept("issue.md"));
    assert!(host.kept("drift.sarif").contains("\"ruleId\":\"drift\""));
    host.edit_online(1024);
    job.run(drift, "drift", "main");
    assert!(host.kept("issue.md").contains("1024"), "{}", host.kept("issue.md"));
    assert_eq!(host.kept("calls").matches("gh issue create").count(), 1, "{}", host.kept("calls"));
}

mod gitlab {
    use super::*;

    /// Runs a job on a fresh runner, with the files that an earlier one left for it. Returns its folder.
    #[track_caller]
    pub fn run(host: &Host, name: &str, branch: &str, more: &[(&str, &str)]) -> PathBuf {
        let file = pipeline(".gitlab-ci.yml");
        let job = &file[name];
        let folder = host.runner(branch);
        let sha = host.git(&folder, &["rev-parse", "HEAD"]);
        let mut variables: Variables = [
            ("CI_API_V4_URL", "https://gitlab.example.com/api/v4"),
            ("CI_PROJECT_ID", "11"),
            ("CI_PROJECT_PATH", "example/shop"),
            ("CI_SERVER_HOST", "gitlab.example.com"),
            ("CI_COMMIT_SHA", &sha),
            ("CI_MERGE_REQUEST_IID", "5"),
            ("GITLAB_TOKEN", "glpat-test"),
        ]
        .into_iter()
        .chain(more.iter().copied())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
        for (key, value) in file["variables"].as_mapping().expect("variables") {
            let value = expand(&text(value), &variables);
            variables.insert(text(key), value);
        }
        if job["needs"].is_sequence() {
            std::fs::copy(host.path("host/artifacts/plan/plan.triform"), folder.join("plan.triform"))
                .expect("copies");
        }
        let before = script(&file["default"]["before_script"]);
        host.run(&folder, &(before + &script(&job["script"])), &variables);
        host.run(&folder, &script(&job["after_script"]), &variables);
        for path in job["artifacts"]["paths"].as_sequence().into_iter().flatten() {
            let name = text(path);
            std::fs::copy(folder.join(&name), host.path("host/artifacts/plan").join(&name)).expect("copies");
        }
        folder
    }

    /// Fills in `${NAME}`, as GitLab does in variables.
    fn expand(value: &str, known: &Variables) -> String {
        let Some((front, rest)) = value.split_once("${") else { return value.to_owned() };
        let (name, rest) = rest.split_once('}').expect("an end");
        format!("{front}{}{}", known[name], expand(rest, known))
    }
}

#[test]
fn on_gitlab_what_was_reviewed_is_applied_and_drift_opens_one_issue() {
    let host = Host::new();
    host.propose();
    let before = host.room.writes();
    gitlab::run(&host, "plan", "feature", &[]);
    assert_eq!(host.room.writes(), before, "a plan only reads");
    let comment = host.kept("comment-on-5.md");
    assert!(comment.contains("sha256:") && comment.contains("memorySize"), "{comment}");

    let merged = host.merge();
    std::fs::write(host.path("host/merged-commit"), merged).expect("writes");
    let folder = gitlab::run(&host, "review", "main", &[]);
    let report = std::fs::read_to_string(folder.join("digest.env")).expect("a report");
    let (name, digest) = report.trim().split_once('=').expect("a pair");
    assert!(comment.contains(digest), "{digest}\n{comment}");
    assert_eq!(host.room.writes(), before, "nothing is written before somebody approved it");
    gitlab::run(&host, "apply", "main", &[(name, digest)]);
    host.check_applied();

    gitlab::run(&host, "drift", "main", &[]);
    assert_eq!(host.kept("issue.md"), "", "nothing was changed online");
    for memory in [768, 1024] {
        host.edit_online(memory);
        gitlab::run(&host, "drift", "main", &[]);
        assert!(host.kept("issue.md").contains(&memory.to_string()), "{}", host.kept("issue.md"));
    }
    assert_eq!(host.kept("issue-title").trim(), "Changed online since the last apply");
    assert_eq!(host.kept("calls").matches("POST issues").count(), 1, "{}", host.kept("calls"));
}

#[test]
fn a_pipeline_has_no_block_that_is_not_run() {
    let run: Vec<(&str, &str)> =
        vec![(GITHUB[0], "plan"), (GITHUB[1], "review"), (GITHUB[1], "apply"), (GITHUB[2], "drift")];
    for file in GITHUB {
        for (name, _) in pipeline(file)["jobs"].as_mapping().expect("jobs") {
            assert!(run.contains(&(file, &text(name))), "{file}: {name:?}");
        }
    }
    let gitlab = pipeline(".gitlab-ci.yml");
    let jobs = gitlab.as_mapping().expect("jobs").iter().filter(|(_, job)| !job["script"].is_null());
    let names: Vec<String> = jobs.map(|(name, _)| text(name)).collect();
    assert_eq!(names, ["plan", "review", "apply", "drift"]);
    // Of everything else, only the one that sets the branch up is for a shell; the image is built by its own tool.
    let others: Vec<String> =
        blocks().into_iter().filter(|block| block.file.is_none()).map(|block| block.language).collect();
    assert_eq!(others, ["dockerfile", "sh"]);
}
