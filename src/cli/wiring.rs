//! From arguments to a [`Setup`]: the project is read, the cloud is reached.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::args::Global;
use super::exit::{Exit, tell_error, tell_failure};
use super::out::{Out, Rest};
use crate::backend::LocalStore;
use crate::config::{Desired, Sources};
use crate::diag::{Diagnostic, Source};
use crate::emulator;
use crate::model::SecretNames;
use crate::ops::adopt::{self, ProjectText, Settled};
use crate::ops::{Setup, absolute};
use crate::plan::Made;
use crate::provider::aliyun::credentials;
use crate::provider::aliyun::{Answerer, Connection, Patience, Timeouts, who_answers};
use crate::provider::{self, PROVIDERS, Provider};
use crate::render::text::{Label, plain};
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::lock::Holder;

/// Where the embedded cloud answers unless told otherwise.
pub const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:9530";

/// How long an embedded cloud may take to say that it is one.
const ASKING: Duration = Duration::from_secs(2);

/// A project file, read.
pub struct Project {
    /// The file.
    pub configuration: PathBuf,
    /// What it declares.
    pub desired: Desired,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// Its text, and what it was read with.
    pub text: Option<ProjectText>,
}

impl Project {
    /// Returns where its state is.
    pub fn store(&self, global: &Global) -> LocalStore {
        LocalStore::of(&self.configuration, self.desired.environment.as_deref(), global.local)
    }
}

/// How unset variables are treated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// They are errors.
    Refused,
    /// Those without a default stand as a placeholder: the command does not need their values.
    Tolerated,
}

/// Reads the project file. Tells what is wrong with the file itself; what is wrong in it is returned.
pub fn project(out: &Out, global: &Global, unset: Unset) -> Result<Project, Exit> {
    read_project(out, global, configuration(global), unset)
}

/// Returns the project's file.
pub fn configuration(global: &Global) -> PathBuf {
    let folder = global.directory.clone().unwrap_or_default();
    match &global.template {
        Some(file) => folder.join(file),
        None => default_file(&folder),
    }
}

/// Settles what an interrupted command left of the project's files, and says so. Comes first in every command that
/// may write into the project or its state; the others refuse to read it.
pub fn settle(out: &Out, configuration: &Path, command: &str) -> Result<(), Exit> {
    let holder = Holder::this_process(command, SystemClock.now());
    let text = match adopt::settle(configuration, &holder).map_err(|failure| tell_failure(out, &failure))? {
        Settled::Nothing => return Ok(()),
        Settled::Kept => {
            "An earlier command was interrupted when it had written into this project. All its files are in place."
                .to_owned()
        }
        Settled::PutBack { edited } if edited.is_empty() => {
            "An earlier command was interrupted while it wrote into this project. The old files are back.".to_owned()
        }
        Settled::PutBack { edited } => {
            let edited: Vec<String> = edited.iter().map(|path| format!("`{}`", path.display())).collect();
            format!(
                "An earlier command was interrupted while it wrote into this project. The old files are back, but for \
                 what was edited since, which was let be: {}.",
                edited.join(", ")
            )
        }
    };
    out.say(Label::Drift, &plain(&text));
    Ok(())
}

/// Reads a project file by its path.
pub fn read_project(
    out: &Out,
    global: &Global,
    configuration: PathBuf,
    unset: Unset,
) -> Result<Project, Exit> {
    adopt::refuse_unsettled(&configuration).map_err(|failure| tell_failure(out, &failure))?;
    let text = std::fs::read(&configuration).map_err(|error| {
        let what = format!("could not read the configuration `{}`", configuration.display());
        let help = match error.kind() {
            std::io::ErrorKind::NotFound => {
                "name another file with -t, another folder with -C, or start with `triform init`"
            }
            std::io::ErrorKind::IsADirectory => {
                "it is a folder; name a file in it with -t, or the folder with -C"
            }
            _ => "check the file's permissions",
        };
        tell_error(out, &Failed(what, error), Some(help));
        Exit::Error
    })?;
    let text = String::from_utf8(text).map_err(|error| {
        tell_error(
            out,
            &Failed(format!("could not read the configuration `{}`", configuration.display()), error),
            Some("save it as UTF-8"),
        );
        Exit::Error
    })?;
    let folder = folder_of(&configuration);
    let sources = gather(global, &configuration, text);
    let variables = variables(out, global, &folders(&sources, &folder))?;
    let text = ProjectText {
        sources,
        variables: Box::new(move |name: &str| variable(&variables, name)),
        overrides: global.vars.clone(),
        unset: (unset == Unset::Tolerated).then(|| "(not set here)".to_owned()),
        components: PROVIDERS.iter().map(|row| row.component).collect(),
    };
    let (desired, diagnostics) = text.read();
    Ok(Project { configuration, desired, diagnostics, text: Some(text) })
}

