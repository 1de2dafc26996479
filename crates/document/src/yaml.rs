//! YAML to a tree with places. Narrower than YAML: one document, text keys, no tags, no merge keys, no key
//! twice, and limits on depth, size and what aliases may unfold to.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::node::{Entry, Kind, Node, Place, number};
use crate::problems::{Problems, quote};

const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 100_000;
/// Of all texts after aliases are unfolded.
const MAX_BYTES: usize = 4 << 20;

/// The document of `text`; an empty file is a null. None when the rest of the text could not be read;
/// then, and for lesser mistakes too, `problems` says why.
pub fn parse(text: &str, problems: &mut Problems<'_>) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: false,
        // Ours, one less each, is the limit that is told.
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
    };
    let mut builder = Builder { problems, open: Vec::new(), anchors: HashMap::new(), nodes: 0, bytes: 0, root: None };
    for event in Parser::new_from_str_with_options(text, options) {
        let taken = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => builder.broken(&error),
        };
        taken?;
    }
    Some(builder.root.unwrap_or_else(|| Node::null(Place { line: 1, column: 1 })))
}

struct Builder<'p, 'f> {
    problems: &'p mut Problems<'f>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    bytes: usize,
    root: Option<Node>,
}

/// A list or map whose end has not been seen.
struct Open {
    place: Place,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, lines: HashMap<String, usize>, next: Next },
}

/// What a map waits for.
enum Next {
    Key,
    Value(String, Place),
    /// The value of a key that was refused.
    Dropped,
}

impl Builder<'_, '_> {
    /// None when nothing more can be read.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let place = place(&span.start);
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                self.problems.add(
                    place,
                    "a second document begins here",
                    Some("one document a file: remove `---`".to_owned()),
                );
                None
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), &span);
                let plain = style == ScalarStyle::Plain;
                let node = Node { place, kind: Kind::Scalar { text: text.into_owned(), plain } };
                self.leading_zero(&node);
                self.count(place, &node, anchor)?;
                self.put(node);
                Some(())
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), &span);
                self.enter(place, anchor, OpenKind::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), &span);
                self.enter(place, anchor, OpenKind::Map { entries: Vec::new(), lines: HashMap::new(), next: Next::Key })
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(),
            Event::Alias(id) => self.alias(place, id),
            _ => Some(()),
        }
    }

    fn enter(&mut self, place: Place, anchor: usize, kind: OpenKind) -> Option<()> {
        if self.open.len() >= MAX_DEPTH {
            return self.too_deep(place);
        }
        self.spend(place, 1, 0)?;
        self.open.push(Open { place, anchor, kind });
        Some(())
    }

    fn leave(&mut self) -> Option<()> {
        let Open { place, anchor, kind } = self.open.pop()?;
        let kind = match kind {
            OpenKind::List(items) => Kind::List(items),
            OpenKind::Map { entries, .. } => Kind::Map(entries),
        };
        let node = Node { place, kind };
        if anchor > 0 {
            // A copy for each alias is counted when it is made; this one is the original's size at most.
            let (nodes, bytes, _) = measure(&node);
            self.spend(place, nodes, bytes)?;
            self.anchors.insert(anchor, node.clone());
        }
        self.put(node);
        Some(())
    }

    fn alias(&mut self, place: Place, id: usize) -> Option<()> {
        let Some(node) = self.anchors.get(&id) else {
            self.problems.add(place, "this alias stands inside of what it names", None);
            return None;
        };
        let (nodes, bytes, height) = measure(node);
        if self.open.len() + height > MAX_DEPTH {
            return self.too_deep(place);
        }
        let node = node.clone();
        self.spend(place, nodes, bytes)?;
        self.put(node);
        Some(())
    }

    /// The finished node becomes a key, a value, an item or the document.
    fn put(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, lines, next } => match std::mem::replace(next, Next::Key) {
                Next::Key => *next = key(&node, lines, self.problems),
                Next::Value(key, place) => entries.push(Entry { key, place, value: node }),
                Next::Dropped => {}
            },
        }
    }

    fn count(&mut self, place: Place, node: &Node, anchor: usize) -> Option<()> {
        let (nodes, bytes, _) = measure(node);
        self.spend(place, nodes, bytes)?;
        if anchor > 0 {
            self.spend(place, nodes, bytes)?;
            self.anchors.insert(anchor, node.clone());
        }
        Some(())
    }

    fn spend(&mut self, place: Place, nodes: usize, bytes: usize) -> Option<()> {
        self.nodes += nodes;
        self.bytes += bytes;
        if self.nodes <= MAX_NODES && self.bytes <= MAX_BYTES {
            return Some(());
        }
        self.problems.add(
            place,
            "the document is too large",
            Some(format!("with aliases unfolded, at most {MAX_NODES} values and {MAX_BYTES} bytes of text")),
        );
        None
    }

    fn too_deep(&mut self, place: Place) -> Option<()> {
        self.problems.add(place, "the document is nested too deeply", Some(format!("at most {MAX_DEPTH} levels")));
        None
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, span: &Span) {
        if let Some(tag) = tag {
            let start = span.tag_start.unwrap_or(span.start);
            self.problems.add(
                place(&start),
                format!("the tag {} is not accepted", quote(&tag.original())),
                Some("write the value without a tag".to_owned()),
            );
        }
    }

    /// `012345678901` without quotes is a number to some readers of YAML and a text to others.
    fn leading_zero(&mut self, node: &Node) {
        if let Kind::Scalar { text, plain: true } = &node.kind
            && text.len() > 1
            && text.starts_with('0')
            && text.bytes().all(|byte| byte.is_ascii_digit())
        {
            self.problems.add(
                node.place,
                format!("{} begins with a zero and has no quotes", quote(text)),
                Some(format!("quote it, or its zeros may be lost: \"{text}\"")),
            );
        }
    }

    fn broken(&mut self, error: &ScanError) -> Option<()> {
        let place = place(error.marker());
        let (message, help) = match error.kind() {
            ErrorKind::RecursionLimitExceeded => return self.too_deep(place),
            ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
                ("a tab is used for indentation".to_owned(), Some("YAML is indented with spaces"))
            }
            ErrorKind::UnknownAnchor => (
                "this alias names no anchor that stands before it".to_owned(),
                Some("a text that begins with `*` stands in quotes"),
            ),
            ErrorKind::MappingValueNotAllowed => (
                "a second `: ` in one line, or a wrong indentation".to_owned(),
                Some("put a text that has `: ` in it in quotes"),
            ),
            ErrorKind::UnexpectedCharacter { character: character @ ('@' | '`') } => {
                (format!("a text cannot begin with `{character}`"), Some("put it in quotes"))
            }
            ErrorKind::UnexpectedCharacter { character } => {
                (format!("not valid YAML: unexpected character `{}`", character.escape_default()), None)
            }
            _ => (format!("not valid YAML: {}", error.info()), mended_by(&error.info())),
        };
        self.problems.add(place, message, help.map(str::to_owned));
        None
    }
}

