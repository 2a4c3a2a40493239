//! What is started here dies with it.

use super::*;

#[tokio::test]
async fn nothing_survives_shutdown_or_a_dropped_runner() {
    for dropped in [false, true] {
        let stage = stage();
        let function = python(
            "import subprocess\ndef handler(event, context):\n    return subprocess.Popen(['sleep', '61']).pid\n",
        );
        let answer = stage.invoke(&function, "").await;
        let child = text(&answer);
        eventually("the function's child started", || is_asleep(child)).await;
        if dropped {
            drop(stage);
        } else {
            stage.runner.shutdown().await;
        }
        eventually("the child of a function is gone", || !is_asleep(child)).await;
    }
}

/// Not a test of its own: the parent that is killed in the next one.
#[tokio::test]
#[ignore = "started by nothing_survives_a_killed_parent"]
async fn parent_to_be_killed() {
    let stage = stage();
    let source = "import subprocess\ndef handler(event, context):\n    print(1)\n    \
                  open(event, 'w').write(str(subprocess.Popen(['sleep', '61']).pid))\n    while True: pass\n";
    let mut function = python(source);
    function.timeout = Duration::from_mins(1);
    stage.invoke(&function, &std::env::var("TRIFORM_TEST_PID_FILE").expect("a file")).await;
}

#[tokio::test]
async fn nothing_survives_a_killed_parent() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("pid");
    let mut parent = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "runner::processes::parent_to_be_killed", "--ignored"])
        .env("TRIFORM_TEST_PID_FILE", &file)
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("parent");
    let child = || std::fs::read_to_string(&file).unwrap_or_default();
    eventually("the function started its child", || is_asleep(&child())).await;
    parent.kill().expect("killed");
    parent.wait().expect("reaped");
    eventually("the child is gone", || !is_asleep(&child())).await;
}
