//! What can be said on the command line. Every flag has an environment variable.

mod help;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand};

use self::help::{ADOPT, EXIT_CODES, IMPORTING, KEYS, RECORDS, SELECTORS, UNDOING};
use super::approve::ApprovalArgs;
use crate::model::Address;
use crate::plan::Selector;
use crate::render::RENDERERS;

/// Plans and applies serverless deployments with a three-way diff: declared, recorded, live.
///
/// For every attribute triform holds what s.yaml declares, what was recorded when project and cloud were last
/// settled, and what the cloud answers now. A change that somebody made in the cloud's console is shown, asked
/// about, and never overwritten silently.
#[derive(Debug, Parser)]
#[command(name = "triform", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct Global {
    /// Work in this folder.
    #[arg(
        short = 'C',
        value_name = "DIR",
        global = true,
        env = "TRIFORM_DIR",
        help_heading = "Global options"
    )]
    pub directory: Option<PathBuf>,
    /// The configuration [default: s.yaml].
    #[arg(
        short = 't',
        long = "template",
        value_name = "FILE",
        global = true,
        env = "TRIFORM_TEMPLATE",
        help_heading = "Global options"
    )]
    pub template: Option<PathBuf>,
    /// The environment: one of those that env.yaml lists, with what it says over the configuration.
    #[arg(
        long = "env",
        value_name = "NAME",
        global = true,
        env = "TRIFORM_ENV",
        help_heading = "Global options"
    )]
    pub environment: Option<String>,
    /// Use the embedded cloud: no account is needed.
    #[arg(long, global = true, action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_LOCAL", help_heading = "Global options")]
    pub local: bool,
    /// The alias of the credentials.
    #[arg(
        short = 'a',
        long,
        value_name = "NAME",
        global = true,
        env = "TRIFORM_ACCESS",
        help_heading = "Global options"
    )]
    pub access: Option<String>,
    /// Where the cloud answers, instead of the region's own address.
    #[arg(
        long,
        value_name = "URL",
        global = true,
        env = "TRIFORM_ENDPOINT",
        help_heading = "Global options"
    )]
    pub endpoint: Option<String>,
    /// The version of the API in which FC 2.0 is spoken to.
    #[arg(long, value_name = "VERSION", global = true, value_parser = ["2016-08-15", "2021-04-06"], default_value = "2021-04-06", env = "TRIFORM_FC_API", help_heading = "Global options")]
    pub fc_api: String,
    /// How long the cloud may take to answer, in seconds; a call that is repeated takes at most 4.5 times as long.
    #[arg(long, value_name = "SECONDS", global = true, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600), env = "TRIFORM_TIMEOUT", help_heading = "Global options")]
    pub timeout: u64,
    /// Set a value below `vars`, such as --var stage=prod; repeatable.
    #[arg(long = "var", value_name = "K=V", global = true, value_parser = key_value, env = "TRIFORM_VAR", value_delimiter = '\u{1f}', help_heading = "Global options")]
    pub vars: Vec<(String, String)>,
    /// Read environment variables for ${env(…)} from this file too.
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        env = "TRIFORM_ENV_FILE",
        help_heading = "Global options"
    )]
    pub env_file: Option<PathBuf>,
    /// Print without colours.
    #[arg(long, global = true, action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_NO_COLOR", help_heading = "Global options")]
    pub no_color: bool,
    /// Write a log to stderr: error, warn, info, debug or trace.
    #[arg(
        long,
        value_name = "LEVEL",
        value_parser = ["error", "warn", "info", "debug", "trace"],
        global = true,
        env = "TRIFORM_LOG_LEVEL",
        help_heading = "Global options"
    )]
    pub log_level: Option<String>,
    /// Print no progress.
    #[arg(short, long, global = true, action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_QUIET", help_heading = "Global options")]
    pub quiet: bool,
    /// Where the embedded cloud keeps its data [default: the user's data folder].
    #[arg(long, value_name = "DIR", global = true, env = "TRIFORM_DATA", help_heading = "Global options")]
    pub data: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what an apply would do; reads, and changes nothing.
    #[command(after_help = SELECTORS)]
    Plan(PlanArgs),
    /// Plan, ask, and apply.
    #[command(visible_alias = "deploy", after_help = SELECTORS)]
    Apply(ApplyCommand),
    /// Plan to delete everything that was deployed from here, ask, and apply.
    #[command(visible_alias = "remove", after_help = SELECTORS)]
    Destroy(ApplyArgs),
    /// Plan the way back from the last apply, ask, and apply: what it overwrote comes back, console edits included.
    #[command(after_help = UNDOING)]
    Undo(ApplyArgs),
    /// Show a saved plan, or what is recorded; never asks the cloud.
    Show(ShowArgs),
    /// List, show and change what is recorded, by hand; the cloud is left as it is.
    #[command(after_help = RECORDS)]
    State(StateArgs),
    /// Sign a saved plan's digest, as `ssh-keygen -Y sign -n triform-plan` does.
    #[command(after_help = KEYS)]
    Approve(ApproveArgs),
    /// Show what was changed online, and nothing else.
    Drift(DriftArgs),
    /// Write what was changed online into s.yaml and the code folder, after asking.
    #[command(after_help = ADOPT)]
    Adopt(AdoptArgs),
    /// Bring what exists in the cloud under management; the cloud is left as it is.
    #[command(after_help = IMPORTING)]
    Import(ImportArgs),
    /// Draw what needs what, for Graphviz or Mermaid: of the project, or of a plan.
    Graph(GraphArgs),
    /// Show URLs and other outputs.
    Output(OutputArgs),
    /// Report every problem of the configuration; uses no network.
    Validate,
    /// Write a project that runs.
    Init(InitArgs),
    /// Print completions for a shell.
    Completions {
        /// Which.
        shell: clap_complete::Shell,
    },
    /// The embedded cloud.
    Cloud(CloudArgs),
}