/// Prints what is wrong with a project; only errors end the command.
pub fn check(out: &Out, project: &Project) -> Result<(), Exit> {
    judge(out, project, "; nothing was changed")
}

/// Does the same for a command that could not have changed anything.
pub fn judge(out: &Out, project: &Project, consequence: &str) -> Result<(), Exit> {
    out.diagnostics(&project.diagnostics);
    let errors = project.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    if errors == 0 {
        return Ok(());
    }
    let what = format!(
        "{errors} {} in `{}`{consequence}",
        if errors == 1 { "error" } else { "errors" },
        project.configuration.display()
    );
    out.say(Label::Bad, &what);
    Err(Exit::Error)
}

/// `s.yaml`, or `s.yml` where only that is there.
fn default_file(folder: &Path) -> PathBuf {
    let [yaml, yml] = ["s.yaml", "s.yml"].map(|name| folder.join(name));
    if !yaml.exists() && yml.exists() { yml } else { yaml }
}

pub fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Returns a variable of the environment, else of a file; an empty one counts as unset.
pub fn variable(files: &BTreeMap<String, String>, name: &str) -> Option<String> {
    std::env::var(name).ok().or_else(|| files.get(name).cloned()).filter(|value| !value.is_empty())
}

/// Reads a further file of a project, or says in a few words why that cannot be done.
fn read_text(path: &Path) -> Result<String, String> {
    let metadata = std::fs::metadata(path);
    if metadata.as_ref().is_ok_and(|metadata| !metadata.is_file()) {
        return Err("it is no file".to_owned()); // reading a pipe or a device may never end
    }
    let bytes = metadata.and_then(|_| std::fs::read(path)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    })?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

/// Returns the folders of a project's files, that of the first one at the end.
fn folders(sources: &Sources, folder: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for source in sources.all() {
        let inner = Path::new(&source.name).parent().unwrap_or(Path::new(""));
        let one: PathBuf = folder.join(inner).components().collect();
        if !folders.contains(&one) {
            folders.insert(0, one);
        }
    }
    folders
}

/// Returns the variables that stand beside a project's files; the files themselves may be gone.
pub fn project_variables(
    out: &Out,
    global: &Global,
    configuration: &Path,
) -> Result<BTreeMap<String, String>, Exit> {
    let folder = folder_of(configuration);
    if !folder.is_dir() {
        return Ok(BTreeMap::new());
    }
    let text = read_text(configuration).unwrap_or_default();
    let sources = gather(global, configuration, text);
    variables(out, global, &folders(&sources, &folder))
}

/// Reads the files that a project names.
fn gather(global: &Global, configuration: &Path, text: String) -> Sources {
    let name = configuration.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = folder_of(configuration);
    let mut read = |name: &str| read_text(&folder.join(name));
    Sources::gather(Arc::new(Source { name, text }), global.environment.as_deref(), &mut read)
}

