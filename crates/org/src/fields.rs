//! Every key of `dodai.yaml`, of an account file and of `exceptions.yaml`, with its documentation.

use crate::form::Form;
use crate::shape::{Field, Shape, optional, required};

/// `dodai.yaml`
pub(crate) static ORGANIZATION: Shape = Shape::Record(&[
    required(
        "organization",
        Shape::Text(Form::OrganizationId),
        "The id of the one organization that this directory describes (o-…). No other is ever touched.",
    ),
    required(
        "home_region",
        Shape::Text(Form::Region),
        "The Region for what exists once per account: log buckets, keys, the aggregation of findings.",
    ),
    required(
        "regions",
        Shape::List(&Shape::Text(Form::Region)),
        "The active Regions: the baseline is kept and assessed in these. The home Region is one of them.",
    ),
    optional("root", Shape::Record(ROOT), "What applies to the organization's root, and so to every member account."),
    optional(
        "units",
        Shape::Named("units", &UNITS),
        "The organizational units, a tree: name -> policies, units below it.",
    ),
    optional("features", Shape::Features, "Settings of features for all accounts."),
    optional(
        "profiles",
        Shape::Record(PROFILES),
        "Settings of features for the accounts of one profile. They go before `features`, and an account's own before both.",
    ),
    optional("roles", Shape::Record(ROLES), "How Dodai enters the accounts."),
    optional(
        "operators",
        Shape::List(&Shape::Text(Form::RolePattern)),
        "Names (or `*` patterns) of the roles that guardrails must exempt, so that nobody locks the operators out.",
    ),
    optional(
        "log_archive",
        Shape::Text(Form::Account),
        "The account (name of its file) that keeps the organization's logs.",
    ),
    optional(
        "state",
        Shape::Text(Form::State),
        "Where runs, journal and lock are kept: a folder (default .dodai) or s3://bucket/prefix.",
    ),
    optional("controls", Shape::Record(CONTROLS), "Which controls are off."),
    optional(
        "standards",
        Shape::List(&Shape::Text(Form::Standard)),
        "The standards that assessments are reported against.",
    ),
]);

static UNITS: Shape = Shape::Map(Form::UnitName, &UNIT);
static UNIT: Shape = Shape::Record(&[
    optional(
        "policies",
        Shape::Policies,
        "Policies attached to this unit: type -> names of files of policies/<type>/.",
    ),
    optional("units", Shape::Named("units", &UNITS), "The units below this one. Organizations allows five levels."),
]);

const ROOT: &[Field] = &[optional(
    "policies",
    Shape::Policies,
    "Policies attached to the root. What one unit may do must not be denied here: an explicit deny is inherited.",
)];

const PROFILE: &[Field] =
    &[optional("features", Shape::Features, "Settings of features for the accounts of this profile.")];

const PROFILES: &[Field] = &[
    optional("basic", Shape::Record(PROFILE), "Accounts of the profile `basic`."),
    optional("secure", Shape::Record(PROFILE), "Accounts of the profile `secure`."),
];

const ROLES: &[Field] = &[
    optional(
        "member",
        Shape::Text(Form::RoleName),
        "The role that is assumed in member accounts (default OrganizationAccountAccessRole).",
    ),
    optional("external_id", Shape::Text(Form::ExternalId), "The external id that this role's trust policy asks for."),
    optional(
        "network",
        Shape::List(&Shape::Text(Form::RolePattern)),
        "Names (or `*` patterns) of the roles that may change networks, where guardrails deny it to others.",
    ),
];

const CONTROLS: &[Field] = &[optional(
    "off",
    Shape::Map(Form::Control, &Shape::Text(Form::Line(512))),
    "Controls that are not judged at all: id -> the reason.",
)];

/// `accounts/<name>.yaml`
pub(crate) static ACCOUNT: Shape = Shape::Record(&[
    required("email", Shape::Text(Form::Email), "The root user's e-mail address; unique, whatever its case."),
    optional("name", Shape::Text(Form::Line(50)), "The account's display name (default: the name of this file)."),
    optional(
        "id",
        Shape::Text(Form::AccountId),
        "The account's id, once it is known. It then decides which account this is.",
    ),
    optional("management", Shape::Bool, "True for the organization's management account. Exactly one file says so."),
    required(
        "unit",
        Shape::Text(Form::UnitPath),
        "The unit that the account is in: a path such as Default/Sandbox, or Root.",
    ),
    required("profile", Shape::Text(Form::Profile), "How much of the baseline the account gets: basic or secure."),
    optional(
        "opt_in",
        Shape::OptIn,
        "Which features are kept as described after onboarding: all (every feature of the profile; the default of secure), \
         none (the default of basic) or a list. A list may name features that the profile does not have: they are added. \
         A feature that `features` of this file switches on (`enabled: true`) is opted in to as well.",
    ),
    optional("features", Shape::Features, "Settings of features for this account; they win over all others."),
    optional("policies", Shape::Policies, "Policies attached to this account itself. Prefer a unit's."),
    optional("owner", Shape::Text(Form::Line(256)), "Who answers for the account."),
    optional("contacts", Shape::Record(CONTACTS), "The alternate contacts that AWS writes to."),
    optional(
        "tags",
        Shape::Map(Form::TagKey, &Shape::Text(Form::TagValue)),
        "Tags of the account in AWS Organizations.",
    ),
    optional(
        "regions",
        Shape::List(&Shape::Text(Form::Region)),
        "The active Regions of this account, where they are fewer than the organization's. The home Region is one of them.",
    ),
]);

const CONTACTS: &[Field] = &[
    optional("billing", Shape::Record(CONTACT), "For invoices and payments."),
    optional("operations", Shape::Record(CONTACT), "For the operation of services."),
    optional("security", Shape::Record(CONTACT), "For abuse reports and security advisories."),
];

const CONTACT: &[Field] = &[
    required("name", Shape::Text(Form::Line(64)), "A person or a team."),
    required("title", Shape::Text(Form::Line(50)), "Their title or role."),
    required("email", Shape::Text(Form::Email), "An address that is read."),
    required("phone", Shape::Text(Form::Phone), "A telephone number, with its country's code."),
];

/// `exceptions.yaml`
pub(crate) static EXCEPTIONS: Shape = Shape::List(&Shape::Record(&[
    required("control", Shape::Text(Form::Control), "The control that is excepted."),
    optional(
        "resource",
        Shape::Text(Form::Line(2048)),
        "The resource, by its ARN or id; without it, all of the account's.",
    ),
    optional(
        "account",
        Shape::Text(Form::Account),
        "The account, by the name of its file; without it, the resource wherever it is.",
    ),
    required("owner", Shape::Text(Form::Line(256)), "Who answers for the risk."),
    required("reason", Shape::Text(Form::Line(1024)), "Why it is accepted."),
    required("until", Shape::Text(Form::Date), "The last day of the exception, as 2026-12-31."),
]));