/// Which resources, and who wins where.
#[derive(Debug, Default, ClapArgs)]
pub struct SelectionArgs {
    /// Only this, its children and what it depends on; repeatable.
    #[arg(long = "target", value_name = "SELECTOR", env = "TRIFORM_TARGET", value_delimiter = '\u{1f}')]
    pub targets: Vec<Selector>,
    /// Not this, its children and what depends on it; repeatable.
    #[arg(long = "exclude", value_name = "SELECTOR", env = "TRIFORM_EXCLUDE", value_delimiter = '\u{1f}')]
    pub excludes: Vec<Selector>,
}

/// Who wins where.
#[derive(Debug, Default, ClapArgs)]
pub struct DecisionArgs {
    /// The project wins: everywhere, or at a selector; repeatable.
    #[arg(long, value_name = "SELECTOR", num_args = 0..=1, require_equals = true, default_missing_value = EVERYWHERE, env = "TRIFORM_USE_LOCAL", value_delimiter = '\u{1f}')]
    pub use_local: Vec<String>,
    /// The cloud wins: everywhere, or at a selector; repeatable.
    #[arg(long, visible_alias = "use-remote", value_name = "SELECTOR", num_args = 0..=1, require_equals = true, default_missing_value = EVERYWHERE, env = "TRIFORM_USE_LIVE", value_delimiter = '\u{1f}')]
    pub use_live: Vec<String>,
    /// A file with decisions, one by one; see `triform plan --write-decisions`.
    #[arg(long = "decisions", value_name = "FILE", env = "TRIFORM_DECISIONS")]
    pub decisions_file: Option<PathBuf>,
}

/// What a plan is made of, beside the project.
#[derive(Debug, ClapArgs)]
pub struct PlanningArgs {
    /// Make this resource, and what belongs to it, anew although nothing demands it; repeatable.
    #[arg(long, value_name = "ADDRESS", env = "TRIFORM_REPLACE", value_delimiter = '\u{1f}')]
    pub replace: Vec<Address>,
    /// With =false, take what is recorded for what is live, and read only what a plan cannot be made without.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", action = ArgAction::Set, value_parser = switch, env = "TRIFORM_REFRESH")]
    pub refresh: bool,
}

/// What a decision without a selector reads as.
pub const EVERYWHERE: &str = "";

/// How a plan is printed.
#[derive(Debug, ClapArgs)]
pub struct ShapeArgs {
    /// How to print it.
    #[arg(long, value_name = "FORMAT", default_value = HUMAN, value_parser = formats(), env = "TRIFORM_FORMAT")]
    pub format: &'static str,
    #[command(flatten)]
    pub compact: CompactArg,
}

/// How much room a plan takes at a terminal.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub struct CompactArg {
    /// Print one line for each resource; what has to be decided is still spelled out.
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_COMPACT")]
    pub compact: bool,
}

impl ShapeArgs {
    /// Returns the shape of a plan that is about to be applied.
    pub fn human(compact: CompactArg) -> Self {
        Self { format: HUMAN, compact }
    }
}

/// Whether events are printed.
#[derive(Debug, ClapArgs)]
pub struct StreamArgs {
    /// Print events for programs, one JSON object a line, and nothing else; asks nothing.
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_JSON")]
    pub json: bool,
}

/// The format for a terminal.
pub const HUMAN: &str = "human";

