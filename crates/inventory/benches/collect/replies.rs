//! Replies as the models have them: 100 rows of 1 KB, their ids, names and texts different in every row of every reply, as
//! what is stored must not compress better than what AWS gives.

use dodai_models::Models;
use serde_json::{Map, Value, json};

use crate::reply::Generator;

pub(crate) const ROWS: u64 = 100;
/// Of a row's values as JSON.
const ROW_BYTES: usize = 1_000;
/// Filled in anew in every reply.
const BLANK: &str = "~~~~~~~~~~~~";
/// What the texts begin with that say nothing but their number.
const MADE_UP: [&str; 4] = ["id-", "name-", "arn:", "What is said"];
/// A character for five bits.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A table and the call that lists it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed {
    pub(crate) table: &'static str,
    service: &'static str,
    operation: &'static str,
    /// Where the rows are: lists in each other.
    rows: &'static [&'static str],
}

const fn listed(
    table: &'static str,
    service: &'static str,
    operation: &'static str,
    rows: &'static [&'static str],
) -> Listed {
    Listed { table, service, operation, rows }
}

/// Tables of a Region that one call lists.
pub(crate) const TABLES: [Listed; 30] = [
    listed("aws_athena_workgroup", "athena", "ListWorkGroups", &["WorkGroups"]),
    listed("aws_cloudtrail_trail", "cloudtrail", "DescribeTrails", &["trailList"]),
    listed("aws_config_aggregator", "config", "DescribeConfigurationAggregators", &["ConfigurationAggregators"]),
    listed("aws_config_delivery_channel", "config", "DescribeDeliveryChannels", &["DeliveryChannels"]),
    listed("aws_config_recorder", "config", "DescribeConfigurationRecorders", &["ConfigurationRecorders"]),
    listed("aws_ec2_flow_log", "ec2", "DescribeFlowLogs", &["FlowLogs"]),
    listed("aws_ec2_instance", "ec2", "DescribeInstances", &["Reservations", "Instances"]),
    listed("aws_ec2_internet_gateway", "ec2", "DescribeInternetGateways", &["InternetGateways"]),
    listed("aws_ec2_nat_gateway", "ec2", "DescribeNatGateways", &["NatGateways"]),
    listed("aws_ec2_network_acl", "ec2", "DescribeNetworkAcls", &["NetworkAcls"]),
    listed("aws_ec2_network_interface", "ec2", "DescribeNetworkInterfaces", &["NetworkInterfaces"]),
    listed("aws_ec2_route_table", "ec2", "DescribeRouteTables", &["RouteTables"]),
    listed("aws_ec2_security_group", "ec2", "DescribeSecurityGroups", &["SecurityGroups"]),
    listed("aws_ec2_snapshot", "ec2", "DescribeSnapshots", &["Snapshots"]),
    listed("aws_ec2_subnet", "ec2", "DescribeSubnets", &["Subnets"]),
    listed("aws_ec2_volume", "ec2", "DescribeVolumes", &["Volumes"]),
    listed("aws_ec2_vpc", "ec2", "DescribeVpcs", &["Vpcs"]),
    listed("aws_ec2_vpc_endpoint", "ec2", "DescribeVpcEndpoints", &["VpcEndpoints"]),
    listed("aws_ec2_vpc_peering_connection", "ec2", "DescribeVpcPeeringConnections", &["VpcPeeringConnections"]),
    listed("aws_ec2_vpn_gateway", "ec2", "DescribeVpnGateways", &["VpnGateways"]),
    listed("aws_ecr_repository", "ecr", "DescribeRepositories", &["repositories"]),
    listed("aws_events_bus", "events", "ListEventBuses", &["EventBuses"]),
    listed("aws_kms_alias", "kms", "ListAliases", &["Aliases"]),
    listed("aws_logs_group", "logs", "DescribeLogGroups", &["logGroups"]),
    listed("aws_logs_metric_filter", "logs", "DescribeMetricFilters", &["metricFilters"]),
    listed("aws_rds_db_cluster", "rds", "DescribeDBClusters", &["DBClusters"]),
    listed("aws_rds_db_instance", "rds", "DescribeDBInstances", &["DBInstances"]),
    listed("aws_rds_db_snapshot", "rds", "DescribeDBSnapshots", &["DBSnapshots"]),
    listed("aws_secretsmanager_secret", "secretsmanager", "ListSecrets", &["SecretList"]),
    listed("aws_stepfunctions_state_machine", "stepfunctions", "ListStateMachines", &["stateMachines"]),
];