/// Variables of `.env` in these folders, the last one winning, and of `--env-file`, which wins over all.
pub fn variables(out: &Out, global: &Global, folders: &[PathBuf]) -> Result<BTreeMap<String, String>, Exit> {
    let mut variables = BTreeMap::new();
    let beside = folders.iter().map(|folder| folder.join(".env")).filter(|file| file.exists());
    for file in beside.chain(global.env_file.clone()) {
        let read = dotenvy::from_path_iter(&file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match read {
            Ok(pairs) => variables.extend(pairs),
            Err(error) => {
                let what =
                    format!("could not read the variables in `{}`: {}", file.display(), why(&error, &file));
                let help = "write one NAME=value a line, values with spaces in quotes; or name another file with --env-file";
                out.error(&plain(&what), &[Rest::Help(help)]);
                return Err(Exit::Error);
            }
        }
    }
    Ok(variables)
}

/// Says why a file of variables cannot be read, and never shows a line of it, which may be a secret.
fn why(error: &dotenvy::Error, file: &Path) -> String {
    let dotenvy::Error::LineParse(part, _) = error else { return error.to_string() };
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let part = part.lines().next().unwrap_or_default();
    match text.lines().position(|line| line.contains(part)) {
        Some(at) => format!("line {} cannot be understood", at + 1),
        None => "a line cannot be understood".to_owned(),
    }
}

/// The embedded cloud of this process, where it runs one.
pub struct Embedded(Option<emulator::Server>);

impl Embedded {
    /// Ends it, so that whoever comes next finds its data free.
    pub async fn stop(self) {
        if let Some(server) = self.0 {
            server.stop().await;
        }
    }

    /// Returns whether it ends with this command.
    pub fn is_here(&self) -> bool {
        self.0.is_some()
    }
}

/// Reaches the cloud of a project.
pub async fn connect(out: &Out, global: &Global, project: Project) -> Result<(Setup, Embedded), Exit> {
    let (provider, embedded) = if global.local {
        let (endpoint, embedded) = embedded_cloud(out, global).await?;
        (provider_of(out, global, Connection::embedded(endpoint))?, embedded)
    } else {
        let search = credentials::Search {
            access: global.access.as_deref(),
            declared: project.desired.access.as_deref(),
            environment: &|name| std::env::var(name).ok(),
            read: &|path| std::fs::read_to_string(path),
        };
        let credentials = credentials::find(&search).map_err(|error| {
            tell_error(out, &error, None);
            Exit::Error
        })?;
        let connection = Connection { endpoint: global.endpoint.clone(), ..Connection::new(credentials) };
        (provider_of(out, global, connection)?, Embedded(None))
    };
    let store = project.store(global);
    let Project { configuration, desired, diagnostics: _, text } = project;
    let setup = Setup {
        configuration,
        desired,
        text,
        cloud: cloud(global).to_owned(),
        provider,
        schemas: provider::schemas(),
        store,
        secret_names: SecretNames::default(),
        today: SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date(),
    };
    Ok((setup, embedded))
}

/// Says when, by what and where a plan is made.
pub fn made(global: &Global, setup: &Setup) -> Made {
    Made {
        at: now(),
        by: concat!("triform ", env!("CARGO_PKG_VERSION")).to_owned(),
        folder: absolute(&folder_of(&setup.configuration)),
        endpoint: global.endpoint.clone(),
        access: global.access.clone().or_else(|| setup.desired.access.clone()),
    }
}

/// Returns this moment, RFC 3339 in UTC with seconds.
pub fn now() -> String {
    SystemClock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Returns the name of the cloud, as states record it.
pub fn cloud(global: &Global) -> &'static str {
    if global.local { "embedded" } else { "aliyun" }
}

fn provider_of(out: &Out, global: &Global, connection: Connection) -> Result<Arc<dyn Provider>, Exit> {
    let answer = Duration::from_secs(global.timeout);
    let timeouts = Timeouts { answer, ..connection.timeouts };
    // Whoever waits less for one answer waits less for all tries of a call.
    let patience = Patience { total: answer * 9 / 2, ..connection.patience };
    let older = global.fc_api == "2016-08-15";
    let connection = Connection { older, timeouts, patience, ..connection };
    provider::connect(connection).map(Arc::from).map_err(|error| {
        tell_error(out, &error, None);
        Exit::Error
    })
}

/// Finds the embedded cloud that is up, or opens its data in this process.
async fn embedded_cloud(out: &Out, global: &Global) -> Result<(String, Embedded), Exit> {
    let endpoint = global.endpoint.clone().unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
    let timeouts = Timeouts { connect: ASKING, answer: ASKING };
    let answerer = who_answers(&endpoint, timeouts).await.map_err(|error| {
        tell_error(out, &error, None);
        Exit::Error
    })?;
    match answerer {
        Answerer::Embedded { data, .. } => {
            if global.endpoint.is_none() {
                refuse_other_data(out, global, data.as_deref())?;
            }
            Ok((endpoint, Embedded(None)))
        }
        Answerer::Nobody if global.endpoint.is_none() => {
            let mut options = emulator::ServerOptions::new(
                SocketAddr::from(([127, 0, 0, 1], 0)),
                data_folder(out, global)?,
            );
            // Trigger URLs are told as they will be when `triform cloud serve` is up.
            options.public_base = Some(DEFAULT_ENDPOINT.to_owned());
            let server = emulator::start(options).await.map_err(|error| tell_start(out, &error))?;
            Ok((format!("http://{}", server.address()), Embedded(Some(server))))
        }
        Answerer::Nobody => {
            let help = "start it with `triform cloud serve`, or leave --endpoint out";
            out.error(&format!("nothing answers at `{endpoint}`"), &[Rest::Help(help)]);
            Err(Exit::Error)
        }
        Answerer::SomethingElse => {
            let what = format!("what answers at `{endpoint}` is not triform's embedded cloud");
            let help = "stop that program, or serve the embedded cloud elsewhere (`triform cloud serve --listen`) and name it with --endpoint";
            out.error(&what, &[Rest::Help(help)]);
            Err(Exit::Error)
        }
    }
}

/// Refuses a cloud that is up at the usual address and keeps its data in another folder than the one that was named.
fn refuse_other_data(out: &Out, global: &Global, theirs: Option<&Path>) -> Result<(), Exit> {
    let Some(named) = &global.data else { return Ok(()) };
    let known = std::fs::canonicalize(named).unwrap_or_else(|_| named.clone());
    let Some(theirs) = theirs.filter(|theirs| **theirs != known) else { return Ok(()) };
    let what = format!(
        "the embedded cloud that is up at {DEFAULT_ENDPOINT} keeps its data in `{}`, and --data names `{}`",
        theirs.display(),
        named.display()
    );
    let help = "stop it, leave --data (TRIFORM_DATA) out, or name the cloud that is meant with --endpoint; nothing was \
                changed";
    out.error(&plain(&what), &[Rest::Help(help)]);
    Err(Exit::Error)
}

/// Returns the port where the embedded cloud serves custom domains, when that is the cloud.
pub fn web_port(global: &Global) -> Option<u16> {
    let endpoint = global.endpoint.as_deref().unwrap_or(DEFAULT_ENDPOINT);
    let port = endpoint.trim_end_matches('/').rsplit(':').next()?.parse().ok()?;
    global.local.then_some(port)
}

/// Tells why an embedded cloud did not start.
pub fn tell_start(out: &Out, error: &emulator::StartError) -> Exit {
    if matches!(error, emulator::StartError::Data(emulator::OpenError::Held { .. })) {
        let help = "wait for that process to end or stop it; where it serves, name its address with --endpoint; or \
                    take another folder with --data";
        tell_error(out, error, Some(help));
        return Exit::Held;
    }
    tell_error(out, error, None);
    Exit::Error
}

/// Returns where the embedded cloud keeps its data.
pub fn data_folder(out: &Out, global: &Global) -> Result<PathBuf, Exit> {
    use etcetera::BaseStrategy;

    if let Some(data) = &global.data {
        return Ok(data.clone());
    }
    etcetera::choose_base_strategy().map(|folders| folders.data_dir().join("triform/cloud")).map_err(
        |error| {
            tell_error(out, &error, Some("name a folder with --data"));
            Exit::Error
        },
    )
}

/// What was being done, and what went wrong.
#[derive(Debug)]
struct Failed<E>(String, E);

impl<E> std::fmt::Display for Failed<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error + 'static> std::error::Error for Failed<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.1)
    }
}

/// Runs a command's asynchronous part.
pub fn block_on(out: &Out, work: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => {
            tell_error(out, &Failed("could not start".to_owned(), error), None);
            Exit::Error
        }
    }
}