/// What usually is the matter where the parser found something else than it expected.
fn mended_by(found: &str) -> Option<&'static str> {
    let has = |words: &str| found.contains(words);
    if has("flow mapping") || has("flow sequence") {
        Some(
            "entries in `{…}` or `[…]` are parted by `,`; a text that has `,`, `: ` or a bracket in it stands in quotes",
        )
    } else if has("':' indicator") {
        Some("is a `[`, a `{` or a quote above it not closed?")
    } else if has("block collection") || has("block mapping") || has("'-' indicator") {
        Some("the entries of a list or map begin in the same column, and a list is not a map")
    } else if has("unclosed quote") {
        Some("the text that begins here wants its closing quote")
    } else {
        None
    }
}

/// A finished node in a key's place.
fn key(node: &Node, lines: &mut HashMap<String, usize>, problems: &mut Problems<'_>) -> Next {
    let place = node.place;
    let word = node.describe();
    let Kind::Scalar { text, plain } = node.kind.clone() else {
        problems.add(place, format!("a key must be a text, found {word}"), None);
        return Next::Dropped;
    };
    if node.text().is_none() || (plain && number(&text).is_some()) {
        problems.add(place, format!("a key must be a text, found {word}"), Some("put it in quotes".to_owned()));
        return Next::Dropped;
    }
    if plain && text == "<<" {
        problems.add(
            place,
            "the merge key `<<` is not accepted",
            Some("write the entries out, or give them to a profile".to_owned()),
        );
        return Next::Dropped;
    }
    if let Some(line) = lines.get(&text) {
        problems.add(place, format!("the key {word} is here twice"), Some(format!("first on line {line}")));
        return Next::Dropped;
    }
    lines.insert(text.clone(), place.line);
    Next::Value(text, place)
}

/// Nodes (keys too), bytes of text, and levels.
fn measure(node: &Node) -> (usize, usize, usize) {
    let mut total = (1, 0, 0);
    let mut add = |child: &Node, key: usize| {
        let (nodes, bytes, height) = measure(child);
        total.0 += nodes;
        total.1 += bytes + key;
        total.2 = total.2.max(height + 1);
    };
    match &node.kind {
        Kind::Scalar { text, .. } => return (1, text.len(), 0),
        Kind::List(items) => items.iter().for_each(|item| add(item, 0)),
        Kind::Map(entries) => entries.iter().for_each(|entry| add(&entry.value, entry.key.len())),
    }
    if total.2 == 0 {
        total.2 = 1;
    }
    total
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}
