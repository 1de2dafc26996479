//! Which recorded account a member is like, and account ids in texts.

use std::collections::HashMap;

use crate::call::Call;

/// Digits of an account id.
const DIGITS: usize = 12;

#[derive(Debug)]
pub(crate) struct Crowd {
    like: HashMap<String, String>,
}

impl Crowd {
    pub(crate) fn new(like: HashMap<String, String>) -> Self {
        Self { like }
    }

    /// The member that a call is made in or, where it is made in another account, asks for; and whom it is like.
    pub(crate) fn asked_for<'a>(&'a self, call: &'a Call) -> Option<(&'a str, &'a str)> {
        if let Some((member, like)) = self.like.get_key_value(call.account.as_str()) {
            return Some((member, like));
        }
        call.params.values().filter_map(|value| value.as_str()).find_map(|text| {
            let found = places(text.as_bytes()).into_iter().filter_map(|place| text.get(place..place + DIGITS));
            found.filter_map(|id| self.like.get_key_value(id)).map(|(id, like)| (id.as_str(), like.as_str())).next()
        })
    }
}

/// Where runs of exactly twelve digits begin.
pub(crate) fn places(text: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut run = 0;
    for (place, byte) in text.iter().chain(b" ").enumerate() {
        if byte.is_ascii_digit() {
            run += 1;
        } else {
            if run == DIGITS {
                places.push(place - DIGITS);
            }
            run = 0;
        }
    }
    places
}

/// The text with one account's id in place of another's, at those of the places where that one stands.
pub(crate) fn replace(text: &[u8], places: &[usize], from: &str, to: &str) -> Vec<u8> {
    let mut text = text.to_vec();
    for place in places {
        if let Some(found) = text.get_mut(*place..place + DIGITS)
            && found == from.as_bytes()
            && to.len() == DIGITS
        {
            found.copy_from_slice(to.as_bytes());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_replaced_where_they_stand_alone() {
        let check = |text: &str, expected: &str| {
            let places = places(text.as_bytes());
            let replaced = replace(text.as_bytes(), &places, "111111111111", "222222222222");
            assert_eq!(String::from_utf8(replaced).unwrap(), expected);
        };
        check("111111111111", "222222222222");
        check("a:111111111111:b-111111111111", "a:222222222222:b-222222222222");
        check("1111111111111 333333333333 11111111111", "1111111111111 333333333333 11111111111");
        check("", "");
    }
}
