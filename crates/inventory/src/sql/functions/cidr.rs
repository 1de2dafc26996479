//! `cidr_is_any`: whether a block is all of IPv4 or all of IPv6, however it is written.

use std::net::IpAddr;
use std::sync::Arc;

use datafusion::arrow::array::BooleanArray;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::{FunctionInfo, text, texts};

pub(super) const INFO: FunctionInfo = FunctionInfo {
    name: "cidr_is_any",
    signature: "cidr_is_any(block) -> boolean",
    doc: "whether a CIDR block is every address (`0.0.0.0/0`, `::/0`); null where it is not a CIDR block",
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CidrIsAny(Signature);

impl CidrIsAny {
    pub(super) fn new() -> Self {
        Self(Signature::exact(vec![DataType::Utf8], Volatility::Immutable))
    }
}

impl ScalarUDFImpl for CidrIsAny {
    fn name(&self) -> &'static str {
        INFO.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let arrays = texts(&arguments)?;
        let answers: BooleanArray = text(&arrays, 0)?.iter().map(|block| is_any(block?)).collect();
        Ok(ColumnarValue::Array(Arc::new(answers)))
    }
}

fn is_any(block: &str) -> Option<bool> {
    let (address, length) = block.trim().split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let length: u8 = length.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    (length <= longest).then_some(length == 0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn blocks_are_any_or_not() {
        for (block, any) in [
            ("0.0.0.0/0", Some(true)),
            ("10.0.0.0/0", Some(true)),
            ("::/0", Some(true)),
            ("0:0:0:0:0:0:0:0/0", Some(true)),
            ("0.0.0.0/1", Some(false)),
            ("10.0.0.1/32", Some(false)),
            ("10.0.0.1", None),
            ("10.0.0.1/33", None),
            ("any", None),
            ("", None),
        ] {
            assert_eq!(super::is_any(block), any, "{block}");
        }
    }
}
