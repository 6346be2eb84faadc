//! How long jobs take in a space, and whether they fail. They are done with the request that begins them unless
//! somebody wants it otherwise.

use crate::api::{JobCourse, JobCourses};
use crate::store::publishing::Due;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many looks a job may take at most.
const POLLS: u32 = 10_000;
/// So many seconds: 30 days.
const SECONDS: u32 = 30 * 86_400;
/// Bytes of the reason of a failure.
const REASON: usize = 1000;

/// A kind of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// A revision is applied.
    Apply,
    /// The file of a source is read.
    Parse,
    /// The rows of a schema are transformed.
    Transform,
}

/// The courses of the jobs of a space.
#[derive(Debug, Default)]
pub struct Jobs(Mutex<JobCourses>);

impl Jobs {
    /// Jobs that take these courses.
    pub fn new(courses: JobCourses) -> Self {
        Self(Mutex::new(courses))
    }

    fn courses(&self) -> MutexGuard<'_, JobCourses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The courses as they are.
    pub fn now(&self) -> JobCourses {
        self.courses().clone()
    }

    /// Other courses for jobs that begin from now on; whether they differ from before.
    pub fn set(&self, courses: JobCourses) -> bool {
        std::mem::replace(&mut *self.courses(), courses.clone()) != courses
    }

    /// When a job that begins now is done; none when it is at once.
    pub fn begin(&self, kind: JobKind, now: i64) -> Option<Due> {
        let courses = self.courses();
        let course = match kind {
            JobKind::Apply => &courses.apply,
            JobKind::Parse => &courses.parse,
            JobKind::Transform => &courses.transform,
        };
        if *course == JobCourse::default() {
            return None;
        }
        let at = (course.seconds > 0).then(|| now.saturating_add(i64::from(course.seconds) * 1000));
        Some(Due { at, polls: course.polls, fail: course.fail.clone() })
    }
}

/// Refuses courses that no job may take.
pub fn check(courses: &JobCourses) -> Result<(), String> {
    for (name, course) in
        [("apply", &courses.apply), ("parse", &courses.parse), ("transform", &courses.transform)]
    {
        if course.polls > POLLS || course.seconds > SECONDS {
            return Err(format!("{name}: at most {POLLS} polls and {SECONDS} seconds"));
        }
        if course.fail.as_ref().is_some_and(|reason| reason.is_empty() || reason.len() > REASON) {
            return Err(format!("{name}.fail: a reason of 1 to {REASON} bytes"));
        }
    }
    Ok(())
}

/// The courses in the words of an option: `KIND=3polls`, `KIND=10s`, `KIND=fail:REASON`, several with commas between
/// them.
pub fn parse(text: &str) -> Result<JobCourses, String> {
    let mut courses = JobCourses::default();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let wrong = || {
            format!(
                "{part:?}: write KIND=3polls, KIND=10s or KIND=fail:REASON; KIND is apply, parse or transform"
            )
        };
        let (kind, how) = part.split_once('=').ok_or_else(wrong)?;
        let course = match kind.trim() {
            "apply" => &mut courses.apply,
            "parse" => &mut courses.parse,
            "transform" => &mut courses.transform,
            _ => return Err(wrong()),
        };
        let how = how.trim();
        if let Some(reason) = how.strip_prefix("fail:") {
            course.fail = Some(reason.to_owned());
        } else if let Some(polls) = how.strip_suffix("polls").or_else(|| how.strip_suffix("poll")) {
            course.polls = polls.trim().parse().map_err(|_| wrong())?;
        } else if let Some(seconds) = how.strip_suffix('s') {
            course.seconds = seconds.trim().parse().map_err(|_| wrong())?;
        } else {
            return Err(wrong());
        }
    }
    check(&courses)?;
    Ok(courses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courses_are_written_as_words() {
        let courses = parse("apply=3polls, parse=10s,transform=fail:disk full").unwrap();
        assert_eq!((courses.apply.polls, courses.parse.seconds), (3, 10));
        assert_eq!(courses.transform.fail.as_deref(), Some("disk full"));
        for wrong in ["apply", "apply=", "apply=x", "apply=3", "sleep=3s", "apply=fail:", "apply=99999polls"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse("").unwrap(), JobCourses::default());
    }

    #[test]
    fn a_job_is_due_after_so_many_looks_or_at_a_moment() {
        let jobs = Jobs::new(parse("apply=2polls,parse=10s").unwrap());
        let mut due = jobs.begin(JobKind::Apply, 0).unwrap();
        assert_eq!([due.look(0), due.look(0), due.look(0)], [false, false, true]);
        let mut due = jobs.begin(JobKind::Parse, 5_000).unwrap();
        assert_eq!([due.look(14_999), due.look(15_000)], [false, true]);
        assert_eq!(jobs.begin(JobKind::Transform, 0), None);
    }
}
