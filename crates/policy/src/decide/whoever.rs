//! Who a request is of, where its principal does not say: which session of a role, or whether the role of a session is a
//! service-linked one. Everybody that the policies can tell apart is asked for.

use std::collections::BTreeSet;

use super::answer::{Answer, Decision};
use super::principal::{Identity, Linked, Who};

/// Those whom a request may be of.
pub(super) struct Whoever<'t> {
    pub(super) who: Vec<Who<'t>>,
    /// The condition key that would tell.
    pub(super) key: &'static str,
}

/// Sessions that are asked for, at most.
const MOST: usize = 64;

impl<'t> Who<'t> {
    /// None where the answer holds for whomever the request is of. `sessions`: those of the role that statements name.
    pub(super) fn whoever(
        &self,
        answer: &Answer,
        closed: bool,
        sessions: impl FnOnce() -> BTreeSet<Box<str>>,
    ) -> Option<Whoever<'t>> {
        if self.linked == Linked::Unknown {
            let who = [Linked::Yes, Linked::No].map(|linked| Self { linked, ..self.clone() }).into();
            return Some(Whoever { who, key: "aws:PrincipalArn" });
        }
        let Identity::Role { path_and_name, session: None } = &self.identity else { return None };
        if closed || answer.decision != Decision::Depends {
            return None;
        }
        let mut sessions = sessions();
        if sessions.is_empty() || sessions.len() > MOST {
            return None;
        }
        // A session's name has no such sign.
        sessions.insert("~".into());
        let of = |session: Box<str>| {
            let identity =
                Identity::Role { path_and_name: path_and_name.clone(), session: Some(session.into_string().into()) };
            Self { identity, ..self.clone() }
        };
        Some(Whoever { who: sessions.into_iter().map(of).collect(), key: "aws:userid" })
    }
}

/// One answer for all of them; `key` tells them apart.
pub(super) fn together(answers: impl Iterator<Item = Answer>, key: &str) -> Answer {
    let answers: Vec<Answer> = answers.collect();
    let all = |fits: fn(Decision) -> bool| answers.iter().all(|answer| fits(answer.decision));
    // Denied in two ways is denied, for want of an allow.
    let implicit = answers.iter().find(|answer| answer.decision == Decision::ImplicitDeny);
    let same = all(Decision::is_deny) || all(|decision| decision == Decision::Allow);
    if let Some(answer) = implicit.or(answers.first()).filter(|_| same) {
        return answer.clone();
    }
    let mut missing: Vec<String> = answers.iter().flat_map(|answer| answer.missing.iter().cloned()).collect();
    let differ = answers.iter().any(|answer| Some(answer.decision) != answers.first().map(|first| first.decision));
    if differ {
        missing.push(key.to_owned());
    }
    missing.sort();
    missing.dedup();
    Answer {
        decision: Decision::Depends,
        by: None,
        missing,
        approximate: !differ && answers.iter().all(|answer| answer.approximate),
        assumed_same_account: answers.iter().any(|answer| answer.assumed_same_account),
        unknown_action: false,
    }
}
