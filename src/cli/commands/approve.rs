//! `triform approve`: signs the digest of a saved plan.
//!
//! It looks at nothing but the file: whether the plan still holds is checked when it is applied. A plan that cannot
//! be applied, since decisions are open, is not signed.

use super::saved;
use crate::cli::approve::signature_of;
use crate::cli::args::{ApproveArgs, Global};
use crate::cli::exit::{Exit, tell_error};
use crate::cli::key::{self, SignedBy};
use crate::cli::out::{Out, Rest};
use crate::plan::signature;
use crate::render::text::{Doc, Label, plain};
use crate::sys::files;

/// The mode of a signature, which is no secret.
const PUBLIC: u32 = 0o644;

pub fn run(global: &Global, args: &ApproveArgs) -> Exit {
    let out = Out::new(global);
    approve(&out, args).map_or_else(|exit| exit, |()| Exit::Done)
}

fn approve(out: &Out, args: &ApproveArgs) -> Result<(), Exit> {
    let plan = saved::read(out, &args.plan)?.plan;
    let open = plan.open().len();
    if open > 0 {
        let noun = if open == 1 { "decision is" } else { "decisions are" };
        let what =
            format!("{open} {noun} open, and such a plan is never applied; nothing was signed (exit code 3)");
        let help = "plan again with --use-local or --use-live, and sign that plan";
        out.error(&what, &[Rest::Help(help)]);
        return Err(Exit::Undecided);
    }
    let digest = plan.digest();
    let SignedBy { signature, key } = key::sign(out, &args.key, digest)?;
    let file = args.signature.clone().unwrap_or_else(|| signature_of(&args.plan));
    files::write_named(&file, signature.as_bytes(), PUBLIC).map_err(|error| {
        tell_error(
            out,
            &error,
            Some("name a file in a folder that can be written with -o; nothing was signed"),
        );
        Exit::Error
    })?;
    let classes = plan.classes();
    let counts =
        classes.iter().map(|(class, places)| format!("{class} {}", places.len())).collect::<Vec<_>>();
    let does = if counts.is_empty() { "which does nothing".to_owned() } else { counts.join(", ") };
    let name = signature::fingerprint(key.key_data());
    let text = format!("Signed {digest} ({does}) with {name}: {}", file.display());
    let mut doc = Doc::new();
    doc.paragraph(Label::Good, &plain(&text), 0, out.width());
    out.result(&doc);
    Ok(())
}
