//! AWS's API models, compiled: which operations there are, what goes in and what comes out, where they
//! are reached. Pure: embedded data, no I/O.
//!
//! JSON in and out of a call: members by the model's names; timestamps as ISO 8601 text; blobs as base64 text;
//! members that are not there are left out.

pub mod archive;
mod embedded;
pub mod endpoint;
mod functions;
mod model;
pub mod paginate;
pub mod partitions;
mod path;
mod permission;
pub mod rules;
mod validate;

pub use embedded::Models;
pub use endpoint::{AuthScheme, Endpoint, EndpointError, EndpointParams, endpoint_environment_name, resolve};
pub use model::{
    ErrorShape, Location, Member, Operation, Paginator, Protocol, Service, Shape, ShapeId, ShapeKind, Structure,
    TimestampFormat,
};
pub use paginate::{PaginateError, next_params};
pub use path::{output_path, value_at};
pub use permission::permission_of;
pub use rules::RuleSet;
pub use validate::{validate, warnings};
