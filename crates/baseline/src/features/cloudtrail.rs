//! `cloudtrail`: one trail of every Region's management events.
//!
//! AWS: "Creating a trail for your AWS account", "Quotas in AWS CloudTrail" (five trails a Region, shadow trails
//! count, hard).

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile, Row, SettingInfo, SettingKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{cloudtrail_bucket, cloudtrail_selectors, foreign, log_key};
use crate::{Action, Change, Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

pub(super) const ID: &str = "cloudtrail";
pub(super) const RESOURCE: &str = "trail";
pub(super) const TABLE: &str = "aws_cloudtrail_trail";

/// What tells which trail is the one that this feature keeps, if any: policies name it, and without one nothing is made
/// for it.
pub(super) const IDENTITY: (&str, &[&str]) = (
    TABLE,
    &[
        "Name",
        "TrailARN",
        "HomeRegion",
        "S3KeyPrefix",
        "IncludeGlobalServiceEvents",
        "IsMultiRegionTrail",
        "IsOrganizationTrail",
        "LogFileValidationEnabled",
        "KmsKeyId",
        "status",
        "event_selectors",
        "tags",
    ],
);

/// The columns of [`IDENTITY`] and more: a feature names each table once.
#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it, and refuses a place that is not there")]
pub(super) const fn identity_and<const COUNT: usize>(more: &[&'static str]) -> [&'static str; COUNT] {
    let identity = IDENTITY.1;
    assert!(COUNT == identity.len() + more.len());
    let mut columns = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        columns[at] = if at < identity.len() { identity[at] } else { more[at - identity.len()] };
        at += 1;
    }
    columns
}

/// Trails in a Region, shadow trails included.
const MOST_TRAILS: usize = 5;

/// The bucket's policy and the key's take a moment to be seen.
const NOT_YET: [&str; 2] = ["InsufficientS3BucketPolicyException", "InsufficientEncryptionPolicyException"];

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Trail of management events",
    scope: FeatureScope::Home,
    class: Class::Maintained,
    profiles: &Profile::ALL,
    needs: &[cloudtrail_bucket::ID, log_key::ID],
    reads: &[(TABLE, &identity_and::<13>(&["S3BucketName"])), log_key::KEY_IDENTITY, log_key::ALIAS_IDENTITY],
    settings: &[
        SettingInfo {
            name: "name",
            kind: SettingKind::Text,
            basic: r#""dodai""#,
            secure: r#""dodai""#,
            doc: "the trail's name",
        },
        SettingInfo {
            name: "foreign",
            kind: SettingKind::Choice(&["leave", "adopt"]),
            basic: r#""leave""#,
            secure: r#""leave""#,
            doc: "what to do with a multi-Region trail that is not ours: leave it (it satisfies this feature if its settings match), or keep it at our settings, delivering to our bucket",
        },
    ],
    calls: &[
        "cloudtrail.CreateTrail",
        "cloudtrail.UpdateTrail",
        "cloudtrail.PutEventSelectors",
        "cloudtrail.StartLogging",
        "cloudtrail.AddTags",
    ],
};

#[derive(Deserialize)]
struct Settings {
    name: String,
    foreign: String,
}

/// The ARN that the trail has or will have: bucket and key policies name it.
pub(super) fn arn(view: &View<'_>) -> Result<String, Failure> {
    let settings = view.settings_of::<Settings>(ID)?;
    if let Some(settings) = &settings
        && let Some(trail) = kept(view, view.home_rows(TABLE)?, settings)?
    {
        return Ok(row::text(trail, "TrailARN")?.to_owned());
    }
    Ok(new_arn(view, settings.as_ref().map_or("dodai", |settings| &settings.name)))
}

fn new_arn(view: &View<'_>, name: &str) -> String {
    view.arn("cloudtrail", view.context.home.as_str(), &format!("trail/{name}"))
}

/// What this feature keeps in an account.
pub(super) enum Keeps<'a> {
    /// This trail; none: one that is still to be made, of this name.
    Trail(Option<&'a Row>, String),
    /// No trail, and why.
    Nothing(String),
}

