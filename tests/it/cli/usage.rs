//! What the command line tells of itself: completion, manual, help, its settings, and mistakes in what it is given.

use super::{ID, program, ran, serve};
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// What bash offers behind these words, by the script of `completions`.
fn completed(script: &Path, words: &[&str]) -> String {
    let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let last = words.len() - 1;
    let (current, before) = (words[last], words[last - 1]);
    let asked = format!(
        "source '{}'; COMP_WORDS=({line}); COMP_CWORD={last}; \
         $(complete -p soda-mock | sed 's/.*-F \\([^ ]*\\).*/\\1/') soda-mock '{current}' '{before}'; echo \"${{COMPREPLY[*]}}\"",
        script.display()
    );
    ran(Command::new("bash").args(["--norc", "--noprofile", "-c", &asked])).out.trim().to_owned()
}

#[test]
fn bash_completes_commands_options_and_their_words() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("completions.bash");
    std::fs::write(&script, ran(program().args(["completions", "bash"])).out).unwrap();
    for (words, offered) in [
        (&["soda-mock", "datase"] as &[&str], "datasets"),
        (&["soda-mock", "serve", "--por"], "--port"),
        (&["soda-mock", "rows", "--whe"], "--where"),
        (&["soda-mock", "space", "cre"], "create"),
        (&["soda-mock", "space", "create", "--fro"], "--from"),
        (&["soda-mock", "serve", "--auth", ""], "check any"),
    ] {
        assert_eq!(completed(&script, words), offered, "{words:?}");
    }
}

#[test]
fn a_variable_that_nothing_reads_is_refused_with_the_nearest() {
    let wrong = ran(program().arg("config").env("SODA_MOCK_PROT", "1"));
    assert!(
        wrong.code == 2 && wrong.err.contains("SODA_MOCK_PROT; did you mean SODA_MOCK_PORT?"),
        "{}",
        wrong.err
    );
    // What Kubernetes sets beside a service of this name.
    let others = [("SODA_MOCK_SERVICE_HOST", "10.0.0.1"), ("SODA_MOCK_PORT_7632_TCP_ADDR", "10.0.0.1")];
    assert_eq!(ran(program().arg("config").envs(others)).code, 0);
}

#[test]
fn a_wrong_value_of_the_file_is_told_by_its_name_there() {
    let folder = tempfile::tempdir().unwrap();
    for (line, told) in [
        ("port = \"x\"", "soda-mock.toml: port = x: invalid digit"),
        ("strict = \"yes\"", "soda-mock.toml: strict is true or false"),
        ("max-memory = \"3\"", "soda-mock.toml: max-memory = 3: write at least 64m"),
        ("listen = [\"127.0.0.1\", \"nix\"]", "soda-mock.toml: listen = nix: invalid IP address"),
        ("auth = \"none\"", "soda-mock.toml: auth = none: write check or any"),
        ("prot = 1", "soda-mock.toml: there is no option prot; did you mean port?"),
    ] {
        std::fs::write(folder.path().join("soda-mock.toml"), line).unwrap();
        let wrong = ran(program().arg("config").current_dir(folder.path()));
        assert!(wrong.code == 2 && wrong.err.contains(told), "{line}: {}", wrong.err);
    }
    std::fs::write(folder.path().join("soda-mock.toml"), "clock = 2025-01-31T12:00:00Z\nstrict = true\n")
        .unwrap();
    let right = ran(program().arg("config").current_dir(folder.path()));
    assert!(right.code == 0 && right.out.contains("2025-01-31T12:00:00Z"), "{} {}", right.out, right.err);
    assert!(
        right.out.lines().any(|line| line.starts_with("data ") && line.ends_with("not set")),
        "{}",
        right.out
    );
}

#[test]
fn flags_beat_the_variable_that_asks_for_json() {
    let table = ran(program().args(["coverage", "--table"]).env("SODA_MOCK_JSON", "1"));
    assert!(table.code == 0 && table.out.starts_with("POST /resource/{4x4} "), "{} {}", table.out, table.err);
    assert_eq!(ran(program().arg("coverage").env("SODA_MOCK_JSON", "1")).envelope()["command"], "coverage");
}

/// Refusals of the server keep its code, a wrong option that of usage; both reach programs in the envelope.
#[test]
fn refusals_and_wrong_options_reach_programs_in_the_envelope() {
    let server = serve(&[]);
    let missing = server.run(&["show", "4tka-6guw"]);
    assert_eq!((missing.code, &missing.envelope()["error"]["code"]), (1, &json!("not_found")));
    assert!(missing.err.contains("did you mean 4tka-6guv?"), "{}", missing.err);
    for (arguments, near) in [
        (&["restore", "sed"] as &[&str], "did you mean seed?"),
        (&["space", "delete", "defalt"], "did you mean default?"),
    ] {
        assert!(server.run(arguments).err.contains(near), "{arguments:?}");
    }
    let wrong = ran(program().args(["rows", "--nosuch"]));
    assert_eq!((wrong.code, &wrong.envelope()["error"]["code"]), (2, &json!("usage")));
    assert_eq!(ran(program().args(["serve", "--nosuch"])).out, "");
}

