"""Makes the organization of the demo in the emulator, as it is found where it has grown: four of its five member
accounts are there, all below the root, with a weak password policy here and a security group that is open to everyone.
Prints what the directory must say of it."""

import json
import sys
import time

import boto3

HOME = sys.argv[1]

organizations = boto3.client("organizations", region_name="us-east-1")
organization = organizations.create_organization(FeatureSet="ALL")["Organization"]

for name in ["log-archive", "data-production", "web-production", "development"]:
    status = organizations.create_account(Email=f"aws-{name}@example.com", AccountName=name)["CreateAccountStatus"]
    while status["State"] == "IN_PROGRESS":
        time.sleep(0.05)
        status = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED", status

boto3.client("iam", region_name="us-east-1").update_account_password_policy(MinimumPasswordLength=8)

ec2 = boto3.client("ec2", region_name=HOME)
group = ec2.create_security_group(GroupName="old-jump-host", Description="somebody needed this once")["GroupId"]
ec2.authorize_security_group_ingress(
    GroupId=group,
    IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
)

print(json.dumps({"organization": organization["Id"], "email": organization["MasterAccountEmail"]}))
