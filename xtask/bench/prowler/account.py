"""Fills the emulator's account 123456789012 with what the controls of `checks.yaml` look at, the same every time, and
writes the directory that describes it. Each setting varies with a period of its own, so that all combinations are there.

usage: account.py DIRECTORY REGION REGION; the first Region is the home Region."""

import io
import json
import pathlib
import sys
import zipfile

import boto3

DIRECTORY = pathlib.Path(sys.argv[1])
HOME, OTHER = sys.argv[2:4]
ACCOUNT = "123456789012"
STRANGER = "999988887777"
EVERYWHERE = [{"CidrIp": "0.0.0.0/0"}]


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal, action, resource, **conditions):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return statement | ({"Condition": conditions} if conditions else {})


def deny_without_tls(principal, action, bucket, **more):
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    conditions = {"Bool": {"aws:SecureTransport": "false"}} | more
    return {"Effect": "Deny", "Principal": principal, "Action": action, "Resource": resources, "Condition": conditions}


def buckets(region, count):
    s3 = boto3.client("s3", region_name=region)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    logs = f"access-logs-{region}"
    s3.create_bucket(Bucket=logs, **place)
    s3.put_bucket_policy(
        Bucket=logs,
        Policy=policy(allow({"Service": "logging.s3.amazonaws.com"}, "s3:PutObject", f"arn:aws:s3:::{logs}/*")),
    )
    switches = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
    on = [switches, switches, switches, ["IgnorePublicAcls", "RestrictPublicBuckets"], [], None]
    for number in range(count):
        name = f"bucket-{region}-{number:03}"
        s3.create_bucket(Bucket=name, **place)
        # A new bucket has all four switches on.
        if (which := on[number % 6]) is None:
            s3.delete_public_access_block(Bucket=name)
        elif which is not switches:
            block = {switch: switch in which for switch in switches}
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
        if number % 4 < 2:
            target = {"TargetBucket": logs, "TargetPrefix": f"{name}/"}
            s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": target})
        if number % 3 < 2:
            rule = {"ID": "expire", "Status": ["Enabled", "Disabled"][number % 3], "Filter": {"Prefix": ""}}
            rules = {"Rules": [rule | {"Expiration": {"Days": 365}}]}
            s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=rules)
        deploy = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-000"}
        statement = [
            deny_without_tls("*", "s3:*", name),
            deny_without_tls({"AWS": "*"}, "s3:*", name),
            allow(deploy, "s3:GetObject", f"arn:aws:s3:::{name}/*"),
            deny_without_tls("*", "s3:PutObject", name),
            deny_without_tls(deploy, "s3:*", name),
            deny_without_tls("*", "s3:*", name, StringEquals={"aws:PrincipalAccount": STRANGER}),
            None,
        ][number % 7]
        if statement:
            s3.put_bucket_policy(Bucket=name, Policy=policy(statement))


def networks(region):
    ec2 = boto3.client("ec2", region_name=region)
    vpcs = [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]
    vpcs += [ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"] for number in range(1, 6)]
    for vpc, traffic in zip(vpcs, ["ALL", "REJECT", "ACCEPT"]):
        ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType=traffic,
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::access-logs-{region}",
        )
    # The default group of one VPC without rules.
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpcs[1]]}])["SecurityGroups"]
    [default] = [group for group in groups if group["GroupName"] == "default"]
    for direction, revoke in [
        ("IpPermissions", ec2.revoke_security_group_ingress),
        ("IpPermissionsEgress", ec2.revoke_security_group_egress),
    ]:
        if default[direction]:
            revoke(GroupId=default["GroupId"], IpPermissions=default[direction])
    rules = [
        None,
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": EVERYWHERE},
        {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": EVERYWHERE},
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
        {"IpProtocol": "tcp", "FromPort": 100, "ToPort": 200, "IpRanges": EVERYWHERE},
        {"IpProtocol": "-1", "IpRanges": EVERYWHERE},
        {"IpProtocol": "tcp", "FromPort": 445, "ToPort": 445, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": EVERYWHERE},
        {"IpProtocol": "udp", "FromPort": 5000, "ToPort": 5000, "IpRanges": EVERYWHERE},
        {"IpProtocol": "tcp", "FromPort": 3000, "ToPort": 3000, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]},
    ]
    for number in range(100):
        name = f"group-{number:03}"
        group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpcs[number % 3])["GroupId"]
        if rule := rules[number % 10]:
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    return ec2


