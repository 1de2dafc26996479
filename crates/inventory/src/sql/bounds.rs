//! What a query's text may be before anything is made of it. A parser that goes down into a text of any depth runs out of
//! stack, and that ends the process: no error comes of it. So the words are looked at first, one after the other.

use datafusion::sql::sqlparser::dialect::DuckDbDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Word};

use super::{SqlError, SqlPlace};

/// Brackets in each other.
pub(super) const DEEPEST: usize = 50;
/// `case` in each other, or brackets around a `cast`: the parser tries each in more than one way, and all of it again for each way.
const MOST_CASES: usize = 10;
/// Operators between two commas: `a or b or c or …` is one expression in the next, as deep as it is long.
const LONGEST_CHAIN: usize = 200;

/// Operators that are words; each makes one expression out of those around it.
const OPERATORS: [&str; 19] = [
    "INTERVAL",
    "AND",
    "OR",
    "XOR",
    "NOT",
    "IS",
    "IN",
    "LIKE",
    "ILIKE",
    "SIMILAR",
    "REGEXP",
    "RLIKE",
    "GLOB",
    "BETWEEN",
    "DIV",
    "AT",
    "COLLATE",
    "UNION",
    "INTERSECT",
];

/// What a SELECT may begin with, if not with a bracket.
const BEGINNINGS: [&str; 5] = ["SELECT", "WITH", "FROM", "VALUES", "TABLE"];
/// Of a word that is something else, so much is told.
const LONGEST_WORD: usize = 32;

/// Refuses what is no SELECT, is nested too deeply, or is one chain of too many operators.
pub(super) fn check(sql: &str) -> Result<(), SqlError> {
    // What is wrong with a word is the parser's to say.
    let Ok(tokens) = Tokenizer::new(&DuckDbDialect {}, sql).tokenize_with_location() else { return Ok(()) };
    only_a_select(&tokens)?;
    // Operators since the last comma, at each depth.
    let mut chains = vec![0_usize];
    let mut cases = 0_usize;
    for token in &tokens {
        match &token.token {
            Token::Word(word) if is(word, "CASE") => {
                cases += 1;
                if cases > MOST_CASES {
                    return Err(too_deep(token));
                }
            }
            Token::Word(word) if is(word, "CAST") && chains.len() > MOST_CASES => return Err(too_deep(token)),
            Token::Word(word) if is(word, "END") => cases = cases.saturating_sub(1),
            Token::LParen | Token::LBracket | Token::LBrace => {
                // `a[1][2]` is a chain too.
                grow(&mut chains, token)?;
                chains.push(0);
                if chains.len() > DEEPEST {
                    return Err(too_deep(token));
                }
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                chains.pop();
                if chains.is_empty() {
                    chains.push(0);
                }
            }
            Token::Comma | Token::SemiColon => {
                if let Some(chain) = chains.last_mut() {
                    *chain = 0;
                }
            }
            other if joins(other) => grow(&mut chains, token)?,
            _ => {}
        }
    }
    Ok(())
}

fn grow(chains: &mut [usize], token: &TokenWithSpan) -> Result<(), SqlError> {
    let Some(chain) = chains.last_mut() else { return Ok(()) };
    *chain += 1;
    if *chain <= LONGEST_CHAIN {
        return Ok(());
    }
    Err(wrong(
        token,
        format!(
            "more than {LONGEST_CHAIN} operators in one expression; compare with many values by `in (…)`, or split the query"
        ),
    ))
}

fn too_deep(token: &TokenWithSpan) -> SqlError {
    wrong(token, "the query is nested too deeply".to_owned())
}

/// Whether a word is this one of SQL, and no name.
fn is(word: &Word, keyword: &str) -> bool {
    word.quote_style.is_none() && word.value.eq_ignore_ascii_case(keyword)
}

fn wrong(token: &TokenWithSpan, message: String) -> SqlError {
    let start = token.span.start;
    SqlError::Syntax { message, place: SqlPlace { line: start.line, column: start.column } }
}

/// Whether a word makes one expression of those beside it. Names, values and what separates do not.
fn joins(token: &Token) -> bool {
    match token {
        Token::Word(word) => OPERATORS.iter().any(|operator| is(word, operator)),
        Token::EOF
        | Token::Whitespace(_)
        | Token::Number(..)
        | Token::Char(_)
        | Token::Period
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::DollarQuotedString(_)
        | Token::EscapedStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::HexStringLiteral(_) => false,
        _ => true,
    }
}

/// One statement, and the word that it begins with is one that a SELECT begins with.
fn only_a_select(tokens: &[TokenWithSpan]) -> Result<(), SqlError> {
    let mut statements = 0;
    let mut first: Option<&Token> = None;
    let mut begins = true;
    for token in tokens.iter().map(|token| &token.token) {
        match token {
            Token::Whitespace(_) | Token::EOF => {}
            Token::SemiColon => begins = true,
            _ => {
                if begins {
                    statements += 1;
                    first = first.or(Some(token));
                }
                begins = false;
            }
        }
    }
    let found = match (first, statements) {
        (None, _) => "nothing".to_owned(),
        (_, 2..) => format!("{statements} statements"),
        (Some(Token::Word(word)), _) if word.quote_style.is_none() => {
            let word: String = word.value.chars().take(LONGEST_WORD).collect();
            if BEGINNINGS.iter().any(|beginning| word.eq_ignore_ascii_case(beginning)) {
                return Ok(());
            }
            word.to_uppercase()
        }
        _ => return Ok(()),
    };
    Err(SqlError::NotASelect { found })
}
