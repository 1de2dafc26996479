"""Makes an organization of many accounts in the emulator, with nothing set up in them, and writes the directory that
describes it. All are of the profile `secure`: it has the most to read.

usage: scale_organization.py ACCOUNTS DIRECTORY EXAMPLE; prints the accounts' ids by name."""

import json
import pathlib
import shutil
import sys

import boto3

ACCOUNTS = int(sys.argv[1])
DIRECTORY = pathlib.Path(sys.argv[2])
EXAMPLE = pathlib.Path(sys.argv[3])
HOME = "ap-northeast-1"
REGIONS = [HOME, "us-east-1", "eu-west-1", "us-west-2"]
ACCOUNTS_IN_A_UNIT = 25

organizations = boto3.client("organizations", region_name="us-east-1")
organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
root = organizations.list_roots()["Roots"][0]["Id"]
# Two levels: departments, and units in them.
units = []
for number in range(-(-ACCOUNTS // ACCOUNTS_IN_A_UNIT)):
    if number % 10 == 0:
        department = f"Department{number // 10}"
        above = organizations.create_organizational_unit(ParentId=root, Name=department)["OrganizationalUnit"]["Id"]
    unit = organizations.create_organizational_unit(ParentId=above, Name=f"Unit{number}")["OrganizationalUnit"]["Id"]
    units.append((f"{department}/Unit{number}", unit))

ids = {}
members = DIRECTORY / "accounts"
members.mkdir(parents=True)
for number in range(1, ACCOUNTS + 1):
    name = f"member-{number:05}"
    email = f"{name}@example.com"
    status = organizations.create_account(Email=email, AccountName=name)["CreateAccountStatus"]
    while status["State"] == "IN_PROGRESS":
        status = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED", status
    ids[name] = status["AccountId"]
    path, unit = units[(number - 1) // ACCOUNTS_IN_A_UNIT]
    organizations.move_account(AccountId=status["AccountId"], SourceParentId=root, DestinationParentId=unit)
    (members / f"{name}.yaml").write_text(f"email: {email}\nunit: {path}\nprofile: secure\n")
(members / "management.yaml").write_text(
    f"email: {organization['MasterAccountEmail']}\nmanagement: true\nunit: Root\nprofile: secure\n"
)

# Not their tests: those name accounts of the example.
shutil.copytree(EXAMPLE / "policies", DIRECTORY / "policies", ignore=shutil.ignore_patterns("*.tests.yaml"))
departments = {}
for path, _ in units:
    department, unit = path.split("/")
    departments.setdefault(department, {})[unit] = None
policies = {"service-control": ["default"], "resource-control": ["s3-perimeter"], "tag": ["cost-center"]}
directory = {
    "organization": organization["Id"],
    "home_region": HOME,
    "regions": REGIONS,
    "units": {name: {"policies": policies, "units": below} for name, below in departments.items()},
    "operators": ["OrganizationAccountAccessRole", "dodai-*"],
    "state": ".dodai",
    "standards": ["fsbp"],
}
# JSON is YAML.
(DIRECTORY / "dodai.yaml").write_text(json.dumps(directory, indent=2) + "\n")
print(json.dumps(ids))
