//! Queries: whatever the text is, it is one SELECT within bounds or is refused in a few words. Nothing is run.

use dodai_inventory::sql::read;

#[path = "one_select.rs"]
mod one_select;
pub use one_select::one_select;

pub fn sql(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Err(error) = read(text) else {
        let doubt = one_select(text).err();
        assert_eq!(doubt, None, "it was taken for one SELECT: {text:.2000}");
        return;
    };
    let told = error.to_string();
    assert!(!told.is_empty() && told.len() < 400 + text.len(), "{told:.300}");
    let place = error.place();
    let lines = text.matches('\n').count() + 1;
    assert!(usize::try_from(place.line).is_ok_and(|line| line <= lines), "{told:.300}");
}
