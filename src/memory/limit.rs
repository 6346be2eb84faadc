//! The bound that holds when none is named: from the limit of the container, or of the machine.

use std::fs;
use std::path::{Path, PathBuf};

const MIB: u64 = 1 << 20;
/// Enough for 64 clients at once, whatever they do.
pub(super) const USUAL: u64 = 256 * MIB;
/// With less, single requests of a usual size would be refused.
pub const LEAST: u64 = 64 * MIB;

/// The bound without an option: 256 MiB, but no more than half of what the container may have or a
/// quarter of what the machine has.
pub fn usual() -> u64 {
    bound(cgroup_limit(Path::new("/")), machine(Path::new("/")))
}

fn bound(cgroup: Option<u64>, machine: Option<u64>) -> u64 {
    let half = cgroup.map_or(USUAL, |limit| limit / 2);
    let quarter = machine.map_or(USUAL, |memory| memory / 4);
    USUAL.min(half).min(quarter).max(LEAST)
}

/// The machine's memory in bytes; none where Linux does not tell it.
fn machine(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    kib(&text, "MemTotal:")
}

/// The bytes of a line such as `VmRSS:  1024 kB`.
pub(super) fn kib(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// The lowest limit of the process's control group and those around it, in either version.
fn cgroup_limit(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let limits = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next()?, parts.next()?);
        match controllers {
            // Version 2 has one hierarchy, which may lie beside those of version 1.
            "" => [lowest(&root.join("sys/fs/cgroup"), group, "memory.max"), {
                lowest(&root.join("sys/fs/cgroup/unified"), group, "memory.max")
            }]
            .into_iter()
            .flatten()
            .min(),
            _ if controllers.split(',').any(|c| c == "memory") => {
                lowest(&root.join("sys/fs/cgroup/memory"), group, "memory.limit_in_bytes")
            }
            _ => None,
        }
    });
    limits.min()
}

/// The lowest limit on the way from a group to the root. Inside a container the group may be named as
/// the host sees it, while the files of the container's own group lie at the root.
fn lowest(hierarchy: &Path, group: &str, file: &str) -> Option<u64> {
    let group = PathBuf::from(group.trim_start_matches('/'));
    let read = |folder: &Path| {
        let text = fs::read_to_string(hierarchy.join(folder).join(file)).ok()?;
        // "max" stands for no limit in version 2, a number beyond all memory in version 1.
        text.trim().parse::<u64>().ok().filter(|limit| *limit < i64::MAX as u64 / 2)
    };
    group.ancestors().filter_map(read).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths and texts.
    type Files<'a> = &'a [(&'a str, &'a str)];

    /// A root folder with these files.
    fn root(files: Files<'_>) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn the_limit_of_a_container_is_found_in_both_versions() {
        let cases: [(Files<'_>, Option<u64>); 7] = [
            (&[], None),
            (&[("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/memory.max", "536870912\n")], Some(512 * MIB)),
            (&[("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/memory.max", "max\n")], None),
            // The group of a service, below a slice with a lower limit.
            (
                &[
                    ("proc/self/cgroup", "0::/a.slice/b.service\n"),
                    ("sys/fs/cgroup/a.slice/memory.max", "268435456\n"),
                    ("sys/fs/cgroup/a.slice/b.service/memory.max", "536870912\n"),
                ],
                Some(256 * MIB),
            ),
            // Both versions, and the group named as the host sees it.
            (
                &[
                    ("proc/self/cgroup", "4:memory:/docker/0123\n2:cpu,cpuacct:/docker/0123\n0::/\n"),
                    ("sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n"),
                ],
                Some(128 * MIB),
            ),
            (
                &[
                    ("proc/self/cgroup", "4:cpu,memory:/x\n"),
                    ("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n"),
                ],
                None,
            ),
            (&[("proc/self/cgroup", "nonsense\n\n0::\n"), ("sys/fs/cgroup/memory.max", "7 apples")], None),
        ];
        for (files, expected) in cases {
            assert_eq!(cgroup_limit(root(files).path()), expected, "{files:?}");
        }
    }

    #[test]
    fn the_bound_is_usual_or_a_part_of_what_there_is() {
        let gib = 1024 * MIB;
        for (cgroup, machine, expected) in [
            (None, None, 256),
            (None, Some(16 * gib), 256),
            (Some(512 * MIB), Some(16 * gib), 256),
            (Some(300 * MIB), Some(16 * gib), 150),
            (None, Some(512 * MIB), 128),
            (Some(32 * MIB), Some(16 * gib), 64),
        ] {
            assert_eq!(bound(cgroup, machine), expected * MIB, "{cgroup:?} {machine:?}");
        }
        let told = root(&[("proc/meminfo", "MemTotal:       16266264 kB\nMemFree: 1 kB\n")]);
        assert_eq!(machine(told.path()), Some(16_266_264 * 1024));
        assert_eq!(machine(root(&[]).path()), None);
    }
}
