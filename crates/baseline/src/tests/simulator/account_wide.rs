//! What an account has one of, and what EC2 has one of in a Region.

use serde_json::{Value, json};

use super::{Account, Answer, put, row};

impl Account<'_> {
    pub(super) fn account_wide(&mut self, params: &Value) -> Answer {
        match self.call.operation.as_str() {
            "UpdateAccountPasswordPolicy" => {
                // What is left out goes back to AWS's default.
                let mut values =
                    json!({ "MinimumPasswordLength": 6, "AllowUsersToChangePassword": false, "HardExpiry": null });
                for name in ["Uppercase", "Lowercase"] {
                    values[format!("Require{name}Characters")] = json!(false);
                }
                for name in ["RequireNumbers", "RequireSymbols"] {
                    values[name] = json!(false);
                }
                for name in ["MaxPasswordAge", "PasswordReusePrevention"] {
                    values[name] = Value::Null;
                }
                values.as_object_mut().unwrap().extend(params.as_object().cloned().unwrap());
                self.rows("aws_iam_password_policy", |rows| *rows = vec![row("policy", &values)]);
            }
            "CreateServiceLinkedRole" => self.linked_role()?,
            "PutPublicAccessBlock" => {
                let values = row("block", &params["PublicAccessBlockConfiguration"]);
                self.rows("aws_s3_account_public_access_block", |rows| *rows = vec![values]);
            }
            operation => {
                let (column, value) = match operation {
                    "EnableEbsEncryptionByDefault" => ("EbsEncryptionByDefault", json!(true)),
                    "ModifyEbsDefaultKmsKeyId" => ("default_key", params["KmsKeyId"].clone()),
                    "ResetEbsDefaultKmsKeyId" => ("default_key", json!("alias/aws/ebs")),
                    _ => self.unknown(),
                };
                self.rows("aws_ec2_ebs_encryption", |rows| put(&mut rows[0], column, value));
            }
        }
        Ok(Value::Null)
    }

    pub(super) fn contact(&mut self, params: &Value) {
        assert_eq!(self.call.operation, "PutAlternateContact");
        let table = match params["AlternateContactType"].as_str().unwrap() {
            "BILLING" => "aws_account_billing_contact",
            "OPERATIONS" => "aws_account_operations_contact",
            "SECURITY" => "aws_account_security_contact",
            other => panic!("there is no contact {other}"),
        };
        let contact = row("contact", params);
        self.rows(table, |rows| *rows = vec![contact]);
    }
}
