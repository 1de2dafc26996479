//! Names that want to be obeyed: by a terminal, a shell, a spreadsheet, a browser, a reader of Markdown, XML or SQL. The
//! tests of every format put each of them in every place.

/// Each by what it is.
pub fn names() -> Vec<(&'static str, String)> {
    let mut names: Vec<(&'static str, String)> = [
        ("a double quote", "\""),
        ("an apostrophe", "'"),
        ("a text that is quoted already", "'quoted'"),
        ("the end of a word of a shell", "'; rm -rf ~ #"),
        ("a command in a word", "$(id)`id`${HOME}"),
        ("a backslash at the end", "a\\"),
        ("the end of a text of SQL", "'); drop table t; --"),
        ("two lines", "one\ntwo"),
        ("two lines of another system", "one\r\ntwo\rthree"),
        ("a tab", "a\tb"),
        ("an escape sequence", "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31m"),
        ("an escape sequence of one character", "\u{9b}2J"),
        ("text that goes backwards", "\u{202e}gpj.exe"),
        ("an isolate that is not closed", "\u{2067}a"),
        ("nothing to be seen", "\u{200b}\u{feff}\u{3164}"),
        ("a line end that is none", "a\u{2028}b\u{85}c"),
        ("tags", "a\u{e0041}\u{e0042}"),
        ("a formula", "=HYPERLINK(\"https://example.com/?\"&A1,\"click\")"),
        ("another formula", "+1+cmd|' /C calc'!A0"),
        ("a wide formula", "\u{ff1d}1+1"),
        ("a formula behind a semicolon", "a;=1+1"),
        ("a column of Markdown", "a|b|**c** [d](https://example.com) ![e](f) `g` # h @i <!-- j"),
        ("an address in a text", "see `https://example.com/login` or http://example.com/?a=b_c_d, ftp://example.com"),
        ("an address without a scheme", "www.example.com WWW.EXAMPLE.COM (www.example.com)"),
        (
            "an address of e-mail",
            "a@example.com mailto:a@example.com xmpp:a@example.com/b a\\@example.com a&#64;b.example",
        ),
        ("a mention", "@team @team/all #1 GH-2 a/b#3"),
        ("an entry of a list", "- [ ] a"),
        ("a numbered entry", "1. a"),
        ("an indented line", "     a"),
        ("a formula of Markdown", "$a$ $`b`$ :x: [^1] ==c== ++d++ ||e|| ~f~ ^g^ __h__"),
        ("backticks", "` a ``b`` ```c` d ``"),
        ("a backtick", "`"),
        ("a fence of Markdown", "```\n# title\n```"),
        ("a script", "<script>alert('x' && \"y\")</script>]]>&amp;"),
        ("a zero", "a\0b"),
        ("nearly a null", "null"),
        ("a number with zeros", "007"),
        ("a number", "-5"),
        ("an object", "{\"$ref\":\"a/b#0.c\"}"),
        ("the end of an object", "}'}\"}"),
        ("a directory", "../../etc/passwd"),
        ("an option", "--endpoint-url=https://example.com"),
        ("spaces", "  a  "),
        ("another script", "\u{65e5}\u{672c} \u{1f980} e\u{301}"),
        ("no character", "\u{fffe}\u{ffff}"),
    ]
    .map(|(what, name)| (what, name.to_owned()))
    .to_vec();
    names.push(("100 KB", "x'\" |".repeat(20_000)));
    names
}
