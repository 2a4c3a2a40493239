//! The questions about one resource: all of them at once, each on its own, or each file of its code.

use super::menu::{Key, Menu, ask};
use crate::cli::out::Out;
use crate::model::Path;
use crate::plan::{Answer, Change, Choice, PathOutcome, QuestionKind, Rule, Selector};
use crate::render::human::{self, About, View};

/// Lines of code that the question about a whole resource shows, for all files together.
const DIFF_LINES: usize = 24;

/// What somebody said about a resource.
pub enum Reply {
    /// Its answers.
    Answers(Vec<Rule>),
    /// The resource before.
    Back,
    /// The end.
    Stop,
}

/// A resource with open questions.
pub struct Questions<'a> {
    out: &'a Out,
    view: &'a View<'a>,
    change: &'a Change,
    /// `1/2`.
    number: String,
    settings: Vec<&'a Path>,
    files: Vec<&'a Path>,
    /// The question about it as a whole.
    itself: Option<QuestionKind>,
}

/// What is asked about at once, where each is asked on its own.
#[derive(Clone)]
enum Item<'a> {
    Paths(Vec<&'a Path>),
    Itself,
}

/// Where each on its own led to.
enum Each {
    Reply(Reply),
    /// Back to the question about all of them.
    Together,
}

impl<'a> Questions<'a> {
    pub fn about(out: &'a Out, change: &'a Change, number: String, view: &'a View<'a>) -> Self {
        let open = |path: &&Path| matches!(change.paths[*path].outcome, PathOutcome::Open(_));
        let (files, settings) = change.paths.keys().filter(open).partition(|path| path.is_code());
        let question = change.question.as_ref().filter(|question| question.decision.is_none());
        let itself = question.map(|question| question.kind);
        Self { out, view, change, number, settings, files, itself }
    }

    /// Asks about all of them at once, and about each where that is wanted. Of a first resource there is none before.
    pub fn ask(&self, first: bool) -> Reply {
        let shown = self.files.len().max(1);
        let short = View { diff_lines: (DIFF_LINES / shown).max(3), ..*self.view };
        self.show(About::All, &self.number, &short);
        loop {
            let mut menu: Vec<(Key, &str)> = Vec::new();
            menu.extend(self.can_be_local(&self.paths()).then_some((Key::Local, "use-local")));
            menu.push((Key::Live, "use-live"));
            menu.extend(
                (self.items().len() > 1 || self.files.len() > 1).then_some((Key::Each, "each on its own")),
            );
            menu.push((Key::Skip, "skip this resource"));
            menu.push((Key::Show, "show the whole difference"));
            menu.extend((!first).then_some((Key::Back, "back")));
            menu.push((Key::Stop, "stop, change nothing"));
            match self.press(&menu, || self.show(About::All, &self.number, &self.everything())) {
                Key::Local => return Reply::Answers(self.all(Choice::UseLocal)),
                Key::Live => return Reply::Answers(self.all(Choice::UseLive)),
                Key::Each => match self.each() {
                    Each::Reply(reply) => return reply,
                    Each::Together => self.show(About::All, &self.number, &short),
                },
                Key::Skip => return Reply::Answers(vec![self.whole(Answer::Skip)]),
                Key::Back => return Reply::Back,
                _ => return Reply::Stop,
            }
        }
    }

