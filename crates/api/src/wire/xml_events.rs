//! XML as events, in one pass. Of XML this is what replies have: elements, attributes, text, CDATA, comments and
//! processing instructions. A document must be whole: every element closed, by its own name.

use std::borrow::Cow;

use super::MAX_DEPTH;
use super::value::Mismatch;

/// The start of an element.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// The local name.
    pub(super) name: &'a str,
    /// As they are written, checked already.
    attributes: &'a str,
}

#[derive(Debug)]
pub(super) enum Event<'a> {
    Open(Element<'a>),
    Text(Cow<'a, str>),
    Close,
    /// The document is over, and whole.
    End,
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    /// What is not read yet.
    rest: &'a str,
    /// The elements that are open, with their prefixes.
    open: Vec<&'a str>,
    /// An element without content closes right after it opens.
    close: bool,
    seen_root: bool,
}

fn not_xml(why: &str) -> Mismatch {
    Mismatch::new(format!("the body is not XML: {why}"))
}

fn cut_off() -> Mismatch {
    Mismatch::new("the body is not XML, or is cut off")
}

impl<'a> Element<'a> {
    pub(super) fn has_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }

    /// The value of an attribute by its name with its prefix (`xsi:type`).
    pub(super) fn attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Mismatch> {
        let mut rest = self.attributes;
        while !rest.is_empty() {
            let (found, value, after) = attribute(rest)?;
            if found == name {
                return unescape(value).map(Some);
            }
            rest = after.trim_ascii_start();
        }
        Ok(None)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a [u8]) -> Result<Self, Mismatch> {
        let text = std::str::from_utf8(body).map_err(|_| not_xml("not UTF-8"))?;
        // A byte order mark.
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        Ok(Self { rest, open: Vec::new(), close: false, seen_root: false })
    }

    pub(super) fn next(&mut self) -> Result<Event<'a>, Mismatch> {
        if self.close {
            self.close = false;
            self.open.pop();
            return Ok(Event::Close);
        }
        loop {
            let Some(markup) = self.rest.strip_prefix('<') else {
                match self.text_before_markup()? {
                    Some(event) => return Ok(event),
                    None => continue,
                }
            };
            match markup.as_bytes().first() {
                Some(b'/') => return self.end_tag(markup),
                Some(b'!') => {
                    if let Some(text) = self.declaration(markup)? {
                        return Ok(Event::Text(Cow::Borrowed(text)));
                    }
                }
                Some(b'?') => self.rest = after(markup, "?>")?,
                _ => return self.start_tag(markup).map(Event::Open),
            }
        }
    }

    /// What stands before the next markup; nothing where it is outside of the root.
    fn text_before_markup(&mut self) -> Result<Option<Event<'a>>, Mismatch> {
        if self.rest.is_empty() {
            return if self.open.is_empty() && self.seen_root { Ok(Some(Event::End)) } else { Err(cut_off()) };
        }
        let end = self.rest.bytes().position(|byte| byte == b'<').unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at_checked(end).ok_or_else(cut_off)?;
        self.rest = rest;
        if !self.open.is_empty() {
            return unescape(text).map(|text| Some(Event::Text(text)));
        }
        if text.trim_ascii().is_empty() { Ok(None) } else { Err(not_xml("text outside of the root")) }
    }

    fn start_tag(&mut self, markup: &'a str) -> Result<Element<'a>, Mismatch> {
        let (tag, mut rest) = name(markup)?;
        if self.open.is_empty() && self.seen_root {
            return Err(not_xml("two roots"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Mismatch::new("nested too deeply"));
        }
        self.seen_root = true;
        self.open.push(tag);
        let name = local(tag)?;
        if let Some(rest) = rest.strip_prefix('>') {
            self.rest = rest;
            return Ok(Element { name, attributes: "" });
        }
        let begin = rest.trim_ascii_start();
        loop {
            let trimmed = rest.trim_ascii_start();
            let empty = trimmed.strip_prefix("/>");
            if let Some(rest) = empty.or_else(|| trimmed.strip_prefix('>')) {
                self.close = empty.is_some();
                self.rest = rest;
                let attributes = begin.get(..begin.len() - trimmed.len()).unwrap_or_default();
                return Ok(Element { name, attributes: attributes.trim_ascii_end() });
            }
            if trimmed.len() == rest.len() {
                return Err(if trimmed.is_empty() { cut_off() } else { not_xml("a tag that does not end") });
            }
            let (found, value, after) = attribute(trimmed)?;
            local(found)?;
            unescape(value)?;
            rest = after;
        }
    }

    fn end_tag(&mut self, markup: &'a str) -> Result<Event<'a>, Mismatch> {
        let open = self.open.pop().ok_or_else(|| not_xml("an end tag without an element"))?;
        let rest = markup.get(1..).and_then(|tag| tag.strip_prefix(open)).map(str::trim_ascii_start);
        match rest.and_then(|rest| rest.strip_prefix('>')) {
            Some(rest) => {
                self.rest = rest;
                Ok(Event::Close)
            }
            None if markup.contains('>') => Err(not_xml("an end tag does not match")),
            None => Err(cut_off()),
        }
    }

    /// The text of a CDATA section; a comment has none.
    fn declaration(&mut self, markup: &'a str) -> Result<Option<&'a str>, Mismatch> {
        if let Some(comment) = markup.strip_prefix("!--") {
            self.rest = after(comment, "-->")?;
            return Ok(None);
        }
        if let Some(section) = markup.strip_prefix("![CDATA[") {
            if self.open.is_empty() {
                return Err(not_xml("text outside of the root"));
            }
            let (text, rest) = section.split_once("]]>").ok_or_else(cut_off)?;
            self.rest = rest;
            return Ok(Some(text));
        }
        // AWS sends no document type; one that does is a web page or an attack.
        Err(Mismatch::new("the body is not AWS's XML: it has a document type"))
    }

    /// The root element.
    pub(super) fn root(&mut self) -> Result<Element<'a>, Mismatch> {
        match self.next()? {
            Event::Open(element) => Ok(element),
            _ => Err(Mismatch::new("the body is not XML")),
        }
    }

    /// The next child of the element just opened, or none at that element's end.
    pub(super) fn child(&mut self) -> Result<Option<Element<'a>>, Mismatch> {
        loop {
            match self.next()? {
                Event::Open(element) => return Ok(Some(element)),
                Event::Close => return Ok(None),
                Event::Text(_) => {}
                Event::End => return Err(Mismatch::new("the body ends early")),
            }
        }
    }

    /// The text of the element just opened, to its end. Elements in it are skipped.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, Mismatch> {
        let mut result = Cow::Borrowed("");
        loop {
            match self.next()? {
                Event::Text(text) if result.is_empty() => result = text,
                Event::Text(text) => result.to_mut().push_str(&text),
                Event::Open(_) => self.skip()?,
                Event::Close => return Ok(result),
                Event::End => return Err(Mismatch::new("the body ends early")),
            }
        }
    }

    /// Leaves out the rest of the element just opened.
    pub(super) fn skip(&mut self) -> Result<(), Mismatch> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// Reads on to the end, so that what was cut off is noticed.
    pub(super) fn finish(mut self) -> Result<(), Mismatch> {
        while !matches!(self.next()?, Event::End) {}
        Ok(())
    }
}

