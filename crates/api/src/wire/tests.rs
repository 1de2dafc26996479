//! Requests and replies in every protocol.

mod rare;
mod replies;
mod requests;

fn body_text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}
