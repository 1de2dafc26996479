//! The language in which the directory's files are described once: the reader checks documents against it,
//! the editors' JSON schema is printed from it.

use crate::form::Form;

/// What may stand at a place of a document.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A text; a bare number counts as the text that was written.
    Text(Form),
    Bool,
    List(&'static Shape),
    /// Names of the author's choosing.
    Map(Form, &'static Shape),
    /// These keys and no others.
    Record(&'static [Field]),
    /// Policy type -> names of policy files of that type.
    Policies,
    /// Feature -> its settings and `enabled`, by the catalogue.
    Features,
    /// `all`, `none`, or a list of features.
    OptIn,
    /// Printed once in the schema, under this name, so that a shape may contain itself.
    Named(&'static str, &'static Shape),
}

/// One key of a record.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    /// Shown by editors, and as help where a required key is missing.
    pub(crate) doc: &'static str,
}

pub(crate) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { name, shape, required: true, doc }
}

pub(crate) const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { name, shape, required: false, doc }
}