    /// Asks about each on its own: the settings, then the code, then the resource itself.
    fn each(&self) -> Each {
        let mut items = self.items();
        let mut answers: Vec<Choice> = Vec::new();
        while let Some(item) = items.get(answers.len()).cloned() {
            let (paths, about) = match &item {
                Item::Paths(paths) => (paths.clone(), About::Paths(paths)),
                Item::Itself => (Vec::new(), About::Itself),
            };
            let number = format!("{} · {} of {}", self.number, answers.len() + 1, items.len());
            self.show(about, &number, self.view);
            let mut menu: Vec<(Key, &str)> = Vec::new();
            menu.extend(self.can_be_local(&paths).then_some((Key::Local, "use-local")));
            menu.push((Key::Live, "use-live"));
            menu.extend((paths.len() > 1).then_some((Key::Files, "file by file")));
            menu.push((Key::Skip, "skip this resource"));
            let code = paths.iter().any(|path| path.is_code());
            menu.extend(code.then_some((Key::Show, "show the whole difference")));
            menu.extend([(Key::Back, "back"), (Key::Stop, "stop, change nothing")]);
            match self.press(&menu, || self.show(about, &number, &self.everything())) {
                Key::Local => answers.push(Choice::UseLocal),
                Key::Live => answers.push(Choice::UseLive),
                Key::Files => {
                    let at = answers.len();
                    items.splice(at..=at, paths.into_iter().map(|path| Item::Paths(vec![path])));
                }
                Key::Skip => return Each::Reply(Reply::Answers(vec![self.whole(Answer::Skip)])),
                Key::Back if answers.pop().is_none() => return Each::Together,
                Key::Back => {}
                _ => return Each::Reply(Reply::Stop),
            }
        }
        let mut rules = Vec::new();
        // Whoever decides about each difference of what is taken over takes it over with nothing else written.
        if self.itself == Some(QuestionKind::Exists) {
            rules.push(self.whole(Choice::UseLive.into()));
        }
        for (item, choice) in items.iter().zip(answers) {
            match item {
                Item::Paths(paths) => rules.extend(paths.iter().map(|path| self.place(path, choice))),
                Item::Itself => rules.push(self.whole(choice.into())),
            }
        }
        Each::Reply(Reply::Answers(rules))
    }

    /// What is asked on its own; the files of the code together at first.
    fn items(&self) -> Vec<Item<'a>> {
        let settings = self.settings.iter().map(|path| Item::Paths(vec![path]));
        let code = (!self.files.is_empty()).then(|| Item::Paths(self.files.clone()));
        let itself = self.itself.filter(|kind| *kind != QuestionKind::Exists).map(|_| Item::Itself);
        settings.chain(code).chain(itself).collect()
    }

    fn paths(&self) -> Vec<&'a Path> {
        if self.itself.is_some() {
            Vec::new()
        } else {
            self.settings.iter().chain(&self.files).copied().collect()
        }
    }

    /// Returns whether there is something to put back.
    fn can_be_local(&self, paths: &[&Path]) -> bool {
        paths.is_empty() || paths.iter().any(|path| self.has_goal(path))
    }

    fn has_goal(&self, path: &Path) -> bool {
        !matches!(self.change.paths[path].outcome, PathOutcome::Open(None))
    }

    /// The answers where all is answered at once. What has nothing to be put back stays open, and is asked again.
    fn all(&self, choice: Choice) -> Vec<Rule> {
        if self.itself.is_some() {
            return vec![self.whole(choice.into())];
        }
        let able = |path: &&Path| choice == Choice::UseLive || self.has_goal(path);
        self.paths().into_iter().filter(able).map(|path| self.place(path, choice)).collect()
    }

    fn whole(&self, answer: Answer) -> Rule {
        Rule { selector: Some(Selector::exact(&self.change.address, &Path::root())), answer }
    }

    fn place(&self, path: &Path, choice: Choice) -> Rule {
        Rule { selector: Some(Selector::exact(&self.change.address, path)), answer: choice.into() }
    }

    fn everything(&self) -> View<'a> {
        View { diff_lines: usize::MAX, ..*self.view }
    }

    fn show(&self, about: About<'_>, number: &str, view: &View<'_>) {
        self.out.note(&human::question(self.change, about, number, view));
    }

    /// Asks for a key; shows more as often as that is wanted. The end of the input stops.
    fn press(&self, menu: Menu<'_>, show: impl Fn()) -> Key {
        loop {
            match ask(self.out, menu) {
                Some(Key::Show) => show(),
                Some(key) => return key,
                None => return Key::Stop,
            }
        }
    }
}