/// The trail that this feature keeps, made or still to be made.
pub(super) fn keeps<'a>(view: &View<'a>) -> Result<Keeps<'a>, Failure> {
    let Some(settings) = view.settings_of::<Settings>(ID)? else {
        return Ok(Keeps::Nothing(format!("needs `{ID}`, which is off")));
    };
    let Some(wanted) = Wanted::of(view, &settings)? else {
        return Ok(Keeps::Nothing("needs `cloudtrail-bucket`, which is off".to_owned()));
    };
    let trails = view.home_rows(TABLE)?;
    for trail in trails {
        if covers(trail)? {
            let name = row::text(trail, "Name")?;
            return Ok(Keeps::Nothing(format!("the organization trail `{name}` covers this account")));
        }
    }
    if let Some(trail) = kept(view, trails, &settings)? {
        return Ok(Keeps::Trail(Some(trail), row::text(trail, "Name")?.to_owned()));
    }
    for trail in trails {
        if is_candidate(view, trail)? && wanted.compare(view, Some(trail), false)?.calls.is_empty() {
            let name = row::text(trail, "Name")?;
            return Ok(Keeps::Nothing(format!("the trail `{name}` is not ours and already does this")));
        }
    }
    let arn = new_arn(view, &settings.name);
    if row::named(trails, "TrailARN", &arn)?.is_some() {
        return Err(foreign::not_ours(view, ID, "the trail", &settings.name));
    }
    Ok(Keeps::Trail(None, settings.name))
}

/// Why the account gets no trail of ours, so that nothing need be made for one; none where there is one or will be.
pub(super) fn without(view: &View<'_>) -> Result<Option<String>, Failure> {
    match keeps(view)? {
        Keeps::Nothing(why) => Ok(Some(why)),
        Keeps::Trail(None, _) => limit(view),
        Keeps::Trail(Some(_), _) => Ok(None),
    }
}

/// Why no trail can be made.
fn limit(view: &View<'_>) -> Result<Option<String>, Failure> {
    let count = view.home_rows(TABLE)?.len();
    Ok((count >= MOST_TRAILS)
        .then(|| format!("the Region holds {count} trails, and CloudTrail allows {MOST_TRAILS}: adopt or remove one")))
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let trail = match keeps(view)? {
        Keeps::Trail(trail, _) => trail,
        Keeps::Nothing(why) => {
            out.skip(view, why);
            return Ok(());
        }
    };
    if trail.is_none()
        && let Some(why) = limit(view)?
    {
        return Err(view.failure("TrailLimit", why));
    }
    if let Some(wanted) = Wanted::of(view, &view.settings()?)? {
        out.change(wanted.compare(view, trail, true)?);
    }
    Ok(())
}

/// The trail that this feature keeps: ours by tag, else by our own name, else the one that it adopts.
fn kept<'a>(view: &View<'_>, trails: &'a [Row], settings: &Settings) -> Result<Option<&'a Row>, Failure> {
    let adopts = settings.foreign == "adopt";
    let (mut named, mut adopted) = (None, None);
    for trail in trails {
        if row::text(trail, "HomeRegion")? != view.context.home.as_str() || row::flag(trail, "IsOrganizationTrail")? {
            continue;
        }
        let tags = row::value(Some(trail), "tags")?;
        if tags.get("dodai:feature") == Some(&json!(ID)) {
            return Ok(Some(trail));
        }
        let name = row::text(trail, "Name")?;
        if name == settings.name && (adopts || foreign::is_ours(ID, name, &tags)) {
            named = Some(trail);
        } else if adopted.is_none() && adopts && is_candidate(view, trail)? {
            adopted = Some(trail);
        }
    }
    Ok(named.or(adopted))
}

/// An organization trail that records all that a trail of the account would. A member sees it and its selectors by the
/// trail's ARN; where it may not, it is not known whether a trail of ours is needed, and none is made: its bucket could
/// not be undone, and each event would be paid for twice.
fn covers(trail: &Row) -> Result<bool, Failure> {
    Ok(row::flag(trail, "IsOrganizationTrail")?
        && row::flag(trail, "IsMultiRegionTrail")?
        && is_logging(trail)?
        && cloudtrail_selectors::records_all(trail)?)
}

/// A trail that could do this job: of this account, of all Regions, changeable here.
fn is_candidate(view: &View<'_>, trail: &Row) -> Result<bool, Failure> {
    Ok(row::flag(trail, "IsMultiRegionTrail")?
        && !row::flag(trail, "IsOrganizationTrail")?
        && row::text(trail, "HomeRegion")? == view.context.home.as_str())
}

