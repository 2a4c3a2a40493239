//! `triform init`: the examples, embedded in the binary.

use std::path::{Path, PathBuf};

use crate::cli::args::{Global, InitArgs};
use crate::cli::exit::{Exit, tell_error};
use crate::cli::out::{Out, Rest};
use crate::render::text::{Doc, Label, Line};
use crate::sys::files::write_atomic;

/// A project that `init` writes: its name, what it is, its folder, and its files with their modes.
struct Template {
    name: &'static str,
    what: &'static str,
    folder: &'static str,
    files: &'static [(&'static str, &'static str, u32)],
}

macro_rules! template {
    ($name:literal, $folder:literal, $what:literal, [$($path:literal $mode:literal),*]) => {
        Template {
            name: $name,
            what: $what,
            folder: $folder,
            files: &[$(($path, include_str!(concat!("../../../examples/", $folder, "/", $path)), $mode)),*],
        }
    };
}

static TEMPLATES: &[Template] = &[
    template!("python", "hello-python", "one Python function with an HTTP trigger", [
        "s.yaml" 0o644, "code/.fcignore" 0o644, "code/index.py" 0o644
    ]),
    template!("node", "hello-node", "one Node.js function with an HTTP trigger", [
        "s.yaml" 0o644, "code/index.js" 0o644, "code/language.js" 0o644
    ]),
    template!("custom", "hello-custom", "a web server of its own, in a custom runtime", [
        "s.yaml" 0o644, "code/.fcignore" 0o644, "code/bootstrap" 0o755, "code/server.py" 0o644
    ]),
    template!("shop", "shop", "three functions of two runtimes, a timer and a custom domain", [
        "s.yaml" 0o644, "cart/index.js" 0o644, "catalog/.fcignore" 0o644, "catalog/index.py" 0o644,
        "catalog/products.py" 0o644, "report/.fcignore" 0o644, "report/index.py" 0o644
    ]),
];

/// What a project's version control must not take: the state may hold names that are nobody else's business, and
/// two people who share one by accident overwrite each other's.
const IGNORED: (&str, &str, u32) = (".gitignore", ".triform/\n", 0o644);

pub fn run(global: &Global, args: &InitArgs) -> Exit {
    let out = Out::new(global);
    init(&out, global, args).unwrap_or_else(|exit| exit)
}

fn init(out: &Out, global: &Global, args: &InitArgs) -> Result<Exit, Exit> {
    let Some(template) =
        TEMPLATES.iter().find(|template| [template.name, template.folder].contains(&args.template.as_str()))
    else {
        let mut known = Doc::new();
        for template in TEMPLATES {
            known.line(Line::new().plain(format!("  {:<8} {}", template.name, template.what)));
        }
        let what = crate::render::text::plain(&format!("there is no template `{}`", args.template));
        out.error(&what, &[Rest::Lines(known)]);
        return Err(Exit::Error);
    };
    let base = global.directory.clone().unwrap_or_default();
    let target = base.join(args.directory.clone().unwrap_or_else(|| PathBuf::from(template.folder)));
    if let Some((path, ..)) =
        template.files.iter().chain([&IGNORED]).find(|(path, ..)| target.join(path).exists())
    {
        let what = format!("`{}` is there already; nothing was written", target.join(path).display());
        out.error(&what, &[Rest::Help("name another folder: triform init TEMPLATE DIR")]);
        return Err(Exit::Error);
    }
    for (path, text, mode) in template.files.iter().chain([&IGNORED]) {
        let file = target.join(path);
        let folder = file.parent().unwrap_or(Path::new("."));
        let written = std::fs::create_dir_all(folder)
            .map_err(|source| crate::sys::files::FileError {
                doing: "create",
                path: folder.to_owned(),
                source,
            })
            .and_then(|()| write_atomic(&file, text.as_bytes(), *mode));
        written.map_err(|error| {
            tell_error(out, &error, None);
            Exit::Error
        })?;
    }
    let mut doc = Doc::new();
    doc.line(
        Line::new()
            .plain("Wrote ")
            .plain(template.what)
            .plain(" to ")
            .add(Label::Strong, target.display().to_string())
            .plain("."),
    );
    doc.line(Line::new().plain(format!("Next: cd {} && triform apply --local", target.display())));
    out.result(&doc);
    Ok(Exit::Done)
}