#[test]
fn accounts_limits_ids_and_replays_have_commands() {
    let server = serve(&[]);
    assert_eq!(server.run(&["users", "add", "clerk:secret:viewer"]).data()["role"], "viewer");
    assert!(server.run(&["users"]).data().as_array().unwrap().iter().any(|user| user["name"] == "clerk"));
    assert_eq!(server.run(&["users", "remove", "clerk"]).data()["deleted"], "clerk");
    assert_eq!(server.run(&["users", "add", "clerk"]).code, 2);
    assert_eq!(server.run(&["app-tokens", "add", "t1"]).data()["token"], "t1");
    assert_eq!(server.run(&["app-tokens", "remove", "t1"]).data()["deleted"], "t1");
    assert_eq!(server.run(&["throttle", "--anonymous", "5/1m"]).data()["anonymous"], "5/1m");
    assert_eq!(server.run(&["throttle", "--anonymous", "off"]).data()["anonymous"], "off");
    assert_eq!(server.run(&["ids", "7"]).data()["seed"], 7);
    assert_eq!(server.run(&["job", "apply=3polls"]).data()["apply"]["polls"], 3);
    assert_eq!(server.run(&["job", "now"]).data()["apply"]["polls"], 0);
    assert_eq!(server.run(&["job", "apply=often"]).code, 2);
    server.upsert(&json!([{ "earthquake_id": "r1", "magnitude": "2.0" }]));
    let sent = server.run(&["requests", "--operation", "upsert"]).data();
    let id = sent["requests"][0]["id"].to_string();
    let again = server.run(&["replay", &id, "--user", "viewer@example.com"]).data();
    assert_eq!(again["request"]["status"], 403, "{again}");
    assert_eq!(server.run(&["get", "info"]).data()["name"], "soda-mock");
    assert_eq!(server.run(&["reset", "empty", "--keep", "before"]).data()["kept"], "before");
    assert_eq!(server.run(&["datasets"]).data(), json!([]));
    assert_eq!(server.run(&["restore", "before"]).code, 0);
    assert_eq!(server.run(&["datasets"]).data()[0]["id"], ID);
}

#[test]
fn completions_and_manual_pages_exist_for_each_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = ran(program().args(["completions", shell]));
        assert!(script.code == 0 && script.out.contains("datasets"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(ran(program().args(["man", "--output"]).arg(folder.path())).code, 0);
    let help = ran(program().arg("--help")).out;
    let listed = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let names: Vec<&str> = listed.filter_map(|l| l.strip_prefix("  ")?.split_whitespace().next()).collect();
    assert!(names.len() > 15, "{help}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let page = std::fs::read_to_string(folder.path().join(format!("soda-mock-{name}.1")));
        let page = page.unwrap();
        for section in [".TH", "OPTIONS", "EXIT STATUS", "EXAMPLES"] {
            assert!(page.contains(section), "{name} has no {section}");
        }
        // Pages that are named are there.
        for other in page.split("soda\\-mock\\-").skip(1).filter_map(|rest| rest.split_once("(1)")) {
            let file = format!("soda-mock-{}.1", other.0.replace("\\-", "-"));
            assert!(
                other.0.contains([' ', '\n']) || folder.path().join(&file).exists(),
                "{name} names {file}"
            );
        }
    }
    let serve = std::fs::read_to_string(folder.path().join("soda-mock-serve.1")).unwrap();
    assert!(serve.contains(".SH ENVIRONMENT") && serve.contains("SODA_MOCK_PORT"));
    assert!(folder.path().join("soda-mock-space-create.1").exists());
}

#[test]
fn help_prints_the_guide_the_reference_and_single_error_codes() {
    for (topic, told) in [
        ("errors", "# Errors"),
        ("data-file", "# "),
        ("soql", "date_trunc_ym"),
        ("soda.column.maltyped", "**Cure:**"),
        ("errors/soda.column.maltyped", "**Cure:**"),
        ("rows", "soda-mock rows"),
    ] {
        let ran = ran(program().args(["help", topic]));
        assert!(ran.code == 0 && ran.out.contains(told), "{topic}: {} {}", ran.out, ran.err);
    }
    let wrong = ran(program().args(["help", "erors"]));
    assert!(wrong.code == 2 && wrong.err.contains("Did you mean errors?"), "{}", wrong.err);
    assert!(ran(program().arg("--help")).out.contains("trouble, data-file, soql"));
}
