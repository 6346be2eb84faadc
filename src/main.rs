//! The program `soda-mock`.

fn main() -> std::process::ExitCode {
    soda_mock::command_line()
}
