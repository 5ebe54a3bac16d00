//! Checks what packaging/linux/run-tests says of tests that CI tried again.

#![cfg(unix)]

use std::fs;
use std::process::Command;

/// `sh` stands in for cargo, so that a subcommand is a file that it reads: this run leaves a report and a status.
const NEXTEST: &str = r#"
[ "$1" = run ] || exit 0
mkdir -p target/nextest/ci
cp report target/nextest/ci/junit.xml
exit "$STATUS"
"#;

const REPORT: &str = r#"<testsuites name="nextest-run" tests="3">
    <testsuite name="helmsight::ui" tests="3">
        <testcase name="app::good" classname="helmsight::ui" time="0.005"/>
        <testcase name="app::bad" classname="helmsight::ui" time="0.005">
            <failure type="test failure">&lt;testcase name=&quot;no&quot;</failure>
        </testcase>
        FLAKY
    </testsuite>
</testsuites>
"#;

const FLAKY: &str = r#"<testcase name="app::doubtful" classname="helmsight::ui" time="0.005">
            <flakyFailure time="0.084" type="test failure">one</flakyFailure>
            <flakyFailure time="0.084" type="test failure">two</flakyFailure>
        </testcase>"#;

/// What it ends with, and its exit status.
fn run_tests(report: &str, status: &str) -> (String, Option<i32>) {
    let root = tempfile::tempdir().unwrap();
    let script = root.path().join("packaging/linux/run-tests");
    fs::create_dir_all(script.parent().unwrap()).unwrap();
    fs::copy("packaging/linux/run-tests", &script).unwrap();
    fs::write(root.path().join("nextest"), NEXTEST).unwrap();
    fs::write(root.path().join("test"), "echo cargo test $*").unwrap();
    fs::write(root.path().join("report"), report).unwrap();
    let run = Command::new("sh")
        .arg(&script)
        .env("CARGO", "sh")
        .env("CI", "true")
        .env("STATUS", status)
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap();
    (String::from_utf8(run.stdout).unwrap(), run.status.code())
}

#[test]
fn a_test_that_passed_at_a_later_try_is_named_last() {
    let (told, status) = run_tests(&REPORT.replace("FLAKY", FLAKY), "0");
    let (_, last) = told.split_once("cargo test --locked --doc\n").expect("doc tests are run");
    assert!(last.contains("FLAKY"), "{told}");
    assert!(last.ends_with(":\n    helmsight::ui app::doubtful\n"), "{told}");
    assert_eq!(status, Some(0));
}

#[test]
fn a_failure_stays_one_and_where_nothing_was_tried_again_nothing_is_said() {
    let (told, status) = run_tests(REPORT, "100");
    assert!(told.ends_with("cargo test --locked --doc\n"), "{told}");
    assert_eq!(status, Some(100));
}
