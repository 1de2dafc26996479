//! Names that want to be obeyed, in every place of an answer: each line is ours.

use dodai_policy::can::{Can, Grant, Granted, Reach};

use super::gaps::Unknown;
use super::gather::Gathered;
use super::show::{What, Who};
use crate::hostile::{names, obeyed};
use crate::left_out::{LeftOut, Reason};

fn who(name: &str) -> String {
    let can = |reach| Can { principal: name.to_owned(), reach, on: name.to_owned(), outside: true };
    let depends = Reach::Depends { missing: vec![name.to_owned(), "aws:SourceIp".to_owned()] };
    let gathered = Gathered {
        unknown: vec![Unknown::new(name, name)],
        left_out: vec![LeftOut { account: name.to_owned(), reason: Reason::State(name.to_owned()) }],
        ..Gathered::default()
    };
    Who::new(name, name, vec![can(depends)], gathered).text()
}

fn what(name: &str) -> String {
    let grant = Grant {
        actions: vec![format!("s3:{name}"), format!("{}:*", name.replace(':', ""))],
        resources: name.to_owned(),
        reach: Reach::Depends { missing: vec![name.to_owned()] },
        except: true,
    };
    What { principal: name.to_owned(), grants: vec![grant], unknown: vec![Unknown::new(name, name)] }.text()
}

fn granted(name: &str) -> String {
    super::grants::text(&[Granted {
        action: name.to_owned(),
        on: name.to_owned(),
        reach: Reach::Depends { missing: vec![name.to_owned()] },
        by: Some((name.to_owned(), name.to_owned(), 0)),
    }])
}

#[test]
fn no_name_makes_a_line() {
    for (what_it_is, name) in names() {
        for (answer, text) in [("who", who as fn(&str) -> String), ("what", what), ("granted", granted)] {
            let (shown, calm) = (text(&name), text("calm"));
            assert_eq!(obeyed(&shown), None, "{answer} of {what_it_is}: {shown:.1000}");
            assert_eq!(shown.lines().count(), calm.lines().count(), "{answer} of {what_it_is}: {shown:.2000}");
        }
    }
}
