//! `job`: how long jobs of publishing take, and how they end.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target};
use super::table::{Cell, Table, Tone};
use crate::api::{JobCourse, JobCourses};
use crate::publishing::jobs;
use serde_json::json;

/// The word for jobs that are done with the request which begins them.
const NOW: &str = "now";

/// Options of `job`.
#[derive(clap::Args, Debug)]
pub(super) struct JobOptions {
    /// How jobs go from now on, such as apply=3polls,parse=10s,transform=fail:REASON; "now": all are done with
    /// their request. Without it they are shown.
    #[arg(value_name = "COURSES")]
    courses: Option<String>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `job`.
pub(super) fn job(options: &JobOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    let courses: JobCourses = match options.courses.as_deref() {
        None => server.get("/jobs")?,
        Some(text) => {
            let wanted = if text == NOW { Ok(JobCourses::default()) } else { jobs::parse(text) };
            let wanted = wanted.map_err(CliError::Usage)?;
            server.call("PUT", "/jobs", Some(&json!(wanted)))?
        }
    };
    Ok(Shown::new(courses, |courses, screen| {
        let mut table = Table::new(&["job", "takes", "ends"]);
        for (kind, course) in
            [("apply", &courses.apply), ("parse", &courses.parse), ("transform", &courses.transform)]
        {
            let end = course.fail.as_ref().map_or_else(|| "well".to_owned(), |why| format!("fails: {why}"));
            table.push(vec![Cell::new(kind).tone(Tone::Bold), Cell::new(time_of(course)), Cell::new(end)]);
        }
        table.render(screen)
    }))
}

fn time_of(course: &JobCourse) -> String {
    match (course.polls, course.seconds) {
        (0, 0) => NOW.to_owned(),
        (polls, 0) => format!("{polls} polls"),
        (0, seconds) => format!("{seconds} s"),
        (polls, seconds) => format!("{polls} polls and {seconds} s"),
    }
}
