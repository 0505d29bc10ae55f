//! All rules. A new one is a file in `rules/` and two lines here.

use crate::rule::Rule;

mod doc001_no_readme;
mod run001_no_script;
mod run002_not_executable;
mod run003_no_shebang;

pub(crate) const ALL: &[&dyn Rule] = &[
    &run001_no_script::NoScript,
    &run002_not_executable::NotExecutable,
    &run003_no_shebang::NoShebang,
    &doc001_no_readme::NoReadme,
];
