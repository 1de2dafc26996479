//! What GitHub's reader makes of a Markdown text, by the port of it that reads every extension that GitHub has.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};

#[derive(Debug, Default)]
pub struct Marked {
    /// Headings, paragraphs, lists, rows, cells … in their order.
    pub blocks: Vec<&'static str>,
    /// What is more than text and code: links, pictures, HTML, formulas, mentions. A `<br>` is nothing.
    pub live: Vec<String>,
    /// What is left to be read.
    pub text: String,
}

pub fn marked(markdown: &str) -> Marked {
    let mut options = Options::default();
    let extension = &mut options.extension;
    for on in [
        &mut extension.strikethrough,
        &mut extension.table,
        &mut extension.autolink,
        &mut extension.tasklist,
        &mut extension.footnotes,
        &mut extension.alerts,
        &mut extension.math_dollars,
        &mut extension.math_code,
    ] {
        *on = true;
    }
    let (arena, mut marked) = (Arena::new(), Marked::default());
    for node in parse_document(&arena, markdown, &options).descendants() {
        let node = &node.data().value;
        match node {
            NodeValue::Text(text) => {
                if is_linked_later(text) {
                    marked.live.push(format!("{text:.80}"));
                }
                marked.text.push_str(text);
            }
            NodeValue::Code(code) => marked.text.push_str(&code.literal),
            NodeValue::HtmlInline(html) if html == "<br>" => marked.text.push('\n'),
            NodeValue::SoftBreak => marked.text.push('\n'),
            block if block.block() => {
                marked.text.push('\n');
                marked.blocks.push(block.xml_node_name());
            }
            inline => marked.live.push(format!("{inline:.200?}")),
        }
    }
    marked
}

/// GitHub looks for mentions and numbers of issues in the text that the reader gives.
fn is_linked_later(text: &str) -> bool {
    let number = |after: &str| after.starts_with(|digit: char| digit.is_ascii_digit());
    text.contains('@') || ["#", "GH-"].iter().any(|sign| text.split(sign).skip(1).any(number))
}
