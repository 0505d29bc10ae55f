//! The functions of expressions.

use github_actions_expressions::call::Function;

use super::equal;
use crate::data::Data;

/// How long a text that a function builds may get.
const MAX_TEXT: usize = 1 << 20;

/// Calls a function; `None` where the result is not known.
pub(super) fn call(function: Function, args: &[Data]) -> Option<Data> {
    match function {
        Function::Contains => contains(args.first()?, args.get(1)?),
        Function::StartsWith => {
            let (text, part) = two_texts(args)?;
            Some(Data::Bool(text.starts_with(&part)))
        }
        Function::EndsWith => {
            let (text, part) = two_texts(args)?;
            Some(Data::Bool(text.ends_with(&part)))
        }
        Function::Format => format(args),
        Function::Join => join(args),
        Function::ToJSON => {
            let json = args.first()?.to_json()?;
            let text = serde_json::to_string_pretty(&json).ok()?;
            Some(Data::text(text))
        }
        Function::FromJSON => Data::from_json(&args.first()?.printed()?),
        Function::Case => {
            for pair in args.chunks(2) {
                match pair {
                    [condition, value] if condition.truthy()? => return Some(value.clone()),
                    [otherwise] => return Some(otherwise.clone()),
                    _ => {}
                }
            }
            None
        }
        Function::Always => Some(Data::Bool(true)),
        // They depend on files and on how the run went.
        Function::HashFiles | Function::Success | Function::Cancelled | Function::Failure => None,
    }
}

fn two_texts(args: &[Data]) -> Option<(String, String)> {
    Some((
        args.first()?.printed()?.to_lowercase(),
        args.get(1)?.printed()?.to_lowercase(),
    ))
}

fn contains(haystack: &Data, needle: &Data) -> Option<Data> {
    if let Data::List(items) = haystack {
        let mut unknown = false;
        for item in items.iter() {
            match equal(item, needle) {
                Some(true) => return Some(Data::Bool(true)),
                Some(false) => {}
                None => unknown = true,
            }
        }
        return if unknown {
            None
        } else {
            Some(Data::Bool(false))
        };
    }
    let (text, part) = (
        haystack.printed()?.to_lowercase(),
        needle.printed()?.to_lowercase(),
    );
    Some(Data::Bool(text.contains(&part)))
}

/// `format('{0} {{literal}}', ...)`
fn format(args: &[Data]) -> Option<Data> {
    let template = args.first()?.printed()?;
    let mut text = String::new();
    let mut rest = template.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let mark = &rest[at..=at];
        if after.starts_with(mark) {
            text.push_str(mark);
            rest = &after[1..];
            continue;
        }
        let (index, after) = after.split_once('}')?;
        text.push_str(&args.get(1 + index.parse::<usize>().ok()?)?.printed()?);
        if mark != "{" || text.len() > MAX_TEXT {
            return None;
        }
        rest = after;
    }
    text.push_str(rest);
    Some(Data::text(text))
}

fn join(args: &[Data]) -> Option<Data> {
    let separator = match args.get(1) {
        Some(separator) => separator.printed()?,
        None => ",".to_owned(),
    };
    let Data::List(items) = args.first()? else {
        return args.first()?.printed().map(Data::text);
    };
    let items: Vec<String> = items.iter().map(Data::printed).collect::<Option<_>>()?;
    Some(Data::text(items.join(&separator)))
}