/// Reads the name of a format.
fn formats() -> impl clap::builder::TypedValueParser<Value = &'static str> {
    use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
    let human = PossibleValue::new(HUMAN).help("for a terminal");
    let others = RENDERERS.iter().map(|renderer| PossibleValue::new(renderer.name).help(renderer.about));
    PossibleValuesParser::new(std::iter::once(human).chain(others)).map(|name| {
        RENDERERS.iter().map(|renderer| renderer.name).find(|known| *known == name).unwrap_or(HUMAN)
    })
}

/// `triform plan`.
#[derive(Debug, ClapArgs)]
#[command(mut_arg("json", |json| json.conflicts_with("format")))]
pub struct PlanArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub planning: PlanningArgs,
    #[command(flatten)]
    pub decisions: DecisionArgs,
    #[command(flatten)]
    pub shape: ShapeArgs,
    #[command(flatten)]
    pub stream: StreamArgs,
    /// Exit with 2 when the plan is not empty.
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_DETAILED_EXITCODE")]
    pub detailed_exitcode: bool,
    /// Plan to delete everything that was deployed from here.
    #[arg(long, conflicts_with = "replace", action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_DESTROY")]
    pub destroy: bool,
    /// Plan the way back from the last apply, as `triform undo` does.
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch, conflicts_with_all = ["destroy", "replace"], env = "TRIFORM_UNDO")]
    pub undo: bool,
    /// Write the open questions into a file, to be filled in for --decisions.
    #[arg(long, value_name = "FILE", env = "TRIFORM_WRITE_DECISIONS")]
    pub write_decisions: Option<PathBuf>,
    /// Save the plan, with all that its apply needs, for `triform apply FILE` and `triform show FILE`.
    #[arg(short = 'o', long = "out", value_name = "FILE", env = "TRIFORM_OUT")]
    pub file: Option<PathBuf>,
}

/// `triform apply`.
#[derive(Debug, ClapArgs)]
pub struct ApplyCommand {
    /// A saved plan: exactly that one is applied, and neither the configuration nor the code is looked at.
    #[arg(value_name = "FILE", env = "TRIFORM_PLAN")]
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub planning: PlanningArgs,
    #[command(flatten)]
    pub apply: ApplyArgs,
    /// Write what --use-live keeps into s.yaml and the code folder, where that can be; see `triform adopt`.
    ///
    /// A person at a terminal is asked, unless it is said here; without one, nothing is written unless it is said here.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = switch, env = "TRIFORM_WRITE")]
    pub write: Option<bool>,
}

/// `triform show`.
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// A saved plan; without one the state is shown.
    #[arg(value_name = "FILE", env = "TRIFORM_PLAN")]
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub shape: ShapeArgs,
    /// Read the state and the cloud, and say whether the plan still holds (exit code 4 when it does not).
    #[arg(long, requires = "plan", action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_CHECK")]
    pub check: bool,
    /// Print the digest and nothing else: what is approved and signed.
    #[arg(long, requires = "plan", action = ArgAction::SetTrue, value_parser = switch, conflicts_with = "check", env = "TRIFORM_DIGEST")]
    pub digest: bool,
}

/// `triform apply`, `triform destroy` and `triform undo`.
#[derive(Debug, ClapArgs)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub decisions: DecisionArgs,
    #[command(flatten)]
    pub approval: ApprovalArgs,
    #[command(flatten)]
    pub stream: StreamArgs,
    #[command(flatten)]
    pub compact: CompactArg,
    /// How many resources are written at once.
    #[arg(long, value_name = "N", default_value = "10", env = "TRIFORM_PARALLELISM")]
    pub parallelism: NonZeroUsize,
    /// How long to wait for the state when somebody else holds it, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, env = "TRIFORM_LOCK_TIMEOUT")]
    pub lock_timeout: u64,
}

/// `triform approve`.
#[derive(Debug, ClapArgs)]
pub struct ApproveArgs {
    /// A saved plan.
    #[arg(value_name = "FILE", env = "TRIFORM_PLAN")]
    pub plan: PathBuf,
    /// Your private SSH key, or the public half of one that your agent holds.
    #[arg(long, value_name = "KEY", env = "TRIFORM_KEY")]
    pub key: PathBuf,
    /// Where to write the signature [default: the plan's name and `.sig`].
    #[arg(short = 'o', long = "signature", value_name = "FILE", env = "TRIFORM_SIGNATURE")]
    pub signature: Option<PathBuf>,
}

/// `triform drift`.
#[derive(Debug, ClapArgs)]
#[command(mut_arg("json", |json| json.conflicts_with("format")))]
pub struct DriftArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub shape: ShapeArgs,
    #[command(flatten)]
    pub stream: StreamArgs,
}

