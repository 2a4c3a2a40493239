//! The product, driven in this process as its command line drives it: read, survey, plan, approve, apply.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use triform::backend::{LocalStore, Lock};
use triform::diag::Source;
use triform::model::SecretNames;
use triform::ops::adopt::{self, ProjectText, Which};
use triform::ops::{self, Failure, Job, Report, Selection, Setup, Survey};
use triform::plan::{Answer, Approval, ApprovedPlan, Choice, DecisionError, Decisions, Made, Means, Plan};
use triform::provider::aliyun::Connection;
use triform::provider::{self, PROVIDERS};
use triform::render::adoption::How;
use triform::sys::ids::SystemIds;
use triform::sys::lock::Holder;

use super::rules::{Rule, Side};

/// A project folder at a cloud.
pub struct Site {
    pub folder: PathBuf,
    endpoint: String,
}

/// Everything that a command holds while it runs.
pub struct Session {
    setup: Setup,
    lock: Lock,
    survey: Survey,
}

/// How an apply ended.
pub enum End {
    Whole(Box<Report>),
    /// It was cut off, as a crash would.
    Cut,
}

impl Site {
    pub fn new(folder: PathBuf, endpoint: String) -> Self {
        Self { folder, endpoint }
    }

    /// Makes the project what these files say.
    pub fn write(&self, files: &BTreeMap<String, String>) {
        for entry in std::fs::read_dir(&self.folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("code-")) {
                std::fs::remove_dir_all(path).expect("it can be removed");
            }
        }
        for (name, text) in files {
            let path = self.folder.join(name);
            std::fs::create_dir_all(path.parent().expect("is below the folder")).expect("a folder");
            std::fs::write(path, text).expect("writes");
        }
    }

    /// Everything in the folder, byte for byte; who holds the lock is no part of it.
    pub fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(&self.folder, &mut found);
        found
    }

    fn setup(&self) -> Setup {
        let configuration = self.folder.join("s.yaml");
        let text = std::fs::read_to_string(&configuration).expect("a configuration");
        let source = Arc::new(Source { name: "s.yaml".to_owned(), text });
        let components: Vec<_> = PROVIDERS.iter().map(|row| row.component).collect();
        let variables = Box::new(|_: &str| None);
        let sources = (&source).into();
        let text = ProjectText { sources, variables, overrides: Vec::new(), unset: None, components };
        let (desired, diagnostics) = text.read();
        let errors: Vec<_> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
        assert!(errors.is_empty(), "the project cannot be read: {errors:?}\n{}", source.text);
        let store = LocalStore::of(&configuration, None, true);
        let provider =
            triform::provider::connect(Connection::embedded(&self.endpoint)).expect("a way to the cloud");
        Setup {
            configuration,
            desired,
            text: Some(text),
            cloud: "embedded".to_owned(),
            provider: Arc::from(provider), // of this run alone: it knows what the run made
            schemas: provider::schemas(),
            store,
            secret_names: SecretNames::default(),
            today: jiff::civil::date(2026, 11, 22),
        }
    }

    /// Begins a command that writes the state: takes the lock, reads the three sides, settles what a crash left.
    pub async fn begin(&self) -> Result<Session, String> {
        let setup = self.setup();
        let lock =
            setup.store.lock(&holder(), Duration::ZERO).expect("a store").expect("nobody else is here");
        let account = setup.provider.account().await.map_err(|error| error.to_string())?;
        let survey =
            ops::survey(&setup, &Selection::default(), account).await.map_err(|failure| told(&failure))?;
        let mut session = Session { setup, lock, survey };
        let Session { setup, lock, survey } = &mut session;
        survey.save_recovery(setup, lock).map_err(|failure| told(&failure))?;
        Ok(session)
    }
}

impl Session {
    /// Plans with these decisions, without those that name nothing here: they are told as mistakes, and returned.
    pub fn plan_with(&self, rules: &mut Vec<Rule>) -> Result<(Plan, Vec<Rule>), String> {
        let mut nothing = Vec::new();
        loop {
            match self.plan(rules) {
                Err(Failure::Decision(DecisionError::Nothing(selector, _))) => {
                    let selector = Some(selector.to_string());
                    nothing.extend(rules.extract_if(.., |rule| rule.selector() == selector));
                }
                plan => return plan.map(|plan| (plan, nothing)).map_err(|failure| told(&failure)),
            }
        }
    }

