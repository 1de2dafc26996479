//! The functions that queries have: `DataFusion`'s, less those that take memory without bound or answer
//! differently each time, and ours. Ours answer null where they cannot answer; those about policies also say so to the query
//! (`unanswered`), so that the null is not taken for nothing.

mod access;
mod cidr;
mod clock;
mod documents;
mod json;
mod policy;

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringArray};
use datafusion::common::DataFusionError;
use datafusion::common::cast::as_string_array;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use jiff::Timestamp;

/// A function of ours, as listings show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionInfo {
    pub name: &'static str,
    pub signature: &'static str,
    pub doc: &'static str,
}

/// Every function that is not `DataFusion`'s own.
pub const FUNCTIONS: [FunctionInfo; 14] = {
    let [one, two, three, four, five, six, seven, eight] = access::infos();
    [
        clock::NOW_INFO,
        clock::CURRENT_DATE_INFO,
        json::TEXT_INFO,
        json::LIST_INFO,
        cidr::INFO,
        policy::INFO,
        one,
        two,
        three,
        four,
        five,
        six,
        seven,
        eight,
    ]
};

/// Functions that make much of little (the memory pool does not see what they take), and those whose answer
/// is chance.
const LEFT_OUT: [&str; 10] = [
    "repeat",
    "lpad",
    "rpad",
    "array_repeat",
    "array_resize",
    "range",
    "generate_series",
    "uuid",
    "current_time",
    "version",
];

/// Makes a session's functions ours.
pub(crate) fn register(state: &mut SessionState, now: Timestamp) -> Result<(), DataFusionError> {
    for name in LEFT_OUT {
        state.deregister_udf(name)?;
    }
    let ours = [
        ScalarUDF::from(clock::Now::new(now)),
        ScalarUDF::from(clock::CurrentDate::new(now)),
        ScalarUDF::from(json::JsonGetText::new()),
        ScalarUDF::from(json::JsonGetList::new()),
        ScalarUDF::from(cidr::CidrIsAny::new()),
        ScalarUDF::from(policy::PolicyStatements::new()),
    ];
    for function in ours.into_iter().chain(access::PolicyAccess::all().map(ScalarUDF::from)) {
        state.register_udf(Arc::new(function))?;
    }
    Ok(())
}

/// The arguments of a call as arrays of text, all of the batch's length.
fn texts(arguments: &ScalarFunctionArgs) -> Result<Vec<ArrayRef>, DataFusionError> {
    arguments.args.iter().map(|argument: &ColumnarValue| argument.to_array(arguments.number_rows)).collect()
}

/// One of these arguments.
fn text(arrays: &[ArrayRef], argument: usize) -> Result<&StringArray, DataFusionError> {
    let array =
        arrays.get(argument).ok_or_else(|| DataFusionError::Internal(format!("argument {argument} is missing")))?;
    as_string_array(array)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datafusion::execution::SessionStateBuilder;

    use super::*;

    #[test]
    fn the_lists_are_what_a_session_has() {
        let mut state = SessionStateBuilder::new_with_default_features().build();
        let names = |state: &SessionState| -> BTreeSet<String> { state.scalar_functions().keys().cloned().collect() };
        let before = names(&state);
        register(&mut state, Timestamp::UNIX_EPOCH).unwrap();
        let after = names(&state);
        for name in LEFT_OUT {
            assert!(before.contains(name) && !after.contains(name), "{name}");
        }
        for function in FUNCTIONS {
            assert!(after.contains(function.name), "{}", function.name);
            assert!(function.signature.starts_with(function.name) && !function.doc.is_empty(), "{}", function.name);
        }
        let ours = FUNCTIONS.map(|function| function.name.to_owned());
        let added: BTreeSet<&String> = after.difference(&before).collect();
        assert!(added.iter().all(|name| ours.contains(name)), "{added:?}");
    }
}