/// What follows the first `end`.
fn after<'a>(text: &'a str, end: &str) -> Result<&'a str, Mismatch> {
    text.split_once(end).map(|(_, rest)| rest).ok_or_else(cut_off)
}

/// A name, and what follows it. Which letters of other scripts may stand in names is not checked.
fn name(text: &str) -> Result<(&str, &str), Mismatch> {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.') || byte >= 0x80;
    let end = text.bytes().position(|byte| !in_name(byte)).ok_or_else(cut_off)?;
    let (name, rest) = text.split_at_checked(end).ok_or_else(cut_off)?;
    if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '.')) {
        return Err(not_xml("a tag without a name"));
    }
    Ok((name, rest))
}

/// A name without its prefix.
fn local(name: &str) -> Result<&str, Mismatch> {
    match name.split_once(':') {
        None => Ok(name),
        Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() && !local.contains(':') => Ok(local),
        Some(_) => Err(not_xml("a name with a colon too many")),
    }
}

/// Name and value of the attribute at the start of `text`, and what follows it.
fn attribute(text: &str) -> Result<(&str, &str, &str), Mismatch> {
    let wrong = || not_xml("an attribute without a value");
    let (name, rest) = name(text)?;
    let rest = rest.trim_ascii_start().strip_prefix('=').ok_or_else(wrong)?.trim_ascii_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or_else(wrong)?;
    let (value, rest) = rest.get(1..).and_then(|rest| rest.split_once(quote)).ok_or_else(cut_off)?;
    if value.contains('<') { Err(wrong()) } else { Ok((name, value, rest)) }
}