/// A reply with blanks.
#[derive(Debug)]
pub(crate) struct Template {
    operation: &'static str,
    body: Vec<u8>,
    row_bytes: usize,
}

impl Template {
    pub(crate) fn new(listed: &Listed) -> Self {
        let model = Models::embedded().service(listed.service).unwrap();
        let (_, full) = Generator::new(&model).reply(listed.operation, 0);
        let first = |value: Value, name: &&str| value.get(*name).and_then(|list| list.get(0)).unwrap().clone();
        let Value::Object(mut row) = listed.rows.iter().fold(full, first) else { panic!("{listed:?}: no object") };
        fit(&mut row);
        let row = Value::Object(row);
        let rows = vec![row.clone(); usize::try_from(ROWS).unwrap()];
        // The innermost list has all rows, those around it one element each.
        let mut output = Value::from(rows);
        for name in listed.rows.iter().rev() {
            let list = if output.is_array() { output } else { json!([output]) };
            output = json!({ *name: list });
        }
        let body = Generator::new(&model).body(listed.operation, &output).into_bytes();
        Self { operation: listed.operation, body, row_bytes: row.to_string().len() }
    }

    pub(crate) fn operation(&self) -> &'static str {
        self.operation
    }

    pub(crate) fn row_bytes(&self) -> f64 {
        self.row_bytes as f64
    }

    /// The reply with this seed's values in its blanks.
    pub(crate) fn filled(&self, seed: u64) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut body = self.body.clone();
        let mut bits = 0_u64;
        let mut left = 0;
        for byte in body.iter_mut().filter(|byte| **byte == b'~') {
            if left == 0 {
                (bits, left) = (random.u64(..), BLANK.len());
            }
            *byte = ALPHABET[usize::from(bits.to_le_bytes()[0] & 31)];
            (bits, left) = (bits >> 5, left - 1);
        }
        body
    }
}

/// Gives a row blanks, and the size that rows have: lists and structures are left out, the largest first, or tags added.
fn fit(row: &mut Map<String, Value>) {
    row.values_mut().for_each(blank);
    let size = |row: &Map<String, Value>| Value::Object(row.clone()).to_string().len();
    while size(row) > ROW_BYTES {
        let parts = row.iter().filter(|(_, value)| value.is_array() || value.is_object());
        let Some((name, _)) = parts.max_by_key(|(_, value)| value.to_string().len()) else { break };
        row.remove(&name.clone());
    }
    while size(row) + BLANK.len() < ROW_BYTES {
        let room = ROW_BYTES - size(row);
        let tags = ["Tags", "TagSet", "TagList"].into_iter().find(|name| row.contains_key(*name));
        if let Some(tags) = tags.and_then(|name| row.get_mut(name)).and_then(Value::as_array_mut)
            && room > 60
        {
            tags.push(json!({"Key": format!("tag-{}-{BLANK}", tags.len()), "Value": BLANK}));
            continue;
        }
        // What has no tags has a long text.
        let texts =
            row.values_mut().filter_map(|value| if let Value::String(text) = value { Some(text) } else { None });
        let Some(text) = texts.filter(|text| text.ends_with(BLANK)).max_by_key(|text| text.len()) else { break };
        text.push_str(&BLANK.repeat(room / BLANK.len()));
    }
}

/// Ends the texts that are made up with a blank; what the model lists, addresses and moments stay.
fn blank(value: &mut Value) {
    match value {
        Value::String(text) if MADE_UP.iter().any(|beginning| text.starts_with(beginning)) => text.push_str(BLANK),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(members) => members.values_mut().for_each(blank),
        _ => {}
    }
}
