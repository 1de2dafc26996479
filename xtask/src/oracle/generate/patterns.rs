//! Patterns for `Action` and `Resource`, aimed at one request: about half of them match it.
//!
//! AWS: "IAM JSON policy elements: Action", "IAM JSON policy elements: Resource".

use fastrand::Rng;

use super::pools::{TARGETS, VARIABLES, chance, one, other_case};

/// A pattern that may match the action.
pub(super) fn of_action(action: &str, rng: &mut Rng) -> String {
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    // `Get` of `GetObject`.
    let verb = name.char_indices().skip(1).find(|(_, letter)| letter.is_uppercase()).map_or(name.len(), |(at, _)| at);
    match rng.u32(0..14) {
        0..=2 => action.to_owned(),
        3 => one(&["*", "*", "*:*"], rng).to_owned(),
        4 => format!("{service}:*"),
        5 => format!("{service}:{}*", &name[..verb]),
        6 => format!("{service}:*{}", &name[verb..]),
        7 => other_case(action, rng),
        8 => format!("{service}:{}?{}", &name[..verb], name.get(verb + 1..).unwrap_or_default()),
        9 => format!("{service}:*{}*", &name[1..verb]),
        10 => format!("{action}Version"),
        11 => format!("{service}:{}", &name[..verb]),
        _ => one(TARGETS, rng).0.to_owned(),
    }
}

/// A pattern that may match the resource.
pub(super) fn of_resource(resource: &str, account: &str, rng: &mut Rng) -> String {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let &[_, _, service, region, owner, name] = parts.as_slice() else {
        // A request about no particular resource.
        return one(&["*", "*", "*", "arn:aws:s3:::logs", "arn:aws:s3:::*", "**"], rng).to_owned();
    };
    let half = name.char_indices().nth(name.chars().count() / 2).map_or(0, |(at, _)| at);
    let start = format!("arn:aws:{service}:{region}:{owner}");
    match rng.u32(0..20) {
        0..=2 => resource.to_owned(),
        3 | 4 => "*".to_owned(),
        5 => format!("{start}:*"),
        6 => format!("{start}:{}*", &name[..half]),
        7 => format!("{start}:*{}", &name[half..]),
        8 => format!("arn:aws:{service}:*:*:{name}"),
        9 => format!("arn:*:{service}:{region}:{owner}:{name}"),
        10 => format!("{start}:{}?{}", &name[..half], name.get(half + 1..).unwrap_or_default()),
        11 => format!("arn:aws:{service}:{region}:{account}:{name}"),
        12 => format!("{start}:{}", name.replacen("core", one(&VARIABLES, rng), 1)),
        13 => format!("{start}:{}", name.to_uppercase()),
        14 => format!("{start}:{}", name.replacen('a', "${?}", 1)),
        15 => format!("arn:aws:{service}:*"),
        16 => format!("{start}:{}", name.replacen([':', '/'], "*", 1)),
        17 => format!("{start}:*:*"),
        18 if chance(50, rng) => format!("{start}:{name}*"),
        _ => one(one(TARGETS, rng).1, rng).replace("{account}", account),
    }
}