fn unescape(text: &str) -> Result<Cow<'_, str>, Mismatch> {
    let (mut references, mut control) = (false, false);
    for byte in text.bytes() {
        references |= byte == b'&';
        control |= byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t');
    }
    if control {
        return Err(not_xml("a control character"));
    }
    if !references {
        return Ok(Cow::Borrowed(text));
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let wrong = || not_xml("an unknown reference");
        let (name, after) = after.split_once(';').ok_or_else(wrong)?;
        result.push_str(before);
        result.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#').ok_or_else(wrong)?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                code.ok().and_then(char::from_u32).ok_or_else(wrong)?
            }
        });
        rest = after;
    }
    result.push_str(rest);
    Ok(Cow::Owned(result))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// What is read, as text: `<name attributes>`, the text, `/`. An error ends it.
    fn shown(document: &str) -> String {
        let read = || {
            let mut reader = Reader::new(document.as_bytes())?;
            let mut shown = String::new();
            loop {
                match reader.next()? {
                    Event::Open(element) if element.has_attributes() => {
                        write!(shown, "<{} {}>", element.name, element.attributes).unwrap();
                    }
                    Event::Open(element) => write!(shown, "<{}>", element.name).unwrap(),
                    Event::Text(text) => shown.push_str(&text),
                    Event::Close => shown.push('/'),
                    Event::End => return Ok(shown),
                }
            }
        };
        read().unwrap_or_else(|error: Mismatch| error.to_string())
    }

    fn check(document: &str, expected: &str) {
        assert_eq!(shown(document), expected, "{document}");
    }

    #[test]
    fn documents_are_read() {
        check("<a/>", "<a>/");
        check("\u{feff}<?xml version=\"1.0\"?>\n<!-- <a> -->\n<a>\n</a>\n<!-- - -->\n<?x ?>\n", "<a>\n/");
        check("<n:a x='1>' y = \"/>\" ><b-1.c />t<b></b></n:a >", "<a x='1>' y = \"/>\"><b-1.c>/t<b>//");
        check("<a>&lt;&#65;&#x42;&amp;lt;&quot;&apos;&gt;é</a>", "<a><AB&lt;\"'>é/");
        check("<a><![CDATA[<b>&amp;]]]></a>", "<a><b>&amp;]/");
        check("<é>]]</é>", "<é>]]/");
    }

    #[test]
    fn an_attribute_is_found_by_its_whole_name() {
        let mut reader = Reader::new(br#"<a xmlns:xsi="x" type='no' xsi:type = "a&amp;b"/>"#).unwrap();
        let root = reader.root().unwrap();
        assert_eq!(root.attribute("xsi:type").unwrap().as_deref(), Some("a&b"));
        assert_eq!(root.attribute("xsi").unwrap(), None);
    }

    #[test]
    fn every_cut_is_noticed() {
        let whole = "<?xml version=\"1.0\"?><a x=\"1\"><!-- c --><b>t&amp;t</b><c/><![CDATA[d]]></a>";
        assert_eq!(shown(whole), "<a x=\"1\"><b>t&t/<c>/d/");
        for end in 0..whole.len() {
            let found = shown(&whole[..end]);
            assert!(found.starts_with("the body is not "), "{}: {found}", &whole[..end]);
        }
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for document in [
            "",
            " ",
            "text",
            "<a></b>",
            "<a></ab>",
            "<a><b></a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>text",
            "<![CDATA[x]]><a/>",
            "<a x></a>",
            "<a x=1/>",
            "<a x='1'y='2'/>",
            "<a x='<'/>",
            "<a x='&x;'/>",
            "<a:/>",
            "<:a/>",
            "<a:b:c/>",
            "<1/>",
            "< a/>",
            "<-a/>",
            "<a&b/>",
            "<a>&x;</a>",
            "<a>&#xD800;</a>",
            "<a>&lt</a>",
            "<a>\u{1}</a>",
            "<a>\0</a>",
        ] {
            let found = shown(document);
            assert!(found.starts_with("the body is not XML"), "{document}: {found}");
        }
        for document in ["<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><!ELEMENT></a>"] {
            let expected = "the body is not AWS's XML: it has a document type";
            assert_eq!(shown(document), expected, "{document}");
        }
        assert_eq!(shown(&"<a>".repeat(MAX_DEPTH + 1)), "nested too deeply");
    }
}
