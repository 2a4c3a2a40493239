//! The decisions that a command is given: by flags, and in a file.

use crate::cli::args::{DecisionArgs, EVERYWHERE};
use crate::cli::exit::{Exit, tell_error, tell_failure};
use crate::cli::out::{Out, Rest};
use crate::ops::{Failure, Setup, Survey};
use crate::plan::{Choice, Decisions, DecisionsFile, Plan, PlanDigest, Rule, read_decisions};
use crate::render::text::{Doc, Label, plain};

/// The answers that a command was given.
pub struct Given {
    /// All of them.
    pub decisions: Decisions,
    /// The plan whose questions a file answers, and the answers that were given beside the file.
    of: Option<(PlanDigest, Decisions)>,
}

/// Reads `--use-local`, `--use-live` and `--decisions`.
pub fn decisions(out: &Out, args: &DecisionArgs) -> Result<Given, Exit> {
    let mut rules = Vec::new();
    for (texts, choice) in [(&args.use_local, Choice::UseLocal), (&args.use_live, Choice::UseLive)] {
        for text in texts {
            let selector = match text.as_str() {
                EVERYWHERE | "*" => None,
                text => Some(text.parse().map_err(|error: crate::plan::ParseSelectorError| {
                    tell_error(out, &error, None);
                    Exit::Error
                })?),
            };
            rules.push(Rule { selector, answer: choice.into() });
        }
    }
    let collected = |rules| {
        Decisions::new(rules).map_err(|error| {
            let help = "give one of them a selector that is more specific, such as --use-live=fc3_function.hello:memorySize";
            tell_error(out, &error, Some(help));
            Exit::Error
        })
    };
    let Some(path) = &args.decisions_file else {
        return Ok(Given { decisions: collected(rules)?, of: None });
    };
    let name = plain(&path.display().to_string());
    let fail = |why: &dyn std::fmt::Display| {
        let what = format!("could not read the decisions `{name}`: {}", plain(&why.to_string()));
        let help = "write one `SELECTOR: use-local`, `SELECTOR: use-live` or `ADDRESS: skip` a line below `decisions:`; `triform plan \
                    --write-decisions FILE` starts such a file";
        out.error(&what, &[Rest::Help(help)]);
        Exit::Error
    };
    let text = std::fs::read_to_string(path).map_err(|error| fail(&error))?;
    let DecisionsFile { plan, rules: written } = read_decisions(&text).map_err(|error| fail(&error))?;
    let of = plan.map(|plan| Ok((plan, collected(rules.clone())?))).transpose()?;
    rules.extend(written);
    Ok(Given { decisions: collected(rules)?, of })
}

impl Given {
    /// Plans with all answers; refuses those of a file that answers another plan's questions.
    pub fn plan(&self, out: &Out, setup: &Setup, survey: &Survey) -> Result<Plan, Exit> {
        let fail = |failure: Failure| tell_failure(out, &failure);
        if let Some((answered, beside)) = &self.of {
            let asked = survey.plan(setup, beside).map_err(fail)?.digest();
            if asked != *answered {
                let what =
                    "the decisions are of another plan: what they answer moved since they were written";
                let mut doc = Doc::new();
                doc.paragraph(Label::Plain, &format!("they answer {answered}"), 2, out.width());
                doc.paragraph(Label::Plain, &format!("this plan is {asked}"), 2, out.width());
                let help = "look at the plan again, and write the file anew with --write-decisions; without its line \
                            `plan:` it answers any plan; nothing was changed";
                out.error(what, &[Rest::Lines(doc), Rest::Help(help)]);
                return Err(Exit::Error);
            }
        }
        survey.plan(setup, &self.decisions).map_err(fail)
    }
}
