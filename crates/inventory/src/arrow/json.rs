//! A cell of a result as JSON, with the conventions of API replies: timestamps as ISO 8601 text, blobs as
//! base64 text, members of structures that are null left out.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value};

/// The value at a row; null where the row is null or is not there.
pub fn value_at(array: &dyn Array, row: usize) -> Value {
    if row >= array.len() || array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => Value::from(array.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => Value::from(array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => Value::from(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => Value::from(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Value::from(array.as_primitive::<UInt8Type>().value(row)),
        DataType::UInt16 => Value::from(array.as_primitive::<UInt16Type>().value(row)),
        DataType::UInt32 => Value::from(array.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => Value::from(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Float32 => double(f64::from(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => Value::from(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Value::from(array.as_string::<i64>().value(row)),
        DataType::Utf8View => Value::from(array.as_string_view().value(row)),
        DataType::List(_) => list(&array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => list(&array.as_fixed_size_list().value(row)),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let members = fields.iter().zip(columns).map(|(field, column)| (field.name(), value_at(column, row)));
            Value::Object(
                members.filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value)).collect(),
            )
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let mut map = Map::new();
            if let [keys, values] = entries.columns() {
                for entry in 0..entries.len() {
                    let key = match value_at(keys, entry) {
                        Value::String(key) => key,
                        other => other.to_string(),
                    };
                    map.insert(key, value_at(values, entry));
                }
            }
            Value::Object(map)
        }
        DataType::Timestamp(..) => Value::String(timestamp(&shown(array, row))),
        _ => Value::String(shown(array, row)),
    }
}

fn list(items: &dyn Array) -> Value {
    (0..items.len()).map(|item| value_at(items, item)).collect()
}

fn double(number: f64) -> Value {
    if number.is_nan() {
        Value::from("NaN")
    } else if number.is_infinite() {
        Value::from(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        Value::from(number)
    }
}

/// Dates, times, intervals, decimals, binary: as Arrow writes them.
fn shown(array: &dyn Array, row: usize) -> String {
    let options = FormatOptions::default();
    match ArrayFormatter::try_new(array, &options) {
        Ok(formatter) => formatter.value(row).to_string(),
        Err(_) => format!("({})", array.data_type()),
    }
}

/// Arrow's fractions have a fixed width; ours end at their last digit.
fn timestamp(text: &str) -> String {
    let (time, zone) = text.strip_suffix('Z').map_or((text, ""), |time| (time, "Z"));
    match time.rsplit_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() { format!("{whole}{zone}") } else { format!("{whole}.{fraction}{zone}") }
        }
        _ => text.to_owned(),
    }
}
