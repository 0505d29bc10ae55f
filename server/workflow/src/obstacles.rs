//! What of the CI run cannot be had on another machine.

use log::{Fact, Log};
use text::{Origin, OriginKind, Value};

use crate::{JobConfiguration, Obstacle, ObstacleKind, contexts};

/// Adds what the answer's own facts say.
pub(crate) fn add(answer: &mut JobConfiguration, log: &Log) {
    let mut found = Vec::new();
    machine(answer, log, &mut found);
    for (label, origin) in &answer.runner_labels {
        let lower = label.to_ascii_lowercase();
        const PLAIN: [&str; 8] = [
            "ubuntu",
            "windows",
            "macos",
            "self-hosted",
            "linux",
            "x64",
            "arm64",
            "in-service",
        ];
        if !PLAIN.iter().any(|plain| {
            lower == *plain || (lower.starts_with(&format!("{plain}-")) && *plain != "in-service")
        }) {
            found.push(Obstacle {
                kind: ObstacleKind::Hardware,
                what: format!("runner label {label}"),
                why: "the job asked for a machine of its own kind; a test that needs its hardware fails elsewhere".to_owned(),
                stand_in: "run on such a machine; set `runner` in reprolens.toml to get there".to_owned(),
                origin: origin.clone(),
            });
        }
    }
    if let Some(container) = &answer.container {
        found.push(Obstacle {
            kind: ObstacleKind::Container,
            what: format!("image {}", container.image.text()),
            why: "its system libraries and tools are not this machine's".to_owned(),
            stand_in: format!(
                "run in it: `docker run --rm -it {}`",
                container.image.text()
            ),
            origin: container.origin.clone(),
        });
        let checkout = contexts::checkout(log);
        let is_missed = |volume: &&String| !is_here(volume, checkout.as_deref());
        for volume in container.volumes.iter().filter(is_missed) {
            found.push(Obstacle {
                kind: ObstacleKind::Mount,
                what: format!("mount {volume}"),
                why: "files under it are not here".to_owned(),
                stand_in: "mount the same folder, or give the test's data another place".to_owned(),
                origin: container.origin.clone(),
            });
        }
    }
    for variable in &answer.variables {
        let text = variable.value.text();
        let from_secret = std::iter::once((&variable.value, &variable.origin))
            .chain(
                variable
                    .overridden
                    .iter()
                    .map(|(value, origin)| (value, origin)),
            )
            .any(|(value, _)| value.text().contains("secrets."));
        if matches!(variable.value, Value::Masked(_)) || from_secret {
            found.push(Obstacle {
                kind: ObstacleKind::Secret,
                what: format!("secret {}", variable.name),
                why: "CI does not show its value".to_owned(),
                stand_in: format!("set {} yourself before the run", variable.name),
                origin: variable.origin.clone(),
            });
        } else if text.starts_with('/') && variable.value.known().is_some() {
            found.push(Obstacle {
                kind: ObstacleKind::Path,
                what: format!("{}={text}", variable.name),
                why: "a path of the CI machine".to_owned(),
                stand_in: format!("set {} to the same place here", variable.name),
                origin: variable.origin.clone(),
            });
        }
    }
    answer.obstacles.extend(found);
}

/// Whether a mount is of something that is here too: CI's checkout, whose files the workspace has, or what each machine has of
/// its own at that place.
fn is_here(volume: &str, checkout: Option<&str>) -> bool {
    const OF_EACH_MACHINE: [&str; 7] = [
        "/etc/passwd",
        "/etc/shadow",
        "/etc/group",
        "/etc/bashrc",
        "/etc/localtime",
        "/dev/shm",
        "/tmp",
    ];
    let mut parts = volume.split(':');
    let (Some(from), to) = (parts.next(), parts.next()) else {
        return false;
    };
    checkout.is_some_and(|it| it.trim_end_matches('/') == from)
        || (to == Some(from) && OF_EACH_MACHINE.contains(&from))
}

/// The operating system and the Python that the tests ran on.
fn machine(answer: &JobConfiguration, log: &Log, found: &mut Vec<Obstacle>) {
    let of_fact = |fact: &Fact| Origin {
        kind: OriginKind::LogHeader,
        path: String::new(),
        line: fact.line,
        span: fact.span,
    };
    let platform = log
        .sessions
        .iter()
        .find_map(|session| Some((session.platform.as_deref()?, session)));
    let label = answer
        .runner_labels
        .iter()
        .find_map(|(label, origin)| Some((system(label)?, label.as_str(), origin.clone())));
    let printed = log
        .job
        .os
        .as_ref()
        .and_then(|fact| Some((system(&fact.text)?, fact.text.as_str(), of_fact(fact))));
    let session = platform.and_then(|(platform, session)| {
        let origin = Origin {
            kind: OriginKind::LogHeader,
            path: String::new(),
            line: session.line,
            span: session.span,
        };
        Some((system(platform)?, platform, origin))
    });
    // What pytest itself ran on decides; a container may be another system than its runner.
    if let Some((name, what, origin)) = session.or(printed).or(label)
        && name != std::env::consts::OS
    {
        found.push(Obstacle {
            kind: ObstacleKind::OperatingSystem,
            what: format!("operating system {what}"),
            why: "paths, processes and libraries differ from this machine's".to_owned(),
            stand_in: format!("run on {name}; set `runner` in reprolens.toml to get there"),
            origin,
        });
    }
    let python = log.sessions.iter().find_map(|session| {
        let version = session.python.as_deref()?;
        Some((version, session))
    });
    if let Some((version, session)) = python {
        found.push(Obstacle {
            kind: ObstacleKind::Python,
            what: format!("Python {version}"),
            why: "another version can fail otherwise, or not at all".to_owned(),
            stand_in: format!("a virtual environment of Python {version}"),
            origin: Origin {
                kind: OriginKind::LogHeader,
                path: String::new(),
                line: session.line,
                span: session.span,
            },
        });
    }
}

/// The name that Rust has for the system that a label, a runner or pytest names.
fn system(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("windows")
        || lower.starts_with("win32")
        || lower.contains("microsoft windows")
    {
        Some("windows")
    } else if lower.starts_with("macos") || lower.starts_with("darwin") {
        Some("macos")
    } else if lower.starts_with("ubuntu")
        || lower.starts_with("linux")
        || lower.starts_with("debian")
    {
        Some("linux")
    } else {
        None
    }
}
