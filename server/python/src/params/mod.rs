//! Parameters: the values that pytest would compute, and the ids that it would make of them, read from the source.

pub(crate) mod calls;
pub(crate) mod evaluate;
pub(crate) mod ids;
pub(crate) mod literal;
pub(crate) mod matching;
pub(crate) mod parametrize;
pub(crate) mod value;
