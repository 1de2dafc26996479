//! All rules: one a file, named by its id.

mod prelude;

mod action_fits_no_resource;
mod action_format;
mod action_matches_nothing;
mod arn_format;
mod bool_twice;
mod boundary_removable;
mod confused_deputy;
mod contradiction;
mod denies_everything;
mod denies_own_organization;
mod empty_list;
mod for_all_values_allow;
mod full_admin;
mod if_exists_redundant;
mod key_never_sent;
mod key_sent_by_some;
mod key_twice;
mod level_allows_nothing;
mod levels_allow_too_little;
mod levels_share_nothing;
mod mfa_if_exists;
mod misplaced_variable;
mod names_nobody;
mod no_way_out;
mod not_action_allow;
mod not_principal;
mod not_principal_refused;
mod not_resource_allow;
mod old_version;
mod operator_type;
mod operator_value;
mod organization_version;
mod outside_account;
mod pass_role_on_all;
mod placeholder_left;
mod principal_format;
mod principal_missing;
mod principal_not_allowed;
mod private_source_ip;
mod privilege_escalation;
mod public_access;
mod quantifier_missing;
mod quantifier_on_single;
mod rcp_action;
mod rcp_effect;
mod rcp_principal;
mod redundant_action;
mod redundant_resource;
mod redundant_statement;
mod redundant_value;
mod region_breaks_global;
mod resource_fits_no_action;
mod resource_in_trust;
mod resource_missing;
mod service_linked_role_on_all;
mod session_arn;
mod shared_identity_provider;
mod short_arn;
mod sid_characters;
mod sid_twice;
mod source_ip_breaks_services;
mod tag_key_missing;
mod too_large;
mod too_many_policies;
mod trust_action;
mod unknown_action;
mod unknown_key;
mod unknown_service;
mod unknown_variable;
mod variable_in_old_version;
mod wildcard_without_like;

use super::Rule;

/// Every rule, by id.
pub const RULES: &[&Rule] = &[
    &action_fits_no_resource::RULE,
    &action_format::RULE,
    &action_matches_nothing::RULE,
    &arn_format::RULE,
    &bool_twice::RULE,
    &boundary_removable::RULE,
    &confused_deputy::RULE,
    &contradiction::RULE,
    &denies_everything::RULE,
    &denies_own_organization::RULE,
    &empty_list::RULE,
    &for_all_values_allow::RULE,
    &full_admin::RULE,
    &if_exists_redundant::RULE,
    &key_never_sent::RULE,
    &key_sent_by_some::RULE,
    &key_twice::RULE,
    &level_allows_nothing::RULE,
    &levels_allow_too_little::RULE,
    &levels_share_nothing::RULE,
    &mfa_if_exists::RULE,
    &misplaced_variable::RULE,
    &names_nobody::RULE,
    &no_way_out::RULE,
    &not_action_allow::RULE,
    &not_principal::RULE,
    &not_principal_refused::RULE,
    &not_resource_allow::RULE,
    &old_version::RULE,
    &operator_type::RULE,
    &operator_value::RULE,
    &organization_version::RULE,
    &outside_account::RULE,
    &pass_role_on_all::RULE,
    &placeholder_left::RULE,
    &principal_format::RULE,
    &principal_missing::RULE,
    &principal_not_allowed::RULE,
    &private_source_ip::RULE,
    &privilege_escalation::RULE,
    &public_access::RULE,
    &quantifier_missing::RULE,
    &quantifier_on_single::RULE,
    &rcp_action::RULE,
    &rcp_effect::RULE,
    &rcp_principal::RULE,
    &redundant_action::RULE,
    &redundant_resource::RULE,
    &redundant_statement::RULE,
    &redundant_value::RULE,
    &region_breaks_global::RULE,
    &resource_fits_no_action::RULE,
    &resource_in_trust::RULE,
    &resource_missing::RULE,
    &service_linked_role_on_all::RULE,
    &session_arn::RULE,
    &shared_identity_provider::RULE,
    &short_arn::RULE,
    &sid_characters::RULE,
    &sid_twice::RULE,
    &source_ip_breaks_services::RULE,
    &tag_key_missing::RULE,
    &too_large::RULE,
    &too_many_policies::RULE,
    &trust_action::RULE,
    &unknown_action::RULE,
    &unknown_key::RULE,
    &unknown_service::RULE,
    &unknown_variable::RULE,
    &variable_in_old_version::RULE,
    &wildcard_without_like::RULE,
];
