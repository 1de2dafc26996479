//! The IAM policies: they allow what is planned and looked for, nothing that writes where only reading is asked for, only
//! actions and keys that AWS has, and each document fits.

use std::collections::BTreeSet;

use dodai_facts::{FeatureInfo, Region, Scope};
use dodai_models::permission_of;
use dodai_org::Directory;
use dodai_policy::check::{CheckContext, Kind, Severity, check};
use dodai_policy::language::read_json;
use dodai_policy::pattern::glob;
use dodai_policy::reference::{Access, Reference};

use super::laws::{OTHER_SETTINGS, WITH_LOG_GROUP};
use super::{BASIC, SECURE, World, directory};
use crate::permissions::grants::entries;
use crate::permissions::{Permissions, Reading, Statement, Work, document, permissions};
use crate::{FEATURES, ORGANIZATION_FEATURES};

fn readings() -> BTreeSet<Reading> {
    let reading = |call: &str, scope, elsewhere| Reading { call: call.to_owned(), scope, elsewhere };
    [
        reading("organizations.ListAccounts", Scope::Organization, false),
        reading("s3.ListBuckets", Scope::Account, false),
        reading("iam.GetAccountPasswordPolicy", Scope::Account, false),
        reading("kms.ListKeys", Scope::Region, false),
        reading("cloudtrail.GetTrailStatus", Scope::Region, true),
    ]
    .into()
}

fn made(directory: &Directory, work: Work) -> Permissions {
    permissions(directory, &readings(), work).unwrap()
}

fn features() -> impl Iterator<Item = &'static FeatureInfo> {
    let organization = ORGANIZATION_FEATURES.iter().map(|feature| feature.info);
    FEATURES.iter().map(|feature| feature.info).chain(organization)
}

fn statements(permissions: &Permissions) -> impl Iterator<Item = &Statement> {
    permissions.member.iter().chain(&permissions.management).flatten()
}

#[test]
fn what_only_reads_is_allowed_to_read() {
    for account in [SECURE, BASIC] {
        let made = made(&World::new(account).directory, Work::Read);
        for action in statements(&made).flat_map(Statement::actions).filter(|action| *action != "sts:AssumeRole") {
            let (_, found) = Reference::embedded().action(action).unwrap_or_else(|| panic!("AWS has no {action}"));
            assert!(matches!(found.access, Access::List | Access::Read), "{action} is {:?}", found.access);
        }
    }
}

/// Everything that any feature plans, and how it is found again.
#[test]
fn every_call_of_a_plan_is_allowed() {
    for account in [SECURE, BASIC, OTHER_SETTINGS, WITH_LOG_GROUP] {
        let world = World::new(account);
        let made = made(&world.directory, Work::Apply);
        let actions = |documents: &[Vec<Statement>]| -> BTreeSet<String> {
            documents.iter().flatten().flat_map(Statement::actions).map(str::to_owned).collect()
        };
        let (member, management) = (actions(&made.member), actions(&made.management));
        for change in world.plan().changes {
            let finds = change.calls.iter().filter_map(|call| call.find.as_ref());
            let finds = finds.map(|find| format!("{}.{}", find.service, find.operation));
            for call in change.calls.iter().map(dodai_facts::Call::name).chain(finds) {
                let action = permission_of(&call).unwrap();
                let by = if change.feature == "onboarding" { &management } else { &member };
                assert!(by.contains(&action), "{account}: {} needs {action}", change.id);
            }
        }
    }
}

#[test]
fn the_documents_are_without_mistakes() {
    let organization = "organization: o-exampleorgid\nhome_region: ap-northeast-1\nregions: [ap-northeast-1]\n";
    let bucket = format!("{organization}state: s3://dodai-state-example/runs\n");
    let management = "email: a@example.com\nmanagement: true\nunit: Root\nprofile: secure\nid: \"111111111111\"\n";
    let directories = [
        World::new(OTHER_SETTINGS).directory,
        World::new(WITH_LOG_GROUP).directory,
        directory(&[("dodai.yaml", &bucket), ("accounts/management.yaml", management)]),
    ];
    for directory in directories {
        for work in [Work::Read, Work::Apply] {
            let made = made(&directory, work);
            for statements in made.member.iter().chain(&made.management) {
                let text = document(statements).to_string();
                assert!(text.len() <= 6_144, "{} characters", text.len());
                let read = read_json("policy.json", &text).unwrap_or_else(|problems| panic!("{problems:?} in {text}"));
                let found = check(Kind::Identity, "policy.json", &read, &CheckContext::default());
                let found: Vec<_> =
                    found.into_iter().filter(|finding| finding.severity != Severity::Suggestion).collect();
                assert_eq!(found, [], "in {text}");
            }
        }
    }
}