    fn plan(&self, rules: &[Rule]) -> Result<Plan, Failure> {
        let rules = rules.iter().map(|rule| triform::plan::Rule {
            selector: rule.selector().map(|selector| selector.parse().expect("a selector")),
            answer: Answer::Take(match rule.side {
                Side::Local => Choice::UseLocal,
                Side::Live => Choice::UseLive,
            }),
        });
        self.survey.plan(&self.setup, &Decisions::new(rules.collect())?)
    }

    /// Applies a plan; cut off after so many turns, where that is asked for.
    pub async fn apply(&self, plan: Plan, cut: Option<usize>) -> Result<End, String> {
        let Self { setup, lock, survey } = self;
        let document = ops::whole_document(setup, survey, plan, Made::default()).await;
        let document = document.map_err(|failure| told(&failure))?;
        let packages = ops::packages(setup.provider.as_ref(), &document).map_err(|failure| told(&failure))?;
        let approval = Approval { by: "laws".to_owned(), means: vec![Means::Auto] };
        let approved = ApprovedPlan::new(document.plan, approval).map_err(|error| error.to_string())?;
        let (_calls, interrupted) = watch::channel(0);
        let job = Job {
            setup,
            ground: &survey.ground,
            packages: &packages,
            lock,
            ids: &SystemIds,
            saved: false,
            parallelism: 4,
            interrupted,
            note: "laws".to_owned(),
            at: String::new(),
        };
        let mut tell = |_| {};
        let mut apply = pin!(ops::apply(&job, &approved, &mut tell));
        let mut turns = cut.unwrap_or(usize::MAX);
        let end = std::future::poll_fn(|context| match apply.as_mut().poll(context) {
            Poll::Ready(end) => Poll::Ready(Some(end)),
            Poll::Pending if turns == 0 => Poll::Ready(None),
            Poll::Pending => {
                turns -= 1;
                Poll::Pending
            }
        });
        match end.await {
            Some(Ok(report)) => Ok(End::Whole(Box::new(report))),
            Some(Err(failure)) => Err(told(&failure)),
            None => Ok(End::Cut),
        }
    }
}

/// What became of an adoption.
#[derive(Debug)]
pub struct Taken {
    /// What stays a question: it cannot be written into the project.
    pub stays: Vec<String>,
    /// Both sides changed the same lines: nothing was written.
    pub conflicts: bool,
    /// A file holds the edits of both sides now, which no cloud has yet.
    pub merged: bool,
}

impl Site {
    /// Writes what is live into the project, wherever the project says something else by a decision, or nobody
    /// decided.
    pub async fn adopt(&self) -> Result<Taken, String> {
        let Session { setup, lock, survey } = self.begin().await?;
        let decisions = adopt::decisions(&[]).map_err(|failure| told(&failure))?;
        let proposal = adopt::propose(&setup, &survey, &decisions, Which::All).await;
        let proposal = proposal.map_err(|failure| told(&failure))?;
        let taken = Taken {
            stays: proposal.told.open.iter().map(|open| format!("{}:{}", open.address, open.path)).collect(),
            conflicts: !proposal.told.conflicts.is_empty(),
            merged: proposal.told.places.iter().any(|place| place.how == How::Merged),
        };
        if !taken.conflicts {
            let job = adopt::Job {
                setup: &setup,
                survey: &survey,
                lock: &lock,
                ids: &SystemIds,
                holder: &holder(),
            };
            adopt::carry_out(&job, &proposal).await.map_err(|failure| told(&failure))?;
        }
        Ok(taken)
    }
}

fn holder() -> Holder {
    Holder::this_process("laws", jiff::Timestamp::now())
}

/// The open decisions of a plan, as the oracle spells them.
pub fn open(plan: &Plan) -> BTreeSet<String> {
    let spelled = plan.open().into_iter().map(|open| {
        let address = &open.change.address;
        // A record that had to make room stands under a key of its own.
        let parked = address.kind == "fc3_function" && address.key.is_some();
        let address = match (&address.name, parked) {
            (Some(name), true) => format!("{}.{name}^", address.kind),
            _ => address.to_string(),
        };
        open.path.map_or(address.clone(), |(path, _)| format!("{address}:{path}"))
    });
    spelled.collect()
}

/// An error with all its causes.
fn told(failure: &Failure) -> String {
    match failure {
        Failure::Input(diagnostics) => {
            diagnostics.iter().map(|diagnostic| format!("{diagnostic:?}")).collect::<Vec<_>>().join("; ")
        }
        failure => format!("{failure:?}"),
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_none_or(|extension| extension != "lock") {
            found.insert(path.clone(), std::fs::read(&path).expect("a file"));
        }
    }
}
