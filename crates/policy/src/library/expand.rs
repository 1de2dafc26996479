//! A guardrail with values in place of its placeholders.

use std::collections::BTreeMap;

use dodai_document::Problems;
use dodai_document::node::{Entry, Kind as NodeKind, Node, Place};
use dodai_facts::Problem;

use super::{Guardrail, Kind, Parameters};
use crate::language::Operator;

/// Parts of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// `{{name}}`
    Parameter(&'t str),
}

/// A text in its parts; none where a `{{` is not closed.
pub(super) fn pieces(mut text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    while let Some((before, rest)) = text.split_once("{{") {
        let (name, after) = rest.split_once("}}")?;
        pieces.extend([Piece::Text(before), Piece::Parameter(name.trim())]);
        text = after;
    }
    pieces.push(Piece::Text(text));
    pieces.retain(|piece| *piece != Piece::Text(""));
    Some(pieces)
}

/// The guardrail's document with these values, its places those of the guardrail's file. A list that stands alone in a
/// list becomes its elements; a list within a longer text makes one text for each element. Where a list is empty, a
/// condition of the form "none of these" falls away, because it always holds.
///
/// # Errors
/// Parameters without a value or with a wrong one, and lists that must not be empty, each at its place in the file that
/// includes the guardrail.
pub fn expand(guardrail: &Guardrail, parameters: &Parameters<'_>) -> Result<Node, Vec<Problem>> {
    let mut problems = Problems::of(parameters.file);
    let values = parameters.values(guardrail, &mut problems);
    if !problems.list.is_empty() {
        return Err(problems.list);
    }
    let mut document = Values(values).node(&guardrail.document);
    settle(&mut document, guardrail, parameters.place, &mut problems);
    if problems.list.is_empty() { Ok(document) } else { Err(problems.list) }
}

struct Values<'g>(BTreeMap<&'g str, (Kind, Vec<String>)>);

impl Values<'_> {
    fn node(&self, node: &Node) -> Node {
        let kind = match &node.kind {
            NodeKind::Scalar { text, plain } => match self.texts(text) {
                None => NodeKind::Scalar { text: text.clone(), plain: *plain },
                Some(texts) if self.is_list(text) => NodeKind::List(scalars(texts, node.place)),
                Some(texts) => NodeKind::Scalar { text: texts.concat(), plain: false },
            },
            NodeKind::List(items) => NodeKind::List(items.iter().flat_map(|item| self.items(item)).collect()),
            NodeKind::Map(entries) => NodeKind::Map(entries.iter().map(|entry| self.entry(entry)).collect()),
        };
        Node { place: node.place, kind }
    }

    /// An item of a list: one, or as many as the list in it has.
    fn items(&self, item: &Node) -> Vec<Node> {
        match &item.kind {
            NodeKind::Scalar { text, .. } => match self.texts(text) {
                Some(texts) => scalars(texts, item.place),
                None => vec![item.clone()],
            },
            _ => vec![self.node(item)],
        }
    }

    fn entry(&self, entry: &Entry) -> Entry {
        let key = self.texts(&entry.key).map_or_else(|| entry.key.clone(), |texts| texts.concat());
        Entry { key, place: entry.place, value: self.node(&entry.value) }
    }

    fn is_list(&self, text: &str) -> bool {
        pieces(text).into_iter().flatten().any(|piece| match piece {
            Piece::Parameter(name) => self.0.get(name).is_some_and(|(kind, _)| kind.many),
            Piece::Text(_) => false,
        })
    }

    /// What becomes of a text; none where nothing stands in it. A value is put in as it is and not looked at again.
    fn texts(&self, text: &str) -> Option<Vec<String>> {
        let pieces = pieces(text)?;
        if !pieces.iter().any(|piece| matches!(piece, Piece::Parameter(_))) {
            return None;
        }
        let mut texts = vec![String::new()];
        for piece in pieces {
            match piece {
                Piece::Text(part) => texts.iter_mut().for_each(|text| text.push_str(part)),
                Piece::Parameter(name) => {
                    let values = self.0.get(name).map(|(_, values)| values.as_slice()).unwrap_or_default();
                    texts = texts
                        .iter()
                        .flat_map(|text| values.iter().map(move |value| format!("{text}{value}")))
                        .collect();
                }
            }
        }
        Some(texts)
    }
}

fn scalars(texts: Vec<String>, place: Place) -> Vec<Node> {
    texts.into_iter().map(|text| Node { place, kind: NodeKind::Scalar { text, plain: false } }).collect()
}

fn is_empty_list(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::List(items) if items.is_empty())
}

/// Takes out what empty lists leave without a meaning, and tells where they may not be.
fn settle(document: &mut Node, guardrail: &Guardrail, place: Place, problems: &mut Problems<'_>) {
    let NodeKind::Map(entries) = &mut document.kind else { return };
    let Some(statements) = entries.iter_mut().find(|entry| entry.key == "Statement") else { return };
    let NodeKind::List(statements) = &mut statements.value.kind else { return };
    for statement in statements {
        let sid = statement.text_at("Sid").unwrap_or_default().to_owned();
        let NodeKind::Map(elements) = &mut statement.kind else { continue };
        for element in elements.iter_mut() {
            if is_empty_list(&element.value) {
                empty(guardrail, &sid, &element.key, place, problems);
            } else if element.key == "Condition" {
                conditions(&mut element.value, guardrail, &sid, place, problems);
            }
        }
        elements.retain(|element| !matches!(&element.value.kind, NodeKind::Map(entries) if entries.is_empty()));
    }
}

fn conditions(node: &mut Node, guardrail: &Guardrail, sid: &str, place: Place, problems: &mut Problems<'_>) {
    let NodeKind::Map(operators) = &mut node.kind else { return };
    for operator in operators.iter_mut() {
        // Negated, a condition holds when none of its values matches: of none, always.
        let holds = operator
            .key
            .parse::<Operator>()
            .is_ok_and(|operator| operator.comparison.is_negated() && operator.quantifier.is_none());
        let NodeKind::Map(keys) = &mut operator.value.kind else { continue };
        if !holds {
            for key in keys.iter().filter(|key| is_empty_list(&key.value)) {
                empty(guardrail, sid, &key.key, place, problems);
            }
        }
        keys.retain(|key| !is_empty_list(&key.value));
    }
    operators.retain(|operator| !matches!(&operator.value.kind, NodeKind::Map(keys) if keys.is_empty()));
}

fn empty(guardrail: &Guardrail, sid: &str, element: &str, place: Place, problems: &mut Problems<'_>) {
    let message = format!("`{}` has no value left for `{element}` of its statement `{sid}`", guardrail.name);
    problems.add(place, message, Some("one of its lists is empty, and must not be".to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_its_parts() {
        assert_eq!(pieces("a${b}"), Some(vec![Piece::Text("a${b}")]));
        assert_eq!(pieces("{{ a }}"), Some(vec![Piece::Parameter("a")]));
        assert_eq!(
            pieces("x/{{a}}{{b}}}"),
            Some(vec![Piece::Text("x/"), Piece::Parameter("a"), Piece::Parameter("b"), Piece::Text("}")])
        );
        assert_eq!(pieces("{{a}"), None);
        assert_eq!(pieces(""), Some(Vec::new()));
    }
}
