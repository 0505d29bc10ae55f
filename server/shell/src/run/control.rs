//! Branches and loops: decided where that is known, else followed on every way.

use std::rc::Rc;

use text::{Span, Value};

use super::{Flow, Machine, Source, Status};
use crate::syntax::{Arm, List};

/// Times that the body of one loop is followed.
const ROUNDS: usize = 300;

impl Machine<'_> {
    /// Follows `count` ways from the same state, of which it is not known which is taken, and joins where they end.
    pub(crate) fn branches(
        &mut self,
        count: usize,
        mut run: impl FnMut(&mut Self, usize) -> Flow,
        _source: &Rc<Source>,
    ) -> Flow {
        self.conditional += 1;
        let before = self.state.clone();
        let mut joined = None;
        let mut last = (self.state.clone(), Flow::Next);
        for branch in 0..count {
            if !self.pay(before.len()) {
                break;
            }
            self.state = before.clone();
            let flow = run(self, branch);
            let after = self.state.clone();
            if flow != Flow::Next {
                last = (after, flow);
                continue;
            }
            joined = Some(match joined {
                None => after,
                Some(joined) => {
                    let mut joined: super::State = joined;
                    joined.join(after);
                    joined
                }
            });
        }
        self.conditional -= 1;
        match joined {
            // A way that leaves (`exit 1`) is not the one that goes on.
            Some(joined) => {
                self.state = joined;
                Flow::Next
            }
            None => {
                self.state = last.0;
                last.1
            }
        }
    }

    fn condition(&mut self, list: &List, source: &Rc<Source>) -> Result<Option<bool>, Flow> {
        self.guarded += 1;
        let flow = self.list(list, source);
        self.guarded -= 1;
        if flow != Flow::Next {
            return Err(flow);
        }
        Ok(match self.state.status {
            Status::Known(code) => Some(code == 0),
            // In the run that supposes statuses, an ordinary command works.
            Status::Ordinary if self.supposed.is_some() => Some(true),
            Status::Ordinary | Status::Undecided => None,
        })
    }

    pub(super) fn if_(
        &mut self,
        branches: &[(List, List)],
        otherwise: Option<&List>,
        source: &Rc<Source>,
    ) -> Flow {
        let mut open: Vec<&List> = Vec::new();
        let mut closed = false;
        for (condition, body) in branches {
            let answer = match self.condition(condition, source) {
                Ok(answer) => answer,
                Err(flow) => return flow,
            };
            match answer {
                Some(false) => {}
                Some(true) => {
                    open.push(body);
                    closed = true;
                    break;
                }
                None => open.push(body),
            }
        }
        if !closed && let Some(otherwise) = otherwise {
            open.push(otherwise);
            closed = true;
        }
        self.state.status = Status::Known(0);
        match (&open[..], closed) {
            ([], _) => Flow::Next,
            ([body], true) => self.list(body, source),
            (bodies, _) => self.branches(
                bodies.len() + usize::from(!closed),
                |machine, branch| match bodies.get(branch) {
                    Some(body) => machine.list(body, source),
                    None => Flow::Next,
                },
                source,
            ),
        }
    }

    pub(super) fn case(&mut self, word: Span, arms: &[Arm], source: &Rc<Source>) -> Flow {
        self.assumed = false;
        let value = self.single(word, source);
        let value = (!self.assumed)
            .then(|| value.known().map(str::to_owned))
            .flatten();
        let mut open: Vec<usize> = Vec::new();
        let mut closed = false;
        for (at, arm) in arms.iter().enumerate() {
            let mut answer = Some(false);
            for &pattern in &arm.patterns {
                let pattern = self.pattern(pattern, source);
                let matches = match (&value, pattern) {
                    // Whatever the value is, `*` takes it.
                    (_, Some(pattern)) if pattern.is_everything() => Some(true),
                    (Some(value), Some(pattern)) => pattern.matches(value),
                    (_, _) => None,
                };
                answer = match (answer, matches) {
                    (_, Some(true)) => Some(true),
                    (answer, Some(false)) => answer,
                    (_, None) => None,
                };
                if answer == Some(true) {
                    break;
                }
            }
            if answer == Some(false) {
                continue;
            }
            open.push(at);
            if answer == Some(true) {
                closed = true;
                break;
            }
        }
        self.state.status = Status::Known(0);
        let body = |machine: &mut Self, first: usize| {
            let mut flow = Flow::Next;
            for arm in &arms[first..] {
                flow = machine.list(&arm.body, source);
                if flow != Flow::Next || !arm.falls_through {
                    break;
                }
            }
            flow
        };
        match (&open[..], closed) {
            ([], _) => Flow::Next,
            (&[arm], true) => body(self, arm),
            (open, _) => self.branches(
                open.len() + usize::from(!closed),
                |machine, branch| match open.get(branch) {
                    Some(&arm) => body(machine, arm),
                    None => Flow::Next,
                },
                source,
            ),
        }
    }

    pub(super) fn for_(
        &mut self,
        name: &str,
        words: Option<&[Span]>,
        body: &List,
        select: bool,
        source: &Rc<Source>,
    ) -> Flow {
        let values = match words {
            None => self.state.positional.clone(),
            Some(words) => {
                let mut values = Vec::new();
                for &word in words {
                    values.extend(
                        self.fields(word, source)
                            .into_iter()
                            .map(|field| field.value()),
                    );
                }
                values
            }
        };
        let known = !select
            && values.len() <= ROUNDS
            && values.iter().all(|it| !matches!(it, Value::Unresolved(_)));
        if !known {
            let expression = match words {
                Some([first, .., last]) => first.cover(*last).of(&source.text).to_owned(),
                Some([one]) => one.of(&source.text).to_owned(),
                _ => "\"$@\"".to_owned(),
            };
            return self.perhaps(
                |machine| {
                    machine.set(name, Value::Unresolved(expression.clone()));
                    machine.list(body, source)
                },
                source,
            );
        }
        self.state.status = Status::Known(0);
        for value in values {
            if !self.pay(1) {
                break;
            }
            self.set(name, value);
            match self.list(body, source) {
                Flow::Next | Flow::Continue(1) => {}
                Flow::Continue(levels) => return Flow::Continue(levels - 1),
                Flow::Break(1) => break,
                Flow::Break(levels) => return Flow::Break(levels - 1),
                flow => return flow,
            }
        }
        Flow::Next
    }

    pub(super) fn count(&mut self, header: &[Span; 3], body: &List, source: &Rc<Source>) -> Flow {
        let [first, condition, step] = *header;
        self.arithmetic(first.of(&source.text), source, first.start);
        for _ in 0..ROUNDS {
            let text = condition.of(&source.text);
            let answer = if text.trim().is_empty() {
                Some(1)
            } else {
                self.arithmetic(text, source, condition.start)
            };
            match answer {
                Some(0) => return Flow::Next,
                Some(_) => {}
                None => return self.perhaps(|machine| machine.list(body, source), source),
            }
            if !self.pay(1) {
                return Flow::Exit;
            }
            match self.list(body, source) {
                Flow::Next | Flow::Continue(1) => {}
                Flow::Continue(levels) => return Flow::Continue(levels - 1),
                Flow::Break(1) => return Flow::Next,
                Flow::Break(levels) => return Flow::Break(levels - 1),
                flow => return flow,
            }
            self.arithmetic(step.of(&source.text), source, step.start);
        }
        self.perhaps(|machine| machine.list(body, source), source)
    }

    pub(super) fn while_(
        &mut self,
        condition: &List,
        body: &List,
        until: bool,
        source: &Rc<Source>,
    ) -> Flow {
        for _ in 0..ROUNDS {
            let answer = match self.condition(condition, source) {
                Ok(answer) => answer.map(|it| it != until),
                Err(flow) => return flow,
            };
            match answer {
                Some(false) => {
                    self.state.status = Status::Known(0);
                    return Flow::Next;
                }
                Some(true) => {}
                None => break,
            }
            if !self.pay(1) {
                return Flow::Exit;
            }
            match self.list(body, source) {
                Flow::Next | Flow::Continue(1) => {}
                Flow::Continue(levels) => return Flow::Continue(levels - 1),
                Flow::Break(1) => return Flow::Next,
                Flow::Break(levels) => return Flow::Break(levels - 1),
                flow => return flow,
            }
        }
        self.perhaps(|machine| machine.list(body, source), source)
    }

    /// A body that may run no time, once or more often.
    fn perhaps(&mut self, mut body: impl FnMut(&mut Self) -> Flow, source: &Rc<Source>) -> Flow {
        self.branches(
            2,
            |machine, branch| {
                if branch == 1 {
                    return Flow::Next;
                }
                match body(machine) {
                    Flow::Break(levels) if levels > 1 => Flow::Break(levels - 1),
                    Flow::Continue(levels) if levels > 1 => Flow::Continue(levels - 1),
                    Flow::Break(_) | Flow::Continue(_) => Flow::Next,
                    flow => flow,
                }
            },
            source,
        )
    }
}
