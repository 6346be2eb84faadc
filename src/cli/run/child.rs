//! The command itself: signals are passed on to it, and its end is passed on to the caller.

use std::io;
use std::process::{Command, ExitStatus};

/// Runs the command to its end. Signals that ask this program to end are passed on to it; it decides.
pub(super) async fn run(mut command: Command) -> io::Result<ExitStatus> {
    let mut signals = signals::Signals::new()?;
    let mut child = command.spawn()?;
    let pid = child.id();
    let ended = tokio::task::spawn_blocking(move || child.wait());
    tokio::pin!(ended);
    loop {
        tokio::select! {
            ended = &mut ended => return ended.map_err(io::Error::other)?,
            signal = signals.next() => signals::pass_on(signal, pid),
        }
    }
}

/// The exit code of the command; 128 and the number of the signal that has ended it, as shells tell it.
pub(super) fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let by_signal = std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal);
    #[cfg(not(unix))]
    let by_signal = None;
    let code = status.code().or(by_signal).unwrap_or(1);
    // As the system cuts it too.
    u8::try_from(code & 0xff).unwrap_or(1)
}

#[cfg(unix)]
mod signals {
    use rustix::process::{Pid, Signal, getpgrp, kill_process};
    use std::io;
    use tokio::signal::unix::{SignalKind, signal};
    use tokio::sync::mpsc;

    /// A signal, and whether a terminal sends it.
    type Come = (Signal, bool);

    /// Signals that are passed on.
    const PASSED_ON: [(fn() -> SignalKind, Come); 6] = [
        (SignalKind::interrupt, (Signal::INT, true)),
        (SignalKind::quit, (Signal::QUIT, true)),
        (SignalKind::hangup, (Signal::HUP, true)),
        (SignalKind::terminate, (Signal::TERM, false)),
        (SignalKind::user_defined1, (Signal::USR1, false)),
        (SignalKind::user_defined2, (Signal::USR2, false)),
    ];

    /// The signals that come from now on.
    pub(super) struct Signals(mpsc::Receiver<Come>);

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            let (sender, receiver) = mpsc::channel(16);
            for (kind, come) in PASSED_ON {
                let mut stream = signal(kind())?;
                let sender = sender.clone();
                tokio::spawn(async move {
                    while stream.recv().await.is_some() && sender.send(come).await.is_ok() {}
                });
            }
            Ok(Self(receiver))
        }

        pub(super) async fn next(&mut self) -> Come {
            match self.0.recv().await {
                Some(come) => come,
                None => std::future::pending().await,
            }
        }
    }

    /// What a terminal sends to its foreground, the command has received already.
    pub(super) fn pass_on((signal, of_terminal): Come, pid: u32) {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| !(of_terminal && in_foreground()))
            && let Err(error) = kill_process(pid, signal)
        {
            tracing::debug!(%error, "the command has ended before the signal");
        }
    }

    fn in_foreground() -> bool {
        let terminal = std::fs::File::open("/dev/tty").ok();
        terminal.and_then(|terminal| rustix::termios::tcgetpgrp(terminal).ok()) == Some(getpgrp())
    }
}

/// Elsewhere the console sends its signals to the command too.
#[cfg(not(unix))]
mod signals {
    pub struct Signals;

    impl Signals {
        pub fn new() -> std::io::Result<Self> {
            Ok(Self)
        }

        pub async fn next(&mut self) {
            // Without a handler, Ctrl-C would end this program before its command.
            let _ = tokio::signal::ctrl_c().await;
        }
    }

    pub fn pass_on((): (), _: u32) {}
}