def machines(ec2, region):
    options = [
        {"HttpTokens": "required", "HttpEndpoint": "enabled"},
        {"HttpTokens": "optional", "HttpEndpoint": "enabled"},
        {"HttpTokens": "optional", "HttpEndpoint": "disabled"},
        {"HttpTokens": "required", "HttpEndpoint": "enabled"},
    ]
    instances = []
    for number in range(20):
        made = ec2.run_instances(
            ImageId="ami-12c6146b",
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            MetadataOptions=options[number % 4],
        )
        instances.append(made["Instances"][0]["InstanceId"])
    ec2.terminate_instances(InstanceIds=instances[-1:])
    for number in range(40):
        zone = f"{region}a"
        volume = ec2.create_volume(AvailabilityZone=zone, Size=8, Encrypted=number % 2 == 0)["VolumeId"]
        if number % 4 < 2:
            ec2.attach_volume(VolumeId=volume, InstanceId=instances[number // 4], Device=f"/dev/sd{'fg'[number % 2]}")
        if number % 2 == 1 or number % 4 == 0:
            snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
            # In the home Region two snapshots are public; all of the other Region's are not.
            if region == HOME and number in (1, 3):
                ec2.modify_snapshot_attribute(
                    SnapshotId=snapshot,
                    Attribute="createVolumePermission",
                    OperationType="add",
                    GroupNames=["all"],
                )
    if region == HOME:
        ec2.enable_ebs_encryption_by_default()


def keys(region):
    kms = boto3.client("kms", region_name=region)
    root = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", "*")
    more = [
        [],
        [allow({"AWS": "*"}, "kms:Decrypt", "*")],
        [allow({"AWS": "*"}, "kms:Decrypt", "*", StringEquals={"kms:CallerAccount": ACCOUNT})],
        [allow({"AWS": f"arn:aws:iam::{STRANGER}:root"}, "kms:Decrypt", "*")],
        [allow({"AWS": "*"}, "kms:Decrypt", "*", StringLike={"kms:ViaService": "s3.*.amazonaws.com"})],
    ]
    for number in range(20):
        text = policy(root, *more[number % 5])
        key = kms.create_key(Policy=text, Description=f"key-{number:02}")["KeyMetadata"]["KeyId"]
        if number in (8, 9):
            kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
        if number in (11, 12, 15):
            kms.disable_key(KeyId=key)
        yield key


def databases(region):
    rds = boto3.client("rds", region_name=region)
    for number in range(10):
        rds.create_db_instance(
            DBInstanceIdentifier=f"database-{number}",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            MasterUsername="owner",
            MasterUserPassword="emulated-only",
            AllocatedStorage=20,
            StorageEncrypted=number % 2 == 0,
            AutoMinorVersionUpgrade=number % 3 > 0,
        )


def topics(region):
    sns = boto3.client("sns", region_name=region)
    for number in range(20):
        arn = sns.create_topic(Name=f"topic-{number:02}")["TopicArn"]
        statement = [
            None,
            allow("*", "sns:Publish", arn),
            allow({"AWS": "*"}, "sns:Publish", arn, StringEquals={"aws:SourceAccount": ACCOUNT}),
            allow({"AWS": STRANGER}, "sns:Publish", arn),
            allow("*", "sns:Publish", arn, Bool={"aws:SecureTransport": "true"}),
        ][number % 5]
        if statement:
            sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy(statement))


def queues(region):
    sqs = boto3.client("sqs", region_name=region)
    for number in range(20):
        name = f"queue-{number:02}"
        arn = f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"
        topic = f"arn:aws:sns:{region}:{ACCOUNT}:topic-00"
        statement = [
            None,
            allow("*", "sqs:SendMessage", arn),
            allow({"AWS": "*"}, "sqs:SendMessage", arn, ArnEquals={"aws:SourceArn": topic}),
            allow({"AWS": STRANGER}, "sqs:SendMessage", arn),
            allow("*", "sqs:SendMessage", arn, Bool={"aws:SecureTransport": "true"}),
        ][number % 5]
        sqs.create_queue(QueueName=name, Attributes={"Policy": policy(statement)} if statement else {})


def functions(region, role):
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context):\n    return event\n")
    lambdas = boto3.client("lambda", region_name=region)
    grants = [
        None,
        {"Principal": "*"},
        {"Principal": "s3.amazonaws.com"},
        {"Principal": "s3.amazonaws.com", "SourceAccount": ACCOUNT},
        # AWS makes this of an account's number.
        {"Principal": f"arn:aws:iam::{STRANGER}:root"},
    ]
    for number in range(10):
        name = f"function-{number}"
        lambdas.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="handler.handle",
            Code={"ZipFile": package.getvalue()},
        )
        if grant := grants[number % 5]:
            lambdas.add_permission(FunctionName=name, StatementId="grant", Action="lambda:InvokeFunction", **grant)


