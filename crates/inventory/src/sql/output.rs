//! A result as text that people and programs read. Everything in it may be hostile: each form shows it and
//! none obeys it.

use std::io::{self, Write};

use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use dodai_facts::escape;
use serde_json::Value;

use super::Answer;

/// A table for a terminal: columns aligned, control and invisible characters shown as `\u{…}`. Cells longer than
/// `widest` characters end in `…`; 0 leaves them whole.
pub fn text(answer: &Answer, widest: usize, out: &mut dyn Write) -> io::Result<()> {
    let header: Vec<String> = answer.columns().map(|name| escape::terminal(name).into_owned()).collect();
    let rows: Vec<Vec<String>> = answer
        .values()
        .map(|row| row.iter().map(|value| cut(&escape::terminal(&plain(value)), widest)).collect())
        .collect();
    let mut widths: Vec<usize> = header.iter().map(|name| width(name)).collect();
    for row in &rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = (*most).max(width(cell));
        }
    }
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    for row in [&header, &rule].into_iter().chain(&rows) {
        let mut line = String::new();
        for (cell, most) in row.iter().zip(&widths) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            line.push_str(cell);
            line.push_str(&" ".repeat(most.saturating_sub(width(cell))));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// One JSON object a line.
pub fn json_lines(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    for object in answer.objects() {
        writeln!(out, "{}", escape::json(&Value::Object(object).to_string()))?;
    }
    Ok(())
}

/// One JSON array of objects.
pub fn json(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let mut before = "[";
    for object in answer.objects() {
        write!(out, "{before}\n  {}", escape::json(&Value::Object(object).to_string()))?;
        before = ",";
    }
    if before == "[" { writeln!(out, "[]") } else { writeln!(out, "\n]") }
}

/// CSV with a header line (RFC 4180). Lists, structures and maps are JSON; what a spreadsheet would run as a
/// formula is text.
pub fn csv(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let header: Vec<String> = answer.columns().map(escape::csv).collect();
    write!(out, "{}\r\n", header.join(","))?;
    for row in answer.values() {
        let fields: Vec<String> = row.iter().map(|value| escape::csv(&csv_text(value))).collect();
        write!(out, "{}\r\n", fields.join(","))?;
    }
    Ok(())
}

/// A Parquet file (zstd).
pub fn parquet<W: Write + Send>(answer: &Answer, out: W) -> io::Result<W> {
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let mut writer = ArrowWriter::try_new(out, answer.schema.clone(), Some(properties)).map_err(io::Error::other)?;
    for batch in &answer.batches {
        writer.write(batch).map_err(io::Error::other)?;
    }
    writer.into_inner().map_err(io::Error::other)
}

/// Text as it is, nothing for null, anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn csv_text(value: &Value) -> String {
    match value {
        Value::Null | Value::String(_) => plain(value),
        other => escape::json(&other.to_string()).into_owned(),
    }
}

fn cut(cell: &str, widest: usize) -> String {
    if widest == 0 || cell.chars().nth(widest).is_none() {
        return cell.to_owned();
    }
    cell.chars().take(widest.saturating_sub(1)).chain(['…']).collect()
}

/// Columns that a terminal takes for a text.
fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Engine;
    use super::*;

    #[test]
    fn hostile_text_is_shown_not_obeyed() {
        let engine = Engine::of_schemas([]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sql = "select '=1+1' as formula, concat(chr(27), '[31m') as esc, concat('a', chr(8238), 'b') as bidi, chr(917569) as tag, \
                   concat('x', chr(10), 'y,\"z\"') as line, -5 as number, ['a', null] as list";
        let found = runtime.block_on(engine.query(sql)).unwrap();
        let written = |write: &dyn Fn(&Answer, &mut dyn std::io::Write) -> std::io::Result<()>| {
            let mut out = Vec::new();
            write(&found, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            written(&|answer, out| text(answer, 0, out)),
            concat!(
                "formula  esc         bidi        tag        line         number  list\n",
                "-------  ----------  ----------  ---------  -----------  ------  ----------\n",
                "=1+1     \\u{1b}[31m  a\\u{202e}b  \\u{e0041}  x\\u{a}y,\"z\"  -5      [\"a\",null]\n",
            )
        );
        assert!(written(&|answer, out| text(answer, 5, out)).contains("\\u{1…"));
        let line = written(&json_lines);
        assert_eq!(
            line,
            concat!(
                r#"{"formula":"=1+1","esc":"\u001b[31m","bidi":"a\u202eb","tag":"\udb40\udc41","line":"x\ny,\"z\"","#,
                r#""number":-5,"list":["a",null]}"#,
                "\n"
            )
        );
        let all: Vec<Value> = serde_json::from_str(&written(&json)).unwrap();
        assert_eq!(all, [serde_json::from_str::<Value>(&line).unwrap()]);
        assert_eq!(all[0]["bidi"], json!("a\u{202e}b"));
        let csv = written(&csv);
        assert!(csv.starts_with("formula,esc,bidi,tag,line,number,list\r\n\"'=1+1\","), "{csv}");
        assert!(csv.contains("\"x\ny,\"\"z\"\"\",-5,"), "{csv}");
        let file = parquet(&found, Vec::new()).unwrap();
        assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
        let none = runtime.block_on(engine.query("select 1 as x where false")).unwrap();
        let mut out = Vec::new();
        json(&none, &mut out).unwrap();
        assert_eq!(out, b"[]\n");
    }
}
