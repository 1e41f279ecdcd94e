//! Fenced blocks of a page.

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The language: the first word behind the fence.
    pub(crate) language: String,
    /// The name of the file that the block is, given as `file=NAME` behind the language.
    pub(crate) file: Option<String>,
    /// Number of the first line inside, from 0.
    pub(crate) first: usize,
    /// Lines inside.
    pub(crate) lines: Vec<String>,
}

/// A command of a console block and what it is said to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Words of the command.
    pub(crate) words: Vec<String>,
    /// Number of the first line of its output, from 0.
    pub(crate) first: usize,
    /// Its output.
    pub(crate) output: Vec<String>,
}

/// The fenced blocks of a text.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        let fence = line.strip_prefix("```");
        match (&mut open, fence) {
            (None, Some(info)) => {
                let mut words = info.split_whitespace();
                open = Some(Block {
                    language: words.next().unwrap_or_default().to_owned(),
                    file: words.find_map(|w| w.strip_prefix("file=").map(str::to_owned)),
                    first: number + 1,
                    lines: Vec::new(),
                });
            }
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fenced block is not closed");
    blocks
}

impl Block {
    /// The commands of a console block: lines that begin with `$ `, each with the lines below it.
    pub(crate) fn commands(&self) -> Vec<Command> {
        let mut commands: Vec<Command> = Vec::new();
        for (i, line) in self.lines.iter().enumerate() {
            if let Some(command) = line.strip_prefix("$ ") {
                commands.push(Command {
                    words: command.split_whitespace().map(str::to_owned).collect(),
                    first: self.first + i + 1,
                    output: Vec::new(),
                });
            } else if let Some(command) = commands.last_mut() {
                command.output.push(line.clone());
            }
        }
        commands
    }
}

/// A line without its last cells: counts of events, which change with every step of the simulator, and wall times, which differ from one execution to the next.
pub(crate) fn steady(line: &str) -> &str {
    let line = line.trim_end();
    if line.ends_with(" s wall") {
        let runs = line.rsplitn(3, ", ").last();
        return runs.unwrap_or(line);
    }
    match line.rsplit_once("  ") {
        Some((rest, wall)) if wall == "wall" || wall.ends_with(" ms") || wall.ends_with(" s") => {
            let rest = rest.trim_end();
            rest.rsplit_once("  ")
                .map_or(rest, |(rest, _)| rest.trim_end())
        }
        _ => line,
    }
}

/// Whether an output is as expected, where a line `[...]` stands for any lines.
pub(crate) fn fits(expected: &[String], seen: &[String]) -> bool {
    match expected.split_first() {
        None => seen.is_empty(),
        Some((first, rest)) if first == "[...]" => {
            (0..=seen.len()).any(|skipped| fits(rest, &seen[skipped..]))
        }
        Some((first, rest)) => seen
            .split_first()
            .is_some_and(|(line, more)| steady(first) == steady(line) && fits(rest, more)),
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn blocks_and_commands_are_found() {
    let text = "a\n```toml file=x.toml\na = 1\n```\n```console\n$ pumplab run x\nheld\n$ echo $?\n0\n```\n";
    let found = blocks(text);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].file.as_deref(), Some("x.toml"));
    let commands = found[1].commands();
    assert_eq!(commands[0].words, ["pumplab", "run", "x"]);
    assert_eq!(
        (commands[0].first, &commands[0].output),
        (6, &lines("held"))
    );
    assert_eq!(commands[1].output, ["0"]);
}

#[test]
fn an_output_is_compared_without_events_and_wall_times() {
    let seen = lines("name  events  wall\na          3  12 ms\nb\nc\n1 run, 3 events, 0.1 s wall");
    let expected = "name  events   wall\na         14  104 ms\n[...]\n1 run, 14 events, 0.3 s wall";
    assert!(fits(&lines(expected), &seen));
    assert!(!fits(&lines(&expected.replace('a', "b")), &seen));
    assert!(!fits(&lines("[...]\nd"), &seen));
}
