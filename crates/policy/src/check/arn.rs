//! ARNs as they stand in policies: with wildcards and variables, and against the patterns of resource types.
//!
//! AWS: "IAM JSON policy elements: Resource", "Identify AWS resources with Amazon Resource Names (ARNs)".

use super::condition::without_variables;
use super::wildcard::overlap;

/// The six fields of an ARN, `arn` left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// None where fields are missing. A colon inside of `${…}` is no separator.
    pub fn read(text: &'a str) -> Option<Self> {
        let mut fields = fields(text);
        (fields.next()?.eq_ignore_ascii_case("arn")).then_some(())?;
        let (partition, service) = (fields.next()?, fields.next()?);
        let (region, account) = (fields.next()?, fields.next()?);
        Some(Self { partition, service, region, account, resource: fields.next()? })
    }

    fn fields(&self) -> [&'a str; 5] {
        [self.partition, self.service, self.region, self.account, self.resource]
    }

    /// Each field is where it belongs: `arn:aws:lambda:*:function:x`, whose `*` is Region and account, is not regular.
    fn is_regular(&self) -> bool {
        let wild = |c: char| c == '*' || c == '?';
        self.account.chars().all(|c| c.is_ascii_digit() || wild(c))
            && self.region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || wild(c))
    }

    /// Every resource of a type: `*`, `role/*`, `function:*`.
    pub fn is_broad(&self) -> bool {
        let name = self.resource.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '-');
        self.resource == "*" || matches!(name, "/*" | ":*")
    }
}

/// The fields of an ARN; the sixth is all the rest.
fn fields(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    let mut count = 0;
    std::iter::from_fn(move || {
        let text = rest?;
        count += 1;
        let cut = if count == 6 { None } else { separator(text) };
        let Some(cut) = cut else {
            rest = None;
            return Some(text);
        };
        rest = text.get(cut + 1..);
        text.get(..cut)
    })
}

/// The first colon outside of `${…}`.
fn separator(text: &str) -> Option<usize> {
    let mut inside = false;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        match character {
            '{' if before == '$' => inside = true,
            '}' => inside = false,
            ':' if !inside => return Some(at),
            _ => {}
        }
        before = character;
    }
    None
}

/// Whether a value of `Resource` is, in effect, all resources or all of one type.
pub fn is_broad(value: &str) -> bool {
    (!value.is_empty() && value.chars().all(|c| c == '*')) || Arn::read(value).is_some_and(|arn| arn.is_broad())
}

/// Whether a value of `Resource` lacks fields of an ARN, and has a `*` at the end of one, which stands for those that follow
/// too.
pub fn reaches_over(value: &str) -> bool {
    let mut fields = fields(value);
    fields.next() == Some("arn") && Arn::read(value).is_none() && fields.any(|field| field.ends_with('*'))
}

/// Whether two ARN patterns fit some ARN together. The fields of an ARN have no colon but the last, so a wildcard for a
/// Region or an account stays within its field, unless the pattern is one whose wildcards stand for several.
pub fn have_common(one: &str, other: &str) -> bool {
    match (Arn::read(one).filter(Arn::is_regular), Arn::read(other).filter(Arn::is_regular)) {
        (Some(one), Some(other)) => {
            one.fields().into_iter().zip(other.fields()).all(|(one, other)| overlap(one, other))
        }
        _ => overlap(one, other),
    }
}

/// Whether some resource that a resource type's pattern (`arn:${Partition}:s3:::${BucketName}`) names fits a value of
/// `Resource`, in which variables may become anything.
pub fn fits(value: &str, template: &str) -> bool {
    let value = without_variables(value);
    let pattern = without_variables(template);
    if !have_common(&value, &pattern) {
        return false;
    }
    // A bucket's name has no slash: what has one is an object.
    let bucket = template.ends_with(":s3:::${BucketName}");
    !(bucket && Arn::read(&value).is_some_and(|arn| arn.resource.contains('/')))
}

#[cfg(test)]
mod tests {
    use super::{Arn, fits, is_broad, reaches_over};

    #[test]
    fn fields_are_told_apart() {
        let arn = Arn::read("arn:aws:iam::${aws:PrincipalAccount}:role/a:b").unwrap();
        assert_eq!((arn.service, arn.account, arn.resource), ("iam", "${aws:PrincipalAccount}", "role/a:b"));
        assert_eq!(Arn::read("arn:aws:s3:*"), None);
        assert_eq!(Arn::read("*"), None);
        assert_eq!(Arn::read("bucket:a:b:c:d:e"), None);
    }

    #[test]
    fn a_star_at_the_end_of_a_field_reaches_over() {
        for reaching in ["arn:aws:s3:*", "arn:*", "arn:aws:dynamodb:*:table/x", "arn:aws:sqs:eu-*:jobs"] {
            assert!(reaches_over(reaching), "{reaching}");
        }
        for other in ["*", "arn:aws:s3:::*", "arn:aws:s3:my*bucket", "my-bucket/*", "arn:aws:iam::${aws:x*}"] {
            assert!(!reaches_over(other), "{other}");
        }
    }

    #[test]
    fn all_of_a_type_is_broad() {
        for broad in ["*", "arn:aws:iam::*:role/*", "arn:aws:s3:::*", "arn:aws:lambda:*:*:function:*"] {
            assert!(is_broad(broad), "{broad}");
        }
        for narrow in ["arn:aws:iam::*:role/app/*", "arn:aws:s3:::logs-*", "arn:aws:iam::1:role/x", ""] {
            assert!(!is_broad(narrow), "{narrow}");
        }
    }

    #[test]
    fn resources_fit_their_types() {
        let check = |value: &str, template: &str, expected: bool| {
            assert_eq!(fits(value, template), expected, "{value} {template}");
        };
        let (bucket, object) =
            ("arn:${Partition}:s3:::${BucketName}", "arn:${Partition}:s3:::${BucketName}/${ObjectName}");
        check("arn:aws:s3:::logs", bucket, true);
        check("arn:aws:s3:::logs/*", bucket, false);
        check("arn:aws:s3:::logs", object, false);
        check("arn:aws:s3:::logs*", object, true);
        check("arn:aws:s3:::${aws:PrincipalTag/team}/x", object, true);
        check("arn:aws:s3:eu-west-1::logs", bucket, false);
        check("arn:aws:iam::*:role/x", "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", true);
        check("*", object, true);
        let function = "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}";
        check("arn:aws:lambda:*:*:function:x", function, true);
        check("arn:aws:lambda:*:*:function/x", function, false);
        check("arn:aws:lambda:*:function:x", function, true);
        check("arn:aws:iam::aws:policy/x", "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}", true);
    }
}