/// One line a statement.
fn shown(documents: &[Vec<Statement>]) -> String {
    let list = |value: &serde_json::Value| value.to_string().replace('"', "").replace(',', " ");
    let line = |statement: &Statement| {
        let value = statement.value();
        let condition =
            value.get("Condition").map_or_else(String::new, |condition| format!("\n  if {}", list(condition)));
        format!("{} {}\n  on {}{condition}\n", list(&value["Sid"]), list(&value["Action"]), list(&value["Resource"]))
    };
    documents.iter().flatten().map(line).collect()
}

#[test]
fn names_and_tags_narrow_what_may_be_written() {
    let made = made(&World::new(WITH_LOG_GROUP).directory, Work::Apply);
    insta::assert_snapshot!(shown(&made.member), @r#"
    Read [cloudtrail:GetTrailStatus iam:GetAccountPasswordPolicy s3:ListAllMyBuckets]
      on [*]
    ReadInRegions [kms:ListKeys securityhub:GetEnabledStandards tag:GetResources]
      on [*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteAccount [account:PutAlternateContact]
      on [arn:aws:account::*:account]
    WriteCloudtrail [cloudtrail:AddTags cloudtrail:CreateTrail cloudtrail:PutEventSelectors cloudtrail:StartLogging cloudtrail:UpdateTrail]
      on [arn:aws:cloudtrail:*:*:trail/dodai]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1]}}
    WriteConfig [config:PutConfigurationRecorder config:StartConfigurationRecorder]
      on [arn:aws:config:*:*:configuration-recorder/*/*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteConfigB [config:PutDeliveryChannel]
      on [*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteConfigC [config:TagResource]
      on [arn:aws:config:*:*:configuration-recorder/*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteEc2 [ec2:EnableEbsEncryptionByDefault ec2:ModifyEbsDefaultKmsKeyId ec2:ResetEbsDefaultKmsKeyId]
      on [*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteGuardduty [guardduty:CreateDetector]
      on [*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteGuarddutyB [guardduty:TagResource]
      on [*]
      if {StringEquals:{aws:RequestTag/dodai:feature:[guardduty] aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteGuarddutyC [guardduty:UpdateDetector]
      on [arn:aws:guardduty:*:*:detector/*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteIam [iam:CreateRole iam:PutRolePolicy iam:TagRole iam:UpdateAssumeRolePolicy]
      on [arn:aws:iam::*:role/dodai-cloudtrail-logs]
    WriteIamB [iam:CreateServiceLinkedRole]
      on [arn:aws:iam::*:role/aws-service-role/config.amazonaws.com/* arn:aws:iam::*:role/aws-service-role/guardduty.amazonaws.com/* arn:aws:iam::*:role/aws-service-role/malware-protection.guardduty.amazonaws.com/* arn:aws:iam::*:role/aws-service-role/securityhub.amazonaws.com/*]
    WriteIamC [iam:PassRole]
      on [arn:aws:iam::*:role/dodai-cloudtrail-logs]
      if {StringEquals:{iam:PassedToService:[cloudtrail.amazonaws.com]}}
    WriteIamD [iam:PassRole]
      on [arn:aws:iam::*:role/aws-service-role/config.amazonaws.com/*]
      if {StringEquals:{iam:PassedToService:[config.amazonaws.com]}}
    WriteIamE [iam:UpdateAccountPasswordPolicy]
      on [*]
    WriteKms [kms:CancelKeyDeletion kms:CreateAlias kms:EnableKey kms:EnableKeyRotation kms:PutKeyPolicy kms:UpdateAlias]
      on [arn:aws:kms:*:*:key/*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1] aws:ResourceTag/dodai:feature:[log-key]}}
    WriteKmsB [kms:CreateAlias kms:UpdateAlias]
      on [arn:aws:kms:*:*:alias/dodai-logs]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1]}}
    WriteKmsC [kms:CreateKey kms:TagResource]
      on [*]
      if {StringEquals:{aws:RequestTag/dodai:feature:[log-key] aws:RequestedRegion:[ap-northeast-1]}}
    WriteLogs [logs:AssociateKmsKey logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource]
      on [arn:aws:logs:*:*:log-group:dodai-cloudtrail arn:aws:logs:*:*:log-group:dodai-cloudtrail:*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1]}}
    WriteS3 [s3:CreateBucket s3:PutBucketObjectLockConfiguration s3:PutBucketPolicy s3:PutBucketPublicAccessBlock s3:PutBucketRequestPayment s3:PutBucketTagging s3:PutBucketVersioning s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration s3:TagResource]
      on [arn:aws:s3:::dodai-cloudtrail-${aws:PrincipalAccount} arn:aws:s3:::dodai-config-${aws:PrincipalAccount}]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1]}}
    WriteS3B [s3:PutAccountPublicAccessBlock]
      on [*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1]}}
    WriteSecurityhub [securityhub:BatchEnableStandards securityhub:BatchUpdateStandardsControlAssociations securityhub:CreateFindingAggregator securityhub:EnableSecurityHub securityhub:UpdateSecurityHubConfiguration]
      on [*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteSecurityhubB [securityhub:TagResource]
      on [*]
      if {StringEquals:{aws:RequestTag/dodai:feature:[security-hub] aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    WriteSecurityhubC [securityhub:UpdateFindingAggregator]
      on [arn:aws:securityhub:*:*:finding-aggregator/*]
      if {StringEquals:{aws:RequestedRegion:[ap-northeast-1 us-east-1]}}
    "#);
    insta::assert_snapshot!(shown(&made.management), @r#"
    Enter [sts:AssumeRole]
      on [arn:aws:iam::*:role/OrganizationAccountAccessRole]
      if {StringEquals:{aws:ResourceOrgID:[o-exampleorgid]}}
    Read [organizations:DescribeCreateAccountStatus organizations:DescribeOrganization organizations:ListAccounts organizations:ListCreateAccountStatus organizations:ListRoots organizations:ListTagsForResource]
      on [*]
    WriteOrganizations [organizations:AttachPolicy organizations:DetachPolicy]
      on [arn:aws:organizations::*:account/o-exampleorgid/* arn:aws:organizations::*:ou/o-exampleorgid/ou-* arn:aws:organizations::*:policy/o-exampleorgid/*/p-* arn:aws:organizations::*:root/o-exampleorgid/r-*]
    WriteOrganizationsB [organizations:CreateAccount]
      on [*]
      if {StringEquals:{aws:RequestTag/dodai:feature:[accounts]}}
    WriteOrganizationsC [organizations:CreateOrganizationalUnit]
      on [arn:aws:organizations::*:ou/o-exampleorgid/* arn:aws:organizations::*:root/o-exampleorgid/*]
    WriteOrganizationsD [organizations:CreatePolicy organizations:DeletePolicy organizations:UpdatePolicy]
      on [arn:aws:organizations::*:policy/o-exampleorgid/*]
    WriteOrganizationsE [organizations:EnablePolicyType]
      on [arn:aws:organizations::*:root/o-exampleorgid/r-*]
    WriteOrganizationsF [organizations:MoveAccount]
      on [arn:aws:organizations::*:account/o-exampleorgid/* arn:aws:organizations::*:ou/o-exampleorgid/ou-* arn:aws:organizations::*:root/o-exampleorgid/r-*]
    WriteOrganizationsG [organizations:TagResource]
      on [*]
      if {StringEquals:{aws:RequestTag/dodai:feature:[accounts organization-units policies]}}
    WriteOrganizationsH [organizations:TagResource]
      on [arn:aws:organizations::*:account/o-exampleorgid/*]
      if {StringLike:{aws:RequestTag/dodai:onboarded:[*]}}
    "#);
}

/// What `grants.yaml` says is of something that there is.
#[test]
fn every_entry_is_of_a_feature_an_action_and_a_setting() {
    let settings = |info: &FeatureInfo| info.settings.iter().map(|setting| setting.name).collect::<BTreeSet<_>>();
    for (feature, entries) in entries().unwrap() {
        let info = features().find(|info| info.id == feature);
        assert!(info.is_some() || ["onboarding", "account-tags"].contains(&feature.as_str()), "no feature {feature}");
        let own: BTreeSet<String> =
            info.into_iter().flat_map(|info| info.calls).filter_map(|call| permission_of(call)).collect();
        for entry in entries {
            for pattern in &entry.actions {
                let of_own = own.iter().any(|action| glob(pattern, action));
                assert_ne!(
                    of_own,
                    entry.because.is_some(),
                    "{feature}: {pattern}: say why exactly if no call of it is this"
                );
                assert!(of_own || Reference::embedded().action(pattern).is_some(), "{feature}: AWS has no {pattern}");
            }
            let named =
                entry.on.iter().flat_map(|text| text.split('{').skip(1)).filter_map(|rest| rest.split('}').next());
            for name in named.chain(entry.with.as_deref()).filter(|name| !["partition", "organization"].contains(name))
            {
                let (of, name) = name.split_once('.').unwrap_or((feature.as_str(), name));
                assert!(
                    features().any(|info| info.id == of && settings(info).contains(name)),
                    "{feature}: no {of}.{name}"
                );
            }
        }
    }
}

#[test]
fn settings_give_the_names() {
    let made = made(&World::new(OTHER_SETTINGS).directory, Work::Apply);
    let text = shown(&made.member);
    for expected in [
        "arn:aws:s3:::trail-${aws:PrincipalAccount}",
        "arn:aws:kms:*:*:alias/other",
        "arn:aws:iam::*:role/own",
        "arn:aws:logs:*:*:log-group:/audit/trail:*",
        "arn:aws:cloudtrail:*:*:trail/other",
    ] {
        assert!(text.contains(expected), "no {expected} in {text}");
    }
    let adopting = World::new("profile: secure\nfeatures: {cloudtrail: {foreign: adopt}}").directory;
    assert!(shown(&self::made(&adopting, Work::Apply).member).contains("arn:aws:cloudtrail:*:*:trail/*"));
    // What no account has on is not asked for.
    let tagging = "on [arn:aws:organizations::*:account/o-exampleorgid/*]\n";
    for (account, expected) in [(SECURE, 1), ("profile: secure\ntags: {team: shop}", 2)] {
        let management = shown(&self::made(&World::new(account).directory, Work::Apply).management);
        assert_eq!(management.matches(tagging).count(), expected, "{account}: {management}");
    }
    let without = World::new("profile: secure\nfeatures: {guardduty: {enabled: false}}").directory;
    assert!(!shown(&self::made(&without, Work::Apply).member).contains("guardduty"));
}

#[test]
fn who_may_enter_is_told_where_the_management_account_is_known() {
    let organization = "organization: o-exampleorgid\nhome_region: ap-northeast-1\nregions: [ap-northeast-1]\n";
    let roles = format!("{organization}roles: {{member: dodai, external_id: 5f0c}}\n");
    let management = "email: a@example.com\nmanagement: true\nunit: Root\nprofile: basic\n";
    let with = |id: &str| {
        let management = format!("{management}{id}");
        let made = made(&directory(&[("dodai.yaml", &roles), ("accounts/management.yaml", &management)]), Work::Read);
        made.trust.map(|trust| trust.to_string())
    };
    assert_eq!(with(""), None);
    insta::assert_snapshot!(with("id: \"111111111111\"\n").unwrap(), @r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"5f0c"}}}]}"#);
}

/// However many Regions there are, and whatever is read: nothing is lost where a document is full.
#[test]
fn what_does_not_fit_goes_into_another_document() {
    let calls = dodai_models::Models::embedded().service("ec2").unwrap();
    let describes = calls.operations.keys().filter(|name| name.starts_with("Describe"));
    let readings: BTreeSet<Reading> = describes
        .map(|name| Reading { call: format!("ec2.{name}"), scope: Scope::Region, elsewhere: false })
        .filter(|reading| {
            permission_of(&reading.call).is_some_and(|action| Reference::embedded().action(&action).is_some())
        })
        .collect();
    let mut directory = World::new(SECURE).directory;
    directory.regions =
        dodai_models::partitions::regions("aws").iter().map(|name| name.parse::<Region>().unwrap()).collect();
    let made = permissions(&directory, &readings, Work::Apply).unwrap();
    assert!(made.member.len() > 2, "{}", made.member.len());
    let mut actions = BTreeSet::new();
    let mut sids = BTreeSet::new();
    for statements in &made.member {
        assert!(document(statements).to_string().chars().count() <= 6_144);
        for statement in statements {
            assert!(sids.insert(statement.value()["Sid"].to_string()), "a Sid twice");
            for action in statement.actions().filter(|action| action.starts_with("ec2:Describe")) {
                assert!(actions.insert(action.to_owned()), "{action} twice");
            }
        }
    }
    assert_eq!(actions.len(), readings.len());
}
