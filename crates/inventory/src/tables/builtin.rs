//! The built-in tables: the files of the repository's `tables/`, embedded.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Path and text of each file.
        pub(crate) const FILES: &[(&str, &str)] =
            &[$((concat!("tables/", $name), include_str!(concat!("../../../../tables/", $name)))),*];
    };
}

files![
    "accessanalyzer.yaml",
    "account.yaml",
    "athena.yaml",
    "cloudfront.yaml",
    "cloudtrail.yaml",
    "compute-optimizer.yaml",
    "config.yaml",
    "detective.yaml",
    "ec2.yaml",
    "ecr.yaml",
    "events.yaml",
    "guardduty.yaml",
    "iam.yaml",
    "kms.yaml",
    "lambda.yaml",
    "logs.yaml",
    "macie2.yaml",
    "opensearch.yaml",
    "organizations.yaml",
    "rds.yaml",
    "s3.yaml",
    "secretsmanager.yaml",
    "securityhub.yaml",
    "sns.yaml",
    "sqs.yaml",
    "stepfunctions.yaml",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_directory_is_embedded() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tables");
        let there: BTreeSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| format!("tables/{}", entry.unwrap().file_name().to_string_lossy()))
            .collect();
        let embedded: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(embedded, there);
    }
}
