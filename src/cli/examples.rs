//! An example for the help of each command. A test reads each as the command line does.

use clap::Command;

/// The words of a command, and an example of it behind `soda-mock`.
const EXAMPLES: &[(&str, &str)] = &[
    ("app-tokens", "app-tokens --table"),
    ("app-tokens add", "app-tokens add my-token"),
    ("app-tokens remove", "app-tokens remove my-token"),
    ("changes", "changes 4tka-6guv --limit 5"),
    ("clock", "clock --json"),
    ("clock advance", "clock advance 1h"),
    ("clock freeze", "clock freeze 2025-01-31T12:00:00Z"),
    ("clock real", "clock real"),
    ("clock set", "clock set 2025-01-31T12:00:00Z"),
    ("clone", "clone https://data.city.gov abcd-1234"),
    ("completions", "completions bash > ~/.local/share/bash-completion/completions/soda-mock"),
    ("config", "config --port 0"),
    ("coverage", "coverage --table"),
    ("datasets", "datasets --json"),
    ("diff", "diff before current"),
    ("env", "env --domain data.city.gov"),
    ("expect", "expect 4tka-6guv --count 11"),
    ("export", "export 4tka-6guv > rows.csv"),
    ("fault", "fault --json"),
    ("fault add", "fault add flaky-publish"),
    ("fault clear", "fault clear"),
    ("fault presets", "fault presets"),
    ("get", "get info"),
    ("ids", "ids 1"),
    ("job", "job apply=3polls,parse=10s"),
    ("man", "man --output /usr/local/share/man/man1"),
    ("open", "open datasets/4tka-6guv"),
    ("ready", "ready --wait 10s"),
    ("replay", "replay 3 --user viewer@example.com"),
    ("requests", "requests --method POST --status 4xx"),
    ("reset", "reset empty --keep before"),
    ("restore", "restore before"),
    ("revisions", "revisions --open"),
    ("rows", "rows 4tka-6guv --where \"magnitude > 4\""),
    ("run", "run --domain data.city.gov -- python publish.py"),
    ("seed", "seed seeds/"),
    ("serve", "serve seeds/ --port 0 --ready-file ready.json"),
    ("show", "show 4tka-6guv"),
    ("snapshot", "snapshot before"),
    ("space", "space --table"),
    ("space create", "space create ci --from empty"),
    ("space delete", "space delete ci"),
    ("sql", "sql 'select count(*) from \"4tka-6guv\"'"),
    ("tail", "tail --method POST"),
    ("throttle", "throttle --anonymous 3/1m --token off"),
    ("token", "token viewer@example.com --expires-in 1h --raw"),
    ("undo", "undo 3"),
    ("users", "users --table"),
    ("users add", "users add clerk@example.com:secret:viewer"),
    ("users remove", "users remove clerk@example.com"),
    ("verify", "verify --operation upsert --dataset 4tka-6guv --exactly 1"),
];

/// The command with an example at the end of each help.
pub(super) fn with_examples(command: Command) -> Command {
    EXAMPLES.iter().fold(command, |command, (words, example)| {
        let words: Vec<&str> = words.split(' ').collect();
        add(command, &words, example)
    })
}

fn add(command: Command, words: &[&str], example: &str) -> Command {
    match words {
        [] => command.after_help(format!("Example: soda-mock {example}")),
        // `mut_subcommand` makes one that is not there.
        [first, ..] if command.find_subcommand(first).is_none() => command,
        [first, rest @ ..] => command.mut_subcommand(*first, |sub| add(sub, rest, example)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::CommandFactory as _;

    /// The words of every command below this one.
    fn all(command: &Command, before: &str, found: &mut Vec<String>) {
        for sub in command.get_subcommands() {
            let words = format!("{before} {}", sub.get_name()).trim().to_owned();
            all(sub, &words, found);
            found.push(words);
        }
    }

    /// The words of an example, without what the shell would take.
    fn words(example: &str) -> Vec<String> {
        let (command, _) =
            example.split_once(" > ").filter(|_| !example.contains('"')).unwrap_or((example, ""));
        let mut words = vec![String::new()];
        let mut quote = None;
        for c in command.chars() {
            match (quote, c) {
                (None, ' ') => words.push(String::new()),
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (_, c) => words.last_mut().unwrap().push(c),
            }
        }
        words
    }

    #[test]
    fn every_command_has_an_example_that_can_be_run() {
        let mut commands = Vec::new();
        all(&Cli::command(), "", &mut commands);
        commands.sort();
        let named: Vec<&str> = EXAMPLES.iter().map(|(words, _)| *words).collect();
        assert_eq!(named, commands);
        for (command, example) in EXAMPLES {
            assert!(format!("{example} ").starts_with(&format!("{command} ")), "{command}: {example}");
            let line = std::iter::once("soda-mock".to_owned()).chain(words(example));
            let read = Cli::command().try_get_matches_from(line);
            assert!(read.is_ok(), "{example}: {}", read.unwrap_err());
        }
    }

    #[test]
    fn the_help_of_each_command_ends_with_its_example() {
        let mut command = with_examples(Cli::command());
        command.build();
        let space = command.find_subcommand_mut("space").unwrap();
        assert!(space.render_help().to_string().contains("Example: soda-mock space --table"));
        let create = space.find_subcommand_mut("create").unwrap();
        assert!(
            create.render_help().to_string().ends_with("Example: soda-mock space create ci --from empty\n")
        );
    }
}
