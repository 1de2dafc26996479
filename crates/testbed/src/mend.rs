//! What moto's framework does to replies and AWS never does: HTML pages for what is not there, and `text/html` on
//! bodies that are XML, JSON or empty. The pages are marked, so that tests can fail on them; the types are put right.

use bytes::Bytes;

use crate::reply::Reply;

/// The header that marks a reply which no AWS service would give.
pub(crate) const MARK: &str = "x-dodai-testbed";

/// Puts the content type right, or marks the reply.
pub(crate) fn mend(mut reply: Reply) -> Reply {
    let is_content_type = |(name, _): &(String, String)| name == "content-type";
    let typed_html = reply.headers.iter().any(|header| is_content_type(header) && header.1.starts_with("text/html"));
    if !typed_html {
        return reply;
    }
    let right = match kind(&reply.body) {
        Kind::Html if !reply.is_success() => {
            reply.headers.push((MARK.to_owned(), "unimplemented".to_owned()));
            return reply;
        }
        // A stored object may well be a page.
        Kind::Html | Kind::Other => return reply,
        Kind::Empty => None,
        Kind::Xml => Some("text/xml"),
        Kind::Json => Some("application/json"),
    };
    reply.headers.retain(|header| !is_content_type(header));
    reply.headers.extend(right.map(|right| ("content-type".to_owned(), right.to_owned())));
    reply
}

/// Whether [`mend`] marked the reply.
pub(crate) fn is_marked(reply: &Reply) -> bool {
    reply.headers.iter().any(|(name, _)| name == MARK)
}

enum Kind {
    Empty,
    Html,
    Xml,
    Json,
    Other,
}

fn kind(body: &Bytes) -> Kind {
    let beginning: String = String::from_utf8_lossy(body.get(..body.len().min(64)).unwrap_or_default()).to_lowercase();
    let beginning = beginning.trim_start();
    if beginning.is_empty() {
        Kind::Empty
    } else if beginning.starts_with("<!doctype html") || beginning.starts_with("<html") {
        Kind::Html
    } else if beginning.starts_with('<') {
        Kind::Xml
    } else if beginning.starts_with(['{', '[']) {
        Kind::Json
    } else {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_marked_and_types_are_put_right() {
        let check = |status: u16, body: &'static str, marked: bool, content_type: Option<&str>| {
            let mended = mend(Reply::new(status, "text/html; charset=utf-8", body));
            let found = mended.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
            assert_eq!((is_marked(&mended), found), (marked, content_type), "{status} {body}");
        };
        check(404, "<!doctype html>\n<title>404</title>", true, Some("text/html; charset=utf-8"));
        check(200, "<html>", false, Some("text/html; charset=utf-8"));
        check(200, "", false, None);
        check(400, "<?xml version=\"1.0\"?><Error/>", false, Some("text/xml"));
        check(500, "{\"__type\": \"X\"}", false, Some("application/json"));
    }
}
