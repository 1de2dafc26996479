//! Differences that rest on policy variables, and such as may have been missed.

use super::*;

/// Variables stand for what a request has, which a comparison of texts does not know.
#[test]
fn what_rests_on_variables_says_so() {
    check(
        &[ALL],
        &[ALL, r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}"#],
        "newly denied: s3:* on arn:aws:s3:::home/${aws:username}/* (approximate)",
    );
}

/// What a variable stands for may be what something else is about.
#[test]
fn a_variable_meets_what_its_text_does_not() {
    let deny =
        |condition: &str| format!(r#"{{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{{condition}}}}}"#);
    check(
        &[ALL],
        &[ALL, &deny(r#""StringEquals":{"s3:prefix":"${aws:username}"},"StringLike":{"s3:prefix":"a*"}"#)],
        "newly denied: s3:* on * when s3:prefix is ${aws:username} and s3:prefix is like a* (approximate)",
    );
    check(
        &[ALL],
        &[ALL, &deny(r#""StringEquals":{"s3:prefix":"b-${aws:username}"},"StringLike":{"s3:prefix":"a*"}"#)],
        "no difference",
    );
    check(
        &[r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}"#],
        &[
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}"#,
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::home/bob/*"}"#,
        ],
        "newly denied: s3:* on arn:aws:s3:::home/${aws:username}/* and arn:aws:s3:::home/bob/* (approximate)",
    );
}

#[test]
fn long_values_are_compared() {
    let long = |letter: &str, length: usize| letter.repeat(length);
    let deny = |values: &[String]| {
        let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        let values = values.join(",");
        format!(
            r#"{{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{"StringEquals":{{"k":[{values}]}}}}}}"#
        )
    };
    let (one, other) = (long("a", 50_000), long("b", 40_000));
    let found = compared(&[document(&[ALL])], &[document(&[ALL, &deny(&[one.clone(), other])])]);
    assert_eq!((found.newly_denied.len(), found.newly_denied[0].approximate, found.may_deny_more), (1, false, false));
    // More than is compared.
    let huge = [one, long("c", 60_000)];
    let found = compared(&[document(&[ALL])], &[document(&[ALL, &deny(&huge)])]);
    assert!(found.may_deny_more && !found.may_allow_more && !found.is_empty());
    // The same words are no difference, however many there are.
    check(&[ALL, &deny(&huge)], &[ALL, &deny(&huge)], "no difference");
}

/// Whom a name means beside itself is not gone into: what is denied to an account's role by its account's name.
#[test]
fn what_may_have_been_missed_is_told() {
    let statement = |effect: &str, name: &str| {
        format!(r#"{{"Effect":"{effect}","Principal":{{"AWS":"{name}"}},"Action":"s3:*","Resource":"*"}}"#)
    };
    let allow = statement("Allow", "arn:aws:iam::111122223333:role/R");
    check(
        &[&allow],
        &[&allow, &statement("Deny", "111122223333")],
        "newly denied: nothing was found, and there may be something (approximate)",
    );
}

#[test]
fn one_test_with_a_variable_is_exact() {
    let allow = |conditions: &str| {
        format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{{conditions}}}}}"#)
    };
    let own = r#""StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}"#;
    let deny = format!(r#"{{"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{{{own}}}}}"#);
    check(
        &[&allow(own)],
        &[&allow(own), &deny],
        "newly denied: s3:PutObject on * when aws:ResourceTag/team is ${aws:PrincipalTag/team}",
    );
    // The variable itself is asked about, or the key is compared with something else.
    for also in [r#""Null":{"aws:PrincipalTag/team":"false"}"#, r#""StringNotLike":{"aws:ResourceTag/team":"a*"}"#] {
        let more = allow(&format!("{own},{also}"));
        assert!(compared(&[document(&[&more])], &[document(&[])]).newly_denied[0].approximate, "{also}");
    }
}

/// Everything, and denials by values and resources of which some have variables.
fn of_variables() -> impl Strategy<Value = Document> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringEqualsIfExists",
        "StringEqualsIgnoreCase",
    ]);
    let tag = "${aws:PrincipalTag/t}";
    let value =
        prop::sample::select(vec!["a*".to_owned(), tag.to_owned(), format!("a{tag}"), "b".to_owned(), "?".to_owned()]);
    let condition = (operator, prop::collection::vec(value, 1..3));
    let resource = prop::sample::select(vec![
        "*".to_owned(),
        format!("arn:aws:s3:::{tag}/*"),
        "arn:aws:s3:::a*".to_owned(),
        "arn:aws:s3:::b/*".to_owned(),
    ]);
    let statement = (resource, any::<bool>(), prop::collection::vec(condition, 0..3));
    prop::collection::vec(statement, 0..3).prop_map(|statements| {
        let statement = |(resource, not, conditions): (String, bool, Vec<(&str, Vec<String>)>)| {
            let element = if not { "NotResource" } else { "Resource" };
            let operators: std::collections::BTreeMap<&str, Vec<String>> = conditions.into_iter().collect();
            let condition: Vec<String> =
                operators.iter().map(|(operator, values)| format!(r#""{operator}":{{"k":{values:?}}}"#)).collect();
            format!(
                r#"{{"Effect":"Deny","Action":"s3:*","{element}":"{resource}","Condition":{{{}}}}}"#,
                condition.join(",")
            )
        };
        let statements: Vec<String> =
            [ALL.to_owned()].into_iter().chain(statements.into_iter().map(statement)).collect();
        document(&statements.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// What the engine decides otherwise for some values is in a case.
    #[test]
    fn what_variables_make_of_a_request_is_not_missed(before in of_variables(), after in of_variables()) {
        let found = difference(std::slice::from_ref(&before), std::slice::from_ref(&after), few(), "");
        let (old, new) = (in_force(std::slice::from_ref(&before), false), in_force(std::slice::from_ref(&after), false));
        let texts = [None, Some("a"), Some("ab"), Some("b"), Some("")];
        for (key, tag) in texts.iter().flat_map(|key| texts.iter().map(move |tag| (key, tag))) {
            for resource in ["arn:aws:s3:::a/x", "arn:aws:s3:::ab/x", "arn:aws:s3:::b/x"] {
                let given = |text: Option<&str>| text.map_or(Given::Absent, Given::value);
                let asked = Asked {
                    principal: "arn:aws:iam::111122223333:user/u".to_owned(),
                    action: "s3:GetObject".to_owned(),
                    resources: vec![resource.to_owned()],
                    context: [("k", *key), ("aws:PrincipalTag/t", *tag)].map(|(name, text)| (name.to_owned(), given(text))).into(),
                    closed: true,
                    ..Asked::default()
                };
                let (was, is) = (allows(&old, &asked), allows(&new, &asked));
                let told = || format!("{asked:#?}\nwas {was}, is {is}\n{}\n{}\n{found}", before.to_json(), after.to_json());
                prop_assert!(was == is || !(if was { &found.newly_denied } else { &found.newly_allowed }).is_empty(), "{}", told());
            }
        }
        prop_assert!(!found.may_deny_more && !found.may_allow_more, "{found}");
    }
}
