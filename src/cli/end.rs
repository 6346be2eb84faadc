//! What tells `serve` to end: a signal, the end of standard input, the end of another process.

use super::options::ServeOptions;
use std::path::Path;
use std::time::Duration;

/// Signals that ask for the end; none is lost from the moment these are made.
pub(super) struct Signals {
    #[cfg(unix)]
    both: Option<[tokio::signal::unix::Signal; 2]>,
}

impl Signals {
    /// SIGTERM and SIGINT.
    #[cfg(unix)]
    pub(super) fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let both = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        let (Ok(terminate), Ok(interrupt)) = both else { return Self { both: None } };
        Self { both: Some([terminate, interrupt]) }
    }

    /// The next of them.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        let Some([terminate, interrupt]) = &mut self.both else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    /// Ctrl-C.
    #[cfg(not(unix))]
    pub fn new() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    pub async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Waits until something asks for the end.
pub(super) async fn asked_for(options: &ServeOptions, signals: &mut Signals) {
    let stdin = options.exit_with_stdin;
    tokio::select! {
        () = signals.next() => {}
        () = stdin_closed(), if stdin => {}
        () = parent_gone(options.parent_pid.unwrap_or(0)), if options.parent_pid.is_some() => {}
    }
}

/// A thread of its own: a read of standard input cannot be taken back.
async fn stdin_closed() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = sender.send(());
    });
    let _ = receiver.await;
}

/// There is no portable signal for it; four looks a second are cheap.
async fn parent_gone(pid: u32) {
    let mut looks = tokio::time::interval(Duration::from_millis(250));
    loop {
        looks.tick().await;
        if !lives(pid) {
            return;
        }
    }
}

/// Whether a process is there.
pub(super) fn lives(pid: u32) -> bool {
    if cfg!(target_os = "linux") {
        return Path::new(&format!("/proc/{pid}")).exists();
    }
    let kill = std::process::Command::new("kill")
        .args(["-0", &pid.to_string()])
        .stderr(std::process::Stdio::null())
        .status();
    kill.is_ok_and(|status| status.success())
}