def people():
    iam = boto3.client("iam", region_name="us-east-1")
    documents = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "iam:CreateUser", "Resource": "*"},
        {"Effect": "Allow", "Action": ["*:*"], "Resource": ["*"]},
    ]
    policies = []
    for number in range(20):
        text = policy(documents[number % 5])
        policies.append(iam.create_policy(PolicyName=f"policy-{number:02}", PolicyDocument=text)["Policy"]["Arn"])
    trust = policy({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    roles = []
    for number in range(40):
        name = f"role-{number:03}"
        roles.append(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
        # Half of the policies stay attached to nothing.
        if number < 10:
            iam.attach_role_policy(RoleName=name, PolicyArn=policies[number])
    group = iam.create_group(GroupName="everyone")["Group"]["GroupName"]
    iam.attach_group_policy(GroupName=group, PolicyArn=policies[0])
    for number in range(60):
        name = f"user-{number:02}"
        iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName=group, UserName=name)
        if number % 2 == 0:
            iam.create_login_profile(UserName=name, Password="Emulated-0nly!")
        if number % 4 == 0 or number % 9 == 1:
            device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
            codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
            iam.enable_mfa_device(UserName=name, SerialNumber=device, **codes)
        if number % 3 == 0:
            iam.create_access_key(UserName=name)
        if number % 10 == 3:
            iam.attach_user_policy(UserName=name, PolicyArn=policies[5])
        if number % 10 in (3, 7):
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(documents[0]))
    return roles[0]


def trails(region, key):
    cloudtrail = boto3.client("cloudtrail", region_name=region)
    bucket = f"access-logs-{region}"
    everywhere = region == HOME
    arn = f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}"
    for name, settings in [
        (f"good-{region}", {"KmsKeyId": arn, "EnableLogFileValidation": True, "IsMultiRegionTrail": everywhere}),
        (f"bare-{region}", {}),
    ]:
        cloudtrail.create_trail(Name=name, S3BucketName=bucket, **settings)
        cloudtrail.start_logging(Name=name)


organizations = boto3.client("organizations", region_name="us-east-1")
organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
role = people()
for region, count in [(HOME, 110), (OTHER, 40)]:
    buckets(region, count)
    machines(networks(region), region)
    *_, key = keys(region)
    databases(region)
    topics(region)
    queues(region)
    functions(region, role)
    trails(region, key)

(DIRECTORY / "accounts").mkdir(parents=True)
(DIRECTORY / "accounts/management.yaml").write_text(
    f"email: {organization['MasterAccountEmail']}\nmanagement: true\nunit: Root\nprofile: secure\n"
)
directory = {
    "organization": organization["Id"],
    "home_region": HOME,
    "regions": [HOME, OTHER],
    "operators": ["OrganizationAccountAccessRole"],
    "state": ".dodai",
    "standards": ["fsbp"],
}
# JSON is YAML.
(DIRECTORY / "dodai.yaml").write_text(json.dumps(directory, indent=2) + "\n")
