//! Commands of the shell itself, and the few programs of which the output follows from the words.

use std::rc::Rc;

use text::Value;

use super::command::Call;
use super::{Flow, Lookup, Machine, Piece, Status};
use crate::Word;
use crate::expand::Field;
use crate::path;
use crate::syntax::{Operator, Redirect};

impl Machine<'_> {
    /// Runs `name` if it is known here.
    pub(super) fn builtin(&mut self, name: &str, call: &Call<'_>) -> Option<Flow> {
        let argument = |at: usize| call.words.get(at).map(Word::text);
        let level = || {
            argument(1)
                .and_then(|it| it.parse().ok())
                .filter(|&it| it > 0)
                .unwrap_or(1)
        };
        match name {
            ":" | "true" => self.state.status = Status::Known(0),
            "false" => self.state.status = Status::Known(1),
            "break" => return Some(Flow::Break(level())),
            "continue" => return Some(Flow::Continue(level())),
            "exit" | "return" => return Some(self.exit_or_return(name, call)),
            "test" | "[" => {
                let mut fields = &call.fields[1..];
                if name == "[" && argument(call.words.len() - 1) == Some("]") {
                    fields = &fields[..fields.len() - 1];
                }
                let answer = self.test_words(fields, call.source);
                // What was not given may still be there: neither way is certain.
                self.state.status = Status::of(if self.assumed { None } else { answer });
            }
            "let" => {
                let text = call.fields.get(1).and_then(Field::known)?;
                let value = self.arithmetic(&text, call.source, call.node.span.start);
                self.state.status = Status::of(value.map(|it| it != 0));
            }
            "set" => {
                self.note(call);
                self.set_options(call);
            }
            "shift" => {
                let count = argument(1).and_then(|it| it.parse().ok()).unwrap_or(1);
                let count = count.min(self.state.positional.len());
                self.state.positional.drain(..count);
                self.state.status = Status::Known(0);
            }
            "cd" | "pushd" | "popd" => {
                self.note(call);
                self.change_directory(name, call);
            }
            "source" | "." => {
                self.note(call);
                return Some(self.source_file(call));
            }
            "eval" => return Some(self.evaluate_words(call)),
            "trap" => {
                self.note(call);
                self.set_trap(call);
            }
            "read" | "mapfile" | "readarray" => {
                self.note(call);
                self.read_names(call);
            }
            "getopts" => {
                if let Some(variable) = argument(2) {
                    self.set(variable, Value::Unresolved(format!("${variable}")));
                }
                self.state.status = Status::Undecided;
            }
            "grep" | "diff" | "cmp" | "command" | "which" | "type" | "hash" | "pgrep" | "curl"
                if name != "command" || matches!(argument(1), Some("-v" | "-V")) =>
            {
                self.note(call);
                self.unknown_output(call);
                self.state.status = Status::Undecided;
            }
            "echo" | "printf" | "pwd" | "dirname" | "basename" | "cat" | "realpath"
            | "readlink" => {
                self.note(call);
                self.talk(name, call);
            }
            _ => return None,
        }
        Some(Flow::Next)
    }

    /// `exit 1`, `return`
    fn exit_or_return(&mut self, name: &str, call: &Call<'_>) -> Flow {
        self.note(call);
        match call.fields.get(1).map(Field::known) {
            Some(Some(code)) => {
                self.state.status = code
                    .trim()
                    .parse::<i64>()
                    .map_or(Status::Undecided, |it| Status::Known((it & 255) as i32));
            }
            Some(None) => self.state.status = Status::Undecided,
            None => {}
        }
        if name == "exit" {
            self.ended_at = Some(call.source.span(call.node.span));
            return Flow::Exit;
        }
        Flow::Return
    }

    /// `eval "$(...)"`
    fn evaluate_words(&mut self, call: &Call<'_>) -> Flow {
        let texts: Option<Vec<String>> = call.fields[1..].iter().map(Field::known).collect();
        let Some(texts) = texts else {
            self.state.open |=
                !super::command::switches_environment(call.node.span.of(&call.source.text));
            self.record(call);
            return Flow::Next;
        };
        self.run_text(&texts.join(" "), call.source, call.node.span)
    }

    /// `trap "..." EXIT`
    fn set_trap(&mut self, call: &Call<'_>) {
        if let [_, Word::Known(text), signals @ ..] = &call.words[..]
            && signals.iter().any(|it| matches!(it.text(), "EXIT" | "0"))
        {
            let text = text.clone();
            self.state.trap =
                (text != "-" && !text.is_empty()).then(|| (text, call.source.span(call.node.span)));
        }
    }

    /// `read -r a b`: what comes in is not known.
    fn read_names(&mut self, call: &Call<'_>) {
        let written = format!("$({})", call.node.span.of(&call.source.text));
        for word in &call.words[1..] {
            if path::is_name(word.text()) {
                self.set(word.text(), Value::Unresolved(written.clone()));
            }
        }
        self.state.status = Status::Undecided;
    }

    /// Keeps a command of the shell itself; within `$( )` it is only a way to write a value.
    fn note(&mut self, call: &Call<'_>) {
        if self.substitutions == 0 {
            let status = self.state.status;
            self.record(call);
            self.state.status = if matches!(call.words[0].text(), "exit" | "return") {
                status
            } else {
                Status::Known(0)
            };
        } else if !matches!(call.words[0].text(), "exit" | "return") {
            self.state.status = Status::Known(0);
        }
    }

    fn set_options(&mut self, call: &Call<'_>) {
        let mut words = call.words[1..].iter().map(Word::text).enumerate();
        while let Some((at, word)) = words.next() {
            let on = match word.chars().next() {
                Some('-') => true,
                Some('+') => false,
                _ => {
                    self.state.positional =
                        call.fields[at + 1..].iter().map(Field::value).collect();
                    return;
                }
            };
            if word == "--" {
                self.state.positional = call.fields[at + 2..].iter().map(Field::value).collect();
                return;
            }
            for letter in word.chars().skip(1) {
                let options = &mut self.state.options;
                match letter {
                    'e' => options.errexit = on,
                    'u' => options.nounset = on,
                    'a' => options.allexport = on,
                    'x' => options.xtrace = on,
                    'o' => match words.next().map(|it| it.1) {
                        Some("pipefail") => options.pipefail = on,
                        Some("errexit") => options.errexit = on,
                        Some("nounset") => options.nounset = on,
                        Some("allexport") => options.allexport = on,
                        Some("xtrace") => options.xtrace = on,
                        _ => {}
                    },
                    _ => {}
                }
            }
        }
    }

    fn change_directory(&mut self, name: &str, call: &Call<'_>) {
        let target = call.fields[1..].iter().find(|it| {
            it.known()
                .is_none_or(|it| it == "-" || !it.starts_with('-'))
        });
        let before = self.state.cwd.clone();
        let next = match (name, target) {
            ("popd", _) => self.state.directories.pop().unwrap_or(None),
            (_, None) => match self.state.lookup("HOME") {
                Lookup::Value(value) => value.known().map(str::to_owned),
                _ => None,
            },
            (_, Some(field)) => match field.known().as_deref() {
                Some("-") => self.state.previous.clone(),
                // From a directory that is not known, only a whole path leads anywhere known.
                Some(path) if path.starts_with('/') => Some(path::normal(path)),
                Some(_) if self.state.lost => None,
                Some(path) => Some(path::join(before.as_deref(), path)),
                None => None,
            },
        };
        self.state.lost = next.is_none();
        if name == "pushd" {
            self.state.directories.push(before.clone());
        }
        self.state.previous = before;
        self.state.cwd = next;
        self.state.status = Status::Ordinary;
    }

    fn talk(&mut self, name: &str, call: &Call<'_>) {
        let first = call.fields.get(1).and_then(Field::known);
        let line = match name {
            "echo" => return self.echo(call),
            "printf" => return self.printf(call),
            "cat" => return self.cat(call),
            "pwd" => self.state.cwd.clone().filter(|it| it.starts_with('/')),
            "dirname" => first
                .filter(|_| call.fields.len() == 2)
                .map(|it| path::dirname(&it)),
            "basename" => {
                let suffix = call.fields.get(2).and_then(Field::known);
                first
                    .filter(|it| call.fields.len() <= 3 && !it.starts_with('-'))
                    .map(|it| path::basename(&it, suffix.as_deref()))
            }
            _ => {
                let last = call.fields.last().and_then(Field::known);
                let cwd = self.state.cwd.as_deref();
                last.filter(|it| it.starts_with('/') || cwd.is_some_and(|cwd| cwd.starts_with('/')))
                    .filter(|it| call.fields.len() > 1 && !it.starts_with('-'))
                    .map(|it| path::join(cwd, &it))
            }
        };
        match line {
            Some(line) => {
                let text = format!("{line}\n");
                self.print(Piece::Known(text), call.node.span, call.source);
            }
            None => self.unknown_output(call),
        }
    }

    fn echo(&mut self, call: &Call<'_>) {
        let mut fields = &call.fields[1..];
        let (mut line_end, mut escapes) = (true, false);
        while let Some(first) = fields.first().and_then(Field::known)
            && first.len() > 1
            && first.starts_with('-')
            && first[1..].chars().all(|it| "neE".contains(it))
        {
            line_end &= !first.contains('n');
            escapes |= first.contains('e');
            fields = &fields[1..];
        }
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                self.print(Piece::Known(" ".to_owned()), call.node.span, call.source);
            }
            for piece in &field.pieces {
                let piece = match piece {
                    Piece::Known(text) if escapes => Piece::Known(crate::expand::ansi_c(text)),
                    piece => piece.clone(),
                };
                self.print(piece, call.node.span, call.source);
            }
        }
        if line_end {
            self.print(Piece::Known("\n".to_owned()), call.node.span, call.source);
        }
    }

    /// `%s`, `%d` and `%%` are filled in; another directive's output is not known.
    fn printf(&mut self, call: &Call<'_>) {
        let Some(format) = call
            .fields
            .get(1)
            .and_then(Field::known)
            .filter(|it| !it.starts_with("-v"))
        else {
            if call.words.get(1).map(Word::text) == Some("-v")
                && let Some(name) = call.words.get(2).map(|it| it.text().to_owned())
            {
                self.set(&name, Value::Unresolved(format!("${name}")));
                return;
            }
            return self.unknown_output(call);
        };
        if format == "-v" {
            return;
        }
        let format = crate::expand::ansi_c(&format);
        let mut arguments = call.fields[2..].iter();
        loop {
            let left = arguments.len();
            let mut rest = format.as_str();
            while let Some(at) = rest.find('%') {
                self.print(
                    Piece::Known(rest[..at].to_owned()),
                    call.node.span,
                    call.source,
                );
                let directive = rest[at + 1..].chars().next();
                rest = rest[at + 1..]
                    .get(directive.map_or(0, char::len_utf8)..)
                    .unwrap_or_default();
                match directive {
                    Some('%') => {
                        self.print(Piece::Known("%".to_owned()), call.node.span, call.source);
                    }
                    Some('s' | 'd' | 'i' | 'q' | 'b') => {
                        for piece in arguments
                            .next()
                            .map(|it| it.pieces.clone())
                            .unwrap_or_default()
                        {
                            self.print(piece, call.node.span, call.source);
                        }
                    }
                    _ => {
                        arguments.next();
                        self.unknown_output(call);
                    }
                }
            }
            self.print(Piece::Known(rest.to_owned()), call.node.span, call.source);
            if arguments.len() == 0 || arguments.len() == left || !self.pay(1) {
                return;
            }
        }
    }

    fn cat(&mut self, call: &Call<'_>) {
        let lines = match call.words.len() {
            1 => self.document_lines(&call.node.redirects, call.source),
            2 if call.words[1].text() == "-" => {
                self.document_lines(&call.node.redirects, call.source)
            }
            _ => None,
        };
        match lines {
            Some(lines) => {
                for (pieces, span) in lines {
                    for piece in pieces {
                        self.print(piece, span, call.source);
                    }
                }
            }
            None => self.unknown_output(call),
        }
    }

    /// The lines of the here-document or here-string that a command reads, if it reads one.
    pub(super) fn document_lines(
        &mut self,
        redirects: &[Redirect],
        source: &Rc<super::Source>,
    ) -> Option<Vec<(Vec<Piece>, text::Span)>> {
        let redirect = redirects
            .iter()
            .rev()
            .find(|it| matches!(it.operator, Operator::HereDocument | Operator::HereString))?;
        let Some(document) = redirect.document else {
            let value = self.single(redirect.target, source);
            let piece = match value {
                Value::Unresolved(text) => Piece::Unknown(text),
                value => Piece::Known(value.text().to_owned()),
            };
            return Some(vec![(
                vec![piece, Piece::Known("\n".to_owned())],
                redirect.target,
            )]);
        };
        let document = source.script.documents.get(document)?;
        let (literal, dedent, body) = (
            document.delimiter.literal,
            document.delimiter.dedent,
            document.body,
        );
        let mut lines = Vec::new();
        let mut at = body.start;
        for line in body.of(&source.text).split_inclusive('\n') {
            let tabs = if dedent {
                line.len() - line.trim_start_matches('\t').len()
            } else {
                0
            };
            let content = line[tabs..].trim_end_matches(['\n', '\r']);
            let span = text::Span::new(at + tabs, at + tabs + content.len());
            let mut pieces = if literal {
                vec![Piece::Known(content.to_owned())]
            } else {
                self.document(content, span.start, source)
            };
            pieces.push(Piece::Known("\n".to_owned()));
            lines.push((pieces, span));
            at += line.len();
        }
        Some(lines)
    }

    /// The whole text of such a document, if it is known.
    pub(super) fn document_text(
        &mut self,
        redirects: &[Redirect],
        source: &Rc<super::Source>,
    ) -> Option<String> {
        let lines = self.document_lines(redirects, source)?;
        let mut text = String::new();
        for piece in lines.into_iter().flat_map(|it| it.0) {
            match piece {
                Piece::Known(known) => text.push_str(&known),
                Piece::Unknown(_) => return None,
            }
        }
        Some(text)
    }
}