/// `triform adopt`.
#[derive(Debug, ClapArgs)]
pub struct AdoptArgs {
    /// Only what this names: an address, an address with a path, or a pattern of them.
    #[arg(value_name = "SELECTOR", env = "TRIFORM_ADOPT", value_delimiter = '\u{1f}')]
    pub selectors: Vec<Selector>,
    /// Write without asking.
    #[arg(short = 'y', long, visible_alias = "assume-yes", action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_AUTO_APPROVE")]
    pub auto_approve: bool,
    /// Print a patch for `git apply`, and write nothing.
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_PATCH")]
    pub patch: bool,
    /// How long to wait for the state when somebody else holds it, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, env = "TRIFORM_LOCK_TIMEOUT")]
    pub lock_timeout: u64,
}

/// `triform import`.
#[derive(Debug, ClapArgs)]
pub struct ImportArgs {
    /// Its address: `fc3_function.hello`.
    #[arg(value_name = "ADDRESS")]
    pub address: Address,
    /// Its name in the cloud [default: what s.yaml says].
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Record it, and write into s.yaml, without asking.
    #[arg(short = 'y', long, visible_alias = "assume-yes", action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_AUTO_APPROVE")]
    pub auto_approve: bool,
    /// How long to wait for the state when somebody else holds it, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, env = "TRIFORM_LOCK_TIMEOUT")]
    pub lock_timeout: u64,
}

/// `triform graph`.
#[derive(Debug, ClapArgs)]
pub struct GraphArgs {
    /// A saved plan; without one the project is drawn.
    #[arg(id = "saved_plan", value_name = "FILE", env = "TRIFORM_PLAN")]
    pub file: Option<PathBuf>,
    /// Plan, and draw what would be done, in which order.
    #[arg(id = "planned", long = "plan", conflicts_with = "saved_plan", action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_GRAPH_PLAN")]
    pub plan: bool,
    /// The language of the drawing.
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot, env = "TRIFORM_GRAPH_FORMAT")]
    pub format: GraphFormat,
}

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum GraphFormat {
    /// For Graphviz.
    Dot,
    /// For Markdown, as code hosts draw it.
    Mermaid,
}

/// `triform output`.
#[derive(Debug, ClapArgs)]
pub struct OutputArgs {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = OutputFormat::Human, env = "TRIFORM_FORMAT")]
    pub format: OutputFormat,
}

/// How outputs are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// `triform state …`.
#[derive(Debug, ClapArgs)]
pub struct StateArgs {
    #[command(subcommand)]
    pub command: StateCommand,
}

/// What to do with the state.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// List what is recorded: addresses, and what the cloud knows them by.
    List {
        /// Which records [default: all].
        #[arg(value_name = "SELECTOR")]
        selectors: Vec<Selector>,
        #[command(flatten)]
        shape: OutputArgs,
    },
    /// Show one record: what was declared and observed, path by path.
    Show {
        /// Which.
        #[arg(value_name = "ADDRESS")]
        address: Address,
        #[command(flatten)]
        shape: OutputArgs,
    },
    /// Give a record, and its children, another address.
    #[command(visible_alias = "move")]
    Mv {
        /// Its address.
        #[arg(value_name = "FROM")]
        from: Address,
        /// Its new address.
        #[arg(value_name = "TO")]
        to: Address,
        #[command(flatten)]
        change: StateChangeArgs,
    },
    /// Forget records and their children; what they describe stays in the cloud.
    #[command(visible_alias = "forget")]
    Rm {
        /// Which records.
        #[arg(value_name = "SELECTOR", required = true)]
        selectors: Vec<Selector>,
        #[command(flatten)]
        change: StateChangeArgs,
    },
}

/// How the state is changed by hand.
#[derive(Debug, ClapArgs)]
pub struct StateChangeArgs {
    /// Change the state without asking.
    #[arg(short = 'y', long, action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_AUTO_APPROVE")]
    pub auto_approve: bool,
    /// How long to wait for the state when somebody else holds it, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, env = "TRIFORM_LOCK_TIMEOUT")]
    pub lock_timeout: u64,
}

/// `triform init`.
#[derive(Debug, ClapArgs)]
pub struct InitArgs {
    /// python, node, custom or shop.
    // Not by the names of the fields, which global flags have already.
    #[arg(id = "starter", value_name = "TEMPLATE", default_value = "python")]
    pub template: String,
    /// Where to; unless told otherwise, a new folder `hello-python`, `hello-node`, `hello-custom` or `shop`.
    #[arg(id = "target_directory", value_name = "DIR")]
    pub directory: Option<PathBuf>,
}

