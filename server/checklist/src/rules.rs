//! All rules. A new one is a file in `rules/` and two lines here.

use crate::rule::Rule;

mod doc001_no_readme;
mod doc002_missing_section;
mod doc003_placeholder;
mod doc004_other_error;
mod doc005_unlisted_obstacle;
mod env001_missing_variable;
mod env002_other_value;
mod env003_masked_value;
mod env004_unknown_variable;
mod env005_machine_path;
mod log001_no_log;
mod log002_no_failure;
mod log003_cut_log;
mod log004_no_configuration;
mod log005_no_original;
mod log006_other_commit;
mod run001_no_script;
mod run002_not_executable;
mod run003_no_shebang;
mod run004_no_activation;
mod run005_not_the_repro;
mod run006_lost_exit_status;
mod run007_missing_flags;
mod run008_no_time_bound;
mod run009_depends_on_cwd;
mod run010_arguments_dropped;
mod tst001_no_repro_test;
mod tst002_too_long;
mod tst003_several_tests;
mod tst004_parametrized;
mod tst005_branches;
mod tst006_docstring;
mod tst007_unmarked;
mod tst008_cannot_fail;
mod tst009_other_setup;
mod tst010_other_parameters;
mod tst011_unused;
mod tst012_imports_tests;
mod tst013_hides_failure;
mod ver001_never_run;
mod ver002_changed_since;
mod ver003_passes;
mod ver004_other_error;
mod ver005_other_line;
mod ver006_slow;
mod ver007_not_deterministic;

pub(crate) const ALL: &[&dyn Rule] = &[
    &log001_no_log::NoLog,
    &log002_no_failure::NoFailure,
    &log003_cut_log::CutLog,
    &log004_no_configuration::NoConfiguration,
    &log005_no_original::NoOriginal,
    &log006_other_commit::OtherCommit,
    &env001_missing_variable::MissingVariable,
    &env002_other_value::OtherValue,
    &env003_masked_value::MaskedValue,
    &env004_unknown_variable::UnknownVariable,
    &env005_machine_path::MachinePath,
    &run001_no_script::NoScript,
    &run002_not_executable::NotExecutable,
    &run003_no_shebang::NoShebang,
    &run004_no_activation::NoActivation,
    &run005_not_the_repro::NotTheRepro,
    &run006_lost_exit_status::LostExitStatus,
    &run007_missing_flags::MissingFlags,
    &run008_no_time_bound::NoTimeBound,
    &run009_depends_on_cwd::DependsOnCwd,
    &run010_arguments_dropped::ArgumentsDropped,
    &tst001_no_repro_test::NoReproTest,
    &tst002_too_long::TooLong,
    &tst003_several_tests::SeveralTests,
    &tst004_parametrized::Parametrized,
    &tst005_branches::Branches,
    &tst006_docstring::Docstring,
    &tst007_unmarked::Unmarked,
    &tst008_cannot_fail::CannotFail,
    &tst009_other_setup::OtherSetup,
    &tst010_other_parameters::OtherParameters,
    &tst011_unused::Unused,
    &tst012_imports_tests::ImportsTests,
    &tst013_hides_failure::HidesFailure,
    &doc001_no_readme::NoReadme,
    &doc002_missing_section::MissingSection,
    &doc003_placeholder::Placeholder,
    &doc004_other_error::OtherError,
    &doc005_unlisted_obstacle::UnlistedObstacle,
    &ver001_never_run::NeverRun,
    &ver002_changed_since::ChangedSince,
    &ver003_passes::Passes,
    &ver004_other_error::OtherErrorInRun,
    &ver005_other_line::OtherLine,
    &ver006_slow::Slow,
    &ver007_not_deterministic::NotDeterministic,
];
