//! Project files, and the code that they name.

use super::{PROJECT, Page, deployed, run};

/// Tries `plan` and `apply` with each text as the project file; both say the same.
#[test]
fn project_files() {
    let room = deployed();
    let mut page = Page::default();
    let bomb: String = std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((1..9).map(|level| {
            format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "))
        }))
        .collect();
    let twice = PROJECT.replace("resources:\n", "resources:\n  again:\n    component: fc3\n    props: &props\n      region: cn-hangzhou\n      functionName: hello\n      runtime: python3.10\n      handler: index.handler\n      code: ./code\n");
    let cases: [(&str, String); 12] = [
        ("nothing in it", String::new()),
        ("invalid YAML", PROJECT.replace("name: shop", "name shop")),
        ("a tab", PROJECT.replace("      region", "\tregion")),
        ("a bomb", bomb),
        ("edition 2.0.0", PROJECT.replace("3.0.0", "2.0.0")),
        ("edition 4.0.0", PROJECT.replace("3.0.0", "4.0.0")),
        ("no edition", PROJECT.replace("edition: 3.0.0\n", "")),
        ("another component", PROJECT.replace("component: fc3", "component: oss")),
        ("code that does not exist", PROJECT.replace("./code", "./cod")),
        ("code that is no package", PROJECT.replace("./code", "./s.yaml")),
        ("code that is empty", PROJECT.replace("./code", "./empty")),
        ("two addresses with one identity", twice),
    ];
    std::fs::create_dir(room.path("empty")).expect("a folder");
    for (title, text) in &cases {
        room.write("s.yaml", text);
        let planned = run(&room, &["plan"]);
        page.add(title, &planned, 1);
        let applied = run(&room, &["apply", "--auto-approve"]);
        assert_eq!((applied.code, &applied.stderr), (Some(1), &planned.stderr), "{title}");
    }
    page.check("project_files");
}

#[test]
fn project_files_that_cannot_be_read() {
    let room = deployed();
    let mut page = Page::default();
    std::fs::remove_file(room.path("s.yaml")).expect("removes");
    page.add("no s.yaml", &run(&room, &["plan"]), 1);
    page.add("another name", &run(&room, &["plan", "-t", "prod.yaml"]), 1);
    page.add("no such folder", &run(&room, &["plan", "-C", "nowhere"]), 1);
    std::fs::create_dir(room.path("s.yaml")).expect("a folder");
    page.add("a folder", &run(&room, &["apply", "--auto-approve"]), 1);
    std::fs::remove_dir(room.path("s.yaml")).expect("removes");
    std::fs::write(room.path("s.yaml"), b"name: \xff\xfe\n").expect("writes");
    page.add("no text", &run(&room, &["plan"]), 1);
    room.write("s.yaml", PROJECT);
    let mut command = room.command(&["plan"]);
    command.env_remove("DB_PASSWORD");
    page.add("an unset variable", &super::changes_nothing(&room, command), 1);
    page.add("variables that cannot be read", &run(&room, &["plan", "--env-file", "no.env"]), 1);
    room.write("bad.env", "DB_PASSWORD=\"correct-horse-battery\nOTHER=1 2\n");
    page.add("variables that are none", &run(&room, &["plan", "--env-file", "bad.env"]), 1);
    room.write("bad.env", "A=1\nDB_PASSWORD=correct-horse-battery staple\n");
    page.add("a secret with a space", &run(&room, &["plan", "--env-file", "bad.env"]), 1);
    page.check("unreadable_files");
}
