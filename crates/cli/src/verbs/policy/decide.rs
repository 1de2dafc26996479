//! `dodai policy decide`: requests as JSON lines in, decisions as JSON lines out, in the same order.
//!
//! One thread reads, others decide, this one writes. Blocks of lines go round the deciding threads in turn, and their
//! answers are taken in the same turn: nothing needs sorting, and no more than a few blocks are ever held. A block is
//! what one read gives, so that a peer that waits for each answer gets it.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use dodai_policy::decide::{Cache, MAX_LINE_BYTES, try_decide_line};

use crate::args::policy::DecideArgs;
use crate::exit::Exit;
use crate::failure::{Error, Result};

/// Most bytes of one read.
const READ_BYTES: usize = 1 << 20;
/// Blocks that wait before and after each deciding thread.
const WAITING: usize = 2;
/// More threads than this wait for each other.
const MOST_THREADS: usize = 16;

/// Whole lines, or why there are no more. Of a line that is too long only the beginning is kept, one byte too many.
type Block = io::Result<Vec<u8>>;

/// The answers to a block.
struct Answers {
    bytes: Vec<u8>,
    lines: u64,
    errors: u64,
}

pub fn run(args: &DecideArgs) -> Result<Exit> {
    let input: Box<dyn Read + Send> = match &args.file {
        Some(path) if path.as_os_str() != "-" => {
            let opened = File::open(path).map_err(|error| {
                Error::new(
                    format!("{}: {error}", path.display()),
                    "give a file of JSON lines, or none for standard input",
                )
            })?;
            Box::new(opened)
        }
        _ => Box::new(io::stdin()),
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let mut out = io::stdout().lock();
    let counted = decide(input, threads, |bytes| out.write_all(bytes).and_then(|()| out.flush()))?;
    if counted.errors > 0 {
        eprintln!("{} of {} lines could not be decided: their answers have `error`", counted.errors, counted.lines);
    }
    Ok(Exit::Error.when(counted.errors > 0))
}

/// How many lines there were, and how many of them could not be decided.
#[derive(Debug, PartialEq, Eq, Default)]
struct Counted {
    lines: u64,
    errors: u64,
}

fn decide(
    input: Box<dyn Read + Send>,
    threads: usize,
    mut write: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<Counted> {
    let (to_deciders, deciders) = start(threads);
    let reader = thread::spawn(move || read(input, &to_deciders));
    let mut counted = Counted::default();
    let mut turn = 0;
    while let Some((answers, _)) = deciders.get(turn % threads) {
        let Ok(answers) = answers.recv() else { break };
        let answers =
            answers.map_err(|error| Error::new(format!("the input: {error}"), "what came before is answered"))?;
        counted.lines += answers.lines;
        counted.errors += answers.errors;
        match write(&answers.bytes) {
            // Whoever read our answers went away (`| head`). Our own reader is left alone: it may wait for input.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(counted),
            Err(error) => return Err(Error::new(format!("standard output: {error}"), "is the disk full?")),
            Ok(()) => turn += 1,
        }
    }
    for (answers, decider) in deciders {
        // Whoever still has answers was not asked for them in turn: another ended early.
        if answers.recv().is_ok() || decider.join().is_err() {
            return Err(Error::defect("a thread that decides ended before its work".to_owned()));
        }
    }
    reader.join().map_err(|_| Error::defect("the thread that reads ended before the input".to_owned()))?;
    Ok(counted)
}

type Decider = (Receiver<io::Result<Answers>>, thread::JoinHandle<()>);

fn start(threads: usize) -> (Vec<SyncSender<Block>>, Vec<Decider>) {
    (0..threads)
        .map(|_| {
            let (to, blocks) = sync_channel::<Block>(WAITING);
            let (answer, answers) = sync_channel(WAITING);
            let decider = thread::spawn(move || {
                let mut cache = Cache::default();
                for block in blocks {
                    if answer.send(block.map(|block| answers_to(&block, &mut cache))).is_err() {
                        return;
                    }
                }
            });
            (to, (answers, decider))
        })
        .unzip()
}

/// Hands on blocks until the input ends or nobody takes them.
fn read(mut input: Box<dyn Read + Send>, to: &[SyncSender<Block>]) {
    let mut turns = to.iter().cycle();
    let mut hand = |block: Block| turns.next().is_some_and(|next| next.send(block).is_ok());
    let mut buffer = vec![0; READ_BYTES];
    // The beginning of a line whose end is still to come.
    let mut begun: Vec<u8> = Vec::new();
    loop {
        let bytes = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => buffer.get(..count).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                hand(Err(error));
                return;
            }
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let (lines, rest) = bytes.split_at(whole);
        if let Some(first) = lines.iter().position(|byte| *byte == b'\n') {
            let (end, others) = lines.split_at(first);
            add(&mut begun, end);
            begun.extend_from_slice(others);
            if !hand(Ok(std::mem::take(&mut begun))) {
                return;
            }
        }
        add(&mut begun, rest);
    }
    if !begun.is_empty() {
        hand(Ok(begun));
    }
}

/// Adds to a line, up to one byte more than a line may have.
fn add(line: &mut Vec<u8>, bytes: &[u8]) {
    let room = (MAX_LINE_BYTES + 1).saturating_sub(line.len());
    line.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
}

fn answers_to(block: &[u8], cache: &mut Cache) -> Answers {
    let mut answers = Answers { bytes: Vec::with_capacity(block.len() / 4), lines: 0, errors: 0 };
    for line in block.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        let answer = match std::str::from_utf8(line) {
            _ if line.len() > MAX_LINE_BYTES => Err(unread(&format!("too long: more than {MAX_LINE_BYTES} bytes"))),
            Ok(line) => try_decide_line(line, cache),
            Err(error) => Err(unread(&format!("not UTF-8 text after {} bytes", error.valid_up_to()))),
        };
        answers.lines += 1;
        answers.errors += u64::from(answer.is_err());
        let answer = answer.unwrap_or_else(|error| error);
        answers.bytes.extend_from_slice(answer.as_bytes());
        answers.bytes.push(b'\n');
    }
    answers
}

