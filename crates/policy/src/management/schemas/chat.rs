//! Chat applications policies: which chat clients may be used, and how.

use super::super::schema::{Rest, Schema, Shape, at_most, in_policy, list, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "chat",
    page: "Chat applications policy syntax and examples",
    shape: Shape::Block(
        &[in_policy(
            "chatbot",
            Shape::Block(&[optional("platforms", PLATFORMS), optional("default", CLIENT_ONLY)], Rest::Closed),
        )],
        Rest::Closed,
    ),
    bytes: false,
    unknown: None,
};

const PLATFORMS: Shape = Shape::Block(
    &[
        optional("slack", SLACK),
        optional("microsoft_teams", TEAMS),
        optional("chime", CLIENT_ONLY),
        // So in one of the page's examples.
        optional("default", CLIENT_ONLY),
    ],
    Rest::Closed,
);

const CLIENT: Shape = Shape::One(Value::Word(&["enabled", "disabled"]));
const CLIENT_ONLY: Shape = Shape::Block(&[optional("client", CLIENT)], Rest::Closed);
const CHANNELS: Shape = list(Value::Word(&["public", "private"]));
const ROLES: Shape = list(Value::Word(&["user_role", "channel_role"]));

const SLACK: Shape = Shape::Block(
    &[
        optional("client", CLIENT),
        optional("workspaces", Shape::Many(Value::Text, 255)),
        optional("default", SLACK_SETTINGS),
        optional("overrides", at_most(255, "a Slack workspace", &SLACK_SETTINGS)),
    ],
    Rest::Closed,
);

const SLACK_SETTINGS: Shape = Shape::Block(
    &[optional("supported_channel_types", CHANNELS), optional("supported_role_settings", ROLES)],
    Rest::Closed,
);

const TEAMS: Shape = Shape::Block(
    &[
        optional("client", CLIENT),
        optional("tenants", at_most(36, "a Microsoft Teams tenant", &Shape::Many(Value::Text, 36))),
        optional("default", TEAMS_SETTINGS),
        optional("overrides", at_most(36, "a Microsoft Teams tenant", &TEAMS_OF_TENANT)),
    ],
    Rest::Closed,
);

const TEAMS_OF_TENANT: Shape = at_most(36, "a team", &TEAMS_SETTINGS);
const TEAMS_SETTINGS: Shape = Shape::Block(&[optional("supported_role_settings", ROLES)], Rest::Closed);