/// `triform cloud …`.
#[derive(Debug, ClapArgs)]
pub struct CloudArgs {
    #[command(subcommand)]
    pub command: CloudCommand,
}

/// What to do with the embedded cloud.
#[derive(Debug, Subcommand)]
pub enum CloudCommand {
    /// Keep it up, in the foreground.
    Serve(ServeArgs),
}

/// `triform cloud serve`.
#[derive(Debug, ClapArgs)]
pub struct ServeArgs {
    /// A loopback address; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9530", env = "TRIFORM_LISTEN")]
    pub listen: SocketAddr,
    /// Misbehave as this file says; see docs/cloud.md.
    #[arg(long, value_name = "FILE", env = "TRIFORM_SWITCHES")]
    pub switches: Option<PathBuf>,
    /// Show in the console what the next plan of the project in this folder says.
    #[arg(long, value_name = "DIR", env = "TRIFORM_PROJECT")]
    pub project: Option<PathBuf>,
}

/// Reads a flag's variable; a word that is neither yes nor no is refused, for a flag may approve a plan.
pub fn switch(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("neither yes nor no: write 1 or 0, true or false, yes or no".to_owned()),
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form key=value"))?;
    if key.is_empty() {
        Err(format!("`{text}` names no variable"))
    } else {
        Ok((key.to_owned(), value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_flag_has_a_variable() {
        let command = Args::command();
        let mut bare = Vec::new();
        let mut queue = vec![&command];
        while let Some(command) = queue.pop() {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                if !argument.is_positional()
                    && !["help", "version"].contains(&name)
                    && argument.get_env().is_none()
                {
                    bare.push(format!("{} --{name}", command.get_name()));
                }
            }
            queue.extend(command.get_subcommands());
        }
        assert!(bare.is_empty(), "{bare:?}");
    }

    #[test]
    fn a_flag_takes_yes_and_no_from_its_variable() {
        for (text, wanted) in
            [("1", true), ("Yes", true), ("true", true), ("0", false), ("no", false), ("", false)]
        {
            assert_eq!(switch(text), Ok(wanted), "{text:?}");
        }
        assert!(switch("perhaps").is_err());
    }

    #[test]
    fn no_flag_takes_only_true_and_false() {
        let command = Args::command();
        let mut flags = 0;
        let mut queue = vec![&command];
        while let Some(command) = queue.pop() {
            for argument in command.get_arguments().filter(|argument| argument.get_env().is_some()) {
                if matches!(argument.get_action(), ArgAction::SetTrue) {
                    flags += 1;
                    let parser = format!("{:?}", argument.get_value_parser());
                    assert_ne!(parser, "ValueParser::bool", "{argument}");
                }
            }
            queue.extend(command.get_subcommands());
        }
        assert!(flags > 0);
    }

    #[test]
    fn no_argument_of_a_command_takes_the_name_of_a_global_one() {
        let command = Args::command();
        let globals: Vec<&str> = command
            .get_arguments()
            .filter(|argument| argument.is_global_set())
            .map(|argument| argument.get_id().as_str())
            .collect();
        let mut queue: Vec<_> = command.get_subcommands().collect();
        while let Some(command) = queue.pop() {
            for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
                assert!(
                    !globals.contains(&argument.get_id().as_str()),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
            queue.extend(command.get_subcommands());
        }
    }

    #[test]
    fn events_and_a_document_exclude_each_other() {
        let parse = |args: &[&str]| Args::try_parse_from(args).map(|_| ());
        assert!(parse(&["triform", "plan", "--json"]).is_ok());
        let error = parse(&["triform", "plan", "--json", "--format", HUMAN]).expect_err("both");
        assert_eq!(error.kind(), clap::error::ErrorKind::ArgumentConflict);
    }

    #[test]
    fn a_decision_may_have_a_selector() {
        let parse = |args: &[&str]| match Args::try_parse_from(args).expect("arguments").command {
            Command::Apply(apply) => (apply.apply.decisions.use_local, apply.apply.decisions.use_live),
            other => panic!("{other:?}"),
        };
        let text = str::to_owned;
        assert_eq!(parse(&["triform", "apply", "--use-local"]), (vec![text("")], vec![]));
        assert_eq!(
            parse(&["triform", "deploy", "--use-live", "--use-local=fc3_function.a:timeout"]),
            (vec![text("fc3_function.a:timeout")], vec![text("")])
        );
        assert_eq!(parse(&["triform", "apply", "--use-remote=*:code"]), (vec![], vec![text("*:code")]));
    }
}