/// The answer to a line of which not even the id can be read.
fn unread(why: &str) -> String {
    format!(r#"{{"id":null,"error":"the line is {why}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str =
        r#""request":{"principal":"arn:aws:iam::111122223333:role/R","action":"s3:ListAllMyBuckets"}}"#;

    /// A reader that gives little at a time, so that lines are cut anywhere.
    struct Slowly(Vec<u8>, usize);

    impl Read for Slowly {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    fn check(input: &[u8], threads: usize, at_once: usize) -> (String, Counted) {
        let mut out = Vec::new();
        let counted = decide(Box::new(Slowly(input.to_vec(), at_once)), threads, |bytes| {
            out.extend_from_slice(bytes);
            Ok(())
        });
        (String::from_utf8(out).unwrap(), counted.unwrap())
    }

    #[test]
    fn answers_come_in_the_order_of_their_requests() {
        let lines: Vec<String> = (0..500).map(|id| format!("{{\"id\":{id},{REQUEST}")).collect();
        let expected: Vec<String> = (0..500)
            .map(|id| format!("{{\"id\":{id},\"decision\":\"implicit_deny\",\"by\":{{\"level\":\"identity\"}}}}"))
            .collect();
        for (threads, at_once) in [(1, 7), (2, 100), (3, 10_000), (5, 1 << 20)] {
            let (out, counted) = check(lines.join("\n").as_bytes(), threads, at_once);
            assert_eq!(out.lines().collect::<Vec<_>>(), expected, "{threads} threads, {at_once} bytes");
            assert_eq!(counted, Counted { lines: 500, errors: 0 });
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_an_error_and_the_rest_goes_on() {
        let mut input = format!("{{\"id\":1,{REQUEST}\r\n\n  \n").into_bytes();
        input.extend_from_slice(b"{\"id\":\xff}\n");
        input.extend_from_slice(b"{\"id\":{\"x\":1,\"decision\":\"allow\"}}\n");
        input.resize(input.len() + MAX_LINE_BYTES + 5, b'x');
        input.extend_from_slice(format!("\n{{\"id\":2,{REQUEST}").as_bytes());
        let (out, counted) = check(&input, 2, 1 << 20);
        let expected = [
            r#"{"id":1,"decision":"implicit_deny","by":{"level":"identity"}}"#,
            r#"{"id":null,"error":"the line is not UTF-8 text after 6 bytes"}"#,
            r#"{"id":{"x":1,"decision":"allow"},"error":"`request` is missing"}"#,
            r#"{"id":null,"error":"the line is too long: more than 16777216 bytes"}"#,
            r#"{"id":2,"decision":"implicit_deny","by":{"level":"identity"}}"#,
        ];
        assert_eq!(out.lines().collect::<Vec<_>>(), expected);
        assert_eq!(counted, Counted { lines: 5, errors: 3 });
    }

    #[test]
    fn an_input_that_breaks_off_is_an_error_after_what_came() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("unplugged"));
                }
                let line = format!("{{\"id\":1,{REQUEST}\n");
                buffer[..line.len()].copy_from_slice(line.as_bytes());
                Ok(line.len())
            }
        }
        let mut out = Vec::new();
        let ended = decide(Box::new(Broken(false)), 3, |bytes| {
            out.extend_from_slice(bytes);
            Ok(())
        });
        assert_eq!(ended.unwrap_err().message, "the input: unplugged");
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 1);
    }
}
