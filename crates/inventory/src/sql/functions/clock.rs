//! `now()` and `current_date()`: the time of the run, so that the same run always gives the same answers. In
//! milliseconds as our columns are: compared in nanoseconds, an expiry in the year 9999 would be an error.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use jiff::Timestamp;

use super::FunctionInfo;

pub(super) const NOW_INFO: FunctionInfo = FunctionInfo {
    name: "now",
    signature: "now() -> timestamp",
    doc: "the time of the run; `CreateDate < now() - interval '90 days'`",
};

pub(super) const CURRENT_DATE_INFO: FunctionInfo =
    FunctionInfo { name: "current_date", signature: "current_date() -> date", doc: "the day (UTC) of the run" };

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Now {
    millisecond: i64,
    aliases: Vec<String>,
    signature: Signature,
}

impl Now {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            millisecond: now.as_millisecond(),
            aliases: vec!["current_timestamp".to_owned()],
            signature: Signature::nullary(Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for Now {
    fn name(&self) -> &'static str {
        NOW_INFO.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let time = ScalarValue::TimestampMillisecond(Some(self.millisecond), Some("UTC".into()));
        Ok(ColumnarValue::Scalar(time))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CurrentDate {
    day: Option<i32>,
    aliases: Vec<String>,
    signature: Signature,
}

impl CurrentDate {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            day: i32::try_from(now.as_second().div_euclid(86_400)).ok(),
            aliases: vec!["today".to_owned()],
            signature: Signature::nullary(Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for CurrentDate {
    fn name(&self) -> &'static str {
        CURRENT_DATE_INFO.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        Ok(ColumnarValue::Scalar(ScalarValue::Date32(self.day)))
    }
}
