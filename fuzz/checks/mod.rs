//! What is asked of any bytes: one function for each target. The targets run them on what the fuzzer makes up, a test of
//! `dodai-policy` on what is kept in `corpus/`.

mod decide;
mod made;
mod management;
mod matcher;
mod pack;
mod parser;
mod reference;

pub use decide::{line, structured};
pub use management::management;
pub use matcher::matcher;
pub use pack::pack;
pub use parser::parser;
pub use reference::reference;
