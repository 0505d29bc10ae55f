//! All that parametrizes a test: its hooks, the fixtures that it uses, its marks.

use super::{generated, sets};
use crate::fixtures::{Closure, Visible};
use crate::items::Found;
use crate::marks::MarkUse;
use crate::model::ItemKind;
use crate::params::evaluate::{Env, Evaluator};
use crate::params::parametrize::{self, IdHook, Parametrization};

pub(super) struct Parametrized<'a, 's> {
    evaluator: &'a Evaluator<'a, 's>,
    found: &'a Found<'s>,
    marks: &'a [MarkUse<'s>],
    visible: &'a Visible<'a, 's>,
    /// The fixtures that it uses, in the order of pytest before version 9.
    pub(super) closure: Closure<'s>,
    initial: Vec<String>,
    /// Names of the fixtures that it would use without any parametrization.
    used: Vec<String>,
    /// Names that marks and hooks parametrize, and those of them that are no fixtures' parameters.
    by_marks: Vec<String>,
    direct: Vec<String>,
}

impl<'a, 's> Parametrized<'a, 's> {
    pub(super) fn new(
        evaluator: &'a Evaluator<'a, 's>,
        found: &'a Found<'s>,
        marks: &'a [MarkUse<'s>],
        visible: &'a Visible<'a, 's>,
        hook: Option<IdHook<'s>>,
    ) -> Self {
        let initial = visible.initial(found, marks);
        let used = visible.closure(&initial, &[], false).used;
        let mut this = Self {
            evaluator,
            found,
            marks,
            visible,
            closure: Closure::default(),
            initial,
            used: used.into_iter().map(|(name, _)| name).collect(),
            by_marks: Vec::new(),
            direct: Vec::new(),
        };
        let mut given = this.generated(hook);
        given.extend(this.marked(hook));
        let names = |it: &Parametrization<'s>| it.names.clone();
        this.by_marks = given.iter().flat_map(names).collect();
        this.direct = given
            .iter()
            .flat_map(|it| it.names.iter().zip(&it.indirect))
            .filter(|(_, indirect)| !**indirect)
            .map(|(name, _)| name.clone())
            .collect();
        this.closure = visible.closure(&this.initial, &this.direct, false);
        this
    }

    /// In the order of an id: those of hooks come first, then those of fixtures, marks last. Newer versions of pytest (9) go
    /// through fixtures `depth_first`.
    pub(super) fn all(
        &self,
        hook: Option<IdHook<'s>>,
        depth_first: bool,
    ) -> Vec<Parametrization<'s>> {
        let newer = depth_first.then(|| self.visible.closure(&self.initial, &self.direct, true));
        let closure = newer.as_ref().unwrap_or(&self.closure);
        let mut all = self.generated(hook);
        all.extend(sets::fixture_params(
            self.evaluator,
            closure,
            &self.by_marks,
            hook,
        ));
        all.extend(self.marked(hook));
        all
    }

    fn generated(&self, hook: Option<IdHook<'s>>) -> Vec<Parametrization<'s>> {
        generated::parametrizations(self.evaluator, self.found, &self.used, hook)
    }

    fn marked(&self, hook: Option<IdHook<'s>>) -> Vec<Parametrization<'s>> {
        let is_own = |mark: &&MarkUse<'s>| {
            mark.name == "parametrize" && self.found.kind != ItemKind::TestCase
        };
        let of_mark = |mark: &MarkUse<'s>| {
            let env = Env::new(mark.code.module, mark.class);
            parametrize::of_mark(self.evaluator, &env, mark.code.node, hook)
        };
        self.marks
            .iter()
            .filter(is_own)
            .filter_map(of_mark)
            .collect()
    }
}
