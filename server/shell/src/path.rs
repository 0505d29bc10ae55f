//! Paths of the machine that ran the script, and names of variables. Nothing here touches a file system.

/// `path` seen from `base`, without `.` and `..` where they can be taken out.
pub(crate) fn join(base: Option<&str>, path: &str) -> String {
    if path.starts_with('/') || path.starts_with('~') || path.starts_with('$') {
        return normal(path);
    }
    match base {
        Some(base) => normal(&format!("{base}/{path}")),
        None => normal(path),
    }
}

/// A path without `.`, `//`, and `..` after a known folder.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                None if path.starts_with('/') => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if path.starts_with('/') {
        format!("/{joined}")
    } else if joined.is_empty() {
        ".".to_owned()
    } else {
        joined
    }
}

/// What the program `dirname` prints.
pub(crate) fn dirname(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return if path.is_empty() { "." } else { "/" }.to_owned();
    }
    match trimmed.rfind('/') {
        None => ".".to_owned(),
        Some(at) => {
            let folder = trimmed[..at].trim_end_matches('/');
            if folder.is_empty() { "/" } else { folder }.to_owned()
        }
    }
}

/// What the program `basename` prints.
pub(crate) fn basename(path: &str, suffix: Option<&str>) -> String {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return if path.is_empty() { "" } else { "/" }.to_owned();
    }
    let name = trimmed.rsplit('/').next().unwrap_or(trimmed);
    match suffix.and_then(|suffix| name.strip_suffix(suffix)) {
        Some(stem) if !stem.is_empty() => stem.to_owned(),
        _ => name.to_owned(),
    }
}

/// Whether bash takes `name` for a variable's name.
pub(crate) fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
