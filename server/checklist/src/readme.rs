//! A README's sections.

use text::Span;

/// A heading and what stands below it, up to the next heading of its level or above.
#[derive(Debug, Clone)]
pub(crate) struct Section<'a> {
    pub(crate) title: &'a str,
    /// The heading's line.
    pub(crate) heading: Span,
    pub(crate) body: Span,
}

/// The sections, in order; headings in code fences are none.
pub(crate) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut headings: Vec<(usize, Section<'_>)> = Vec::new();
    let mut fence: Option<&str> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| content.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if fence.is_none() && (1..=6).contains(&level) && line[level..].starts_with(' ') {
            let heading = Span::new(at, at + line.trim_end().len());
            let section = Section {
                title: line[level..].trim().trim_end_matches('#').trim(),
                heading,
                body: Span::new(at + line.len(), text.len()),
            };
            headings.push((level, section));
        }
        at += line.len();
    }
    let starts: Vec<(usize, usize)> = headings
        .iter()
        .map(|(level, it)| (*level, it.heading.start))
        .collect();
    let ended = headings
        .into_iter()
        .enumerate()
        .map(|(idx, (level, mut section))| {
            let next = starts[idx + 1..].iter().find(|(other, _)| *other <= level);
            section.body.end = next.map_or(text.len(), |(_, start)| *start);
            section
        });
    ended.collect()
}

/// The section whose title has these words, whatever their case.
pub(crate) fn find<'a>(sections: &'a [Section<'a>], title: &str) -> Option<&'a Section<'a>> {
    let wanted = title.to_lowercase();
    let found = sections.iter().find(|it| it.title.to_lowercase() == wanted);
    found.or_else(|| {
        sections
            .iter()
            .find(|it| it.title.to_lowercase().contains(&wanted))
    })
}

/// Letters and digits alone: what Markdown's escapes and line breaks leave as it was.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