struct Wanted {
    name: String,
    bucket: String,
    key: Option<Value>,
}

impl Wanted {
    /// None where the bucket's feature is off.
    fn of(view: &View<'_>, settings: &Settings) -> Result<Option<Self>, Failure> {
        let Some(bucket) = cloudtrail_bucket::name(view)? else { return Ok(None) };
        Ok(Some(Self { name: settings.name.clone(), bucket, key: log_key::arn(view)? }))
    }

    /// The differences between a trail and what is wanted; against nothing, everything. A foreign trail that is
    /// only judged (`keep` is false) may have its own bucket, key and tags.
    fn compare(&self, view: &View<'_>, trail: Option<&Row>, keep: bool) -> Result<Change, Failure> {
        let (action, verb) = if trail.is_some() { (Action::Update, "keep") } else { (Action::Create, "create") };
        let name = match trail {
            Some(trail) => row::text(trail, "Name")?,
            None => &self.name,
        };
        let mut change = view.change(RESOURCE, action, format!("{verb} the trail `{name}`"));
        let mut params = Map::from_iter([("Name".to_owned(), json!(name))]);
        for (column, param, wanted) in self.settings(keep) {
            let before = row::value(trail, column)?;
            if !keep && column == "KmsKeyId" && !before.is_null() {
                continue;
            }
            let shown = if wanted.is_object() { json!(log_key::SHOWN) } else { wanted.clone() };
            if before != wanted {
                change = change.set(column, before, shown);
            }
            params.insert(param.to_owned(), wanted);
        }
        // A prefix would deliver where the bucket's policy does not let CloudTrail write.
        let prefix = row::value(trail, "S3KeyPrefix")?;
        if keep && prefix.as_str().is_some_and(|prefix| !prefix.is_empty()) {
            change = change.set("S3KeyPrefix", prefix, Value::Null);
            params.insert("S3KeyPrefix".to_owned(), json!(""));
        }
        if trail.is_none() {
            params.insert("TagsList".to_owned(), view.tag_list("Key", "Value"));
        }
        if trail.is_none() || !change.settings.is_empty() {
            let operation = if trail.is_some() { "UpdateTrail" } else { "CreateTrail" };
            let call = view.call("cloudtrail", operation, Value::Object(params));
            change = change.call(call.not_yet(&NOT_YET, 60));
        }
        change = cloudtrail_selectors::compare(view, change, trail, name)?;
        let logging = trail.map(is_logging).transpose()?;
        if logging != Some(true) {
            let call = view.call("cloudtrail", "StartLogging", json!({ "Name": name }));
            change = change.set("logging", json!(logging), json!(true)).call(call);
        }
        if let Some(trail) = trail.filter(|_| keep) {
            let tags = row::value(Some(trail), "tags")?;
            if !view.is_ours(&tags) {
                let params =
                    json!({ "ResourceId": row::text(trail, "TrailARN")?, "TagsList": view.tag_list("Key", "Value") });
                change = change.set("tags", tags, view.tag_map()).call(view.call("cloudtrail", "AddTags", params));
            }
        }
        Ok(change.writes(format!("cloudtrail/{}/{name}", view.cell)))
    }

    /// Column, parameter and value of what the trail shall be.
    fn settings(&self, keep: bool) -> Vec<(&'static str, &'static str, Value)> {
        let bucket = keep.then(|| ("S3BucketName", "S3BucketName", json!(self.bucket)));
        let key = self.key.clone().map(|key| ("KmsKeyId", "KmsKeyId", key));
        let switches = [
            ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
            ("IsMultiRegionTrail", "IsMultiRegionTrail"),
            ("LogFileValidationEnabled", "EnableLogFileValidation"),
        ];
        let switches = switches.into_iter().map(|(column, param)| (column, param, json!(true)));
        bucket.into_iter().chain(switches).chain(key).collect()
    }
}

fn is_logging(trail: &Row) -> Result<bool, Failure> {
    let status = trail.get("status").known()?;
    Ok(status.and_then(|status| status.get("IsLogging")).and_then(Value::as_bool).unwrap_or(false))
}
