//! The organization directory: the small files that a person writes, reviews and commits, read into one
//! value. Pure: works on texts handed to it, never on a disk; gives every mistake at once, each with file,
//! line, column, what was expected and the nearest valid name.

mod build;
mod catalogue;
mod check;
mod directory;
mod fields;
mod form;
mod guardrail_values;
mod include;
mod layout;
mod names;
mod policy;
mod policy_schema;
mod read;
mod rules;
mod schema;
mod settings;
mod shape;
mod source;
pub mod testing;

pub use catalogue::Catalogue;
pub use directory::{Account, Contact, Contacts, Directory, Exception, Policies, Roles, State, Unit, UserFile};
pub use dodai_policy::PolicyType;
pub use form::ROOT;
pub use policy::Policy;
pub use read::read;
pub use schema::schema;
pub use settings::{CONTACTS, FeatureSettings, Features, OptIn};
pub use source::{Content, MAX_FILE_BYTES, SourceFile, Unreadable};
