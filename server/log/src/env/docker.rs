//! `-e NAME=value` of `docker create`, `docker run` and of options that an action hands to it.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Whether a name or a title tells of docker. Every input of every step is asked.
pub(crate) fn is_named(text: &str) -> bool {
    static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("docker"));
    NAME.find(text.as_bytes()).is_some()
}

/// The variables that `words` set, and the image, where the words are a whole command.
pub(crate) fn variables(words: &[String]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = match word.as_str() {
            "-e" | "--env" => words.next().map(String::as_str),
            word => word.strip_prefix("--env="),
        };
        // `-e NAME` alone hands the caller's variable on: its value is not here.
        if let Some((name, value)) = value.and_then(super::assignment) {
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    found
}

/// The image of `docker create ... image command`: the first word that is no option and no option's value.
pub(crate) fn image(words: &[String]) -> Option<&str> {
    let start = words
        .iter()
        .position(|word| word == "create" || word == "run")?
        + 1;
    let mut words = words[start..].iter();
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            return Some(word);
        }
        let flag = matches!(
            word.as_str(),
            "--rm"
                | "--init"
                | "--privileged"
                | "--tty"
                | "-t"
                | "-i"
                | "-d"
                | "-it"
                | "-ti"
                | "--interactive"
                | "--detach"
                | "--read-only"
        );
        if !flag && !word.contains('=') {
            words.next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::words::split;

    #[test]
    fn create_of_a_job_container() {
        let words = split(
            r#"/usr/bin/docker create --name a_b --label 294b31 --workdir /__w/r/r --network n -e "HOME=/github/home" -e GITHUB_ACTIONS=true -e CI -v "/a":"/b" --entrypoint "tail" gradle:7.4-jdk17 "-f" "/dev/null""#,
        );
        assert_eq!(
            variables(&words),
            [
                ("HOME".to_owned(), "/github/home".to_owned()),
                ("GITHUB_ACTIONS".to_owned(), "true".to_owned())
            ]
        );
        assert_eq!(image(&words), Some("gradle:7.4-jdk17"));
    }
}
